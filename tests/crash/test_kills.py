"""The real command line, killed again and again: nothing is lost, nothing is done twice."""

import pytest
from tests.crash.household import Household
from tests.crash.ordeal import Ordeal


@pytest.mark.timeout(300)  # dozens of processes, on a machine that may be busy
@pytest.mark.parametrize("seed", [1, 2])
def test_a_household_is_in_agreement_however_often_we_are_killed(tmp_path, seed):
    with Household(tmp_path, seed).open() as household:
        ordeal = Ordeal(household)
        ordeal.chapter(kills=4)
        ordeal.chapter(kills=6)
        ordeal.look_back()
    assert ordeal.faults == [], "\n".join([*ordeal.faults, *household.told])
    assert sum(ordeal.kills.values()) == 10
