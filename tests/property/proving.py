"""Many random lives, without Hypothesis: what they came to, added up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from tests.property.exclusions import BY_RULE
from tests.property.promises import Findings
from tests.property.recorded import RecordedHousehold
from tests.property.setups import Setup, Step, draw_setup, draw_steps
from tests.property.shrinking import live

FLOOR = 0.85
"""At least this share of what persons did must have been judged."""


@dataclass
class Totals:
    """What many lives came to."""

    lives: int = 0
    steps: int = 0
    deeds: int = 0
    judged: int = 0
    overtaken: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    states: int = 0
    states_judged: int = 0
    positions: int = 0
    positions_judged: int = 0
    faults: int = 0
    writes: int = 0
    failures: dict[int, list[str]] = field(default_factory=dict)
    """By seed: which promises were broken."""

    def add(self, seed: int, steps: int, findings: Findings) -> None:
        """Count one life."""
        self.lives += 1
        self.steps += steps
        self.deeds += findings.deeds
        self.judged += findings.deeds_judged
        self.overtaken += findings.overtaken
        self.excluded += findings.excluded
        self.states += findings.states
        self.states_judged += findings.judged
        self.positions += findings.positions
        self.positions_judged += findings.positions_judged
        self.faults += findings.faults
        self.writes += findings.writes
        if findings.broken:
            self.failures[seed] = findings.broken

    def join(self, other: "Totals") -> None:
        """Add what another process has counted."""
        for name in vars(self):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, mine | theirs if isinstance(mine, dict) and name == "failures" else mine + theirs)

    @property
    def by_rule(self) -> int:
        """Deeds of which a rule says that they count for nothing; the oracle holds the hub to that."""
        return sum(self.excluded[one.__name__] for one in BY_RULE)

    @property
    def undecidable(self) -> int:
        """Deeds that no observer can judge."""
        return sum(self.excluded.values()) - self.by_rule

    @property
    def share_judged(self) -> float:
        """The share of deeds that were judged; those that the same person overtook before any look aside."""
        judged = self.judged + self.by_rule
        return judged / max(1, judged + self.undecidable)


def draw(seed: int, count: int) -> tuple[Setup, list[Step]]:
    """Draw a household and what happens to it."""
    random = Random(seed)
    return draw_setup(random), draw_steps(random, count)


def prove(
    seeds: Iterable[int], count: int, household: type[RecordedHousehold] = RecordedHousehold, stop_after: int = 20
) -> Totals:
    """Live a life per seed, and add up what was found."""
    totals = Totals()
    for seed in seeds:
        setup, steps = draw(seed, count)
        totals.add(seed, count, live(setup, steps, household))
        if len(totals.failures) >= stop_after:
            break
    return totals
