"""W3 and R7: what is agreed after our own write, whose a later watch is, and what an unanswered write came to."""

import pytest
from msgspec.structs import replace
from tests.sync.cases import (
    EMBY_LIKE,
    ITEM,
    JF10,
    JF12,
    NOW,
    PLEX_LIKE,
    T0,
    agreed,
    at,
    decide,
    given_up,
    hub,
    hub_after,
    minutes,
    seen,
    span,
    written,
    wrote,
)

from watchstate.states import HubState, Interval
from watchstate.sync.case import Verdict
from watchstate.sync.echo import as_written

SENT = at(-500)
"""A date that we sent along with a watched mark."""
BEFORE = at(-400)
"""The date that the entry showed before our write."""
ANSWERED = T0 + 1000


def is_ours(fact, was, capabilities) -> bool:
    """Say whether a watched fact after our watched write was taken for its echo."""
    before = hub(True)
    return hub_after(decide(fact, was, before, on=capabilities), before) == before


def test_what_is_agreed_after_a_watched_write():
    """W3: agreed = what was written, position none, read_from and read_to both when it was sent."""
    was = agreed(False, 30, is_rewatching=True, unkept_position_ms=5)
    after = as_written(was, given_up(True, raw_date_sent=SENT, before_count=4, before_raw_date=BEFORE), T0, ANSWERED)
    assert (after.watched, after.position_ms, after.play_count, after.raw_watched_at) == (True, 0, None, None)
    assert (after.read_from, after.read_to, after.is_rewatching, after.unkept_position_ms) == (T0, T0, False, None)
    assert after.write == wrote(
        True, sent_at=T0, answered_at=ANSWERED, raw_date_sent=SENT, count_before=4, raw_date_before=BEFORE
    )


def test_an_unwatched_write_sets_the_position_to_none_unless_one_is_written():
    """W3: a watched or un-watched write also sets position to none, unless one is written."""
    assert as_written(agreed(True, 30), given_up(False), T0, ANSWERED).position_ms == 0
    placed = as_written(agreed(True, 30), given_up(False, position_ms=minutes(20)), T0, ANSWERED)
    assert (placed.watched, placed.position_ms) == (False, minutes(20))


def test_a_position_write_leaves_everything_else_agreed():
    """W3: agreed = what was written."""
    was = agreed(False, 30, play_count=3, raw_watched_at=BEFORE)
    after = as_written(was, given_up(None, position_ms=minutes(40)), T0, ANSWERED)
    assert (after.watched, after.position_ms, after.play_count, after.raw_watched_at) == (
        False,
        minutes(40),
        3,
        BEFORE,
    )


@pytest.mark.parametrize(
    ("count", "ours"),
    [(5, True), (6, False), (1, True), (None, True)],
    ids=["before + 1", "one more", "less", "unknown"],
)
def test_a_server_that_stamps_counts_our_write_once(count, ours):
    """W3: on a server that stamps itself, count ≤ before + 1."""
    fact = seen(True, play_count=count, raw_watched_at=T0)
    assert is_ours(fact, written(True, count_before=4), PLEX_LIKE) is ours


@pytest.mark.parametrize(
    ("date", "ours"),
    [
        (0, True),
        (None, True),
        (BEFORE, True),
        (BEFORE + 2000, True),
        (BEFORE + 2001, False),
        (T0 - 60_000, True),
        (T0 - 60_001, False),
        (ANSWERED + 60_000, True),
        (ANSWERED + 60_001, False),
        (SENT, False),
    ],
)
def test_a_server_that_stamps_shows_our_write_by_its_own_time(date, ours):
    """W3: the date is missing, the one before the write, or within the window ± 60 s."""
    fact = seen(True, play_count=1, raw_watched_at=date)
    assert is_ours(fact, written(True, raw_date_sent=SENT, raw_date_before=BEFORE), PLEX_LIKE) is ours


@pytest.mark.parametrize(("position", "count", "ours"), [(1, 1, True), (59.9 / 60, 1, False), (1, 2, False)])
def test_on_a_server_that_stamps_a_play_may_have_begun_since_our_write(position, count, ours):
    """W3: (a position is open, or …), and the count must fit all the same."""
    fact = seen(True, position, play_count=count, raw_watched_at=at(30))
    assert is_ours(fact, written(True), PLEX_LIKE) is ours


@pytest.mark.parametrize(
    ("date", "ours"),
    [
        (0, True),
        (None, True),
        (SENT, True),
        (SENT + 2000, True),
        (SENT - 2001, False),
        (BEFORE, True),
        (BEFORE - 2000, True),
        (BEFORE + 2001, False),
        (T0, False),
    ],
)
@pytest.mark.parametrize("count", [1, 9])
def test_a_server_that_takes_dates_shows_our_write_by_the_date_sent(date, ours, count):
    """W3: on one that takes dates, the date is missing, the one sent or the one before (± 2 s); counts say nothing."""
    was = written(True, raw_date_sent=SENT, raw_date_before=BEFORE)
    assert is_ours(seen(True, play_count=count, raw_watched_at=date), was, JF10) is ours


@pytest.mark.parametrize(("date", "ours"), [(T0 - 60_000, True), (ANSWERED + 60_000, True), (ANSWERED + 60_001, False)])
def test_where_no_date_was_sent_the_window_counts_too(date, ours):
    """W3: or, where no date was sent, within the window ± 60 s."""
    assert is_ours(seen(True, raw_watched_at=date), written(True, raw_date_sent=None), JF10) is ours


@pytest.mark.parametrize(
    ("date", "ours"),
    [
        (SENT, True),
        (BEFORE, True),
        (0, True),
        (T0 - 60_000, True),
        (ANSWERED + 60_000, True),
        (ANSWERED + 60_001, False),
    ],
)
def test_a_server_that_may_do_either_shows_our_write_by_either_date(date, ours):
    """W3: for Emby within the window ± 60 s too."""
    was = written(True, raw_date_sent=SENT, raw_date_before=BEFORE)
    assert is_ours(seen(True, play_count=9, raw_watched_at=date), was, EMBY_LIKE) is ours


def test_our_echo_fills_in_date_and_count_silently():
    """W3, W4: the next fact fills in date and count; a row is written, the hub isn't touched."""
    merged = decide(seen(True, play_count=3, raw_watched_at=SENT), written(True, raw_date_sent=SENT), hub(True))
    assert (merged.verdict, merged.hubs, merged.notes) == (Verdict.SAME, {}, ())
    assert merged.agreed is not None
    assert (merged.agreed.play_count, merged.agreed.raw_watched_at) == (3, SENT)
    assert merged.agreed.write is not None
    assert merged.agreed.write.is_filled_in


def test_a_listing_row_without_a_date_settles_nothing_about_our_write():
    """W3, R6: a date that the fact doesn't carry is unknown, not missing; a detail may show a person's watch."""
    row = seen(True, play_count=None, raw_watched_at=None, is_detailed=False, read_from=at(20), read_to=at(20))
    was, before = written(True, raw_date_sent=SENT), hub(False, span(2, 2))
    first = decide(row, was, before, on=EMBY_LIKE)
    assert (first.verdict, first.agreed) == (Verdict.NEEDS_DETAIL, None)
    detail = decide(seen(True, play_count=2, raw_watched_at=at(10)), first.agreed or was, before, on=EMBY_LIKE)
    assert hub_after(detail, before).watched is True


def test_what_was_filled_in_is_compared_as_usual_from_then_on():
    """W3, R1: a second fact of the same echo is nothing, a grown count is a watch."""
    first = decide(seen(True, play_count=3, raw_watched_at=SENT), written(True, raw_date_sent=SENT), hub(True))
    later = NOW + 60_000
    again = seen(True, play_count=3, raw_watched_at=SENT, read_from=later, read_to=later)
    assert decide(again, first.agreed, hub(True)).verdict is Verdict.SAME
    grown = replace(again, play_count=4)
    assert decide(grown, first.agreed, hub(True)).verdict is Verdict.CHANGED


def test_what_can_not_be_ours_was_watched_again():
    """W3: otherwise it was watched again, and an un-watch elsewhere that came earlier loses."""
    before = hub(False, span(2, 2))
    merged = decide(seen(True, play_count=2, raw_watched_at=at(30)), written(True), before, on=PLEX_LIKE)
    assert merged.hubs[ITEM].watched is True


def test_a_play_that_began_after_our_write_where_a_start_counts_is_no_watch():
    """W3, R1: on Jellyfin 12 count and date of a mere start are not ours, and no watch either."""
    before = hub(False, span(2, 2))
    fact = seen(True, 30, play_count=1, raw_watched_at=at(20), is_playing=True)
    assert hub_after(decide(fact, written(True, raw_date_sent=SENT), before, on=JF12), before).watched is False


def test_the_end_of_a_play_that_began_after_our_write_is_a_watch():
    """W3, R1: a play first seen when it had merely begun; its end is a watch, later than the un-watch elsewhere."""
    before = hub(False, span(2, 2))
    was = written(True, raw_date_sent=SENT)
    playing = seen(True, 30, play_count=1, raw_watched_at=at(20), is_playing=True, read_from=at(25), read_to=at(25))
    during = decide(playing, was, before, on=JF12)
    ended = decide(seen(True, 0, play_count=1, raw_watched_at=at(20)), during.agreed or was, before, on=JF12)
    assert hub_after(ended, before).watched is True


@pytest.mark.parametrize("capabilities", [JF10, PLEX_LIKE])
def test_after_an_un_mark_of_ours_date_and_count_are_filled_in_silently(capabilities):
    """W3: after an un-mark or a position write they are filled in silently."""
    fact = seen(False, play_count=7, raw_watched_at=at(30))
    merged = decide(fact, written(False), hub(False), on=capabilities)
    assert (merged.verdict, merged.hubs) == (Verdict.SAME, {})
    assert merged.agreed is not None
    assert merged.agreed.play_count == 7


def test_after_a_position_write_date_and_count_are_filled_in_silently():
    """W3: also when the date has grown, which a position write does on Plex."""
    was = agreed(False, 40, write=wrote(None, position_ms=minutes(40)))
    before = hub(False, position=40)
    merged = decide(seen(False, 40, play_count=1, raw_watched_at=at(30)), was, before, on=PLEX_LIKE)
    assert (merged.verdict, merged.hubs) == (Verdict.SAME, {})


def test_an_un_mark_after_our_watched_write_is_an_un_mark():
    """W3: filling in is for watched facts; an un-mark is no echo."""
    merged = decide(seen(False), written(True), hub(True, span(-1, 0)))
    assert merged.hubs[ITEM].watched is False


@pytest.mark.parametrize(("read_from", "is_unkept"), [(ANSWERED + 60_000, True), (ANSWERED + 60_001, False)])
def test_a_position_that_the_server_did_not_keep_is_no_change(read_from, is_unkept):
    """R7: read back after the write within 60 s; later it is a person's doing."""
    was = agreed(False, 40, write=wrote(None, position_ms=minutes(40)))
    before = hub(False, position=40)
    merged = decide(seen(False, 0, read_from=read_from, read_to=read_from), was, before)
    assert (merged.hubs == {}) is is_unkept
    assert merged.agreed is not None
    assert merged.agreed.unkept_position_ms == (minutes(40) if is_unkept else None)


def test_an_unkept_position_is_remembered_until_the_account_shows_another():
    """R7: no difference for W1 as long as nothing moves."""
    was = agreed(False, 0, unkept_position_ms=minutes(40))
    still = decide(seen(False, 0, added_at=2), was, hub(False, position=40))
    moved = decide(seen(False, 50), was, hub(False, position=40))
    assert still.agreed is not None
    assert moved.agreed is not None
    assert (moved.agreed.unkept_position_ms, moved.hubs[ITEM].position_ms) == (None, minutes(50))


def test_a_write_without_an_answer_that_was_applied_counts_as_a_success():
    """W3: if the written field equals the intent, a success with window (sent, given up)."""
    merged = decide(
        seen(True, raw_watched_at=SENT), agreed(False), hub(True), intent=given_up(True, raw_date_sent=SENT)
    )
    assert (merged.closes_intent, merged.retry_at, merged.hubs) == (True, None, {})
    assert merged.agreed is not None
    assert merged.agreed.watched is True
    assert merged.agreed.write == wrote(
        True, sent_at=at(30), answered_at=at(30.5), raw_date_sent=SENT, is_filled_in=True
    )


def test_the_fact_that_shows_an_unanswered_write_is_itself_judged_by_the_fill_in_rule():
    """W3: and judge this same fact by the fill-in rule: the person's own watch is not taken for ours."""
    before = hub(False, span(40, 40))
    fact = seen(True, raw_watched_at=at(50))
    merged = decide(fact, agreed(False), before, intent=given_up(True, raw_date_sent=SENT))
    assert merged.hubs[ITEM].watched is True


@pytest.mark.parametrize(
    "fact",
    [seen(True, 30, raw_watched_at=SENT), seen(True, raw_watched_at=SENT, play_count=4)],
    ids=["another position", "another count"],
)
def test_only_the_written_field_is_compared_with_the_intent(fact):
    """W3: the written field; a position or a count that moved since then doesn't make it a person's watch."""
    merged = decide(fact, agreed(False), hub(False), intent=given_up(True, raw_date_sent=SENT))
    assert (merged.closes_intent, merged.hubs.get(ITEM, hub(False)).watched) == (True, False)


def test_an_unanswered_position_write_is_recognised_by_the_position():
    """W3: the written field is the position."""
    before = hub(False, position=40)
    merged = decide(seen(False, 40), agreed(False, 10), before, intent=given_up(None, position_ms=minutes(40)))
    assert (merged.closes_intent, merged.retry_at, merged.hubs) == (True, None, {})


def test_a_write_without_an_answer_that_was_not_applied_waits_a_minute():
    """W3: if the raw state equals the one stored in the intent, retry after at least 60 s."""
    merged = decide(seen(False), agreed(False), hub(True), intent=given_up(True))
    assert (merged.verdict, merged.closes_intent, merged.retry_at) == (Verdict.SAME, True, at(31.5))


@pytest.mark.parametrize(
    "fact",
    [
        seen(False, 0, play_count=1, raw_watched_at=at(40)),
        seen(False, 0, play_count=0, raw_watched_at=at(40)),
        seen(False, 30),
    ],
    ids=["count", "date", "position"],
)
def test_any_other_state_after_an_unanswered_write_is_a_persons_doing(fact):
    """W3: anything else → R3."""
    merged = decide(fact, agreed(False), hub(True), intent=given_up(True))
    assert (merged.closes_intent, merged.retry_at) == (True, None)


def test_a_person_who_marked_after_our_unanswered_un_mark_wins():
    """W3, R3: neither what was written nor the raw state from before (another count): the person's change."""
    intent = given_up(False, before_count=1, before_raw_date=at(-60))
    before = hub(False, span(10, 10))
    merged = decide(seen(True, play_count=2, raw_watched_at=at(40)), agreed(True), before, on=PLEX_LIKE, intent=intent)
    assert (merged.closes_intent, merged.hubs[ITEM].watched) == (True, True)


def test_an_un_mark_after_an_unanswered_write_un_watches():
    """W3, R3: before the write the entry was watched, the write was a position, the fact is unwatched."""
    intent = given_up(None, position_ms=minutes(40), before_watched=True)
    merged = decide(seen(False), agreed(True), hub(True), intent=intent)
    assert (merged.closes_intent, merged.hubs[ITEM].watched) == (True, False)


def test_an_open_intent_stays_open_while_a_detail_read_is_needed():
    """W3, R6: dropped only by a fact."""
    intent = given_up(None, position_ms=minutes(40), before_watched=True)
    fact = seen(False, play_count=None, raw_watched_at=None, is_detailed=False)
    merged = decide(fact, agreed(True), hub(True), on=EMBY_LIKE, intent=intent)
    assert (merged.verdict, merged.closes_intent) == (Verdict.NEEDS_DETAIL, False)


def test_an_unanswered_write_is_settled_even_if_the_brake_holds_what_came_after():
    """W3, R5: the position was written, then the entry was un-marked: agreed is what was written, not the fact."""
    intent = given_up(None, position_ms=0, before_watched=True, before_position_ms=minutes(30))
    held = decide(seen(False), agreed(True, 30), hub(True), intent=intent, holds_back=True)
    assert (held.verdict, held.closes_intent, held.hubs) == (Verdict.HELD, True, {})
    assert held.agreed is not None
    assert (held.agreed.watched, held.agreed.position_ms) == (True, 0)


def test_a_first_contact_with_our_own_stamp_moves_nothing():
    """W3, R2: the record of our writes outlives the agreement."""
    before = hub(True, span(-600, -600))
    own = {ITEM: (wrote(True),)}
    fact = seen(True, raw_watched_at=T0 + 500)
    assert decide(fact, None, before, on=PLEX_LIKE, own_writes=own).hubs == {}


def test_the_record_of_our_write_stays_with_the_agreement():
    """W3, R2: a later fact doesn't erase it."""
    merged = decide(seen(False), agreed(True, write=wrote(True, is_filled_in=True)), hub(True, Interval(T0 - 1, T0)))
    assert merged.agreed is not None
    assert merged.agreed.write == wrote(True, is_filled_in=True)


def test_a_write_is_recorded_as_it_was_sent():
    """W3: with its window, the date sent and the count before; and the entry was looked at when it was sent."""
    intent = given_up(
        False, position_ms=minutes(20), raw_date_sent=SENT, before_count=4, before_raw_date=BEFORE, before_watched=True
    )
    after = as_written(agreed(True), intent, at(30), at(31))
    assert (after.read_from, after.read_to) == (at(30), at(30))
    assert after.write == wrote(
        False,
        sent_at=at(30),
        answered_at=at(31),
        position_ms=minutes(20),
        raw_date_sent=SENT,
        count_before=4,
        raw_date_before=BEFORE,
    )


def test_a_write_that_was_not_applied_is_recognised_by_the_position_of_before():
    """W3: the raw state equals the one stored in the intent."""
    intent = given_up(True, before_position_ms=minutes(30))
    assert decide(seen(False, 30), agreed(False, 30), hub(True), intent=intent).retry_at is not None
    assert decide(seen(False, 50), agreed(False, 30), hub(True), intent=intent).retry_at is None


def test_a_position_that_the_server_kept_is_not_taken_for_one_that_it_did_not():
    """R7: read back after the write."""
    merged = decide(
        seen(False, 20, read_from=T0 + 5000, read_to=T0 + 5100),
        agreed(False, 20, write=wrote(None, position_ms=minutes(20))),
        hub(False, position=20),
    )
    assert merged.agreed is not None
    assert merged.agreed.unkept_position_ms is None


def test_a_position_that_the_server_did_not_clear_is_no_change():
    """R7: none is a position like any other: one that stays after it was cleared was moved by nobody."""
    before = hub(False, position=0)
    merged = decide(
        seen(False, 20, read_from=T0 + 5000, read_to=T0 + 5100),
        agreed(False, 0, write=wrote(None, position_ms=0)),
        before,
    )
    assert hub_after(merged, before) == before
    assert merged.agreed is not None
    assert merged.agreed.unkept_position_ms == 0


COPY = wrote(True, sent_at=at(20), answered_at=at(20.1), raw_date_sent=at(20))
"""Our write to another entry of the item."""


def is_second_watch(fact, was, *, own_writes=(COPY,), items=(ITEM,)) -> bool:
    """Say whether a watched fact moved the date of the hub, while a copy shares its date."""
    before = hub(True)
    merged = decide(fact, was, before, on=JF12, own_writes={ITEM: own_writes}, items=items)
    return hub_after(merged, before).changed != before.changed


def test_the_date_that_we_sent_to_a_copy_is_no_second_watch():
    """W4: the two share their state; what the entry shows now is agreed."""
    fact = seen(True, play_count=2, raw_watched_at=at(20))
    assert not is_second_watch(fact, agreed(True))
    merged = decide(fact, agreed(True), hub(True), on=JF12, own_writes={ITEM: (COPY,)})
    assert merged.verdict is Verdict.CHANGED
    assert merged.agreed is not None
    assert (merged.agreed.play_count, merged.agreed.raw_watched_at) == (2, at(20))


def test_a_grown_count_under_the_same_date_is_a_second_watch_whatever_a_copy_was_sent():
    """W4: it is the new date that tells of our write."""
    assert is_second_watch(seen(True, play_count=2, raw_watched_at=at(20)), agreed(True, raw_watched_at=at(20)))


def test_the_date_that_we_sent_to_the_entry_itself_tells_nothing_of_a_copy():
    """W4: what a fact may show of our own write was filled in before."""
    own = replace(COPY, is_filled_in=True)
    was = agreed(True, raw_watched_at=at(15), write=own)
    assert is_second_watch(seen(True, play_count=2, raw_watched_at=at(20)), was, own_writes=(own,))


def test_an_un_mark_that_we_sent_to_a_copy_tells_nothing_of_a_mark():
    """W4: only a mark makes a date."""
    other = replace(COPY, watched=False)
    assert is_second_watch(seen(True, play_count=2, raw_watched_at=at(20)), agreed(True), own_writes=(other,))


def test_an_entry_that_gained_an_item_is_met_for_it_whatever_a_copy_was_sent():
    """W4, R2: the new item is first contact."""
    fact = seen(True, play_count=2, raw_watched_at=at(20))
    hubs = {ITEM: hub(True), 2: HubState()}
    merged = decide(fact, agreed(True), hubs, on=JF12, own_writes={ITEM: (COPY,)}, items=(ITEM, 2))
    assert merged.hubs[2].watched is True


@pytest.mark.parametrize(("sent", "date"), [(SENT, SENT), (None, BEFORE)])
def test_a_play_that_began_right_after_our_write_is_not_counted_yet(sent, date):
    """R1, W3: agreed keeps what the entry showed before the play: the count of before our write, and its date."""
    was = written(True, raw_date_sent=sent, count_before=3, raw_date_before=BEFORE)
    fact = seen(True, 20, play_count=4, raw_watched_at=at(50), is_playing=True)
    after = decide(fact, was, hub(True), on=JF12).agreed
    assert after is not None
    assert (after.play_count, after.raw_watched_at) == (3, date)


def test_a_position_that_was_not_kept_stays_on_record_while_the_account_shows_the_same():
    """R7: so that it is not written again, although the row is written for another reason."""
    was = agreed(False, 0, play_count=None, unkept_position_ms=minutes(20))
    after = decide(seen(False, 0), was, hub(False, position=20)).agreed
    assert after is not None
    assert (after.play_count, after.unkept_position_ms) == (0, minutes(20))
