import re

import pytest
from tests.docs.pages import DOCS, ROOT, codes, prose, rows, section
from tests.mutants.prove_mutants import MUTANTS
from tests.property.broken_rules import BROKEN
from tests.property.exclusions import BY_RULE, UNDECIDABLE
from tests.property.proving import FLOOR
from tests.property.test_stack_machine import SEEDS
from tests.property.test_stack_notices import CAUGHT

pytestmark = pytest.mark.docs

PAGE = DOCS / "reference" / "proof.md"


def test_the_exclusions_by_rule_are_those_of_the_code_in_its_order():
    table = rows(section(PAGE, "A rule says that it counts for nothing"))
    assert [codes(row[0]) for row in table] == [[one.__name__] for one in BY_RULE]
    for row, one in zip(table, BY_RULE, strict=True):
        told = re.findall(r"[RW]\d", (one.__doc__ or "").partition(":")[0])
        assert row[1].split(", ") == told


def test_what_no_observer_can_tell_is_what_the_code_has_in_its_order():
    table = rows(section(PAGE, "No observer can tell"))
    assert [codes(row[0]) for row in table] == [[one.__name__] for one in UNDECIDABLE]


def test_every_exclusion_has_a_reason():
    assert all(one.__doc__ for one in (*BY_RULE, *UNDECIDABLE))


def test_the_floor_is_the_one_of_the_code():
    assert f"At least {FLOOR:.0%}".replace("%", " %") in prose(PAGE)


def test_make_prove_lives_as_many_as_the_page_says():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "tests.property.prove_pure --sequences 20000" in makefile
    assert "twenty thousand lives" in PAGE.read_text(encoding="utf-8")


def test_clauses_of_every_group_of_rules_are_taken_out_to_try_the_oracle():
    assert {name.partition(" ")[0] for name in BROKEN} >= {"R0", "R1", "R2", "R3", "R4", "R5", "R6", "R8", "W3"}


def test_the_mistakes_that_were_found_are_as_many_as_there_are_tests_of_them():
    tests = (ROOT / "tests" / "sync" / "test_merge_found_by_machine.py").read_text(encoding="utf-8")
    count = len(re.findall(r"^def test_", tests, re.MULTILINE))
    words = {4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    assert f"found {words[count]} mistakes" in prose(PAGE)


def test_the_whole_stack_lives_and_notices_what_the_page_says():
    text = prose(PAGE)
    assert SEEDS == 60
    assert "`make test` leads sixty" in text
    assert sorted(CAUGHT) == ["R4", "R6", "W3"]
    assert "notice the loss of R4, R6 and a clause of W3" in text


def test_the_mutants_are_as_many_as_the_page_says():
    assert f"has {len(MUTANTS)} mistakes" in prose(PAGE)
    assert "tests.mutants.prove_mutants" in (ROOT / "Makefile").read_text(encoding="utf-8")
