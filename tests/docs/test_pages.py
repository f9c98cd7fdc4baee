import re
import shlex
from pathlib import Path

import pytest
from tests.docs.backends import PLUGINS
from tests.docs.pages import DOCS, PAGES, ROOT, blocks, codes, headings, prose, rows, section, source_texts

from watchstate import __version__
from watchstate.cli.root import build_app
from watchstate.cli.spelling import spell

pytestmark = pytest.mark.docs

LINKS = [
    (page, target)
    for page in PAGES
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page))
    if not target.startswith(("http://", "https://"))
]
COMMAND_LINES = [
    line.removeprefix("$ ") for block in blocks("console") for line in block.text.splitlines() if line.startswith("$ ")
]


def anchor(heading: str) -> str:
    """Return what Markdown makes of a heading for links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize(("page", "target"), LINKS, ids=lambda value: str(value).removeprefix(f"{ROOT}/"))
def test_a_link_leads_somewhere(page: Path, target: str):
    path, _, fragment = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    assert there.is_relative_to(ROOT)
    if fragment:
        assert fragment in [anchor(heading) for heading in headings(there)]


@pytest.mark.parametrize("line", [line for line in COMMAND_LINES if line.startswith("watchstate")])
def test_a_command_line_can_be_parsed(line: str):
    words = shlex.split(line, comments=True)[1:]
    build_app().parse_args(spell(words), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("line", [line for line in COMMAND_LINES if line.startswith("make")])
def test_a_make_target_exists(line: str):
    target = shlex.split(line, comments=True)[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_other_command_line_is_the_installation():
    others = [line for line in COMMAND_LINES if not line.startswith(("watchstate", "make"))]
    assert all(re.match(r"python3 -m venv |~/watchstate/bin/", line) for line in others)


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "guide.md"], ids=lambda page: page.name)
def test_the_installation_is_of_everything_and_every_kind_of_server_is_added(page: Path):
    text = page.read_text()
    installed = re.findall(r"\./\S+", next(line for line in text.splitlines() if "pip install" in line))
    parts = [ROOT / "core", *(file.parent for file in ROOT.glob("plugins/*/pyproject.toml"))]
    assert {f"./{part.relative_to(ROOT)}" for part in parts} == set(installed)
    assert set(re.findall(r"servers add .* --type (\w+)", text)) == PLUGINS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_in_the_text_exists(page: Path):
    for code in codes(prose(page)):
        words = code.split()
        if words[0] != "watchstate" or len(words) == 1:
            continue
        app = build_app()
        for word in words[1:]:
            if word in app:
                app = app[word]
            else:
                assert word.startswith(("-", "NAME")) or app.default_command is not None, f"{code}: {word}"
                break


@pytest.mark.parametrize("row", rows(section(DOCS / "guide.md", "Troubleshooting")), ids=lambda row: row[0])
def test_a_message_of_the_troubleshooting_table_is_one_that_the_code_has(row: list[str]):
    (message,) = codes(row[0])
    assert any(message in text for text in source_texts())


def test_the_decisions_are_numbered_and_listed():
    folder = DOCS / "decisions"
    pages = sorted(page for page in folder.glob("*.md") if page.name != "README.md")
    assert [page.name[:5] for page in pages] == [f"{number:04}-" for number in range(1, len(pages) + 1)]
    listed = {
        target: title for cell, title in rows(prose(folder / "README.md")) for target in re.findall(r"\((.*)\)", cell)
    }
    assert listed == {page.name: headings(page)[0].partition(" ")[2] for page in pages}


def test_the_changelog_begins_with_this_version():
    assert headings(ROOT / "CHANGELOG.md")[1].partition(" ")[0] == __version__


def test_the_readmes_first_screen_says_what_it_is_and_how_to_see_it():
    screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:24])
    assert "what has been watched" in screen
    assert re.search(r"^\$ make demo", screen, re.MULTILINE)
    assert re.search(r"^\$ make test", screen, re.MULTILINE)
