"""The three-way merge of one fact: hub, agreed, fact → new hub, new agreed, notes for the journal. Pure.

The rules are numbered in docs/reference/sync-rules.md; each function says which it keeps.
"""

from msgspec.structs import replace

from watchstate.states import UNKNOWN_HUB, Agreed, HubState, Interval
from watchstate.sync.agreeing import agree, agree_after, agree_before_play
from watchstate.sync.case import Case, Context, Merged, Note, Seen, Verdict
from watchstate.sync.change import change_interval, change_position, change_watched, watch_interval
from watchstate.sync.comparing import is_moved, is_raw_same, is_undated_watch, needs_refresh
from watchstate.sync.echo import (
    LONGEST_FLIGHT,
    RETRY_AFTER,
    Settled,
    as_written,
    did_not_keep,
    is_a_play_only,
    is_our_mark,
    settle,
)
from watchstate.sync.first_contact import meet
from watchstate.sync.intervals import DATE_TOLERANCE, is_open, same_date
from watchstate.sync.rewatch import Reading, read_unwatched


def merge(case: Case) -> Merged:
    """Decide what one fact changes."""
    if is_stale(case):
        return Merged(verdict=Verdict.STALE)
    if case.context.is_forced:
        return _look_only(case)
    settled, outcome = _settle_intent(case)
    merged = _judge(settled)
    if merged.verdict is Verdict.NEEDS_DETAIL:
        return merged
    if merged.agreed is None and settled.agreed is not case.agreed:
        merged = replace(merged, agreed=settled.agreed)
    if not case.context.imports:
        merged = replace(merged, hubs={}, unwatch=None, notes=())
    return replace(merged, closes_intent=outcome is not None, retry_at=_retry_at(case, outcome))


def _judge(case: Case) -> Merged:
    if not case.items:
        return _unmatched(case)
    if _withholds_a_date(case):
        return Merged(verdict=Verdict.NEEDS_DETAIL)
    return _first_contact(case) if _is_first_contact(case) else _compare(case)


def _withholds_a_date(case: Case) -> bool:
    """R1-R3: say whether a listing row without a date tells of a watch, whose date a read by `Entries` may show.

    A row that still shows what is agreed tells of one only in a list of changes: of a repeated watch, perhaps. Where
    nothing is imported, nobody needs the date.
    """
    if not is_undated_watch(case.seen) or not case.context.imports:
        return False
    return case.context.is_list_of_changes or _is_first_contact(case) or not (case.agreed and case.agreed.watched)


def is_stale(case: Case) -> bool:
    """R0: say whether the fact was read too early to count."""
    began = case.seen.read_from
    agreed, intent, newest = case.agreed, case.intent, case.context.newest_read_from
    if agreed is not None:
        if began < agreed.read_from:
            return True
        if agreed.write is not None and began < agreed.write.answered_at:
            return True
    if intent is not None and (intent.gave_up_at is None or began < intent.gave_up_at):
        return True
    return newest is not None and began < newest


def _look_only(case: Case) -> Merged:
    """W8: the fact tells what is to be written and nothing else."""
    return Merged(
        verdict=Verdict.CHANGED,
        agreed=agree_before_play(case, case.agreed),
        closes_intent=case.intent is not None,
    )


def _unmatched(case: Case) -> Merged:
    """M2: an entry that stands for no item (any more) starts as first contact when it is matched again."""
    if case.agreed is None or not case.agreed.items:
        return Merged(verdict=Verdict.SAME)
    return Merged(verdict=Verdict.CHANGED, agreed=agree(case.seen, (), case.agreed))


def _settle_intent(case: Case) -> tuple[Case, Settled | None]:
    """W3: a write without an answer is judged by the first fact after it."""
    intent, agreed = case.intent, case.agreed
    if intent is None or intent.gave_up_at is None:
        return case, None
    outcome = settle(intent, case.seen)
    if outcome is not Settled.APPLIED or agreed is None:
        return case, outcome
    answered = min(intent.gave_up_at, intent.sent_at + LONGEST_FLIGHT)
    written = as_written(agreed, intent, intent.sent_at, answered)
    return replace(case, agreed=written), outcome


def _retry_at(case: Case, outcome: Settled | None) -> int | None:
    if outcome is not Settled.NOT_APPLIED or case.intent is None or case.intent.gave_up_at is None:
        return None
    return case.intent.gave_up_at + RETRY_AFTER


def _is_first_contact(case: Case) -> bool:
    """R2, R4: nothing is agreed, or an unwatched fact is no choice of a person."""
    agreed = case.agreed
    if agreed is None or agreed.watched is None:
        return True
    if not set(case.items) & set(agreed.items):
        return True
    return not case.seen.watched and (agreed.missed_scans > 0 or _was_replaced(agreed, case.seen))


def _was_replaced(agreed: Agreed, seen: Seen) -> bool:
    return agreed.added_at is not None and seen.added_at is not None and agreed.added_at != seen.added_at


def _first_contact(case: Case) -> Merged:
    hubs, notes = _meet(case, case.items)
    agreed = agree(case.seen, case.items, case.agreed)
    if case.seen.is_playing:
        agreed = replace(agreed, position_ms=None)  # what stood there before was another file's or another machine's
    return Merged(verdict=Verdict.FIRST_CONTACT, hubs=hubs, agreed=agreed, notes=tuple(notes))


def _meet(case: Case, items: tuple[int, ...]) -> tuple[dict[int, HubState], list[Note]]:
    hubs: dict[int, HubState] = {}
    notes: list[Note] = []
    for item in items:
        before = case.hubs.get(item, UNKNOWN_HUB)
        after, made = meet(item, before, case.seen, case.context, is_only_item=len(case.items) == 1)
        if after != before:
            hubs[item] = after
        notes += made
    return hubs, notes


def _compare(case: Case) -> Merged:
    """R1, R3, R6: the fact against what is agreed."""
    agreed, seen, context = case.agreed, case.seen, case.context
    assert agreed is not None  # noqa: S101 - _is_first_contact has seen to it
    if not seen.watched and (agreed.watched or agreed.is_rewatching):
        return _lost_its_flag(case, agreed)
    if seen.watched and agreed.watched and _settles_nothing(agreed, seen):
        return Merged(verdict=Verdict.NEEDS_DETAIL)
    if seen.watched and (not agreed.watched or _is_again(agreed, seen, context)):
        if _shows_our_write_to_a_copy(case, agreed):
            return Merged(verdict=Verdict.CHANGED, agreed=agree_after(case, agreed, None))
        return _apply(case, agreed, watched=True)
    return _apply(case, agreed, watched=None)


def _lost_its_flag(case: Case, agreed: Agreed) -> Merged:
    """R5, R6: an un-mark, or somebody who watches again; a held un-mark stays one, even if it was started since."""
    if case.context.held is not None:
        return _apply(case, agreed, watched=False)
    clears = case.context.capabilities.start_clears_watched
    reading = read_unwatched(agreed, case.seen, start_clears_watched=clears)
    if reading is Reading.NEEDS_DETAIL:
        return Merged(verdict=Verdict.NEEDS_DETAIL)
    return _rewatching(case, agreed) if reading is Reading.REWATCHING else _apply(case, agreed, watched=False)


def _settles_nothing(agreed: Agreed, seen: Seen) -> bool:
    """W3: a listing row without a date can't tell whether a watch after our own mark is ours."""
    is_open = agreed.write is not None and agreed.write.watched is True and not agreed.write.is_filled_in
    return is_open and is_undated_watch(seen)


def _shows_our_write_to_a_copy(case: Case, agreed: Agreed) -> bool:
    """W4: say whether the new date is one that we sent to another entry of the item: the two share their state."""
    date = case.seen.raw_watched_at
    if not date or same_date(date, agreed.raw_watched_at) or _new_items(case, agreed):
        return False
    return any(
        write.watched and write != agreed.write and same_date(date, write.raw_date_sent)
        for item in case.items
        for write in case.context.own_writes.get(item, ())
    )


def _is_again(agreed: Agreed, seen: Seen, context: Context) -> bool:
    """R1, W3: say whether a watched fact on a watched agreement is another watch."""
    if is_a_play_only(seen, context.capabilities):
        return False
    write = agreed.write
    if write is not None and not write.is_filled_in and write.watched:
        return not is_our_mark(write, seen, context)
    if agreed.play_count is not None and seen.play_count is not None and seen.play_count > agreed.play_count:
        return True
    return (
        agreed.raw_watched_at is not None
        and seen.raw_watched_at is not None
        and seen.raw_watched_at > agreed.raw_watched_at + DATE_TOLERANCE
        and not is_open(seen.position_ms)
    )


def _rewatching(case: Case, agreed: Agreed) -> Merged:
    """R6: somebody watches again; agreed counts as watched, and nothing reaches the hub."""
    if agreed.is_rewatching and is_raw_same(agreed, case.seen) and not needs_refresh(agreed, case.seen, case.items):
        return Merged(verdict=Verdict.SAME)
    marked = replace(agree(case.seen, case.items, agreed), is_rewatching=True)
    return Merged(verdict=Verdict.CHANGED, agreed=marked)


def _new_items(case: Case, agreed: Agreed) -> tuple[int, ...]:
    return tuple(item for item in case.items if item not in agreed.items)


def _apply(case: Case, agreed: Agreed, *, watched: bool | None) -> Merged:
    """R3: bring a change to every item that the entry stood for already; items that are new are first contact."""
    seen, context = case.seen, case.context
    moved = is_moved(agreed, seen)
    if watched is None and not moved and not needs_refresh(agreed, case.seen, case.items):
        return Merged(verdict=Verdict.SAME)
    unkept = _unkept(agreed, seen)
    changed, date = _when(case, agreed, watched=watched)
    hubs, notes = _meet(case, _new_items(case, agreed))
    unwatches = False
    for item in set(case.items) & set(agreed.items):
        before = after = case.hubs.get(item, UNKNOWN_HUB)
        if watched is not None:
            after, made = change_watched(
                item, before, agreed, watched=watched, changed=changed, date=date, server=context.server
            )
            notes += made
            unwatches = unwatches or (after.watched is False and before.watched is not False)
        if moved and unkept is None and len(case.items) == 1:
            after, made = change_position(item, after, agreed, seen, context)
            notes += made
        if after != before:
            hubs[item] = after
    if unwatches and context.holds_back and context.imports:
        return Merged(verdict=Verdict.HELD, unwatch=changed)
    return Merged(
        verdict=Verdict.SAME if watched is None and not moved else Verdict.CHANGED,
        hubs=hubs,
        agreed=agree_after(case, agreed, unkept),
        unwatch=changed if unwatches else None,
        notes=tuple(notes),
    )


def _when(case: Case, agreed: Agreed, *, watched: bool | None) -> tuple[Interval, int | None]:
    if watched:
        return watch_interval(agreed, case.seen, case.context)
    if watched is False and case.context.held is not None:
        return case.context.held, None
    return change_interval(agreed, case.seen, case.context), None


def _unkept(agreed: Agreed, seen: Seen) -> int | None:
    write = agreed.write
    if write is not None and not write.is_filled_in and did_not_keep(write, seen):
        return write.position_ms
    return None
