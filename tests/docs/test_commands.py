import re
from collections.abc import Iterator

import pytest
from cyclopts import App, CycloptsError
from tests.docs.pages import DOCS, ROOT, Block, blocks, codes, headings, rows, section

from watchstate.cli.root import build_app
from watchstate.cli.spelling import spell

pytestmark = pytest.mark.docs

PAGE = DOCS / "reference" / "commands.md"
COMMON = "Options of every command"


def walk(app: App, path: str = "watchstate") -> Iterator[tuple[str, App]]:
    """Yield every command that does something, with all lazy ones loaded."""
    if app.default_command is not None:
        yield path, app
    for name in app:
        if not name.startswith("-"):
            yield from walk(app[name], f"{path} {name}")


COMMANDS = dict(walk(build_app()))
DOCUMENTED = [heading for heading in headings(PAGE) if heading.startswith("watchstate ")]
SEED = {codes(there)[0]: here for there, here in rows(section(PAGE, "Command lines of the 2022 program"))}


def options(app: App) -> tuple[set[str], set[str]]:
    """Return the visible names that a command takes: its own, and those of every command."""
    own: set[str] = set()
    common: set[str] = set()
    for argument in app.assemble_argument_collection():
        if argument.show:
            is_common = any(str(group.name) == COMMON for group in argument.parameter.group)
            (common if is_common else own).update(argument.names)
    return own, common


def documented(heading: str) -> set[str]:
    """Return the names in the first column of the tables under a heading."""
    return {name for row in rows(section(PAGE, heading)) for name in codes(row[0])}


def test_the_page_has_exactly_the_commands_that_exist():
    assert sorted(DOCUMENTED) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_has_exactly_the_options_of_a_command(command: str):
    own, _ = options(COMMANDS[command])
    assert documented(command) == own


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_of_every_command_are_those_of_every_command(command: str):
    _, common = options(COMMANDS[command])
    assert documented(COMMON) == common | {"--help", "-h"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_an_example(command: str):
    examples: list[Block] = [block for block in blocks("console") if block.page == PAGE]
    assert any(re.search(rf"^\$ {command}(?: |$)", block.text, re.MULTILINE) for block in examples)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_ends_with_an_example_that_can_be_parsed(command: str):
    app = COMMANDS[command]
    epilogue = app.help_epilogue or (app.default_command.__doc__ or "")
    line = re.search(r"Example: watchstate (.*)", str(epilogue))
    assert line, f"{command} has no example"
    build_app().parse_args(line[1], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("line", [line for line, here in SEED.items() if here != "later"])
def test_a_command_line_of_the_2022_program_can_be_parsed(line: str):
    build_app().parse_args(spell(line.split()), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("line", [line for line, here in SEED.items() if here == "later"])
def test_what_comes_later_is_not_here_yet(line: str):
    words = [word for word in spell(line.split()) if word != "--help"]
    with pytest.raises(CycloptsError):
        build_app().parse_args(words, exit_on_error=False, print_error=False)


def test_no_command_line_of_the_2022_program_is_forgotten():
    page = ROOT.parent / "shared" / "spec-seed-readme.md"
    if not page.exists():
        pytest.skip("the page with the command lines of the 2022 program is not here (../shared)")
    lines = re.findall(r"console ((?:help )?\w+:\w.*)", page.read_text())
    plain = {" ".join(line.replace("[SERVER_NAME]", "NAME").replace("'", "").split()) for line in lines}
    assert plain == SEED.keys()
