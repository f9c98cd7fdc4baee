"""The mutants themselves: each still is one mistake in the present code, with tests that are there to notice it."""

import ast
from functools import cache

import pytest
from tests.docs.test_sync_rules import RULES
from tests.mutants.mutant import ROOT, Mutant, try_out
from tests.mutants.prove_mutants import MUTANTS

QUICK = (
    "a page that began before a newer read of the entry counts",
    "in unknown order, unwatched wins",
    "twenty un-marks are too many",
    "two counted plays after our one write are ours",
    "a shared episode id beats a shared show",
)
"""Those that `make test` tries out; the others are for `make prove`."""


@cache
def defined_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def told(mutant: Mutant) -> str:
    return f"{mutant.rule} {mutant.words}"


def test_every_rule_has_a_mutant():
    assert sorted({mutant.rule for mutant in MUTANTS}) == sorted(RULES)


def test_no_two_mutants_are_the_same():
    assert len({mutant.words for mutant in MUTANTS}) == len({(m.path, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=told)
def test_a_mutant_is_one_mistake_in_the_present_code(mutant: Mutant):
    before = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    assert ast.dump(ast.parse(mutant.applied())) != ast.dump(before)


@pytest.mark.parametrize("mutant", MUTANTS, ids=told)
def test_the_tests_that_are_to_notice_a_mutant_exist(mutant: Mutant):
    assert mutant.node_ids
    for node_id in mutant.node_ids:
        path, _, name = node_id.partition("::")
        assert name in defined_in(path)


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if mutant.words in QUICK], ids=told)
def test_a_mistake_is_noticed(mutant: Mutant):
    assert try_out(mutant).missed == ()


def test_the_quick_ones_are_mutants():
    assert {mutant.words for mutant in MUTANTS} >= set(QUICK)


def test_a_mutant_that_nothing_notices_is_told():
    unnoticed = Mutant(
        rule="R5",
        words="a comment is missing",
        file="sync/brake.py",
        old='"""All three must be exceeded before anything is held."""',
        new='"""All of them."""',
        tests=("sync/test_brake.py::test_the_limits_are_configurable",),
    )
    assert try_out(unnoticed).missed == unnoticed.node_ids


def test_a_mutant_whose_code_has_changed_is_told():
    lost = Mutant(rule="R5", words="lost", file="sync/brake.py", old="not there", new="", tests=())
    with pytest.raises(ValueError, match="occurs 0 times"):
        lost.applied()
