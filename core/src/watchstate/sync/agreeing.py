"""What is agreed after a fact was dealt with. Pure."""

from msgspec.structs import replace

from watchstate.states import Agreed
from watchstate.sync.case import Case, Seen
from watchstate.sync.comparing import is_moved, settled_position
from watchstate.sync.echo import is_a_play_only


def agree(seen: Seen, items: tuple[int, ...], before: Agreed | None) -> Agreed:
    """Return the agreed state that equals a fact; the record of our own write stays.

    A count or date that the fact doesn't carry stays what it was, as long as the watched flag does.
    """
    known = before if before is not None and before.watched == seen.watched else None
    return Agreed(
        watched=seen.watched,
        position_ms=settled_position(seen, before),
        play_count=_carried(seen.play_count, known.play_count if known else None),
        raw_watched_at=_carried(seen.raw_watched_at, known.raw_watched_at if known else None),
        read_from=seen.read_from,
        read_to=seen.read_to,
        added_at=seen.added_at,
        items=tuple(sorted(items)),
        write=replace(before.write, is_filled_in=True) if before is not None and before.write is not None else None,
    )


def _carried(shown: int | None, known: int | None) -> int | None:
    return known if shown is None else shown


def _before_play(agreed: Agreed) -> tuple[int | None, int | None]:
    """Return the count and date that the entry showed before a play, from our own write where no fact told them."""
    write = agreed.write
    if write is None or write.is_filled_in:
        return agreed.play_count, agreed.raw_watched_at
    return write.count_before, write.raw_date_before if write.raw_date_sent is None else write.raw_date_sent


def agree_after(case: Case, agreed: Agreed, unkept: int | None) -> Agreed:
    """Agree to the fact that follows an agreement; a position that the server did not keep (R7) is remembered."""
    after = agree_before_play(case, agreed)
    if unkept is None and not is_moved(agreed, case.seen):
        unkept = agreed.unkept_position_ms
    return replace(after, unkept_position_ms=unkept)


def agree_before_play(case: Case, agreed: Agreed | None) -> Agreed:
    """Agree to the fact; a play that merely began is not counted yet, so that its end still shows as a grown count."""
    after = agree(case.seen, case.items, agreed)
    if agreed is None or not (agreed.watched and case.seen.watched):
        return after
    if not is_a_play_only(case.seen, case.context.capabilities):
        return after
    count, date = _before_play(agreed)
    if count is not None and case.seen.play_count is not None and case.seen.play_count < count:
        count = case.seen.play_count - 1  # un-marked and marked again since: what the play that began found
    return replace(after, play_count=count, raw_watched_at=date)
