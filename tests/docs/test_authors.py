import ast
import inspect
import re
import tomllib
from pathlib import Path

import pytest
from tests.docs.pages import DOCS, blocks, codes, headings, rows, section

from watchstate.api import Outcome, Scope, hookspecs
from watchstate.plugins.discovery import BACKENDS, SIMULATORS
from watchstate.plugins.records import PluginStatus

pytestmark = pytest.mark.docs

PAGE = DOCS / "authors.md"
HERE = Path(__file__).parent
SPECS = {
    name: function
    for name, function in vars(hookspecs).items()
    if inspect.isfunction(function) and hasattr(function, f"{hookspecs.PROJECT}_spec")
}
EXAMPLES = re.findall(
    r"<!-- from (\S+): ([\w ]+) -->\n```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
)


def signature(name: str) -> str:
    """Return a hook's signature as it stands in the code."""
    function = ast.parse(inspect.getsource(SPECS[name])).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert function.returns is not None
    return f"{name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns)}"


def test_every_hook_has_a_heading_with_its_exact_signature_in_the_order_of_the_contract():
    told = [heading.strip("`") for heading in headings(PAGE) if heading.startswith("`")]
    assert told == [signature(name) for name in SPECS]


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_is_told_to_be_required_or_optional_as_its_specification_says(name: str):
    kinds = re.findall(r"Required|Optional", SPECS[name].__doc__ or "")
    assert re.match(rf"\s*\*\*{kinds[0]}", section(PAGE, f"`{signature(name)}`"))


@pytest.mark.parametrize(("file", "part", "shown"), EXAMPLES, ids=lambda value: value if len(value) < 40 else "")
def test_an_example_is_cut_from_a_file_that_is_tested(file: str, part: str, shown: str):
    source = (HERE / file).read_text()
    found = re.search(rf"# -- begin: {part} --\n(.*?)\n *# -- end: {part} --", source, re.DOTALL)
    assert found
    assert shown.strip("\n") == found[1].strip("\n")


def test_every_python_block_is_such_an_example():
    assert len(EXAMPLES) == len(blocks("python"))


def test_the_tables_of_words_are_complete():
    outcomes = section(PAGE, f"`{signature('push_state')}`")
    assert [codes(row[0])[0] for row in rows(outcomes)] == [outcome.name for outcome in Outcome]
    statuses = section(PAGE, "What happens to a broken plugin")
    assert [codes(row[0])[0] for row in rows(statuses)] == [str(status) for status in PluginStatus]
    scopes = section(PAGE, f"`{signature('fetch_library')}`")
    told = {codes(row[0])[0].partition("(")[0] for row in rows(scopes)}
    assert told == {scope.__name__ for scope in Scope.__args__}


def test_the_package_offers_backend_and_simulator_under_one_name():
    (block,) = blocks("toml")
    offered = tomllib.loads(block.text)["project"]["entry-points"]
    assert offered.keys() == {BACKENDS, SIMULATORS}
    assert offered[BACKENDS].keys() == offered[SIMULATORS].keys()
