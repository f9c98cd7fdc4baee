"""The four promises over random lives of small households, on the pure functions alone."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sync.household import Answer, Household, Page
from tests.sync.media_server import EMBY, EMBY_THAT_STAMPS, JELLYFIN_10, JELLYFIN_12, PLEX, Rules

from watchstate.sync.target import wanted_watched

QUICK = settings(max_examples=200, deadline=None, database=None)
KINDS = [PLEX, JELLYFIN_10, JELLYFIN_12, EMBY, EMBY_THAT_STAMPS]
TOPOLOGIES: list[list[dict[str, tuple[int, ...]]]] = [
    [{"a": (1,)}, {"b": (1,)}],
    [{"a": (1,)}, {"b": (1,)}, {"c": (1,)}],
    [{"a1": (1,), "a2": (1,)}, {"b": (1,)}],
    [{"a12": (1, 2)}, {"b1": (1,), "b2": (2,)}],
    [{"a12": (1, 2)}, {"b1": (1,), "b2": (2,)}, {"c12": (1, 2)}],
]


@st.composite
def households(draw: st.DrawFn, kinds: list[Rules] = KINDS) -> Household:
    """Draw a household of two or three accounts; the last may be one-way."""
    home = Household()
    for name, entries in zip("ABC", draw(st.sampled_from(TOPOLOGIES)), strict=False):
        home.add(name, draw(st.sampled_from(kinds)), dict(entries))
    last = home.books[list(home.books)[-1]]
    last.imports, last.exports = draw(st.sampled_from([(True, True), (True, True), (False, True), (True, False)]))
    return home


PERSON = ["mark", "unmark", "start", "reach early", "reach", "reach late", "stop", "finish"]
ENGINE = ["scan", "reread", "look", "deliver", "lost before", "lost after", "crash before", "crash after", "failed"]
MISHAP = ["read", "process", "replace", "unmount", "restart"]
Step = tuple[str, int, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PERSON * 2 + ENGINE + ["scan", "deliver"] + MISHAP),
        st.integers(0, 5),
        st.sampled_from([0.02, 0.5, 3, 30, 300]),
    ),
    max_size=30,
)


@dataclass
class Life:
    """A household to which things happen."""

    home: Household
    unmarks: int = 0
    page: Page | None = None

    def step(self, what: str, which: int, minutes: float) -> None:
        """Let one thing happen to one entry, and some time pass."""
        every = [(name, entry) for name, book in self.home.books.items() for entry in book.server.entries]
        name, entry = every[which % len(every)]
        self._person(what, name, entry)
        self._engine(what, name, entry)
        self._mishap(what, name, entry)
        self.home.wait(minutes)

    def _person(self, what: str, name: str, entry: str) -> None:
        home, shown = self.home, self.home.books[name].server.entries[entry]
        if what == "unmark":
            self.unmarks += 1
        if what in ("mark", "unmark", "finish"):
            getattr(home, what)(name, entry)
        elif what == "start" and not shown.is_playing:
            home.start(name, entry)
        elif what == "stop" and shown.is_playing:
            home.stop(name, entry)
        elif what.startswith("reach") and shown.is_playing:
            home.reach(name, {"reach early": 0.5, "reach": 30, "reach late": 95}[what], entry)

    def _engine(self, what: str, name: str, entry: str) -> None:
        answers = {
            "deliver": Answer.GIVEN,
            "lost before": Answer.LOST_BEFORE,
            "lost after": Answer.LOST_AFTER,
            "crash before": Answer.CRASHED_BEFORE,
            "crash after": Answer.CRASHED_AFTER,
            "failed": Answer.FAILED,
        }
        if what in answers:
            self.home.deliver(name, answers[what])
        elif what == "scan":
            self.home.scan(name)
        elif what == "look":
            self.home.look(name)
        elif what == "reread":
            self.home.reread(name, entry)

    def _mishap(self, what: str, name: str, entry: str) -> None:
        shown = self.home.books[name].server.entries[entry]
        if what == "read":
            self.page = self.home.read(name)
        elif what == "process" and self.page is not None:
            self.home.process(self.page)
            self.page = None
        elif what == "restart":
            self.home.restart()
        elif what in ("replace", "unmount"):
            # The file is another one, or came back: its state is lost, and nobody asked for that.
            if what == "unmount":
                self.home.scan(name, without=[entry])
            shown.added_at += what == "replace"
            shown.watched, shown.position_ms, shown.count, shown.date, shown.is_playing = False, 0, 0, 0, False

    def quieten(self) -> None:
        """Let everybody stop, and two rounds pass."""
        for name, book in self.home.books.items():
            for entry, shown in book.server.entries.items():
                if shown.is_playing:
                    self.home.stop(name, entry)
        self.home.wait(5)
        self.home.round()
        self.home.round()


def live(home: Household, steps: list[Step]) -> Life:
    """Let these things happen."""
    life = Life(home)
    for what, which, minutes in steps:
        life.step(what, which, minutes)
    return life


def disagreements(home: Household) -> list[str]:
    """Return the entries that don't show what the hub wants, except where the rules leave them alone."""
    found = []
    for name, book in home.books.items():
        for entry, shown in book.server.entries.items():
            wanted = wanted_watched([home.hub(item) for item in shown.items])
            left_alone = book.agreed[entry].is_rewatching or home.wanted(name, entry).rule == "R6"
            if book.exports and wanted is not None and wanted is not shown.watched and not left_alone:
                found.append(f"{name}: {entry} shows {shown.watched}, wanted {wanted}")
    return found


@given(households(), STEPS)
@QUICK
def test_whatever_happened_two_quiet_rounds_bring_agreement_and_the_third_writes_nothing(home, steps):
    """W1: converged means silent; and nothing is lost that would keep an account apart."""
    life = live(home, steps)
    life.quieten()
    assert disagreements(home) == []
    rows = {name: dict(book.agreed) for name, book in home.books.items()}
    hubs = dict(home.hubs)
    assert home.round() == 0
    assert rows == {name: book.agreed for name, book in home.books.items()}
    assert hubs == home.hubs


@given(households(), STEPS)
@QUICK
def test_nothing_but_a_persons_un_mark_un_watches(home, steps):
    """R3, R4: no more un-watches than un-marks, whatever servers lose or answers miss."""
    life = live(home, steps)
    life.quieten()
    unwatches = [note for note in home.journal if note.before.watched is not False and note.after.watched is False]
    most_items = max(len(shown.items) for book in home.books.values() for shown in book.server.entries.values())
    assert len(unwatches) <= life.unmarks * most_items
    if not life.unmarks:
        assert not [write for write in home.writes if write.watched is False]


@given(households(), STEPS)
@QUICK
def test_no_account_is_told_what_it_shows_already(home, steps):
    """W2: a second mark would be counted twice on Plex."""
    live(home, steps).quieten()
    assert [write for write in home.writes if write.watched is not None and write.watched is write.was_watched] == []


@pytest.mark.parametrize("count", [2, 3])
@given(
    st.lists(st.sampled_from(KINDS), min_size=3, max_size=3),
    st.lists(
        st.tuples(st.sampled_from(["mark", "unmark", "play", "watch", "replace", "unmount"]), st.integers(0, 2)),
        max_size=10,
    ),
)
@QUICK
def test_changes_that_are_seen_one_by_one_all_count(count, kinds, changes):
    """R3, R6: with a round after each change, the last mark, watch or un-mark is what everybody shows."""
    home = Household()
    names = list("ABC")[:count]
    for name, rules in zip(names, kinds, strict=False):
        home.add(name, rules)
    life = Life(home)
    life.quieten()
    expected = None
    for what, which in changes:
        name = names[which % count]
        entry = name.lower()
        was = home.books[name].agreed[entry]
        if what == "play":
            home.play_until(name, 30)
        elif what == "watch":
            home.start(name)
            home.wait(90)
            home.finish(name)
        elif what in ("mark", "unmark"):
            getattr(home, what)(name)
        else:
            life.step(what, which % count, 1)
        if what in ("mark", "watch"):
            expected = True
        elif what == "unmark" and (was.watched or was.is_rewatching):
            expected = False
        life.quieten()
        assert home.hub().watched is expected, (what, name)
        assert disagreements(home) == []
        home.wait(30)


@given(households(), STEPS, st.sampled_from("AB"))
@QUICK
def test_a_forced_export_imports_nothing_and_leaves_the_account_as_the_hub_wants_it(home, steps, name):
    """W8: the hub wins over every fact of the named server."""
    live(home, steps)
    home.books[name].exports = True
    for entry, shown in home.books[name].server.entries.items():
        if shown.is_playing:
            home.stop(name, entry)
    home.wait(5)
    hubs, told = dict(home.hubs), len(home.journal)
    home.export_forced(name)
    assert (home.hubs, home.journal[told:]) == (hubs, [])
    for shown in home.books[name].server.entries.values():
        wanted = wanted_watched([home.hub(item) for item in shown.items])
        assert wanted in (None, shown.watched)


@given(households(), STEPS, st.sampled_from("AB"))
@QUICK
def test_a_machine_that_lost_everything_gets_it_back(home, steps, name):
    """R4: an accepted new machine is first contact, and the hub restores it."""
    live(home, steps).quieten()
    before = {item: hub.watched for item, hub in home.hubs.items()}
    home.forget(name)
    for shown in home.books[name].server.entries.values():
        shown.watched, shown.position_ms, shown.count, shown.date = False, 0, 0, 0
    home.round()
    home.round()
    assert {item: hub.watched for item, hub in home.hubs.items()} == before
    assert disagreements(home) == []
