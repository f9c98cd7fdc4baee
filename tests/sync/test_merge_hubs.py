"""M7: two items that turn out to be one: their hub states merge as two changes would."""

import pytest
from tests.sync.cases import at, hub, minutes, span

from watchstate.states import UNKNOWN_HUB, HubState
from watchstate.sync.change import merge_hubs


def both_ways(one: HubState, other: HubState) -> HubState:
    """Merge, and check that the order of the two says nothing about the outcome."""
    merged, swapped = merge_hubs(one, other), merge_hubs(other, one)
    assert (merged.watched, merged.changed, merged.watched_at) == (swapped.watched, swapped.changed, swapped.watched_at)
    assert merged.position_ms == swapped.position_ms
    return merged


@pytest.mark.parametrize("known", [hub(True), hub(False), hub(False, position=30)])
def test_an_unknown_state_yields_to_a_known_one(known):
    """M7, R3: an unknown hub has no interval and yields to any change."""
    assert both_ways(known, UNKNOWN_HUB) == known


def test_the_certainly_later_change_wins():
    """M7, R3: the intervals decide."""
    assert both_ways(hub(True, span(0, 0)), hub(False, span(2, 2))).watched is False
    assert both_ways(hub(True, span(4, 4)), hub(False, span(2, 2))).watched is True


def test_in_unknown_order_watched_beats_unwatched():
    """M7, R3: order unknown → watched beats unwatched; exactly a minute is unknown."""
    assert both_ways(hub(True, span(0, 10)), hub(False, span(5, 15))).watched is True
    assert both_ways(hub(True, span(0, 0)), hub(False, span(1, 1))).watched is True


def test_two_equal_changes_keep_the_later_bounds_and_the_later_date():
    """M7, R3: keep the later bound of each end."""
    merged = both_ways(hub(True, span(0, 30), watched_at=at(25)), hub(True, span(10, 20), watched_at=at(5)))
    assert (merged.changed, merged.watched_at) == (span(10, 30), at(25))


def test_in_unknown_order_the_larger_position_wins():
    """M7, R3: the larger position wins."""
    one = hub(None, position=30, position_changed=span(0, 10))
    other = hub(None, position=40, position_changed=span(5, 15))
    assert both_ways(one, other).position_ms == minutes(40)


def test_the_certainly_later_position_wins():
    """M7, R3: one change is later only if it begins more than 60 s after the other's end."""
    one = hub(None, position=40, position_changed=span(0, 0))
    other = hub(None, position=30, position_changed=span(5, 5))
    assert both_ways(one, other).position_ms == minutes(30)


def test_a_position_survives_beside_an_unknown_watched():
    """M7: watched and position are merged separately."""
    one = hub(None, position=40, position_changed=span(0, 0), position_runtime_ms=minutes(100))
    merged = both_ways(one, UNKNOWN_HUB)
    assert (merged.watched, merged.position_ms, merged.position_runtime_ms) == (None, minutes(40), minutes(100))


def test_a_watched_winner_has_no_position():
    """M7, R3: when the hub's watched changes, its position becomes none."""
    one = hub(None, position=40, position_changed=span(-10, -10))
    assert both_ways(hub(True, span(0, 0)), one).position_ms == 0


def test_an_un_watch_takes_an_earlier_position_away():
    """M7, R3: the un-watch set the position to none with its own interval."""
    one = hub(None, position=40, position_changed=span(-10, -10))
    assert both_ways(hub(False, span(0, 0)), one).position_ms == 0


def test_a_position_after_an_un_watch_stays():
    """M7, R3: the position is certainly later."""
    one = hub(None, position=40, position_changed=span(10, 10))
    merged = both_ways(hub(False, span(0, 0)), one)
    assert (merged.watched, merged.position_ms) == (False, minutes(40))


def test_a_position_keeps_the_server_that_it_came_from():
    """M7: whoever reads the plan is told where a position is from, as R3 would have noted it."""
    one = hub(None, position=40, position_changed=span(10, 10), origin="one")
    for other in (UNKNOWN_HUB, hub(False, span(0, 0), origin="other")):
        assert merge_hubs(one, other).origin == merge_hubs(other, one).origin == "one"


def test_an_un_watch_after_a_position_keeps_the_server_that_it_came_from():
    """M7: the un-watch is what the hub holds."""
    one = hub(None, position=40, position_changed=span(-10, -10), origin="one")
    other = hub(False, span(0, 0), origin="other")
    assert merge_hubs(one, other).origin == merge_hubs(other, one).origin == "other"


def test_a_later_position_brings_its_own_moment():
    """M7, R3: watched and position are merged separately, each with its interval."""
    one = hub(None, position=40, position_changed=span(10, 12))
    assert merge_hubs(one, hub(False, span(0, 0))).position_changed == span(10, 12)
    assert merge_hubs(hub(False, span(0, 0)), one).position_changed == span(10, 12)


def test_two_un_watches_that_are_one_have_no_date():
    """M7, R3: two equal changes, and un-marks are undated."""
    merged = both_ways(hub(False, span(0, 30)), hub(False, span(10, 20)))
    assert (merged.watched, merged.changed, merged.watched_at) == (False, span(10, 30), None)
