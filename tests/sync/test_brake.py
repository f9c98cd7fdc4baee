"""R5: when un-watches are too many to be a person's."""

import pytest

from watchstate.sync.brake import BrakeLimits, must_hold


def titles(items: int, distinct: int = 10) -> list[str]:
    """Return the title of each of so many items."""
    return [f"title {number % distinct}" for number in range(items)]


@pytest.mark.parametrize(("items", "holds"), [(20, False), (21, True)])
def test_more_than_twenty_items_are_held(items, holds):
    """R5: more than 20 items."""
    assert must_hold(titles(items), 100, BrakeLimits()) is holds


@pytest.mark.parametrize(("watched", "holds"), [(500, False), (499, True), (501, False), (0, True)])
def test_more_than_five_percent_of_the_watched_items_are_held(watched, holds):
    """R5: and more than 5 % of its watched items; 25 of 500 are exactly 5 %."""
    assert must_hold(titles(25), watched, BrakeLimits()) is holds


@pytest.mark.parametrize(("distinct", "holds"), [(3, False), (4, True)])
def test_more_than_three_titles_are_held(distinct, holds):
    """R5: and more than three titles: a person may un-watch a long show."""
    assert must_hold(titles(200, distinct), 300, BrakeLimits()) is holds


def test_the_limits_are_configurable():
    """R5: limits configurable."""
    strict = BrakeLimits(items=1, percent=0, titles=0)
    assert must_hold(["one", "one"], 100, strict)
    assert not must_hold(["one"], 100, strict)
