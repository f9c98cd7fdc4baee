"""Hypothesis leads the life: it draws the household and every step, and makes a failure small by itself."""

from dataclasses import asdict

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.property.promises import conclude
from tests.property.setups import ANSWERS, ENGINE, KINDS, ONE_WAY, PERSON, TOPOLOGIES, WAITS, Setup, Step
from tests.property.world import Life

from watchstate.states import UNKNOWN_HUB

NUMBERS = {"person": st.integers(0, 2), "which": st.integers(0, 11), "detail": st.integers(0, 11)}
WAIT = st.sampled_from(WAITS)
READS = tuple(what for what in ENGINE if what not in ANSWERS)


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    """Draw a household."""
    topology = draw(st.integers(0, len(TOPOLOGIES) - 1))
    count = len(TOPOLOGIES[topology])
    return Setup(
        kinds=tuple(draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=count, max_size=count))),
        topology=topology,
        persons=draw(st.sampled_from((1, 1, 2, 3))),
        shares=draw(st.booleans()),
        has_tight_brake=draw(st.booleans()),
        last_is=draw(st.integers(0, len(ONE_WAY) - 1)),
        watched=draw(st.integers(0, 255)),
        returns=draw(st.booleans()),
        is_met=draw(st.booleans()),
        errors=draw(st.integers(0, 2)),
    )


class PureHousehold(RuleBasedStateMachine):
    """Persons, servers, files, and an engine that is interrupted anywhere; the promises at its end."""

    life: Life | None = None

    @initialize(setup=setups())
    def move_in(self, setup: Setup) -> None:
        self.life = Life(setup)

    @rule(what=st.sampled_from(PERSON), minutes=WAIT, **NUMBERS)
    def somebody_does_something(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @rule(what=st.sampled_from(READS), minutes=WAIT, **NUMBERS)
    def the_engine_reads(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @rule(what=st.sampled_from(sorted(ANSWERS)), minutes=WAIT, **NUMBERS)
    def the_engine_writes(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @rule(what=st.sampled_from(("remove", "return", "replace", "rebuild", "new machine")), minutes=WAIT, **NUMBERS)
    def files_come_and_go(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @rule(what=st.sampled_from(("clock", "down", "up")), minutes=WAIT, **NUMBERS)
    def a_server_has_a_bad_day(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @rule(what=st.sampled_from(("switch import", "switch export")), minutes=WAIT, **NUMBERS)
    def somebody_switches(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @precondition(lambda self: any(book.held for home in self.life.homes for book in home.books.values()))
    @rule(what=st.sampled_from(("accept", "reject")), minutes=WAIT, **NUMBERS)
    def somebody_reviews(self, what: str, minutes: float, person: int, which: int, detail: int) -> None:
        self._do(Step(what, person, which, detail, minutes))

    @invariant()
    def the_journal_leads_to_the_hub(self) -> None:
        for home in self.life.homes if self.life else ():
            told = {note.item: note.after for note in home.journal}
            assert {item: told.get(item, UNKNOWN_HUB) for item in home.hubs} == home.hubs

    def teardown(self) -> None:
        if self.life is not None:
            findings = conclude(self.life)
            assert findings.broken == [], asdict(findings)

    def _do(self, step: Step) -> None:
        assert self.life is not None
        self.life.do(step)


TestPureHousehold = PureHousehold.TestCase
TestPureHousehold.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, database=None)
