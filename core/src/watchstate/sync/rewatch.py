"""R6: on servers that clear the flag when a play starts, is an unwatched fact an un-mark or somebody watching again?"""

from enum import StrEnum

from watchstate.states import Agreed
from watchstate.sync.case import Seen
from watchstate.sync.intervals import DATE_TOLERANCE


class Reading(StrEnum):
    """What an unwatched fact after a watched agreement means."""

    UNMARKED = "unmarked"
    REWATCHING = "re-watching"
    NEEDS_DETAIL = "needs detail"


def read_unwatched(agreed: Agreed, seen: Seen, *, start_clears_watched: bool) -> Reading:
    """Judge an unwatched fact on an entry whose agreed state is watched or re-watching.

    A count or date that the fact doesn't carry is unknown, not cleared.
    """
    if agreed.is_rewatching:
        return _while_rewatching(agreed, seen)
    if not start_clears_watched:
        return Reading.UNMARKED
    if not seen.is_detailed and (seen.play_count is None or seen.raw_watched_at is None):
        return Reading.NEEDS_DETAIL
    if _is_cleared(seen):
        return Reading.UNMARKED
    if agreed.play_count is None or seen.play_count is None:
        return Reading.REWATCHING
    return Reading.REWATCHING if seen.play_count > agreed.play_count else Reading.UNMARKED


def _is_cleared(seen: Seen) -> bool:
    return seen.play_count == 0 and seen.raw_watched_at == 0


def _while_rewatching(agreed: Agreed, seen: Seen) -> Reading:
    if not seen.is_detailed and (seen.play_count is None or seen.raw_watched_at is None):
        return Reading.NEEDS_DETAIL
    if _is_cleared(seen):
        return Reading.UNMARKED
    if seen.play_count is None or agreed.play_count is None:
        return Reading.REWATCHING
    if seen.play_count < agreed.play_count:
        return Reading.UNMARKED
    has_grown = (
        seen.raw_watched_at is not None
        and agreed.raw_watched_at is not None
        and seen.raw_watched_at > agreed.raw_watched_at + DATE_TOLERANCE
    )
    return Reading.UNMARKED if seen.play_count == agreed.play_count and has_grown else Reading.REWATCHING
