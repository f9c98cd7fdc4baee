"""Small files, short functions: a reader keeps one in mind."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(file for folder in ("core", "plugins") for file in ROOT.glob(f"{folder}/**/src/**/*.py"))
MIGRATIONS = ROOT / "core/src/watchstate/storage/migrations/versions"


def functions(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file.relative_to(ROOT)}: {node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_the_sources_are_found():
    assert len(SOURCES) > 50


def test_no_module_is_longer_than_500_lines():
    lines = {file.relative_to(ROOT): len(file.read_text(encoding="utf-8").splitlines()) for file in SOURCES}
    assert {file: count for file, count in lines.items() if count > 500} == {}


def test_no_function_is_longer_than_60_lines():
    files = [file for file in SOURCES if MIGRATIONS not in file.parents]  # a migration is a list of tables
    found = [function for file in files for function in functions(file)]
    assert [function for function in found if function[1] > 60] == []
