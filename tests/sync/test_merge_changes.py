"""R3: a person changed something. When that was, and which of two changes wins."""

import pytest
from msgspec.structs import replace
from tests.sync.cases import (
    EMBY_LIKE,
    FILM,
    ITEM,
    JF10,
    NOW,
    PLEX_LIKE,
    T0,
    agreed,
    at,
    decide,
    hub,
    hub_after,
    minutes,
    seen,
    span,
    wrote,
)

from watchstate.clock import MINUTE
from watchstate.states import UNKNOWN_HUB, Interval
from watchstate.sync.case import Note, Verdict
from watchstate.sync.change import mark

END = NOW + 200


def test_a_watch_is_taken_by_a_hub_that_still_holds_what_was_agreed():
    """R3: hub equal to agreed, so it takes the fact."""
    after = decide(seen(True, raw_watched_at=at(30)), agreed(False), hub(False), on=PLEX_LIKE).hubs[ITEM]
    assert (after.watched, after.changed, after.watched_at, after.origin) == (True, span(30, 30), at(30), "den")


def test_an_un_mark_is_taken_by_a_hub_that_still_holds_what_was_agreed():
    """R3: only an un-mark may un-watch, and it does."""
    merged = decide(seen(False), agreed(True), hub(True))
    after = merged.hubs[ITEM]
    assert (after.watched, after.watched_at, after.changed) == (False, None, Interval(T0, END))
    assert merged.unwatch == Interval(T0, END)


def test_an_unwatched_fact_on_an_unwatched_agreement_never_un_watches():
    """R3: only an un-mark, agreed watched or re-watching → unwatched, may un-watch; a moved position may not."""
    merged = decide(seen(False, 30), agreed(False, 0), hub(True))
    assert (merged.hubs, merged.unwatch) == ({}, None)


@pytest.mark.parametrize("watched", [True, False])
def test_an_unknown_hub_yields_to_any_change(watched):
    """R3: an unknown hub has no interval and yields to any change."""
    merged = decide(seen(watched, raw_watched_at=0), agreed(not watched), UNKNOWN_HUB)
    assert merged.hubs[ITEM].watched is watched


@pytest.mark.parametrize(("ends", "watched"), [(T0, False), (T0 + 1, True)])
def test_an_equal_hub_must_not_have_changed_after_the_agreed_answer(ends, watched):
    """R3: and hub.changed_to ≤ agreed.read_to. A later equal change of the hub competes by its interval."""
    before = hub(True, Interval(T0 - 5, ends))
    assert hub_after(decide(seen(False), agreed(True), before), before).watched is watched


def test_an_un_mark_a_second_after_the_mark_is_kept():
    """R3: the 60 s rule is not asked when the hub is what the person changed."""
    before = hub(True, span(-0.01, 0))
    fact = seen(False, read_from=T0 + 1000, read_to=T0 + 1200)
    assert decide(fact, agreed(True), before).hubs[ITEM].watched is False


@pytest.mark.parametrize(("gap", "watched"), [(60_000, True), (60_001, False)])
def test_an_un_mark_beats_a_watch_only_if_it_is_certainly_later(gap, watched):
    """R3: begins more than 60 s after the other's ends; order unknown → watched beats unwatched."""
    before = hub(True, Interval(T0 - 5, T0 + 1))
    fact = seen(False, read_from=NOW, read_to=END)
    merged = decide(fact, agreed(True), before, newest_read_from=T0 + 1 + gap)
    assert hub_after(merged, before).watched is watched


@pytest.mark.parametrize(("gap", "watched"), [(60_000, True), (60_001, False)])
def test_a_watch_beats_an_unwatched_hub_unless_that_is_certainly_later(gap, watched):
    """R3: order unknown → watched beats unwatched."""
    before = hub(False, Interval.point(at(30) + gap))
    merged = decide(seen(True, raw_watched_at=at(30)), agreed(False), before, on=PLEX_LIKE)
    assert hub_after(merged, before).watched is watched


def test_an_unknown_order_is_journalled_as_a_conflict():
    """R3: the journal records a conflict, whoever wins."""
    lost = decide(seen(False), agreed(True), hub(True, span(10, 20)))
    won = decide(seen(True, raw_watched_at=0), agreed(False), hub(False, span(10, 20)))
    assert [(note.rule, note.event) for note in lost.notes] == [("R3", "conflict")]
    assert [(note.rule, note.event) for note in won.notes] == [("R3", "conflict")]


def test_a_lost_change_is_agreed_all_the_same():
    """R3, §4: when the hub wins, agreed still becomes the fact."""
    merged = decide(seen(False), agreed(True), hub(True, span(10, 20)))
    assert merged.agreed is not None
    assert merged.agreed.watched is False
    assert (merged.hubs, merged.unwatch) == ({}, None)


def test_two_equal_changes_keep_the_later_bound_of_each_end():
    """R3: also when the values are equal."""
    before = hub(True, span(20, 30), watched_at=at(25))
    after = decide(seen(True, raw_watched_at=0), agreed(False), before).hubs[ITEM]
    assert (after.watched, after.changed) == (True, Interval(at(20), END))


def test_an_equal_change_that_is_certainly_earlier_changes_nothing():
    """R3: the intervals decide, also when the values are equal."""
    before = hub(True, span(50, 50))
    merged = decide(seen(True, raw_watched_at=at(30)), agreed(False), before, on=PLEX_LIKE)
    assert merged.hubs == {}


def test_watched_and_position_are_merged_separately():
    """R3: starting to play one copy does not un-watch what was watched on another."""
    before = hub(True, span(10, 10))
    merged = decide(seen(False, 30, raw_watched_at=at(40)), agreed(False, 0), before)
    assert merged.hubs == {}


@pytest.mark.parametrize("watched", [True, False])
def test_when_the_hubs_watched_changes_its_position_becomes_none_with_the_same_interval(watched):
    """R3: its position becomes none with the same interval."""
    before = hub(not watched, position=40, position_runtime_ms=FILM)
    after = decide(seen(watched, raw_watched_at=0), agreed(not watched), before).hubs[ITEM]
    assert (after.position_ms, after.position_changed) == (0, after.changed)


def test_after_an_un_mark_the_facts_position_is_merged():
    """R3: then the fact's position is merged: un-marked, and started anew since then."""
    after = decide(seen(False, 30), agreed(True), hub(True), on=PLEX_LIKE).hubs[ITEM]
    assert (after.watched, after.position_ms) == (False, minutes(30))


def test_an_un_mark_that_comes_with_a_position_is_no_conflict():
    """R3: the journal records a conflict where the order of two changes is unknown; here one person did both."""
    notes = decide(seen(False, 30), agreed(True), hub(True), on=PLEX_LIKE).notes
    assert "conflict" not in [note.event for note in notes]


def test_the_interval_runs_from_the_agreed_read_to_the_end_of_this_answer():
    """R3: agreed.read_from, not read_to."""
    was = agreed(True, read_from=T0 - 5000)
    assert decide(seen(False), was, hub(True)).unwatch == Interval(T0 - 5000, END)


def test_the_interval_begins_at_a_complete_scan_that_began_after_the_agreement():
    """R3: the start of its last complete full scan."""
    assert decide(seen(False), agreed(True), hub(True), scan_began_at=at(20)).unwatch == Interval(at(20), END)


def test_a_scan_that_began_before_the_agreement_is_no_look():
    """R3: if that began after the entry's last agreement."""
    was = agreed(True, read_from=T0 - 5000)
    assert decide(seen(False), was, hub(True), scan_began_at=T0 - 1).unwatch == Interval(T0 - 5000, END)


def test_a_scan_that_began_as_the_agreed_answer_ended_is_no_look():
    """R3: if that began after the entry's last agreement."""
    merged = decide(seen(False), agreed(True, read_to=at(10)), hub(True), scan_began_at=at(10))
    assert merged.unwatch == Interval(T0, END)


def test_a_scan_that_began_before_our_write_was_answered_is_no_look():
    """R3: or write: its fact was dropped."""
    was = agreed(True, write=wrote(True, answered_at=at(25), is_filled_in=True))
    assert decide(seen(False), was, hub(True), scan_began_at=at(20)).unwatch == Interval(T0, END)


def test_a_scan_that_did_not_list_the_entry_is_no_look():
    """R3, R4: a scan looks at what it lists; a watch of an entry that was missing may be older than the scan."""
    merged = decide(
        seen(True, raw_watched_at=0), agreed(False, missed_scans=1), hub(False, span(10, 10)), scan_began_at=at(20)
    )
    assert merged.hubs[ITEM].changed == Interval(T0, END)


def test_the_interval_begins_at_the_previous_read_in_memory():
    """R3: the start of the previous read in memory."""
    merged = decide(seen(False), agreed(True), hub(True), scan_began_at=at(20), newest_read_from=at(40))
    assert merged.unwatch == Interval(at(40), END)


def test_after_a_write_the_interval_begins_when_it_was_sent():
    """R3: after a write, read_from and read_to are both when it was sent."""
    was = agreed(True, write=wrote(True, answered_at=T0 + 30_000))
    assert decide(seen(False), was, hub(True)).unwatch == Interval(T0, END)


@pytest.mark.parametrize(
    ("date", "counts"),
    [(T0 - 60_000, True), (T0 - 60_001, False), (END + 60_000, True), (END + 60_001, False), (0, False)],
)
def test_a_watchs_date_counts_if_it_lies_in_the_interval(date, counts):
    """R3: ± 60 s."""
    after = decide(seen(True, raw_watched_at=date), agreed(False), hub(False), on=PLEX_LIKE).hubs[ITEM]
    assert (after.watched_at is not None) is counts
    assert (after.changed == Interval(T0, END)) is not counts


def test_a_watchs_date_is_cut_off_at_the_end_of_the_interval():
    """R3: and is cut off at its end."""
    after = decide(seen(True, raw_watched_at=END + 59_000), agreed(False), hub(False), on=PLEX_LIKE).hubs[ITEM]
    assert (after.changed, after.watched_at) == (Interval.point(END), END)


def test_a_watchs_date_is_corrected_by_the_servers_skew():
    """R3: with the server's measured skew."""
    fact = seen(True, raw_watched_at=at(30) + minutes(120))
    after = decide(fact, agreed(False), hub(False), on=PLEX_LIKE, skew_ms=minutes(120)).hubs[ITEM]
    assert after.changed == span(30, 30)


@pytest.mark.parametrize("capabilities", [JF10, EMBY_LIKE])
def test_where_the_date_is_the_start_a_dated_watch_runs_to_the_end_of_the_answer(capabilities):
    """R3: where the server dates the start of a play, a dated watch is [date, end of this answer]."""
    after = decide(seen(True, raw_watched_at=at(30)), agreed(False), hub(False), on=capabilities).hubs[ITEM]
    assert (after.changed, after.watched_at) == (Interval(at(30), END), at(30))


def test_an_un_mark_is_undated():
    """R3: un-marks and positions are undated, whatever date the server shows."""
    merged = decide(seen(False, raw_watched_at=at(30)), agreed(True), hub(True), on=PLEX_LIKE)
    assert merged.unwatch == Interval(T0, END)


def test_a_change_made_in_watchstate_itself_is_the_point_now():
    """R3: a change made in watchstate itself is the point now."""
    after = mark(hub(True, position=40), watched=False, at=NOW)
    assert (after.watched, after.changed, after.watched_at) == (False, Interval.point(NOW), None)
    assert (after.position_ms, after.position_changed) == (0, Interval.point(NOW))


def test_an_accepted_hold_keeps_its_held_interval():
    """R3, R5: a later watch elsewhere is not undone by accepting an older un-mark."""
    before = hub(True, span(10, 10))
    merged = decide(seen(False), agreed(True), before, held=span(0, 5), newest_read_from=at(50))
    assert (merged.hubs, merged.unwatch) == ({}, None)


def test_a_held_interval_is_not_lent_to_another_change():
    """R5: while the fact still shows it; a watch has its own moment."""
    before = hub(False, span(-10, -10))
    merged = decide(
        seen(True, play_count=2, raw_watched_at=at(30)), agreed(True), before, on=PLEX_LIKE, held=span(-60, -50)
    )
    assert merged.hubs[ITEM].changed == span(30, 30)


def test_a_held_back_un_mark_is_reported_and_applied_nowhere():
    """R5: agreed is not moved."""
    merged = decide(seen(False), agreed(True), hub(True), holds_back=True)
    assert (merged.verdict, merged.unwatch) == (Verdict.HELD, Interval(T0, END))
    assert (merged.hubs, merged.agreed, merged.notes) == ({}, None, ())


@pytest.mark.parametrize("before", [hub(False), hub(True, span(10, 10))])
def test_an_un_mark_that_un_watches_nothing_is_not_held_back(before):
    """R5: what counts is what would un-watch items."""
    assert decide(seen(False), agreed(True), before, holds_back=True).verdict is Verdict.CHANGED


def test_everything_but_un_watches_proceeds_while_the_brake_holds_back():
    """R5: the rest proceeds."""
    merged = decide(seen(True, raw_watched_at=at(30)), agreed(False), hub(False), holds_back=True)
    assert merged.hubs[ITEM].watched is True


def test_a_moved_position_is_taken_by_a_hub_that_holds_the_agreed_one():
    """R3: a position is a change like any other."""
    before = hub(False, position=20)
    after = decide(seen(False, 30), agreed(False, 20), before).hubs[ITEM]
    assert (after.position_ms, after.position_changed, after.position_runtime_ms) == (
        minutes(30),
        Interval(T0, END),
        FILM,
    )
    assert after.watched is False


def test_a_position_that_a_person_cleared_is_cleared_in_the_hub():
    """R3: position 0 is what the server says."""
    assert decide(seen(False, 0), agreed(False, 20), hub(False, position=20)).hubs[ITEM].position_ms == 0


@pytest.mark.parametrize(("shown", "kept"), [(30, 40), (50, 50)])
def test_of_two_positions_in_unknown_order_the_larger_wins(shown, kept):
    """R3: order unknown → the larger position wins, and the journal records a conflict."""
    before = replace(hub(False, position=40), position_changed=span(10, 20))
    merged = decide(seen(False, shown), agreed(False, 0), before)
    assert hub_after(merged, before).position_ms == minutes(kept)
    assert [note.event for note in merged.notes] == ["conflict"]


def test_a_certainly_later_smaller_position_wins():
    """R3: the person went back."""
    before = replace(hub(False, position=40), position_changed=span(10, 20))
    after = decide(seen(False, 30), agreed(False, 0), before, newest_read_from=at(22)).hubs[ITEM]
    assert after.position_ms == minutes(30)


def test_a_certainly_earlier_position_loses():
    """R3: the hub's position is newer."""
    before = replace(hub(False, position=20), position_changed=Interval.point(END + 2 * MINUTE))
    assert decide(seen(False, 30), agreed(False, 0), before).hubs == {}


def test_a_position_does_not_decide_watched():
    """R3, §4: a position decides nothing about watched."""
    assert decide(seen(False, 30), agreed(False, 0), UNKNOWN_HUB).hubs[ITEM].watched is None


@pytest.mark.parametrize("fact", [seen(False, 90.1), seen(False, 30, is_playing=True)], ids=["near the end", "playing"])
def test_a_position_that_may_not_travel_is_no_change(fact):
    """R7: no change for R3."""
    assert decide(fact, agreed(False, 10), hub(False, position=10)).hubs == {}


def test_a_position_of_an_entry_with_several_items_is_no_change():
    """R7, M5: it belongs to no item."""
    merged = decide(seen(False, 30), agreed(False, 0, items=(1, 2)), {1: hub(False), 2: hub(False)}, items=(1, 2))
    assert merged.hubs == {}


def test_a_position_under_a_watched_hub_is_no_change():
    """R7: that belongs to a watched hub."""
    assert decide(seen(True, 30), agreed(True, 0), hub(True), on=PLEX_LIKE).hubs == {}


def test_a_position_reached_in_a_play_counts_once_the_play_has_stopped():
    """R7, R3: it may not travel while it is played; afterwards it is a change, not something agreed long ago."""
    before = hub(False, position=10)
    playing = seen(False, 30, is_playing=True, read_from=at(20), read_to=at(20))
    during = decide(playing, agreed(False, 10), before)
    after = decide(seen(False, 30), during.agreed or agreed(False, 10), hub_after(during, before))
    assert after.hubs[ITEM].position_ms == minutes(30)


def test_a_position_reached_in_a_play_at_first_contact_counts_once_the_play_has_stopped():
    """R7, R2: the same for an entry that was met while it played."""
    playing = seen(False, 30, is_playing=True, raw_watched_at=at(10), read_from=at(20), read_to=at(20))
    during = decide(playing, None)
    after = decide(seen(False, 30, raw_watched_at=at(10)), during.agreed, hub_after(during, UNKNOWN_HUB))
    assert hub_after(after, UNKNOWN_HUB).position_ms == minutes(30)


def test_an_un_mark_of_an_entry_with_several_items_un_watches_each_by_its_own_history():
    """M5, R3: an un-mark un-watches each by R3: one was watched later elsewhere and stays."""
    hubs = {1: hub(True), 2: hub(True, span(10, 10))}
    merged = decide(seen(False), agreed(True, items=(1, 2)), hubs, items=(1, 2))
    assert {item: after.watched for item, after in merged.hubs.items()} == {1: False}


def test_a_watch_of_an_entry_with_several_items_is_a_watch_of_each():
    """M5: it is watched when all are."""
    hubs = {1: hub(False), 2: UNKNOWN_HUB}
    merged = decide(seen(True, raw_watched_at=at(30)), agreed(False, items=(1, 2)), hubs, items=(1, 2))
    assert {item: after.watched for item, after in merged.hubs.items()} == {1: True, 2: True}


def test_a_change_made_in_watchstate_itself_is_dated_now_and_says_where_it_was_made():
    """R3: the point now."""
    after = mark(hub(False), watched=True, at=NOW)
    assert (after.watched, after.changed, after.watched_at) == (True, Interval.point(NOW), NOW)
    assert after.origin == "watchstate"


def test_a_position_under_a_minute_clears_that_of_the_hub():
    """R3, R1: under 60 s counts as none, and is not handed on."""
    assert decide(seen(False, 0.5), agreed(False, 20), hub(False, position=20)).hubs[ITEM].position_ms == 0


def test_a_person_who_goes_back_right_after_an_answer_is_followed():
    """R3: the hub still holds the agreed position, so a smaller one is simply what the person did next."""
    before = replace(hub(False, position=20), position_changed=span(-0.5, -0.5))
    assert decide(seen(False, 10), agreed(False, 20), before).hubs[ITEM].position_ms == minutes(10)


def test_two_equal_positions_in_unknown_order_keep_the_later_bounds():
    """R3: two equal changes keep the later bound of each end, and the journal has a line where that is news."""
    before = replace(hub(False, position=30, origin="attic"), position_changed=span(10, 20))
    merged = decide(seen(False, 30), agreed(False, 10), before)
    after = replace(before, position_changed=Interval(at(10), END))
    assert merged.hubs == {ITEM: after}
    assert merged.notes == (Note(item=ITEM, rule="R3", event="position", before=before, after=after),)


def test_two_equal_positions_of_which_the_hub_knows_the_later_bounds_are_no_news():
    """R3: nothing changes, and nothing is journalled."""
    before = replace(hub(False, position=30), position_changed=Interval(at(10), END))
    merged = decide(seen(False, 30), agreed(False, 10), before)
    assert (merged.hubs, merged.notes) == ({}, ())


def test_a_later_position_that_equals_the_hubs_moves_its_interval():
    """R3: the intervals decide, also when the values are equal."""
    before = replace(hub(False, position=30), position_changed=span(-30, -20))
    after = decide(seen(False, 30), agreed(False, 10), before).hubs[ITEM]
    assert after.position_changed == Interval(T0, END)


def test_the_journal_has_a_position_before_and_after_and_where_it_was_left():
    """R3: a line for each change of a hub state."""
    before = hub(False, position=20, origin="attic")
    merged = decide(seen(False, 30), agreed(False, 20), before)
    after = replace(
        before,
        position_ms=minutes(30),
        position_changed=Interval(T0, END),
        position_runtime_ms=FILM,
        origin="den",
    )
    assert merged.notes == (Note(item=ITEM, rule="R3", event="position", before=before, after=after),)


def test_the_journal_has_a_position_that_lost_in_unknown_order():
    """R3: the journal records a conflict, in which nothing changed."""
    before = replace(hub(False, position=40), position_changed=span(10, 20))
    merged = decide(seen(False, 30), agreed(False, 0), before)
    assert merged.notes == (Note(item=ITEM, rule="R3", event="conflict", before=before, after=before),)


@pytest.mark.parametrize(
    ("fact", "was", "before", "event"),
    [
        (seen(True, raw_watched_at=at(30)), agreed(False), hub(None), "watched"),
        (seen(True, raw_watched_at=at(30)), agreed(False), hub(False), "watched"),
        (seen(True, play_count=2, raw_watched_at=at(30)), agreed(True), hub(True), "watched again"),
        (seen(False), agreed(True), hub(True), "unwatched"),
    ],
)
def test_the_journal_says_what_a_person_did(fact, was, before, event):
    """R3: a line for each change of a hub state, with what it was before and after."""
    merged = decide(fact, was, before, on=PLEX_LIKE)
    assert merged.notes == (Note(item=ITEM, rule="R3", event=event, before=before, after=merged.hubs[ITEM]),)


def test_an_undated_watch_of_a_watched_title_keeps_the_date_that_is_known():
    """R3: equal to the hub and certainly later, it says where and when it was watched, but not when exactly."""
    before = hub(True, span(-120, -110), origin="attic")
    after = decide(seen(True, play_count=2, raw_watched_at=at(-60)), agreed(True), before).hubs[ITEM]
    assert after == replace(before, changed=Interval(T0, END), origin="den")


def test_an_un_mark_of_an_unwatched_title_has_no_date():
    """R3: un-marks are undated."""
    assert mark(hub(False), watched=False, at=NOW).watched_at is None


@pytest.mark.parametrize(("known", "kept"), [(15, 30), (40, 40), (None, 30)])
def test_two_equal_watches_in_unknown_order_keep_the_later_date(known, kept):
    """R3: and the later bound of each end; the journal has a line where that is news."""
    before = hub(True, span(10, 50), watched_at=None if known is None else at(known), origin="attic")
    merged = decide(seen(True, play_count=2, raw_watched_at=at(30)), agreed(False), before)
    after = replace(before, changed=Interval(at(30), END), watched_at=at(kept))
    assert merged.hubs == {ITEM: after}
    assert merged.notes == (Note(item=ITEM, rule="R3", event="watched again", before=before, after=after),)


def test_two_equal_watches_of_which_the_hub_knows_the_later_bounds_are_no_news():
    """R3: nothing changes, and nothing is journalled."""
    before = hub(True, Interval(at(30), END), watched_at=at(30))
    merged = decide(seen(True, play_count=2, raw_watched_at=at(30)), agreed(False), before)
    assert (merged.hubs, merged.notes) == ({}, ())


def test_two_equal_un_marks_in_unknown_order_are_one():
    """R3: keep the later bound of each end."""
    before = hub(False, span(10, 20))
    merged = decide(seen(False), agreed(True), before)
    after = replace(before, changed=Interval(at(10), END))
    assert merged.hubs == {ITEM: after}
    assert merged.notes == (Note(item=ITEM, rule="R3", event="unwatched", before=before, after=after),)


@pytest.mark.parametrize(
    ("fact", "was", "before"),
    [(seen(False), agreed(True), hub(True, span(10, 20))), (seen(True), agreed(False), hub(False, span(10, 20)))],
)
def test_the_journal_has_what_was_decided_in_unknown_order(fact, was, before):
    """R3: the journal records a conflict, with what was before and what came of it."""
    merged = decide(fact, was, before)
    after = hub_after(merged, before)
    assert after.watched is True
    assert merged.notes == (Note(item=ITEM, rule="R3", event="conflict", before=before, after=after),)


def test_the_journal_has_a_line_for_each_item_of_an_entry_that_was_un_marked():
    """R3, M5: and one for each thing that was done: an un-mark with a position is two."""
    merged = decide(seen(False), agreed(True, items=(1, 2)), {1: hub(True), 2: hub(True)}, items=(1, 2))
    assert {(note.item, note.event) for note in merged.notes} == {(1, "unwatched"), (2, "unwatched")}
    merged = decide(seen(False, 20), agreed(True), hub(True), on=PLEX_LIKE)
    assert [note.event for note in merged.notes] == ["unwatched", "position"]
