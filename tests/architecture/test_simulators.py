"""A simulator that shared code with its backend would share its mistakes (the other way is a contract of imports)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(ROOT.glob("plugins/*/src/*/simulator"))


def imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    froms = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return froms | {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}


def test_every_backend_has_a_simulator():
    assert {folder.parent.name for folder in FOLDERS} >= {"watchstate_plex", "watchstate_jellyfin", "watchstate_emby"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_a_simulator_imports_nothing_of_the_backends(folder):
    found = {name for file in folder.rglob("*.py") for name in imported(file) if name.startswith("watchstate_")}
    assert found
    assert [name for name in sorted(found) if ".simulator" not in name] == []
