"""W1: what an account still needs, derived from hub and agreed. Pure; nothing is queued."""

from collections.abc import Sequence

from msgspec import Struct

from watchstate.api import Capabilities, WatchDate
from watchstate.clock import MINUTE
from watchstate.states import GONE_AFTER, UNKNOWN_HUB, Agreed, HubState, Interval
from watchstate.sync.intervals import MARGIN, is_open, is_within, same_position, travels


class Target(Struct, frozen=True, kw_only=True):
    """What is to be written to one entry, or why nothing is."""

    watched: bool | None = None
    raw_date: int | None = None
    position_ms: int | None = None
    reason: str = ""
    """In words: what the write is for, or what keeps an open difference from being written."""
    rule: str = "W1"

    @property
    def is_write(self) -> bool:
        """Say whether anything is to be written."""
        return self.watched is not None or self.position_ms is not None


NOTHING = Target()


class Entrant(Struct, frozen=True, kw_only=True):
    """The entry as far as deliveries look at it."""

    items: tuple[int, ...]
    runtime_ms: int | None = None
    resume_limit: int = 90


def wanted_watched(hubs: Sequence[HubState]) -> bool | None:
    """M5: unwatched if any item is, watched if all are, otherwise nothing is wanted."""
    if any(hub.watched is False for hub in hubs):
        return False
    return True if hubs and all(hub.watched for hub in hubs) else None


def target(
    entrant: Entrant,
    hubs: dict[int, HubState],
    agreed: Agreed | None,
    capabilities: Capabilities,
    *,
    skew_ms: int = 0,
    is_forced: bool = False,
) -> Target:
    """Return what an entry needs so that it shows what the hub holds."""
    if agreed is None or agreed.watched is None or agreed.missed_scans >= GONE_AFTER:
        return NOTHING
    own = [hubs.get(item, UNKNOWN_HUB) for item in entrant.items]
    watched = wanted_watched(own)
    if watched is True and not agreed.watched:
        if agreed.is_rewatching:
            return Target(reason="somebody is watching it again there", rule="R6")
        if not is_forced and _plays_later(own, agreed, skew_ms):
            return Target(reason="its resume position there is newer than the watch", rule="R6")
    if agreed.is_rewatching:
        return NOTHING
    write = watched if watched is not None and watched != agreed.watched else None
    position, hint = _position(entrant, own, agreed, capabilities, write=write)
    if write is None and position is None:
        return hint
    date = max((hub.watched_at for hub in own if hub.watched_at is not None), default=None)
    is_dated = write is True and date is not None and capabilities.watch_date is not WatchDate.STAMPED
    return Target(
        watched=write,
        raw_date=date + skew_ms if is_dated and date is not None else None,
        position_ms=position,
        reason=_reason(own, write=write),
    )


def _plays_later(hubs: Sequence[HubState], agreed: Agreed, skew_ms: int) -> bool:
    """R6: an unwatched state with a position is left alone if its date is certainly later than the hub's change."""
    if not is_open(agreed.position_ms) or not agreed.raw_watched_at:
        return False
    date, write = agreed.raw_watched_at - skew_ms, agreed.write
    if write is not None and is_within(date, Interval(write.sent_at, write.answered_at)):
        return False  # the date of our own write of a position
    return all(hub.changed is None or date > hub.changed.ends + MARGIN for hub in hubs)


def _position(
    entrant: Entrant, hubs: Sequence[HubState], agreed: Agreed, capabilities: Capabilities, *, write: bool | None
) -> tuple[int | None, Target]:
    """R7: return the position to write, or why a difference stays."""
    hub = hubs[0] if len(hubs) == 1 else None
    if hub is None or hub.watched or hub.position_changed is None or not capabilities.writes_position:
        return None, NOTHING
    shown = None if write is False else agreed.position_ms
    if (agreed.watched and write is None) or same_position(hub.position_ms, shown):
        return None, NOTHING
    if not is_open(hub.position_ms):
        may_clear = travels(agreed.position_ms, entrant.runtime_ms, entrant.resume_limit)
        return (0, NOTHING) if may_clear and capabilities.clears_position else (None, NOTHING)
    obstacle = _obstacle(entrant, hub, agreed)
    return (None, Target(reason=obstacle, rule="R7")) if obstacle else (hub.position_ms, NOTHING)


def _obstacle(entrant: Entrant, hub: HubState, agreed: Agreed) -> str:
    """R7: say in words why a position may not travel to the entry; empty if it may."""
    if not _same_cut(hub.position_runtime_ms, entrant.runtime_ms):
        return "its run time differs, or is not known: another cut"
    if not all(
        travels(position, entrant.runtime_ms, entrant.resume_limit)
        for position in (hub.position_ms, agreed.position_ms)
    ):
        return "the position is too close to the end"
    if agreed.unkept_position_ms is not None and same_position(hub.position_ms, agreed.unkept_position_ms):
        return "the server did not keep this position"
    return ""


def _same_cut(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= MINUTE


def _reason(hubs: Sequence[HubState], *, write: bool | None) -> str:
    origins = sorted({hub.origin for hub in hubs if hub.origin is not None})
    what = {True: "watched", False: "unwatched", None: "position"}[write]
    return f"{what} on {', '.join(origins)}" if origins else what
