"""The mass runner's own share: two thousand lives of fixed seeds. `make prove` lives many more."""

import pytest
from tests.property.exclusions import EXCLUSIONS
from tests.property.prove_pure import main, report
from tests.property.proving import FLOOR, Totals, prove

LIVES, PARTS = 2000, 4


@pytest.fixture(scope="module")
def totals():
    return Totals()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_promise_is_broken(part, totals):
    size = LIVES // PARTS
    found = prove(range(part * size, (part + 1) * size), 60)
    assert found.failures == {}
    assert found.share_judged >= FLOOR - 0.02  # a part scatters more than the whole
    assert found.states_judged >= 0.9 * found.states
    assert found.positions_judged > 0
    totals.join(found)


def test_the_report_says_what_was_judged_and_what_was_not():
    found = prove(range(40), 60)
    told = report(found, 0, 1.0)
    assert f"sequences             {found.lives}" in told
    assert all(one.__name__ in told for one in EXCLUSIONS)


def test_the_runner_ends_well_when_nothing_is_broken(capsys):
    assert main(["--sequences", "60", "--steps", "40", "--processes", "1", "--seed", "5"]) == 0
    assert "broken promises       0" in capsys.readouterr().out
