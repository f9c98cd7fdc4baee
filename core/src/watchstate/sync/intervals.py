"""Order between changes whose moments are known only as intervals (R3), and comparing positions."""

from typing import TypeGuard

from watchstate.clock import MINUTE, SECOND
from watchstate.states import Interval

MARGIN = MINUTE
"""One change is later than another only if it begins more than this after the other's end."""
POSITION_TOLERANCE = 10 * SECOND
SHORTEST_POSITION = MINUTE
"""A position under this counts as none."""
DATE_TOLERANCE = 2 * SECOND
"""Dates that differ by no more than this are the same date, rounded."""


def is_certainly_later(one: Interval, other: Interval) -> bool:
    """Say whether the one change was certainly made after the other."""
    return one.begins > other.ends + MARGIN


def later_bounds(one: Interval, other: Interval) -> Interval:
    """Return the interval that two equal changes keep: the later bound of each end."""
    return Interval(max(one.begins, other.begins), max(one.ends, other.ends))


def is_open(position_ms: int | None) -> TypeGuard[int]:
    """Say whether a position is one: known, and not under a minute."""
    return position_ms is not None and position_ms >= SHORTEST_POSITION


def same_position(one: int | None, other: int | None) -> bool:
    """Say whether two positions are equal for us: both none, or within ten seconds."""
    if not is_open(one) or not is_open(other):
        return is_open(one) == is_open(other)
    return abs(one - other) <= POSITION_TOLERANCE


def travels(position_ms: int | None, runtime_ms: int | None, limit_percent: int) -> bool:
    """Say whether a position is far enough from the end to be told to others (R7)."""
    if not runtime_ms or not position_ms:
        return True
    return position_ms * 100 <= runtime_ms * limit_percent


def same_date(one: int | None, other: int | None) -> bool:
    """Say whether two known raw dates are equal within rounding."""
    return one is not None and other is not None and abs(one - other) <= DATE_TOLERANCE


def is_within(date: int, window: Interval) -> bool:
    """Say whether a date lies in a window, give or take the margin."""
    return window.begins - MARGIN <= date <= window.ends + MARGIN
