"""What the oracle is told and what it makes of it: deeds of persons, our writes, looks, claims. Values only.

Nothing here knows a hub state or an agreed state of the engine. Instants are milliseconds by our clock, except those
named *raw*, which are as a server shows them.
"""

from dataclasses import dataclass, field

from tests.sync.media_server import Rules

from watchstate.clock import MINUTE, SECOND

FOREVER = 2**62


@dataclass(slots=True, eq=False)
class Deed:
    """What a person did to an entry, when it really happened."""

    at: int
    watched: bool | None
    """True: watched it or marked it; False: un-marked it; None: only started to play or moved the position."""
    position_ms: int | None = None
    is_start: bool = False
    is_stop: bool = False
    clock_ms: int = 0
    """The skew of the server's clock when it was done."""
    is_judged: bool = False
    is_overtaken: bool = False
    """The same person did something else to the entry before anybody looked."""
    excluded: str = ""
    """The name of the exclusion that applies; see `exclusions`."""


@dataclass(slots=True, eq=False)
class Loss:
    """A server lost the state of an entry; nobody asked for that."""

    at: int


@dataclass(slots=True, eq=False)
class Arrival:
    """A write of ours took effect on the server."""

    at: int
    watched: bool | None
    is_late: bool = False
    clock_ms: int = 0


@dataclass(slots=True)
class Raw:
    """What a server showed for an entry. None is *not carried by the answer*."""

    watched: bool
    position_ms: int | None
    count: int | None
    date: int | None
    added_at: int | None


@dataclass(slots=True)
class Sent:
    """A write of ours, from sending to its end."""

    sent_at: int
    watched: bool | None
    position_ms: int | None
    raw_date: int | None
    before: Raw
    clock_ms: int = 0
    """The skew of the server's clock when it was sent."""
    ended_at: int | None = None
    """When it was answered or given up."""
    is_unnoticed: bool = True
    """No look has shown yet what the server made of it."""


@dataclass(slots=True, eq=False)
class Claim:
    """One change of *watched* that a look has shown, and in which bounds R3 can know its moment."""

    watched: bool
    at: int
    """When it really was."""
    turn: int
    """How many looks had been taken in before it."""
    begins: int
    """The beginning of its interval that the rules guarantee at least."""
    begins_best: int
    """The latest beginning that anybody who saw the same could know."""
    ends: int
    ends_best: int
    account: str
    known_from: int
    known_to: int
    """The look before, as far as the rules guarantee that it was written down: it showed the opposite."""
    known_from_best: int
    known_to_best: int
    is_first_contact: bool = False
    is_dated: bool = False
    doubt: str = ""
    """The exclusion by which nobody can tell whether this is a change at all."""
    is_held: bool = False


@dataclass(slots=True, eq=False)
class Move:
    """A resume position that a look has shown to be another one; 0 is none."""

    position_ms: int
    turn: int
    begins: int
    ends: int
    is_certain: bool
    """A person moved it, and nothing else that was done meanwhile can have."""


@dataclass(slots=True, eq=False)
class EntryStory:
    """Everything that is known about one account's entry."""

    account: str
    entry_id: str
    items: tuple[int, ...]
    rules: Rules
    known: Raw | None = None
    """What the account last showed; None: nothing is known (any more), the next look is first contact."""
    is_rewatching: bool = False
    unsure: str = ""
    """The exclusion after which nobody can tell whether the entry counts as watched; until its flag is on again."""
    watch: Deed | Arrival | None = None
    """What made it watched, by the person's truth: the flag may be off while it is watched again."""
    seen_watch: Deed | Arrival | None = None
    """The same, at the last look."""
    pending: list[Deed | Loss | Arrival] = field(default_factory=list)
    """What happened since the last look, in order."""
    doubtful: list[Deed] = field(default_factory=list)
    """Deeds whose traces something wiped, or part of them: the next look may show something of them."""
    intent: Sent | None = None
    """A write under way, or one whose fate no look has told yet."""
    sent: Sent | None = None
    """Our last write that is known to have arrived."""
    not_before: int = 0
    """A look that began earlier is too old to count: R0."""
    row_from: int = 0
    row_to: int = 0
    """The last look that was written down."""
    newest_from: int = 0
    newest_to: int = 0
    remembered_from: dict[int, int] = field(default_factory=dict)
    """The newest look that a process has in memory."""
    missed: int = 0
    held: list[Claim] = field(default_factory=list)
    is_gone: bool = False


def watch_after(watch: Deed | Arrival | None, one: Deed | Loss | Arrival) -> Deed | Arrival | None:
    """Return what makes an entry watched after one more thing has happened to it."""
    if isinstance(one, Loss):
        return None
    if one.watched is None:
        return watch
    return one if one.watched else None


def same_place(one: int | None, other: int | None) -> bool:
    """R1: positions within ten seconds are the same, and under a minute there is none."""
    first, second = one or 0, other or 0
    if first < MINUTE or second < MINUTE:
        return (first < MINUTE) == (second < MINUTE)
    return abs(first - second) <= 10 * SECOND
