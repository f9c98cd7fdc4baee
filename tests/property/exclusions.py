"""What no observer can decide, and what a rule takes out of the order: one named function each, with the reason.

The names are what the runner counts and what docs/reference/proof.md lists. A deed that one of them excludes is not
judged: either the servers show nothing of it, or they show what something else would look like as well.
"""

from collections.abc import Callable, Sequence

from tests.property.happenings import Arrival, Claim, Deed, EntryStory, Loss, Raw, Sent

from watchstate.api import WatchDate
from watchstate.clock import MINUTE, SECOND

MARGIN = MINUTE
"""R3: one change is later than another only if it begins more than this after the other's end."""
ROUNDING = 2 * SECOND


def leaves_no_trace(story: EntryStory, deed: Deed, shown: Raw) -> bool:
    """The account shows what it showed before, so that nobody can see that anything happened."""
    known = story.known
    if known is None:
        return False
    if deed.watched:
        return not shown.watched or (known.watched and not is_another_watch(known, shown))
    return shown.watched or not (known.watched or story.is_rewatching)


def is_another_watch(known: Raw, shown: Raw) -> bool:
    """Say whether a watched entry shows that it was watched once more: a grown count, a grown date without a play."""
    has_counted = known.count is not None and shown.count is not None and shown.count > known.count
    is_dated = known.date is not None and shown.date is not None and shown.date > known.date + ROUNDING
    return has_counted or (is_dated and (shown.position_ms or 0) < MINUTE)


def starts_hide_the_un_mark(story: EntryStory, deed: Deed) -> bool:
    """Un-marked, then started so often that the count is where a mere second play would have brought it.

    Only where a start takes the flag away: the count is the one thing that tells an un-mark from watching again.
    """
    if deed.watched is not False or not story.rules.capabilities.start_clears_watched or story.known is None:
        return False
    starts = sum(isinstance(one, Deed) and one.is_start for one in story.pending[story.pending.index(deed) :])
    if starts == 0:
        return False
    known = story.known.count
    return known is None or starts > known


def a_start_hides_the_mark(story: EntryStory, deed: Deed, shown: Raw) -> bool:
    """Un-marked, marked again and then started, all between two looks: the flag is off, and the count has not grown.

    Only where a start takes the flag away. It looks like the un-mark alone.
    """
    if not deed.watched or shown.watched or not story.rules.capabilities.start_clears_watched:
        return False
    if story.known is None or not (story.known.watched or story.is_rewatching):
        return False
    return any(isinstance(one, Deed) and one.watched is False for one in story.pending)


def looks_like_our_own_mark(story: EntryStory, sent: Sent | None, shown: Raw, skew_ms: int) -> bool:
    """Count and date fit a watched mark that we wrote and have not yet seen the result of.

    Plex stamps our marks with its own clock, Emby may; so a person's mark within a minute of ours, with a count that
    fits, is the same sight. Elsewhere the date that we sent, none, or the one from before is.
    """
    if sent is None or not sent.watched or not sent.is_unnoticed or sent.ended_at is None:
        return False
    before, date = sent.before, shown.date
    ended = min(sent.ended_at, sent.sent_at + 10 * MINUTE)
    in_window = bool(date) and sent.sent_at - MARGIN <= (date or 0) - skew_ms <= ended + MARGIN
    is_old = not date or (before.date is not None and abs(date - before.date) <= ROUNDING)
    if story.rules.capabilities.watch_date is WatchDate.STAMPED:
        fits = shown.count is None or shown.count <= (before.count or 0) + 1
        return fits and ((shown.position_ms or 0) >= MINUTE or is_old or in_window)
    is_sent = sent.raw_date is not None and date is not None and abs(date - sent.raw_date) <= ROUNDING
    may_stamp = story.rules.capabilities.watch_date is WatchDate.UNSURE or sent.raw_date is None
    return is_old or is_sent or (may_stamp and in_window)


def a_play_that_looks_like_a_watch(pending: Sequence[Deed | Loss | Arrival]) -> bool:
    """A watched entry was started and left before its position counts: its date or count grew as by a watch."""
    return any(isinstance(one, Deed) and (one.is_start or one.position_ms is not None) for one in pending)


def our_write_came_late(pending: Sequence[Deed | Loss | Arrival]) -> bool:
    """A server or a proxy applied our write after we had given it up and judged it: it looks like a person's deed."""
    return any(isinstance(one, Arrival) and one.is_late for one in pending)


def wiped_by_our_write(pending: Sequence[Deed | Loss | Arrival], deed: Deed) -> bool:
    """Done between the read before our write and the write itself: our write covers it, or a part of its traces."""
    return any(isinstance(one, Arrival) for one in pending[pending.index(deed) + 1 :])


def lost_with_the_file(pending: Sequence[Deed | Loss | Arrival], deed: Deed) -> bool:
    """The server lost the entry's state before anybody looked."""
    return any(isinstance(one, Loss) for one in pending[pending.index(deed) + 1 :])


def unseen_before_it_was_no_choice(story: EntryStory, shown: Raw, *, was_replaced: bool) -> bool:
    """R2, R4: an unwatched entry that is new, was missing from a complete scan, or was replaced says nothing."""
    return not shown.watched and (story.known is None or story.missed > 0 or was_replaced)


def undated_at_first_contact(*, is_dated: bool, is_hub_known: bool) -> bool:
    """R2: a watch without a date of its own tells nothing to a hub that knows something already."""
    return not is_dated and is_hub_known


def its_date_is_not_its_watch(deed_at: int, date: int) -> bool:
    """R2: at first contact the date is all there is, and this one is that of a play, or of the play's start."""
    return abs(deed_at - date) > MARGIN


def dated_by_a_clock_that_moved(clock_ms: int, skew_ms: int) -> bool:
    """The server's clock was put right or wrong between a deed (or our write) and the look: its date is misread."""
    return abs(clock_ms - skew_ms) > ROUNDING


def both_within_one_request(watch: Claim, unwatch: Claim) -> bool:
    """Un-marked here and then watched elsewhere, both while one request was under way, or within a minute of its start.

    R3 then takes the un-mark for the later one: its account showed the watched flag when the watch was known.
    """
    return watch.ends_best <= min(unwatch.known_to_best, unwatch.known_from_best + MARGIN)


def made_while_import_was_off(*, imports: bool) -> bool:
    """R8: what is done on an account whose import is off changes nothing."""
    return not imports


def overruled_by_a_forced_export(*, is_forced: bool) -> bool:
    """W8: the hub wins over whatever the account shows."""
    return is_forced


def held_by_the_brake(claim: Claim) -> bool:
    """R5: too many un-marks at once wait for a person's decision; a rejected one was nobody's wish."""
    return claim.is_held


def never_shown_again(story: EntryStory) -> bool:
    """The entry left its server before anybody looked."""
    return story.is_gone


BY_RULE: tuple[Callable[..., bool], ...] = (
    unseen_before_it_was_no_choice,
    undated_at_first_contact,
    made_while_import_was_off,
    overruled_by_a_forced_export,
    held_by_the_brake,
)
"""What a rule takes out of the order: the hub is held to be as if it had not been done."""

UNDECIDABLE: tuple[Callable[..., bool], ...] = (
    leaves_no_trace,
    starts_hide_the_un_mark,
    a_start_hides_the_mark,
    looks_like_our_own_mark,
    a_play_that_looks_like_a_watch,
    our_write_came_late,
    wiped_by_our_write,
    lost_with_the_file,
    its_date_is_not_its_watch,
    dated_by_a_clock_that_moved,
    both_within_one_request,
    never_shown_again,
)
"""What no observer can tell."""

EXCLUSIONS = (*BY_RULE, *UNDECIDABLE)
