"""The oracle itself: with any one clause taken out of the rules, some life shows it."""

import pytest
from tests.property.broken_rules import BROKEN
from tests.property.proving import draw, prove
from tests.property.shrinking import live, shrink, tell

ENOUGH = 3000
RARE = {
    "R1 a mere start is a watch": 1400,
    "R3 equal means unchanged": 1900,
    "R4 what was missing was un-marked": 700,
    "R5 a hold forgets its moment": 7600,
}
"""From which seed on to look, where only one life in a thousand shows it."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_clause_taken_out_breaks_a_promise(name):
    first = RARE.get(name, 0)
    found = prove(range(first, first + ENOUGH), 60, BROKEN[name], stop_after=1)
    assert found.failures, f"nobody noticed in {found.lives} lives"


def test_the_rules_as_they_are_keep_every_promise_in_those_lives():
    assert [live(*draw(seed, 60)).broken for first in RARE.values() for seed in range(first, first + 100)] == [[]] * 400


def test_a_failure_is_made_small_and_told_in_words():
    household = BROKEN["R6 a start is an un-mark"]
    (seed,) = prove(range(ENOUGH), 60, household, stop_after=1).failures
    setup, steps = draw(seed, 60)
    setup, fewer = shrink(setup, steps, lambda setup, steps: live(setup, steps, household))
    assert 0 < len(fewer) < 12
    told = tell(setup, fewer, household)
    assert "Servers:" in told
    assert "Broken:" in told
