"""The documentation as values: its pages, their code blocks, tables and sections."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
SOURCES = (ROOT / "core" / "src", *sorted(ROOT.glob("plugins/*/src")))

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)
_ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)


class Block(Struct, frozen=True):
    """A fenced block of code."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text.splitlines()[0]}"


def blocks(language: str) -> list[Block]:
    """Return all blocks of a language, of all pages."""
    return [
        Block(page, found[1], found[2])
        for page in PAGES
        for found in _BLOCK.finditer(page.read_text(encoding="utf-8"))
        if found[1] == language
    ]


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[str]:
    """Return the text of all headings."""
    return [found[2] for found in _HEADING.finditer(prose(page))]


def section(page: Path, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above; without code blocks."""
    text = prose(page)
    start = next(found for found in _HEADING.finditer(text) if found[2] == heading)
    ends = (found.start() for found in _HEADING.finditer(text, start.end()) if len(found[1]) <= len(start[1]))
    return text[start.end() : next(ends, len(text))]


def rows(text: str) -> list[list[str]]:
    """Return the cells of all rows of tables, without the heads."""
    found = [[cell.strip() for cell in row[1].split("|")] for row in _ROW.finditer(text)]
    rules = {number for number, row in enumerate(found) if all(re.fullmatch(r":?-+:?", cell) for cell in row)}
    return [row for number, row in enumerate(found) if number not in rules and number + 1 not in rules]


def codes(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


@cache
def source_texts() -> tuple[str, ...]:
    """Return every string of the source code: what messages are made of."""
    files = [file for folder in SOURCES for file in folder.rglob("*.py") if "simulator" not in file.parts]
    return tuple(text for file in files for text in _strings(file))


def _strings(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
