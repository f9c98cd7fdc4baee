import re

import pytest
from tests.docs.pages import DOCS, codes, headings, rows, section, source_texts

from watchstate import api
from watchstate.api import WatchStateError
from watchstate.cli.root import HELP

pytestmark = pytest.mark.docs

PAGE = DOCS / "reference" / "errors.md"
CLASSES = {
    name: value for name, value in vars(api).items() if isinstance(value, type) and issubclass(value, WatchStateError)
}
TABLE = {codes(row[0])[0]: row[1:] for row in rows(section(PAGE, "Errors")) if row[0].startswith("`")}


def test_the_table_has_exactly_the_errors():
    assert TABLE.keys() == CLASSES.keys()


@pytest.mark.parametrize("name", CLASSES)
def test_the_table_tells_exit_code_and_problem(name: str):
    code, problem, _ = TABLE[name]
    assert int(code) == CLASSES[name].exit_code
    assert codes(problem) == [CLASSES[name].problem]


def test_every_error_has_a_section_in_the_order_of_the_table():
    assert [heading.strip("`") for heading in headings(PAGE)[1:]] == list(TABLE)


@pytest.mark.parametrize("name", CLASSES)
def test_a_section_says_what_to_do(name: str):
    assert "**Do:**" in section(PAGE, f"`{name}`")


@pytest.mark.parametrize("name", CLASSES)
def test_a_typical_message_is_made_of_words_that_the_code_has(name: str):
    words = [text.strip() for text in source_texts() if len(text.strip()) > 14]
    for message in re.findall(r"^> (.*)$", section(PAGE, f"`{name}`"), re.MULTILINE):
        assert any(text in message for text in words), message


def test_the_exit_codes_are_those_of_the_help():
    told = {row[0]: row[1] for row in rows(section(DOCS / "reference" / "commands.md", "Exit codes"))}
    assert list(told) == re.findall(r"(\d) ", HELP.partition("Exit codes:")[2])
    assert {str(error.exit_code) for error in CLASSES.values()} <= told.keys()
