"""The proof on the whole stack would notice: with a rule taken out of the engine, some life breaks a promise."""

import pytest
from tests.property.stack_life import live
from tests.property.stack_promises import Broken
from tests.property.stack_steps import Step

from watchstate.sync import merge
from watchstate.sync.echo import Settled
from watchstate.sync.rewatch import Reading


def _takes_any_unwatched_fact_for_an_un_mark(monkeypatch):
    """Without R6."""
    monkeypatch.setattr(merge, "read_unwatched", lambda _agreed, _seen, **_asked: Reading.UNMARKED)


def _takes_a_replaced_file_for_an_un_mark(monkeypatch):
    """Without R4."""
    monkeypatch.setattr(merge, "_is_first_contact", lambda case: case.agreed is None or case.agreed.watched is None)


def _takes_every_lost_write_for_applied(monkeypatch):
    """Without the comparison of W3."""
    monkeypatch.setattr(merge, "settle", lambda _intent, _seen: Settled.APPLIED)


CAUGHT = {
    "R6": (_takes_any_unwatched_fact_for_an_un_mark, (29, 47, 56)),
    "R4": (_takes_a_replaced_file_for_an_un_mark, (1, 4, 7)),
    "W3": (_takes_every_lost_write_for_applied, (1, 10, 34)),
}
"""By rule: how to take it out, and lives that meet it."""


def _drama(seed: int) -> list[Step]:
    """Draw a short life of what the rules are for: plays, lost files, writes without an answer."""
    return [
        Step("watch", seed, seed // 3, 3),
        Step("sync_full", 0, 0, 3),
        Step(("abandon", "replace", "start")[seed % 3], seed * 7, seed // 3, 3),
        Step("fault", seed, 4, 2 + seed % 3),
        Step("fault", seed + 1, 3, 3 + seed % 2),
        Step("unwatch", seed * 5, seed // 3, 3),
        Step("sync_full", 0, 0, 3),
        Step("sync_full", 0, 0, 4),
    ]


@pytest.mark.parametrize("rule", CAUGHT)
@pytest.mark.timeout(300)
def test_an_engine_without_a_rule_breaks_a_promise(rule, monkeypatch):
    break_it, seeds = CAUGHT[rule]
    break_it(monkeypatch)

    def breaks(seed: int) -> bool:
        try:
            live(seed, _drama(seed))
        except Broken:
            return True
        return False

    assert any(breaks(seed) for seed in seeds)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_life_keeps_the_promises_with_all_rules(seed):
    live(seed, _drama(seed))
