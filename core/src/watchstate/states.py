"""The words of the sync rules as values: hub state, agreed, intent. No I/O, no dependency but msgspec.

Instants are milliseconds UTC by our clock, except those named *raw*, which are as a server shows them.
``None`` is unknown, ``0`` is none (see `watchstate.api.models`).
"""

from typing import Self

from msgspec import Struct


class Interval(Struct, frozen=True):
    """When a change was made: somewhere in ``begins … ends``, both included."""

    begins: int
    ends: int

    @classmethod
    def point(cls, at: int) -> Self:
        """Return the interval of a change whose moment is known."""
        return cls(at, at)


class HubState(Struct, frozen=True, kw_only=True):
    """The household's truth about one item, for one identity."""

    watched: bool | None = None
    """None is *unknown*: nobody has said anything yet. Only a person's un-watch makes it False."""
    changed: Interval | None = None
    """When `watched` changed; None while it is unknown."""
    watched_at: int | None = None
    """The date of the last watch, where one is known."""
    position_ms: int = 0
    position_changed: Interval | None = None
    """When the position changed; None while nobody has reported one."""
    position_runtime_ms: int | None = None
    """The run time of the entry that the position comes from."""
    origin: str | None = None
    """The server that the current state came from."""


UNKNOWN_HUB = HubState()


class OwnWrite(Struct, frozen=True, kw_only=True):
    """Our last write to an entry, as far as it is needed to recognise its echo (W3, R2)."""

    sent_at: int
    answered_at: int
    """When it was answered or given up."""
    watched: bool | None = None
    """What was written; None if only a position was."""
    position_ms: int | None = None
    raw_date_sent: int | None = None
    count_before: int | None = None
    raw_date_before: int | None = None
    is_filled_in: bool = False
    """A fact has since told the date and count that the server made of it."""


GONE_AFTER = 3
"""Complete scans in a row without an entry, after which it counts as gone (R4)."""


class Agreed(Struct, frozen=True, kw_only=True, gc=False):
    """What an account's entry last showed and we have dealt with."""

    watched: bool | None
    """The raw flag. None: nothing is agreed (any more), the row only remembers our own writes."""
    position_ms: int | None = None
    play_count: int | None = None
    raw_watched_at: int | None = None
    read_from: int
    """When the request that showed it began; after a write, when that was sent."""
    read_to: int
    """When its answer had been read; after a write, when that was sent."""
    is_rewatching: bool = False
    added_at: int | None = None
    items: tuple[int, ...] = ()
    """The items that the entry stood for when this was agreed, ascending."""
    missed_scans: int = 0
    """Complete scans in a row without the entry since then; from three on it counts as gone."""
    write: OwnWrite | None = None
    unkept_position_ms: int | None = None
    """A position that we wrote and that the server did not keep."""


class Intent(Struct, frozen=True, kw_only=True):
    """A write under way, committed before it was sent."""

    watched: bool | None
    position_ms: int | None
    raw_date_sent: int | None
    sent_at: int
    gave_up_at: int | None = None
    """When we stopped waiting for an answer (a restart counts). None: it may be answered yet."""
    before_watched: bool
    before_position_ms: int | None
    before_count: int | None
    before_raw_date: int | None
