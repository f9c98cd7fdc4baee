"""R3: a person changed something. Which of two changes wins, and what the hub becomes."""

from enum import StrEnum

from msgspec.structs import replace

from watchstate.states import Agreed, HubState, Interval
from watchstate.sync.case import Context, Note, Seen
from watchstate.sync.intervals import (
    MARGIN,
    is_certainly_later,
    is_open,
    is_within,
    later_bounds,
    same_position,
    travels,
)


def last_look(agreed: Agreed, context: Context) -> int:
    """Return the newest moment at which we know what the account showed for the entry."""
    looks = [agreed.read_from]
    began = context.scan_began_at
    written = agreed.write.answered_at if agreed.write else 0
    if began is not None and agreed.missed_scans == 0 and began > max(agreed.read_to, written):
        looks.append(began)
    if context.newest_read_from is not None:
        looks.append(context.newest_read_from)
    return max(looks)


def change_interval(agreed: Agreed, seen: Seen, context: Context) -> Interval:
    """Return when an undated change was made: between the last look and the end of this answer."""
    return Interval(min(last_look(agreed, context), seen.read_to), seen.read_to)


def watch_interval(agreed: Agreed, seen: Seen, context: Context) -> tuple[Interval, int | None]:
    """Return when a watch was made, and its date if the one that the server shows can be believed."""
    whole = change_interval(agreed, seen, context)
    date = context.true_date(seen.raw_watched_at)
    if date is None or not is_within(date, whole):
        return whole, None
    date = min(date, whole.ends)
    return Interval(date, whole.ends if context.capabilities.date_is_start else date), date


class Order(StrEnum):
    """Whether a change or what the hub holds came last."""

    CHANGE_IS_LATER = "change is later"
    HUB_IS_LATER = "hub is later"
    UNKNOWN = "unknown"


def order(known: Interval | None, changed: Interval, agreed: Agreed, *, hub_is_agreed: bool) -> Order:
    """Say which came last: the hub's own change (`known`) or the account's (`changed`).

    A hub that still holds what was agreed, and that nobody has changed since, is simply what the person changed. An
    answer that took long says so only for its first minute: what happened elsewhere while it came may be the later.
    """
    if known is None or (hub_is_agreed and known.ends <= min(agreed.read_to, agreed.read_from + MARGIN)):
        return Order.CHANGE_IS_LATER
    if is_certainly_later(changed, known):
        return Order.CHANGE_IS_LATER
    return Order.HUB_IS_LATER if is_certainly_later(known, changed) else Order.UNKNOWN


def change_watched(
    item: int, hub: HubState, agreed: Agreed, *, watched: bool, changed: Interval, date: int | None, server: str
) -> tuple[HubState, list[Note]]:
    """Merge a person's mark, un-mark or repeated watch into an item's hub state."""
    hub_is_agreed = bool(hub.watched) == (bool(agreed.watched) or agreed.is_rewatching)
    came = order(hub.changed, changed, agreed, hub_is_agreed=hub_is_agreed)
    if came is Order.HUB_IS_LATER:
        return hub, []
    taken = _takes(hub, changed, date, watched=watched, server=server)
    if came is Order.CHANGE_IS_LATER:
        return taken, [_note(item, hub, taken, _event(hub, watched=watched))]
    if bool(hub.watched) == watched and hub.changed is not None:
        dates = [known for known in (hub.watched_at, date) if known is not None]
        joined = replace(hub, changed=later_bounds(hub.changed, changed), watched_at=max(dates, default=None))
        return joined, [_note(item, hub, joined, _event(hub, watched=watched))] if joined != hub else []
    after = taken if watched else hub
    return after, [_note(item, hub, after, "conflict")]


def change_position(
    item: int, hub: HubState, agreed: Agreed, seen: Seen, context: Context
) -> tuple[HubState, list[Note]]:
    """R3, R7: merge a position that a person moved (or cleared) into an item's hub state, if it may travel."""
    if hub.watched or not travels(seen.position_ms, seen.runtime_ms, context.resume_limit):
        return hub, []
    position = seen.position_ms if is_open(seen.position_ms) else 0
    changed = change_interval(agreed, seen, context)
    known = hub.position_changed
    hub_is_agreed = same_position(hub.position_ms, agreed.position_ms)
    came = order(known, changed, agreed, hub_is_agreed=hub_is_agreed)
    if came is Order.HUB_IS_LATER:
        return hub, []
    if came is Order.UNKNOWN and known is not None and same_position(hub.position_ms, position):
        joined = replace(hub, position_changed=later_bounds(known, changed))
        return joined, [_note(item, hub, joined, "position")] if joined != hub else []
    if came is Order.UNKNOWN and position < hub.position_ms:
        return hub, [_note(item, hub, hub, "conflict")]
    taken = replace(
        hub,
        position_ms=position,
        position_changed=changed,
        position_runtime_ms=seen.runtime_ms,
        origin=context.server,
    )
    # An un-mark with a position is one change: it has just cleared the hub's position, in the same interval.
    is_conflict = came is Order.UNKNOWN and known != changed
    return taken, [_note(item, hub, taken, "conflict" if is_conflict else "position")]


def merge_hubs(one: HubState, other: HubState) -> HubState:
    """Return the hub state of two items that turned out to be one (M7): as two changes would merge."""
    watched = _winner(one, other)
    first, second = one.position_changed, other.position_changed
    if watched.watched:
        return watched
    if first is None or second is None:
        placed = other if first is None else one
    elif is_certainly_later(first, second):
        placed = one
    elif is_certainly_later(second, first):
        placed = other
    else:
        placed = max(one, other, key=lambda hub: hub.position_ms)
    return replace(
        watched,
        position_ms=placed.position_ms,
        position_changed=placed.position_changed,
        position_runtime_ms=placed.position_runtime_ms,
        origin=placed.origin or watched.origin,
    )


def mark(hub: HubState, *, watched: bool, at: int) -> HubState:
    """Return a hub state changed in watchstate itself: a change at a known moment."""
    point = Interval.point(at)
    return _takes(hub, point, at, watched=watched, server="watchstate")


def _winner(one: HubState, other: HubState) -> HubState:
    if one.changed is None or other.changed is None:
        return other if one.changed is None else one
    if one.watched == other.watched:
        dates = [date for date in (one.watched_at, other.watched_at) if date is not None]
        return replace(one, changed=later_bounds(one.changed, other.changed), watched_at=max(dates, default=None))
    if is_certainly_later(one.changed, other.changed):
        return one
    if is_certainly_later(other.changed, one.changed):
        return other
    return one if one.watched else other


def _takes(hub: HubState, changed: Interval, date: int | None, *, watched: bool, server: str) -> HubState:
    if hub.watched is not None and hub.watched == watched:
        known = hub.watched_at if date is None else date
        return replace(hub, changed=changed, watched_at=known if watched else None, origin=server)
    return HubState(
        watched=watched,
        changed=changed,
        watched_at=date if watched else None,
        position_ms=0,
        position_changed=changed,
        origin=server,
    )


def _event(hub: HubState, *, watched: bool) -> str:
    if not watched:
        return "unwatched"
    return "watched again" if hub.watched else "watched"


def _note(item: int, before: HubState, after: HubState, event: str) -> Note:
    return Note(item=item, rule="R3", event=event, before=before, after=after)
