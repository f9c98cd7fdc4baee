"""Every error has an owner: it is exported, drawn, and told apart by its problem type."""

import re
from collections.abc import Iterator

import pytest

from watchstate import api
from watchstate.api import WatchStateError, errors


def family(error: type[WatchStateError]) -> Iterator[type[WatchStateError]]:
    yield error
    for child in error.__subclasses__():
        yield from family(child)


ERRORS = [error for error in family(WatchStateError) if error.__module__ == errors.__name__]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_part_of_the_api(error: type[WatchStateError]):
    assert getattr(api, error.__name__) is error


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_states_its_problem_type_itself(error: type[WatchStateError]):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", vars(error)["problem"])


def test_no_two_errors_have_the_same_problem_type():
    assert len({error.problem for error in ERRORS}) == len(ERRORS)


def test_the_tree_in_the_docstring_has_every_error_at_its_depth():
    drawn = re.findall(r"^    ((?:[│├└─ ]{4})*)([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    assert {name: len(indent) // 4 for indent, name in drawn} == {
        error.__name__: error.__mro__.index(WatchStateError) for error in ERRORS
    }


def test_the_tree_in_the_docstring_tells_the_exit_codes():
    told = dict(re.findall(r"(\w+) +exit (\d)", errors.__doc__ or ""))
    own = {error.__name__: str(error.exit_code) for error in ERRORS if "exit_code" in vars(error)}
    assert told == own
