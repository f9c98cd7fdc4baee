"""R1: facts that equal what is agreed, and watched facts that are another watch."""

import pytest
from msgspec.structs import replace
from tests.sync.cases import (
    EMBY_LIKE,
    ITEM,
    JF10,
    JF12,
    NOW,
    PLEX_LIKE,
    agreed,
    at,
    decide,
    hub,
    hub_after,
    minutes,
    seen,
    span,
)

from watchstate.sync.case import Verdict
from watchstate.sync.comparing import is_untouched


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("capabilities", [JF10, JF12, PLEX_LIKE])
def test_a_fact_that_equals_agreed_writes_no_row(watched, capabilities):
    """R1: no row is written."""
    merged = decide(seen(watched, 30), agreed(watched, 30), hub(watched), on=capabilities)
    assert (merged.verdict, merged.agreed, merged.hubs, merged.notes) == (Verdict.SAME, None, {}, ())


def test_a_fact_is_compared_with_what_its_server_showed_not_with_the_hub():
    """R1: facts are compared with what that server itself showed."""
    merged = decide(seen(True), agreed(True), hub(False))
    assert (merged.verdict, merged.hubs) == (Verdict.SAME, {})


@pytest.mark.parametrize(("seconds", "verdict"), [(10, Verdict.SAME), (11, Verdict.CHANGED)])
def test_a_position_that_moved_within_ten_seconds_is_the_same(seconds, verdict):
    """R1: position within 10 s."""
    merged = decide(seen(False, 20 + seconds / 60), agreed(False, 20), hub(False))
    assert merged.verdict is verdict


@pytest.mark.parametrize(("position", "verdict"), [(59.999 / 60, Verdict.SAME), (1, Verdict.CHANGED)])
def test_a_position_that_appears_under_a_minute_is_none(position, verdict):
    """R1: under 60 s counts as none."""
    assert decide(seen(False, position), agreed(False, 0), hub(False)).verdict is verdict


def test_a_grown_count_is_another_watch_that_moves_only_the_hubs_dates():
    """R1: watched again, equal to the hub, moves only the hub's dates."""
    before = hub(True)
    merged = decide(seen(True, play_count=2, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE)
    after = hub_after(merged, before)
    assert (after.watched_at, after.changed) == (at(30), span(30, 30))
    assert replace(after, watched_at=before.watched_at, changed=before.changed, origin=None) == before


@pytest.mark.parametrize(("grown_by", "is_again"), [(2000, False), (2001, True)])
def test_a_date_that_grew_by_more_than_two_seconds_is_another_watch(grown_by, is_again):
    """R1: a date that grew by more than 2 s with no open position."""
    was = agreed(True, raw_watched_at=at(-1))
    before = hub(True)
    merged = decide(seen(True, raw_watched_at=at(-1) + grown_by), was, before, on=PLEX_LIKE)
    assert (merged.verdict is Verdict.CHANGED) is is_again


def test_a_date_that_grew_under_an_open_position_is_a_play_and_no_watch():
    """R1: a date that grew under an open position is a play, not a watch."""
    before = hub(True)
    merged = decide(seen(True, 40, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE)
    assert hub_after(merged, before) == before


@pytest.mark.parametrize(("position", "is_again"), [(59.999 / 60, True), (1, False)])
def test_a_position_under_a_minute_does_not_hide_another_watch(position, is_again):
    """R1: under 60 s counts as none, here too."""
    before = hub(True)
    merged = decide(seen(True, position, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE)
    assert (hub_after(merged, before) != before) is is_again


def test_a_count_that_grew_under_an_open_position_is_another_watch_where_only_finished_plays_count():
    """R1: a count that grew is a watch, unless a mere start counts there."""
    before = hub(True)
    merged = decide(seen(True, 40, play_count=2, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE)
    assert hub_after(merged, before).watched_at == at(30)


@pytest.mark.parametrize(
    ("position", "is_playing", "is_again"), [(0, False, True), (40, False, False), (0, True, False), (40, True, False)]
)
def test_where_a_mere_start_counts_a_watch_needs_no_open_position_and_no_session(position, is_playing, is_again):
    """R1: on Jellyfin 12 only with no open position and not being played there now."""
    before = hub(True)
    fact = seen(True, position, play_count=2, raw_watched_at=at(30), is_playing=is_playing)
    merged = decide(fact, agreed(True), before, on=JF12)
    assert (hub_after(merged, before) != before) is is_again


def test_where_a_mere_start_counts_the_end_of_the_play_is_the_watch():
    """R1: the play that was seen with an open position ends: now it counts."""
    before = hub(True)
    playing = seen(True, 40, play_count=2, raw_watched_at=at(30), read_from=at(35), read_to=at(35))
    during = decide(playing, agreed(True), before, on=JF12)
    assert during.agreed is not None
    ended = decide(seen(True, 0, play_count=2, raw_watched_at=at(30)), during.agreed, before, on=JF12)
    assert hub_after(ended, before) != before


def test_another_watch_goes_through_the_order_of_changes():
    """R1, R3: a hub that was un-watched elsewhere before becomes watched again."""
    before = hub(False, span(10, 10))
    merged = decide(seen(True, play_count=2, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE)
    assert hub_after(merged, before).watched is True


def test_another_watch_before_the_hubs_unwatch_changes_nothing():
    """R1, R3: a hub that was un-watched later stays unwatched."""
    before = hub(False, span(40, 40))
    merged = decide(seen(True, play_count=2, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE)
    assert hub_after(merged, before) == before


def test_a_count_that_the_fact_does_not_carry_has_not_grown():
    """R1: unknown is no number."""
    fact = seen(True, play_count=None, raw_watched_at=None)
    assert decide(fact, agreed(True), hub(True)).verdict is Verdict.SAME


def test_the_quick_question_of_a_scan_never_hides_a_change():
    """R1: what `is_untouched` says, `merge` says too."""
    facts = [
        seen(watched, position, play_count=count, raw_watched_at=date, added_at=added)
        for watched in (True, False)
        for position in (0, 0.5, 30)
        for count in (0, 1, 2, None)
        for date in (0, at(-60), at(30), None)
        for added in (1, 2)
    ]
    states = [
        agreed(watched, position, play_count=count, is_rewatching=mark, missed_scans=missed)
        for watched in (True, False, None)
        for position in (0, 30)
        for count in (0, 1, None)
        for mark in (True, False)
        for missed in (0, 1)
    ]
    untouched = 0
    for was in states:
        for fact in facts:
            if is_untouched(was, fact, (1,)):
                untouched += 1
                for capabilities in (JF10, JF12, PLEX_LIKE):
                    merged = decide(fact, was, hub(True), on=capabilities)
                    assert (merged.verdict, merged.agreed, merged.hubs) == (Verdict.SAME, None, {})
    assert untouched > 0


def test_the_row_is_written_when_the_added_date_of_a_watched_entry_moved():
    """R1, R4: the added date belongs to the agreement, so the next un-mark is judged by the new one."""
    merged = decide(seen(True, added_at=2), agreed(True), hub(True))
    assert merged.agreed is not None
    assert (merged.verdict, merged.agreed.added_at, merged.hubs) == (Verdict.SAME, 2, {})


def test_the_row_is_written_when_an_entry_is_seen_again_after_it_was_missing():
    """R1, R4: seen again and still watched, so nothing is missing any more."""
    merged = decide(seen(True), agreed(True, missed_scans=1), hub(True))
    assert merged.agreed is not None
    assert merged.agreed.missed_scans == 0


def test_a_position_that_the_answer_does_not_carry_is_not_a_cleared_one():
    """R1: agreed keeps what is known, so that no write is derived from an answer without positions."""
    merged = decide(seen(False, None), agreed(False, 30), hub(False, position=30, position_runtime_ms=NOW))
    assert merged.agreed is None or merged.agreed.position_ms == 30 * 60_000


@pytest.mark.parametrize(
    ("is_list_of_changes", "is_detailed", "date", "verdict"),
    [
        (True, False, None, Verdict.NEEDS_DETAIL),
        (True, True, None, Verdict.SAME),
        (True, False, at(-60), Verdict.SAME),
        (False, False, None, Verdict.SAME),
    ],
)
def test_an_undated_row_of_a_list_of_changes_may_hide_another_watch(is_list_of_changes, is_detailed, date, verdict):
    """R1: the row equals what is agreed, but it is listed because something changed."""
    fact = seen(True, play_count=None, raw_watched_at=date, is_detailed=is_detailed)
    merged = decide(fact, agreed(True), hub(True), on=EMBY_LIKE, is_list_of_changes=is_list_of_changes)
    assert merged.verdict is verdict
    untouched = is_untouched(agreed(True), fact, (1,), is_list_of_changes=is_list_of_changes)
    assert untouched is (verdict is Verdict.SAME)


@pytest.mark.parametrize(("shown", "kept"), [(4, 3), (5, 3), (None, 3), (3, 3), (2, 1)])
def test_where_a_mere_start_counts_agreed_keeps_the_count_of_before_the_play(shown, kept):
    """R1: where it was left counts at once; the end of the play shows as a grown count, however many were begun.

    A count that fell was un-marked and marked again since: what the play found was one less than it shows.
    """
    fact = seen(True, 20, play_count=shown, raw_watched_at=at(30))
    after = decide(fact, agreed(True, play_count=3), hub(True), on=JF12).agreed
    assert after is not None
    assert (after.play_count, after.raw_watched_at) == (kept, at(-60))


def test_where_a_mere_start_counts_a_mark_that_is_being_played_is_agreed_as_it_shows():
    """R1: nothing was watched before, so there is nothing to keep."""
    fact = seen(True, 20, play_count=1, raw_watched_at=at(30))
    after = decide(fact, agreed(False), hub(False), on=JF12).agreed
    assert after is not None
    assert (after.watched, after.play_count, after.raw_watched_at) == (True, 1, at(30))


def test_an_undated_row_of_a_scan_hides_nothing_that_only_a_read_would_show():
    """R1: a scan lists everything, changed or not."""
    assert is_untouched(agreed(True), seen(True, play_count=None, raw_watched_at=None, is_detailed=False), (ITEM,))


def test_a_date_that_was_not_known_is_taken_note_of_once():
    """R1: it changes nothing else; and one that stays unknown writes no row."""
    merged = decide(seen(True), agreed(True, raw_watched_at=None), hub(True))
    assert (merged.verdict, merged.hubs) == (Verdict.SAME, {})
    assert merged.agreed is not None
    assert merged.agreed.raw_watched_at == at(-60)
    assert decide(seen(True, raw_watched_at=None), agreed(True, raw_watched_at=None), hub(True)).agreed is None


def test_the_order_of_a_files_episodes_is_no_difference():
    """R1, M5: agreed has them in ascending order."""
    merged = decide(seen(True), agreed(True, items=(1, 2)), {1: hub(True), 2: hub(True)}, items=(2, 1))
    assert (merged.verdict, merged.agreed) == (Verdict.SAME, None)


def test_what_an_un_mark_does_not_carry_is_unknown_afterwards():
    """R1, R6: count and date of the watch are not those of the un-mark."""
    merged = decide(seen(False, play_count=None, raw_watched_at=None), agreed(True), hub(True), on=PLEX_LIKE)
    assert merged.agreed is not None
    assert (merged.agreed.watched, merged.agreed.play_count, merged.agreed.raw_watched_at) == (False, None, None)


def test_a_position_that_a_mark_does_not_carry_stays_agreed():
    """R7: unknown is not none."""
    merged = decide(seen(True, None, raw_watched_at=at(30)), agreed(False, 20), hub(False, position=20))
    assert merged.agreed is not None
    assert (merged.agreed.watched, merged.agreed.position_ms) == (True, minutes(20))
