"""R2 and R4: entries that nothing is agreed about, and unwatched facts that are no choice of a person."""

import pytest
from msgspec.structs import replace
from tests.sync.cases import (
    FILM,
    ITEM,
    JF10,
    JF12,
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

from watchstate.states import UNKNOWN_HUB, HubState, Interval
from watchstate.sync.case import Note, Verdict

END = NOW + 200


@pytest.mark.parametrize("before", [UNKNOWN_HUB, hub(True), hub(False)])
@pytest.mark.parametrize("capabilities", [JF10, JF12, PLEX_LIKE])
def test_an_unwatched_fact_on_first_contact_changes_nothing(before, capabilities):
    """R2: an unwatched fact says nothing."""
    merged = decide(seen(False), None, before, on=capabilities)
    assert (merged.verdict, merged.hubs, merged.unwatch) == (Verdict.FIRST_CONTACT, {}, None)


def test_first_contact_is_agreed_afterwards():
    """R2: agreed becomes the fact, with the added date and the items it was seen under."""
    was = decide(seen(True, added_at=77), None).agreed
    assert was is not None
    assert (was.watched, was.play_count, was.raw_watched_at) == (True, 1, at(-60))
    assert (was.read_from, was.read_to, was.added_at, was.items) == (NOW, END, 77, (ITEM,))


def test_a_dated_watched_fact_is_adopted_by_an_unknown_hub_as_a_point_in_time():
    """R2: a dated one is a point in time."""
    after = decide(seen(True), None).hubs[ITEM]
    assert (after.watched, after.changed, after.watched_at) == (True, span(-60, -60), at(-60))
    assert (after.position_ms, after.position_changed, after.origin) == (0, span(-60, -60), "den")


def test_an_undated_watched_fact_is_adopted_by_an_unknown_hub_up_to_the_end_of_the_answer():
    """R2: from the beginning of time to the end of this answer."""
    after = decide(seen(True, raw_watched_at=0), None).hubs[ITEM]
    assert (after.watched, after.changed, after.watched_at) == (True, Interval(0, END), None)


@pytest.mark.parametrize("was", [None, agreed(False)], ids=["first contact", "unwatched before"])
def test_a_watched_listing_row_that_withholds_its_date_needs_a_detail_read(was):
    """R2, R3: a date that a list leaves out is unknown, not missing; without it the watch can't be placed."""
    merged = decide(seen(True, is_detailed=False, raw_watched_at=None), was)
    assert (merged.verdict, merged.hubs, merged.agreed) == (Verdict.NEEDS_DETAIL, {}, None)


def test_a_watched_listing_row_of_what_is_agreed_needs_no_detail():
    """R1: an unchanged library costs no read of its entries."""
    was = agreed(True, play_count=None, raw_watched_at=None)
    merged = decide(seen(True, is_detailed=False, play_count=None, raw_watched_at=None), was, hub(True))
    assert merged.verdict is Verdict.SAME


def test_a_watched_fact_whose_date_is_no_use_is_adopted_up_to_its_date():
    """R2: if its date is no use, from the beginning of time to its date."""
    after = decide(seen(True, 40), None, on=PLEX_LIKE).hubs[ITEM]
    assert (after.watched, after.changed, after.watched_at) == (True, Interval(0, at(-60)), None)


@pytest.mark.parametrize(
    "fact",
    [seen(True, 1), seen(True, raw_watched_at=0), seen(True, raw_watched_at=None)],
    ids=["open position", "no date", "date unknown"],
)
@pytest.mark.parametrize("before", [hub(True), hub(False)])
def test_an_undated_watched_fact_changes_no_hub_that_knows_better(fact, before):
    """R2: with an open position or without a date it changes nothing else."""
    assert hub_after(decide(fact, None, before), before).watched == before.watched
    assert hub_after(decide(fact, None, before), before).changed == before.changed


def test_a_position_under_a_minute_leaves_the_date_good():
    """R2, R1: under 60 s counts as none."""
    after = decide(seen(True, 59 / 60), None).hubs[ITEM]
    assert after.watched_at == at(-60)


@pytest.mark.parametrize(
    ("date", "is_ours"),
    [
        (T0 - 60_000, True),
        (T0 - 60_001, False),
        (T0 + 1000 + 60_000, True),
        (T0 + 1000 + 60_001, False),
        (at(-500), True),
        (at(-500) + 2000, True),
        (at(-500) - 2001, False),
    ],
    ids=["window begins", "before it", "window ends", "after it", "date sent", "date sent, rounded", "another date"],
)
def test_a_date_that_our_own_write_made_is_no_date(date, is_ours):
    """R2: dated within our own write to that account and item (± 60 s), or the date we sent."""
    before = hub(True, span(-600, -600))
    own = {ITEM: (wrote(True, raw_date_sent=at(-500)),)}
    after = hub_after(decide(seen(True, raw_watched_at=date), None, before, own_writes=own), before)
    assert (after == before) is is_ours


def test_our_own_write_to_another_item_does_not_spoil_a_date():
    """R2: to that account and item."""
    before = hub(True, span(-600, -600))
    own = {ITEM + 1: (wrote(True),)}
    after = hub_after(decide(seen(True, raw_watched_at=T0), None, before, own_writes=own), before)
    assert after.watched_at == T0


def test_a_dated_watch_moves_a_watched_hubs_date_to_the_later_one():
    """R2: moves a watched hub's date to the later one."""
    before = hub(True)
    assert decide(seen(True), None, before).hubs[ITEM].watched_at == at(-60)


def test_an_earlier_dated_watch_leaves_a_watched_hub_alone():
    """R2: the later one."""
    assert decide(seen(True, raw_watched_at=at(-121)), None, hub(True)).hubs == {}


@pytest.mark.parametrize(("gap", "watched"), [(60_000, False), (60_001, True), (-minutes(30), False)])
def test_an_unwatched_hub_yields_only_to_a_certainly_later_watch(gap, watched):
    """R2: an unwatched hub yields to it only if it is certainly later."""
    before = hub(False, Interval(at(-200), at(-90)))
    after = hub_after(decide(seen(True, raw_watched_at=at(-90) + gap), None, before), before)
    assert after.watched is watched


def test_a_watch_dated_in_the_future_is_cut_off_at_the_end_of_the_answer():
    """R2: a date can't lie after the answer that shows it."""
    after = decide(seen(True, raw_watched_at=END + minutes(30)), None).hubs[ITEM]
    assert after.watched_at == END


def test_the_servers_clock_is_corrected_by_its_measured_skew():
    """R2, R3: dates are brought to our clock."""
    after = decide(seen(True, raw_watched_at=at(-60)), None, skew_ms=minutes(5)).hubs[ITEM]
    assert after.watched_at == at(-65)


def test_an_unknown_hub_without_a_position_adopts_one_without_a_date():
    """R2: the hub is unknown and has none."""
    after = decide(seen(False, 30, raw_watched_at=0), None).hubs[ITEM]
    assert (after.watched, after.changed) == (None, None)
    assert (after.position_ms, after.position_runtime_ms, after.position_changed) == (
        minutes(30),
        FILM,
        Interval(0, END),
    )


@pytest.mark.parametrize(("date", "adopts"), [(-90, False), (-89, True)])
@pytest.mark.parametrize("watched", [None, False])
def test_a_position_is_adopted_if_its_date_is_after_the_hub_positions_change(date, adopts, watched):
    """R2: the fact's date is after the hub position's changed_to."""
    before = replace(hub(watched, span(-95, -90) if watched is False else None), position_changed=span(-95, -90))
    after = hub_after(decide(seen(False, 30, raw_watched_at=at(date)), None, before), before)
    assert after.position_ms == (minutes(30) if adopts else 0)


def test_an_undated_position_is_not_adopted_by_an_unwatched_hub():
    """R2: without a date it is not after anything."""
    assert decide(seen(False, 30, raw_watched_at=0), None, hub(False)).hubs == {}


def test_a_watched_hub_adopts_no_position():
    """R2: a position is adopted if the hub isn't watched."""
    assert decide(seen(False, 30, raw_watched_at=at(-1)), None, hub(True)).hubs == {}


def test_a_position_that_is_being_played_now_is_not_adopted():
    """R2, R7: of an item that this account is playing now."""
    assert decide(seen(False, 30, raw_watched_at=at(-1), is_playing=True), None).hubs == {}


def test_a_position_near_the_end_is_not_adopted():
    """R2, R7: above 90 % of the run time."""
    assert decide(seen(False, 90.1, raw_watched_at=at(-1)), None).hubs == {}
    assert decide(seen(False, 90, raw_watched_at=at(-1)), None).hubs[ITEM].position_ms == minutes(90)


def test_an_entry_with_several_items_gives_none_of_them_its_position():
    """R2, R7: an entry with several items has no item to give its position to."""
    merged = decide(seen(False, 30, raw_watched_at=at(-1)), None, {}, items=(1, 2))
    assert merged.hubs == {}


def test_a_watched_entry_with_several_items_is_adopted_by_each():
    """R2, M5: it links to each."""
    merged = decide(seen(True), None, {}, items=(1, 2))
    assert {item: after.watched for item, after in merged.hubs.items()} == {1: True, 2: True}


def test_an_item_newly_linked_to_an_entry_is_first_contact_and_the_old_one_is_not():
    """R2: per entry and item. The entry was un-marked; what it newly stands for was not."""
    hubs = {1: hub(True), 2: hub(True)}
    merged = decide(seen(False), agreed(True, items=(1,)), hubs, items=(1, 2))
    assert {item: after.watched for item, after in merged.hubs.items()} == {1: False}


def test_a_newly_linked_item_adopts_the_watched_state_of_an_unchanged_entry():
    """R2: an item newly linked to an entry is first contact."""
    merged = decide(seen(True), agreed(True, items=(1,)), {1: hub(True)}, items=(1, 2))
    assert {item: after.watched for item, after in merged.hubs.items()} == {2: True}
    assert merged.agreed is not None
    assert merged.agreed.items == (1, 2)


def test_an_entry_that_moves_to_another_item_starts_there_as_first_contact():
    """M2, R2: an entry that moves to another item starts there as first contact."""
    merged = decide(seen(False), agreed(True, items=(7,)), hub(True))
    assert (merged.verdict, merged.hubs) == (Verdict.FIRST_CONTACT, {})


def test_an_entry_that_stands_for_nothing_changes_nothing():
    """M2: an entry without an item."""
    merged = decide(seen(True), None, {}, items=())
    assert (merged.verdict, merged.hubs, merged.agreed) == (Verdict.SAME, {}, None)


def test_an_entry_that_lost_its_item_is_first_contact_when_it_gets_one_again():
    """M2: un-matched, un-marked, matched again: nothing is concluded."""
    lost = decide(seen(True, read_from=at(10), read_to=at(10)), agreed(True), {}, items=())
    assert lost.agreed is not None
    again = decide(seen(False), lost.agreed, hub(True))
    assert (again.verdict, again.hubs) == (Verdict.FIRST_CONTACT, {})


def test_an_unwatched_fact_with_another_added_date_is_first_contact():
    """R4: its added date differs from the one stored with this account's agreement."""
    merged = decide(seen(False, added_at=2), agreed(True), hub(True))
    assert (merged.verdict, merged.hubs) == (Verdict.FIRST_CONTACT, {})


def test_an_added_date_that_is_not_known_proves_nothing():
    """R4: an unknown added date doesn't differ: the person's un-mark counts."""
    assert decide(seen(False, added_at=None), agreed(True), hub(True)).hubs[ITEM].watched is False
    assert decide(seen(False), agreed(True, added_at=None), hub(True)).hubs[ITEM].watched is False


@pytest.mark.parametrize(("missed", "verdict"), [(0, Verdict.CHANGED), (1, Verdict.FIRST_CONTACT)])
def test_an_unwatched_fact_is_first_contact_if_it_was_missing_from_any_scan(missed, verdict):
    """R4: when it was missing from any complete scan since then."""
    assert decide(seen(False), agreed(True, missed_scans=missed), hub(True)).verdict is verdict


def test_a_watched_fact_that_was_missing_is_compared_as_usual():
    """R4: only an unwatched fact is no choice; a second watch after an unmount counts."""
    before = hub(True)
    fact = seen(True, play_count=2, raw_watched_at=at(30))
    assert decide(fact, agreed(True, missed_scans=2), before).hubs[ITEM].watched_at == at(30)


def test_a_replaced_file_ends_a_re_watch_without_un_watching():
    """R4, R6: an unwatched fact on a replaced file is first contact, the mark is gone, the hub restores it."""
    was = agreed(False, 30, is_rewatching=True, play_count=2)
    merged = decide(seen(False, added_at=2), was, hub(True))
    assert (merged.hubs, merged.agreed and merged.agreed.is_rewatching) == ({}, False)


def test_a_forgotten_machine_is_first_contact_and_its_own_writes_stay_on_record():
    """R4, R8: nothing is agreed any more; a date that we made still counts for nothing."""
    before = hub(False, span(-300, -300))
    own = wrote(True)
    was = agreed(None, write=own)
    merged = decide(seen(True, raw_watched_at=T0), was, before, own_writes={ITEM: (own,)})
    assert (merged.verdict, merged.hubs) == (Verdict.FIRST_CONTACT, {})
    assert merged.agreed is not None
    assert merged.agreed.write is not None


def test_an_unwatched_hub_that_yields_takes_the_watch_as_a_point_in_time():
    """R2: a dated one is a point in time; its position becomes none."""
    before = hub(False, span(-200, -190), 30, position_runtime_ms=FILM, origin="attic")
    after = decide(seen(True), None, before).hubs[ITEM]
    assert after == HubState(
        watched=True,
        changed=span(-60, -60),
        watched_at=at(-60),
        position_ms=0,
        position_changed=span(-60, -60),
        position_runtime_ms=None,
        origin="den",
    )


@pytest.mark.parametrize(("gap", "moves"), [(2000, False), (2001, True), (-2000, False)])
def test_a_date_within_two_seconds_is_the_one_that_a_watched_hub_has(gap, moves):
    """R2: the same date, rounded, moves nothing."""
    before = hub(True, span(-60, -60))
    assert bool(decide(seen(True, raw_watched_at=at(-60) + gap), None, before).hubs) is moves


def test_a_later_date_moves_the_moment_of_the_hubs_watch():
    """R2, R3: the later bound of each end."""
    before = hub(True, span(-200, -10), watched_at=at(-200))
    after = decide(seen(True), None, before).hubs[ITEM]
    assert (after.watched_at, after.changed) == (at(-60), span(-60, -10))
    before = hub(True, span(-200, -190), watched_at=at(-200))
    assert decide(seen(True), None, before).hubs[ITEM].changed == span(-60, -60)


def test_a_watched_hub_whose_moment_nobody_knows_takes_that_of_the_date():
    """R2: a dated watch moves a watched hub's date, and nothing is known that could be later."""
    after = decide(seen(True), None, HubState(watched=True)).hubs[ITEM]
    assert (after.watched_at, after.changed) == (at(-60), span(-60, -60))


def test_an_entry_that_loses_its_item_is_agreed_to_stand_for_none_and_keeps_the_record_of_our_write():
    """M2, R2: what we wrote is needed to know its date again."""
    was = agreed(True, write=wrote(True, is_filled_in=True))
    merged = decide(seen(True), was, items=())
    assert merged.verdict is Verdict.CHANGED
    assert merged.agreed is not None
    assert (merged.agreed.items, merged.agreed.write) == ((), was.write)


def test_a_dated_position_is_adopted_as_a_point_in_time():
    """R2: a dated one is a point in time; the journal has where it came from."""
    before = hub(False, span(-200, -190), 10, origin="attic")
    merged = decide(seen(False, 30, raw_watched_at=at(-60)), None, before)
    after = replace(
        before,
        position_ms=minutes(30),
        position_changed=span(-60, -60),
        position_runtime_ms=FILM,
        origin="den",
    )
    assert merged.hubs == {ITEM: after}
    assert merged.notes == (Note(item=ITEM, rule="R2", event="first position", before=before, after=after),)


def test_a_title_that_is_being_played_when_it_is_met_is_agreed_without_its_position():
    """R2, R7: where it will be left is not known yet; what stood there before was another file's."""
    merged = decide(seen(False, 30, is_playing=True), agreed(None, 50, items=()), hub(False))
    assert merged.agreed is not None
    assert (merged.agreed.watched, merged.agreed.position_ms, merged.agreed.items) == (False, None, (ITEM,))


def test_the_journal_has_a_watch_that_was_met():
    """R2: a line for each change of a hub state."""
    merged = decide(seen(True), None)
    after = merged.hubs[ITEM]
    assert merged.notes == (Note(item=ITEM, rule="R2", event="first contact", before=UNKNOWN_HUB, after=after),)


def test_the_journal_has_a_line_for_each_item_of_an_entry_that_was_met():
    """R2, M5: a watched file with two episodes is two watches."""
    merged = decide(seen(True), None, {1: UNKNOWN_HUB, 2: UNKNOWN_HUB}, items=(1, 2))
    assert [note.item for note in merged.notes] == [1, 2]
