"""What the merge is given and what it answers: values only."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from watchstate.api import Capabilities, Fact
from watchstate.states import Agreed, HubState, Intent, Interval, OwnWrite


class Seen(Struct, frozen=True, kw_only=True, gc=False):
    """A fact as the rules look at it: the raw state, and when it was read."""

    watched: bool
    position_ms: int | None = None
    play_count: int | None = None
    raw_watched_at: int | None = None
    read_from: int
    read_to: int
    added_at: int | None = None
    runtime_ms: int | None = None
    is_playing: bool = False
    is_detailed: bool = True

    @classmethod
    def of(cls, fact: Fact, read_from: int, read_to: int) -> "Seen":
        """Flatten a fact and the window of its batch."""
        return cls(
            watched=fact.state.watched,
            position_ms=fact.state.position_ms,
            play_count=fact.state.play_count,
            raw_watched_at=fact.state.watched_at,
            read_from=read_from,
            read_to=read_to,
            added_at=fact.entry.added_at,
            runtime_ms=fact.entry.runtime_ms,
            is_playing=fact.is_playing,
            is_detailed=fact.is_detailed,
        )


class Context(Struct, frozen=True, kw_only=True):
    """What else decides: the server's abilities and what we know about its account."""

    capabilities: Capabilities
    server: str
    skew_ms: int = 0
    """The server's clock minus ours."""
    scan_began_at: int | None = None
    """Start of the account's last complete full scan."""
    newest_read_from: int | None = None
    """Start of the newest read of this entry that was already processed (kept in memory only)."""
    imports: bool = True
    is_forced: bool = False
    """A forced export (W8): facts are only looked at."""
    own_writes: Mapping[int, tuple[OwnWrite, ...]] = {}
    """Per item: our writes to this account's entries of it, also of entries that are gone."""
    held: Interval | None = None
    """The interval of this entry's un-mark that the brake holds."""
    holds_back: bool = False
    """Don't apply an un-mark that would un-watch an item; report it instead (R5)."""
    resume_limit: int = 90
    is_list_of_changes: bool = False
    """The fact is listed because something about its entry may have changed (`ChangedSince`)."""

    def true_date(self, raw: int | None) -> int | None:
        """Bring a server's date to our clock; None where it shows none or we don't know."""
        return raw - self.skew_ms if raw else None


class Case(Struct, frozen=True, kw_only=True):
    """One fact about one entry, with all that is known about it."""

    items: tuple[int, ...]
    """What the entry stands for now: several for a multi-episode file, none if it is unmatched."""
    hubs: Mapping[int, HubState]
    agreed: Agreed | None
    intent: Intent | None
    seen: Seen
    context: Context


class Verdict(StrEnum):
    """What the merge made of a fact."""

    STALE = "stale"
    NEEDS_DETAIL = "needs detail"
    SAME = "same"
    FIRST_CONTACT = "first contact"
    CHANGED = "changed"
    HELD = "held"


class Note(Struct, frozen=True, kw_only=True):
    """A line for the journal: one hub state's change, or a conflict that changed nothing."""

    item: int
    rule: str
    event: str
    before: HubState
    after: HubState


class Merged(Struct, frozen=True, kw_only=True):
    """The answer: only what changes."""

    verdict: Verdict
    hubs: Mapping[int, HubState] = {}
    agreed: Agreed | None = None
    """The new agreed state; None: the row stays as it is."""
    closes_intent: bool = False
    retry_at: int | None = None
    """The write was not applied: not before then may it be tried again (W3)."""
    unwatch: Interval | None = None
    """An un-mark that un-watches at least one item: applied, or held back under the verdict HELD."""
    notes: tuple[Note, ...] = ()
