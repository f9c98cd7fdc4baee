"""Real entry points of tiny distributions: each way to fail becomes a record, and the others go on."""

import sys
from textwrap import dedent

import pytest
from tests.plugins.conftest import SOURCE, Install

from watchstate.api import UnknownBackend
from watchstate.plugins.discovery import Offer, available, load_simulator
from watchstate.plugins.manager import PluginManager
from watchstate.plugins.records import PluginRecord, PluginStatus


def record_beside_a_good_one(name: str, install: Install) -> PluginRecord:
    """Load a plugin together with a good one, which has to work whatever the other does."""
    install("good")
    manager = PluginManager.load([name, "good"])
    record, good = manager.records()
    assert good.status is PluginStatus.READY
    assert manager.options_type("good")
    return record


def without(hook: str, source: str = SOURCE) -> str:
    return source.replace(f"def {hook}", "def other").replace("@hookimpl\n    async def other", "async def other")


def test_a_ready_plugin_tells_where_it_comes_from(install: Install) -> None:
    install("shelf", version="2.3")
    (record,) = PluginManager.load(["shelf"]).records()
    assert record == PluginRecord(
        name="shelf",
        status=PluginStatus.READY,
        distribution="shelf",
        version="2.3",
        hooks=("fetch_library", "push_state", "parse_webhook", "list_users"),
    )


def test_a_plugin_that_is_not_installed(install: Install) -> None:
    record = record_beside_a_good_one("goood", install)
    assert record.status is PluginStatus.MISSING
    assert record.reason.startswith("no installed package offers it; is good meant? there are: ")


def test_a_plugin_with_a_broken_import(install: Install) -> None:
    install("broken", "import no_such_module_anywhere")
    record = record_beside_a_good_one("broken", install)
    assert (record.status, record.distribution) == (PluginStatus.LOAD_ERROR, "broken")
    assert record.reason == "ModuleNotFoundError: No module named 'no_such_module_anywhere'"


def test_a_plugin_that_is_no_python(install: Install) -> None:
    install("broken", "def def")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.LOAD_ERROR
    assert record.reason.startswith("SyntaxError")


def test_a_plugin_that_asserts_at_import(install: Install) -> None:
    install("broken", "assert False, 'not on this machine'")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.LOAD_ERROR
    assert record.reason == "AssertionError: not on this machine"


def test_a_plugin_that_exits_at_import(install: Install) -> None:
    install("broken", "import sys\nsys.exit(3)")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.LOAD_ERROR
    assert record.reason == "SystemExit: 3"


def test_a_plugin_whose_constructor_raises(install: Install) -> None:
    install("broken", "class Backend:\n    def __init__(self):\n        raise ValueError('several\\nlines')")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.LOAD_ERROR
    assert record.reason == "ValueError: several lines"


def test_a_plugin_whose_constructor_wants_arguments(install: Install) -> None:
    install("broken", "class Backend:\n    def __init__(self, server): ...")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.LOAD_ERROR
    assert "missing 1 required positional argument" in record.reason


def test_an_entry_point_that_leads_nowhere(install: Install) -> None:
    install("broken", attribute="NoSuchClass")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.LOAD_ERROR
    assert "NoSuchClass" in record.reason


def test_a_very_long_reason_is_cut(install: Install) -> None:
    install("broken", "raise RuntimeError('x' * 10_000)")
    record = record_beside_a_good_one("broken", install)
    assert len(record.reason) == 300


def test_a_plugin_with_a_hook_of_the_wrong_kind(install: Install) -> None:
    install("broken", SOURCE.replace("async def list_users", "def list_users"))
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.CONTRACT_ERROR
    assert record.reason == "list_users is a plain function, and has to be a coroutine function (async def)"


def test_a_plugin_without_a_required_hook(install: Install) -> None:
    install("broken", without("push_state"))
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.CONTRACT_ERROR
    assert record.reason == "push_state is missing"
    assert record.hooks == ("fetch_library", "parse_webhook", "list_users")


def test_a_plugin_with_a_misspelt_hook(install: Install) -> None:
    install("broken", SOURCE.replace("push_state", "push_sate"))
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.CONTRACT_ERROR
    assert record.reason == "push_state is missing; push_sate is no hook, is push_state meant?"


def test_a_plugin_that_cannot_even_be_looked_at(install: Install) -> None:
    install("broken", SOURCE + "\n    def __dir__(self):\n        raise ValueError('no looking')\n")
    record = record_beside_a_good_one("broken", install)
    assert record.status is PluginStatus.CONTRACT_ERROR
    assert record.reason == "ValueError: no looking"


def test_a_name_that_two_distributions_offer(install: Install) -> None:
    install("one", name="shelf", version="1.0")
    install("two", name="shelf", version="2.0")
    record = record_beside_a_good_one("shelf", install)
    assert record.status is PluginStatus.DUPLICATE
    assert "one 1.0" in record.reason
    assert "two 2.0" in record.reason


def test_duplicates_that_are_no_neighbours_are_seen_too(install: Install) -> None:
    install("one", name="shelf")
    install("between")
    install("two", name="shelf")
    assert record_beside_a_good_one("shelf", install).status is PluginStatus.DUPLICATE


def test_neither_of_two_duplicates_is_imported(install: Install) -> None:
    install("one", name="shelf")
    install("two", name="shelf")
    PluginManager.load(["shelf"])
    assert not {"one_module", "two_module"} & set(sys.modules)


def test_only_the_named_plugins_are_imported(install: Install) -> None:
    install("wanted")
    install("unwanted")
    PluginManager.load(["wanted"])
    assert "wanted_module" in sys.modules
    assert "unwanted_module" not in sys.modules


def test_a_name_that_is_asked_for_twice_is_loaded_once(install: Install) -> None:
    install("shelf")
    assert len(PluginManager.load(["shelf", "shelf"]).records()) == 1


def test_an_interrupt_while_loading_stops_everything(install: Install) -> None:
    install("slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        PluginManager.load(["slow"])


def test_what_is_available_is_listed_without_importing_it(install: Install) -> None:
    install("shelf", "import no_such_module_anywhere", version="2.3")
    assert Offer(name="shelf", distribution="shelf", version="2.3") in available()


def test_a_plugin_that_changed_a_moment_ago_is_found(install: Install) -> None:
    install("before")
    PluginManager.load(["before"])
    install("after")
    assert PluginManager.load(["after"]).records()[0].status is PluginStatus.READY


SIMULATOR = dedent(
    """
    class Simulator:
        def __init__(self, *, clock):
            raise AssertionError("a simulator is not constructed here")
    """
)


def test_a_simulator_is_found_by_the_backend_it_stands_for(install: Install) -> None:
    install("shelf", SIMULATOR, group="watchstate.simulators", attribute="Simulator")
    assert load_simulator("shelf").__name__ == "Simulator"


def test_a_missing_simulator(install: Install) -> None:
    with pytest.raises(UnknownBackend, match="no simulator of shelf: no installed package offers it"):
        load_simulator("shelf")


def test_a_broken_simulator(install: Install) -> None:
    install("shelf", "import sys\nsys.exit()", group="watchstate.simulators")
    with pytest.raises(UnknownBackend, match="no simulator of shelf: SystemExit"):
        load_simulator("shelf")
