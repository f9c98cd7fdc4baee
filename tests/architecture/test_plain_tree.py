"""Nothing in the tree depends on the machine that it was written on."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = {".git", ".venv", ".hypothesis", "__pycache__", "dist", "build"}


def is_ours(file: Path) -> bool:
    folders = file.relative_to(ROOT).parts[:-1]
    return not any(name in MADE or name.endswith(("_cache", ".egg-info")) for name in folders)


FILES = [file for file in sorted(ROOT.rglob("*")) if file.is_file() and is_ours(file)]


@pytest.mark.parametrize("place", [ROOT, ROOT.parent / "shared"], ids=["tree", "shared"])
def test_no_file_names_a_place_of_this_machine(place: Path):
    if len(place.parts) < 3:
        pytest.skip(f"{place} is too short to be told from a part of another path")
    told = f"{place}/".encode()
    assert [file for file in FILES if told in file.read_bytes()] == []


def test_the_files_are_found():
    assert {ROOT / "README.md", Path(__file__)} <= set(FILES)
