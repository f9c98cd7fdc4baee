"""The comparisons that every rule leans on: positions, dates, and which of two changes came last."""

import pytest
from tests.sync.cases import minutes, span

from watchstate.clock import SECOND
from watchstate.states import Interval
from watchstate.sync.intervals import (
    is_certainly_later,
    is_open,
    is_within,
    later_bounds,
    same_date,
    same_position,
    travels,
)

BASE = 1_700_000_000_000


@pytest.mark.parametrize(
    ("position_ms", "expected"),
    [(None, False), (0, False), (59_999, False), (60_000, True), (60_001, True)],
)
def test_a_position_under_a_minute_counts_as_none(position_ms, expected):
    """R1: under 60 s counts as none."""
    assert is_open(position_ms) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (minutes(20), minutes(20) + 10 * SECOND, True),
        (minutes(20), minutes(20) - 10 * SECOND, True),
        (minutes(20), minutes(20) + 10 * SECOND + 1, False),
        (minutes(20), minutes(20) - 10 * SECOND - 1, False),
        (0, 59_999, True),
        (None, 59_999, True),
        (None, 0, True),
        (0, 60_000, False),
        (59_999, 60_000, False),
        (None, 60_000, False),
    ],
)
def test_positions_within_ten_seconds_are_the_same(one, other, expected):
    """R1: within 10 s, and both under a minute count as none."""
    assert same_position(one, other) is expected
    assert same_position(other, one) is expected


@pytest.mark.parametrize(("gap", "expected"), [(60_000, False), (60_001, True), (0, False), (-1, False)])
def test_a_change_is_later_only_if_it_begins_more_than_a_minute_after_the_other_ends(gap, expected):
    """R3: later only if its interval begins more than 60 s after the other's ends."""
    assert is_certainly_later(Interval.point(BASE + gap), Interval(BASE - 5, BASE)) is expected


def test_overlapping_changes_have_no_order():
    """R3: overlapping intervals decide nothing."""
    assert not is_certainly_later(span(0, 30), span(10, 20))
    assert not is_certainly_later(span(10, 20), span(0, 30))


def test_two_equal_changes_keep_the_later_bound_of_each_end():
    """R3: the later bound of each end, even from different changes."""
    assert later_bounds(span(0, 30), span(10, 20)) == span(10, 30)
    assert later_bounds(span(10, 20), span(0, 30)) == span(10, 30)


@pytest.mark.parametrize(
    ("gap", "expected"), [(0, True), (2_000, True), (-2_000, True), (2_001, False), (-2_001, False)]
)
def test_dates_within_two_seconds_are_the_same(gap, expected):
    """W3: ± 2 s."""
    assert same_date(BASE, BASE + gap) is expected


def test_an_unknown_date_is_no_date_at_all():
    """W3: a date that is not known equals nothing."""
    assert not same_date(None, BASE)
    assert not same_date(None, None)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (BASE - 60_000, True),
        (BASE - 60_001, False),
        (BASE + 500, True),
        (BASE + 1_000 + 60_000, True),
        (BASE + 1_000 + 60_001, False),
    ],
)
def test_a_window_has_a_margin_of_a_minute(date, expected):
    """R2, R3, W3: window ± 60 s."""
    assert is_within(date, Interval(BASE, BASE + 1_000)) is expected


@pytest.mark.parametrize(
    ("position_ms", "expected"),
    [
        (minutes(90), True),
        (minutes(90) + 1, False),
        (minutes(89), True),
        (minutes(100), False),
        (0, True),
        (None, True),
    ],
)
def test_a_position_above_ninety_percent_does_not_travel(position_ms, expected):
    """R7: above 90 %; exactly 90 % still travels."""
    assert travels(position_ms, minutes(100), 90) is expected


def test_the_limit_of_a_travelling_position_is_configurable():
    """R7: configurable."""
    assert travels(minutes(91), minutes(100), 95)
    assert not travels(minutes(51), minutes(100), 50)
