"""How a household looks before anything happens, and what may happen to it: drawn from a seed."""

from itertools import accumulate
from random import Random

from msgspec import Struct
from tests.sync.household import Answer
from tests.sync.media_server import (
    EMBY,
    EMBY_IN_PART,
    EMBY_THAT_STAMPS,
    JELLYFIN_10,
    JELLYFIN_12,
    PLEX,
)

from watchstate.sync.brake import BrakeLimits

KINDS = {
    "Plex": PLEX,
    "Jellyfin 10": JELLYFIN_10,
    "Jellyfin 12": JELLYFIN_12,
    "Emby": EMBY,
    "Emby that stamps": EMBY_THAT_STAMPS,
    "Emby that lists in part": EMBY_IN_PART,
}
TOPOLOGIES: tuple[tuple[dict[str, tuple[int, ...]], ...], ...] = (
    ({"a": (1,)}, {"b": (1,)}),
    ({"a": (1,)}, {"b": (1,)}, {"c": (1,)}),
    ({"a": (1,)}, {"b": (1,)}, {"c": (1,)}, {"d": (1,)}),
    ({"a1": (1,), "a2": (2,)}, {"b1": (1,), "b2": (2,)}),
    ({"a": (1,), "a4k": (1,)}, {"b": (1,)}),
    ({"a": (1,), "a4k": (1,)}, {"b": (1,), "b4k": (1,)}, {"c": (1,)}),
    ({"a12": (1, 2)}, {"b1": (1,), "b2": (2,)}),
    ({"a12": (1, 2), "a1": (1,)}, {"b1": (1,), "b2": (2,)}),
    ({"a12": (1, 2)}, {"b1": (1,), "b2": (2,)}, {"c12": (1, 2)}),
    ({"a1": (1,), "a2": (2,), "a3": (3,)}, {"b1": (1,), "b2": (2,), "b3": (3,)}),
)
TIGHT_BRAKE = BrakeLimits(items=1, percent=5, titles=1)
ONE_WAY = ((True, True), (True, True), (True, True), (False, True), (True, False))


class Setup(Struct, frozen=True, kw_only=True):
    """How a household looks before anything happens."""

    kinds: tuple[str, ...]
    topology: int
    persons: int = 1
    shares: bool = False
    """Copies on a Jellyfin up to 10.10 share their state."""
    has_tight_brake: bool = False
    last_is: int = 0
    """Which one-way switches the last server has."""
    watched: int = 0
    """Bits: which entries have been watched before the first look."""
    returns: bool = True
    """Whatever left its server is back in the end."""
    is_met: bool = True
    """Everything has been looked at once before anything happens."""
    errors: int = 0
    """Which servers' clocks are measured a second wrong."""


def draw_setup(random: Random) -> Setup:
    """Draw a household."""
    topology = random.randrange(len(TOPOLOGIES))
    count = len(TOPOLOGIES[topology])
    names = list(KINDS)
    return Setup(
        kinds=tuple(random.choice(names) for _ in range(count)),
        topology=topology,
        persons=random.choice((1, 1, 1, 1, 2, 3)),
        shares=random.random() < 0.5,
        has_tight_brake=random.random() < 0.2,
        last_is=random.randrange(len(ONE_WAY)),
        watched=random.getrandbits(8) if random.random() < 0.4 else 0,
        returns=random.random() < 0.9,
        is_met=random.random() < 0.8,
        errors=random.choice((0, 0, 1, 2)),
    )


class Step(Struct, frozen=True):
    """One thing that happens: what, to whose, to which entry or server, how, and how long until the next."""

    what: str
    person: int
    which: int
    detail: int
    minutes: float


ANSWERS = {
    "deliver": Answer.GIVEN,
    "deliver, lost before": Answer.LOST_BEFORE,
    "deliver, lost after": Answer.LOST_AFTER,
    "deliver, crash before": Answer.CRASHED_BEFORE,
    "deliver, crash after": Answer.CRASHED_AFTER,
    "deliver, failed": Answer.FAILED,
    "deliver, not found": Answer.NOT_FOUND,
    "deliver, late": Answer.LATE,
}
PERSON = ("mark", "unmark", "watch", "play", "start", "play on", "stop", "finish", "mark show", "unmark show")
ENGINE = (
    "scan", "scan fails", "scan begins", "scan page", "page arrives", "scan ends", "read", "hint", "look",
    *ANSWERS, "deliver, meanwhile", "forced export", "restart", "other process",
)  # fmt: skip
MISHAPS = (
    "remove", "return", "replace", "rebuild", "new machine", "clock", "down", "up", "switch import", "switch export",
    "accept", "reject",
)  # fmt: skip
FAULTS = {*MISHAPS, *ANSWERS, "scan fails", "deliver, meanwhile", "restart", "other process"} - {"deliver", "accept"}
WAITS = (0.02, 0.5, 3, 30, 300)
_WEIGHTS = {
    "mark": 12, "unmark": 12, "watch": 12, "play": 8, "start": 5, "play on": 5, "stop": 6, "finish": 5,
    "mark show": 2, "unmark show": 2, "scan": 22, "hint": 24, "look": 8, "deliver": 26, "page arrives": 8,
    "scan page": 4, "scan ends": 4, "read": 4, "return": 6, "up": 4, "accept": 3,
}  # fmt: skip
_WHATS = (*PERSON, *ENGINE, *MISHAPS)
_CUMULATED = list(accumulate(2 * _WEIGHTS.get(what, 0) or 1 for what in _WHATS))


def draw_steps(random: Random, count: int) -> list[Step]:
    """Draw what happens."""
    slow = random.random() < 0.5
    waits = WAITS[2:] if slow else WAITS
    whats = random.choices(_WHATS, cum_weights=_CUMULATED, k=count)
    return [
        Step(what, random.randrange(3), random.randrange(12), random.randrange(12), random.choice(waits))
        for what in whats
    ]
