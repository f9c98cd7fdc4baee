"""R2: an entry that nothing is agreed about yet. A watched fact counts; an unwatched fact says nothing."""

from msgspec.structs import replace

from watchstate.states import HubState, Interval, OwnWrite
from watchstate.sync.case import Context, Note, Seen
from watchstate.sync.intervals import DATE_TOLERANCE, MARGIN, is_open, is_within, same_date, travels


def meet(item: int, hub: HubState, seen: Seen, context: Context, *, is_only_item: bool) -> tuple[HubState, list[Note]]:
    """Return what an item's hub state becomes when an entry of it is met for the first time."""
    notes: list[Note] = []
    after = _watched(hub, seen, context, context.own_writes.get(item, ())) if seen.watched else hub
    if after != hub:
        notes.append(Note(item=item, rule="R2", event="first contact", before=hub, after=after))
    if is_only_item:
        placed = _position(after, seen, context)
        if placed != after:
            notes.append(Note(item=item, rule="R2", event="first position", before=after, after=placed))
            after = placed
    return after, notes


def _watched(hub: HubState, seen: Seen, context: Context, own_writes: tuple[OwnWrite, ...]) -> HubState:
    shown = context.true_date(seen.raw_watched_at)
    date = None if is_open(seen.position_ms) or _is_ours(seen, shown, own_writes) else shown
    if date is not None:
        date = min(date, seen.read_to)
    if hub.watched is None:
        end = seen.read_to if shown is None else min(shown, seen.read_to)
        changed = Interval.point(date) if date is not None else Interval(0, end)
        return _becomes_watched(hub, changed, date, context.server)
    if date is None:
        return hub
    if hub.watched:
        return _later_date(hub, date)
    if hub.changed is None or date > hub.changed.ends + MARGIN:
        return _becomes_watched(hub, Interval.point(date), date, context.server)
    return hub


def _is_ours(seen: Seen, date: int | None, own_writes: tuple[OwnWrite, ...]) -> bool:
    """Say whether the date is one that our own write made: it tells when we wrote, not when somebody watched."""
    return any(
        same_date(seen.raw_watched_at, write.raw_date_sent)
        or (date is not None and is_within(date, Interval(write.sent_at, write.answered_at)))
        for write in own_writes
    )


def _becomes_watched(hub: HubState, changed: Interval, date: int | None, server: str) -> HubState:
    return replace(
        hub,
        watched=True,
        changed=changed,
        watched_at=date,
        position_ms=0,
        position_changed=changed,
        position_runtime_ms=None,
        origin=server,
    )


def _later_date(hub: HubState, date: int) -> HubState:
    if hub.watched_at is not None and date <= hub.watched_at + DATE_TOLERANCE:
        return hub
    known = hub.changed or Interval.point(date)
    return replace(hub, watched_at=date, changed=Interval(max(known.begins, date), max(known.ends, date)))


def _position(hub: HubState, seen: Seen, context: Context) -> HubState:
    if hub.watched or not is_open(seen.position_ms) or seen.is_playing:
        return hub
    if not travels(seen.position_ms, seen.runtime_ms, context.resume_limit):
        return hub
    date = context.true_date(seen.raw_watched_at)
    is_news = hub.watched is None and hub.position_changed is None
    is_later = date is not None and (hub.position_changed is None or date > hub.position_changed.ends)
    if not is_news and not is_later:
        return hub
    changed = Interval(0, seen.read_to) if date is None else Interval.point(min(date, seen.read_to))
    return replace(
        hub,
        position_ms=seen.position_ms,
        position_changed=changed,
        position_runtime_ms=seen.runtime_ms,
        origin=context.server,
    )
