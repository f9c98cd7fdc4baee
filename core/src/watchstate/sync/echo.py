"""W3: our own writes. What is agreed after one, what an unanswered one came to, and whose a later watch is."""

from enum import StrEnum

from msgspec.structs import replace

from watchstate.api import Capabilities, WatchDate
from watchstate.clock import MINUTE
from watchstate.states import Agreed, Intent, Interval, OwnWrite
from watchstate.sync.case import Context, Seen
from watchstate.sync.intervals import MARGIN, is_open, is_within, same_date, same_position

RETRY_AFTER = MINUTE
"""A server or a proxy may still apply a write for this long after we gave up."""


def as_written(agreed: Agreed, intent: Intent, sent_at: int, answered_at: int) -> Agreed:
    """Return what is agreed once a write succeeded: what was written. Date and count are filled in by the next fact."""
    written = OwnWrite(
        sent_at=sent_at,
        answered_at=answered_at,
        watched=intent.watched,
        position_ms=intent.position_ms,
        raw_date_sent=intent.raw_date_sent,
        count_before=intent.before_count,
        raw_date_before=intent.before_raw_date,
    )
    return replace(
        agreed,
        watched=agreed.watched if intent.watched is None else intent.watched,
        position_ms=0 if intent.position_ms is None else intent.position_ms,
        play_count=agreed.play_count if intent.watched is None else None,
        raw_watched_at=agreed.raw_watched_at if intent.watched is None else None,
        read_from=sent_at,
        read_to=sent_at,
        is_rewatching=False,
        write=written,
        unkept_position_ms=None,
    )


LONGEST_FLIGHT = 10 * MINUTE
"""A write without an answer was applied within this time or not at all: what a person does a week after a crash is not
ours, although nobody gave the write up before."""


class Settled(StrEnum):
    """What a fact says about a write that got no answer."""

    APPLIED = "applied"
    NOT_APPLIED = "not applied"
    OVERTAKEN = "overtaken"


def settle(intent: Intent, seen: Seen) -> Settled:
    """Judge a write without an answer by the first fact that was read after we gave up."""
    if intent.watched is not None:
        is_written = seen.watched == intent.watched
    else:
        is_written = same_position(seen.position_ms, intent.position_ms)
    if is_written:
        return Settled.APPLIED
    is_as_before = (
        seen.watched == intent.before_watched
        and same_position(seen.position_ms, intent.before_position_ms)
        and seen.play_count == intent.before_count
        and seen.raw_watched_at == intent.before_raw_date
    )
    return Settled.NOT_APPLIED if is_as_before else Settled.OVERTAKEN


def is_our_mark(write: OwnWrite, seen: Seen, context: Context) -> bool:
    """Say whether the date and count of a watched fact can be those that our own watched write made."""
    shown = context.true_date(seen.raw_watched_at)
    window = Interval(write.sent_at, write.answered_at)
    in_window = shown is not None and is_within(shown, window)
    is_missing_or_old = not seen.raw_watched_at or same_date(seen.raw_watched_at, write.raw_date_before)
    watch_date = context.capabilities.watch_date
    if watch_date is WatchDate.STAMPED:
        fits = seen.play_count is None or seen.play_count <= (write.count_before or 0) + 1
        return fits and (is_open(seen.position_ms) or is_missing_or_old or in_window)
    is_dated_by_us = is_missing_or_old or same_date(seen.raw_watched_at, write.raw_date_sent)
    may_be_stamped = watch_date is WatchDate.UNSURE or write.raw_date_sent is None
    return is_dated_by_us or (may_be_stamped and in_window)


def is_a_play_only(seen: Seen, capabilities: Capabilities) -> bool:
    """Say whether a watched fact may show a play that merely began, on a server where that counts (R1)."""
    return capabilities.start_counts and (is_open(seen.position_ms) or seen.is_playing)


def did_not_keep(write: OwnWrite, seen: Seen) -> bool:
    """Say whether the server shows soon after our write another position than the one it was given (R7)."""
    return (
        write.position_ms is not None
        and not seen.watched
        and not same_position(seen.position_ms, write.position_ms)
        and seen.read_from <= write.answered_at + MARGIN
    )
