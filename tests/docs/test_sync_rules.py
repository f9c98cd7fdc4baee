import ast
import re
from functools import cache
from pathlib import Path

import pytest
from tests.docs.pages import DOCS, ROOT, prose, rows, section

pytestmark = pytest.mark.docs

PAGE = DOCS / "reference" / "sync-rules.md"
RULES = [
    *(f"R{number}" for number in range(9)),
    *(f"W{number}" for number in range(1, 9)),
    *(f"M{number}" for number in range(1, 8)),
]
TABLE = rows(section(PAGE, "The proof"))
PROOFS = [
    (rule, named, target)
    for rule, _, proofs in TABLE
    for named, target in re.findall(r"\[([^]]+)\]\(([^)]+)\)", proofs)
]


@cache
def claims(path: Path) -> dict[str, set[str]]:
    """Return the tests of a file, and the rules that each says it proves."""
    tests = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            told = re.match(r"(?:[RWM]\d(?:, )?)+(?=:)", ast.get_docstring(node) or "")
            named = re.match(r"test((?:_[rwm]\d)+)_", node.name)
            text = (told[0] if told else "") + (named[1].upper() if named else "")
            tests[node.name] = set(re.findall(r"[RWM]\d", text))
    return tests


def test_the_table_has_every_rule_once_and_in_order():
    assert [row[0] for row in TABLE] == RULES


def test_the_text_explains_every_rule_once_and_in_order():
    assert re.findall(r"^- \*\*([RWM]\d) ", prose(PAGE), re.MULTILINE) == RULES


def test_every_rule_has_a_proof():
    assert {rule for rule, _, _ in PROOFS} == set(RULES)


@pytest.mark.parametrize(("rule", "named", "target"), PROOFS)
def test_a_named_test_exists_and_claims_the_rule(rule: str, named: str, target: str):
    path, _, name = named.partition("::")
    assert (PAGE.parent / target).resolve() == ROOT / path
    assert rule in claims(ROOT / path)[name]


def test_no_test_claims_a_rule_that_does_not_exist():
    files = [file for folder in ("engine", "sync") for file in (ROOT / "tests" / folder).glob("test_*.py")]
    claimed = {rule for file in files for rules in claims(file).values() for rule in rules}
    assert claimed <= set(RULES)
