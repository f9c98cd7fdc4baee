"""R1: what a fact shows beside what is agreed. Pure."""

from watchstate.states import Agreed
from watchstate.sync.case import Seen
from watchstate.sync.intervals import same_position


def is_untouched(
    agreed: Agreed | None, seen: Seen, items: tuple[int, ...], *, is_list_of_changes: bool = False
) -> bool:
    """R1: say whether a fact shows exactly what is agreed, so that there is nothing to decide.

    The cheap question for the many facts of a scan that didn't change; `merge` answers SAME for each of them.
    """
    return (
        agreed is not None
        and not (is_list_of_changes and is_undated_watch(seen))
        and agreed.watched is not None
        and not agreed.is_rewatching
        and is_raw_same(agreed, seen)
        and not needs_refresh(agreed, seen, items)
    )


def is_undated_watch(seen: Seen) -> bool:
    """Say whether a listing row shows a watch, and not when it was."""
    return seen.watched and not seen.is_detailed and seen.raw_watched_at is None


def settled_position(seen: Seen, before: Agreed | None) -> int | None:
    """R7: a position that moves while it plays is dealt with once it stands; one that isn't carried is unknown."""
    if seen.is_playing or seen.position_ms is None:
        return before.position_ms if before is not None else None
    return seen.position_ms


def is_moved(agreed: Agreed, seen: Seen) -> bool:
    """Say whether the position is another one."""
    return seen.position_ms != agreed.position_ms and not same_position(
        agreed.position_ms, settled_position(seen, agreed)
    )


def is_raw_same(agreed: Agreed, seen: Seen) -> bool:
    """Say whether the server shows nothing else than it did, as far as the fact tells."""
    return (
        bool(agreed.watched) == seen.watched
        and not is_moved(agreed, seen)
        and seen.play_count in (None, agreed.play_count)
        and seen.raw_watched_at in (None, agreed.raw_watched_at)
    )


def needs_refresh(agreed: Agreed, seen: Seen, items: tuple[int, ...]) -> bool:
    """Say whether what the agreement was made under has changed, so that its row must be written."""
    return (
        agreed.missed_scans > 0
        or (seen.added_at is not None and agreed.added_at != seen.added_at)
        or agreed.items != (items if len(items) < 2 else tuple(sorted(items)))
        or (agreed.write is not None and not agreed.write.is_filled_in)
        or (seen.play_count is not None and (agreed.play_count is None or seen.play_count < agreed.play_count))
        or (agreed.raw_watched_at is None and seen.raw_watched_at is not None)
    )
