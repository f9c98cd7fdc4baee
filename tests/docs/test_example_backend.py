"""The example of docs/authors.md is a backend like any other: core takes it, and it keeps the contract."""

import pytest
from tests.docs.example_backend import ShelfBackend
from tests.docs.example_simulator import ShelfSimulator

from watchstate.app import open_services
from watchstate.config import decode_server, load_settings
from watchstate.plugins.manager import PluginManager
from watchstate.plugins.records import PluginStatus
from watchstate.sync.runs import Request, run
from watchstate.sync.work import Silent
from watchstate.testing import Title
from watchstate.testing.contract import BackendContract

pytestmark = pytest.mark.docs


# -- begin: contract --
class TestShelf(BackendContract):
    """Everything that core expects of a backend."""

    plugin = ShelfBackend
    simulator = ShelfSimulator


# -- end: contract --


class OnePersonsShelf(ShelfSimulator):
    """A shelf that knows one person, whoever is added."""

    def add_user(self, name: str) -> str:
        return next(iter(self._people), None) or super().add_user(name)


# -- begin: one person --
class TestOnePersonsShelf(BackendContract):
    """A server that knows one person only: five tests need a second one."""

    plugin = ShelfBackend
    simulator = OnePersonsShelf
    test_everybody_on_the_server_is_listed = None
    test_each_account_has_its_own_states = None
    test_what_an_account_plays_now_is_marked = None
    test_what_another_account_plays_can_be_written = None
    test_only_the_account_itself_is_written = None


# -- end: one person --


def test_core_takes_the_example():
    (record,) = PluginManager.of({"shelf": ShelfBackend()}).records()
    assert record.status is PluginStatus.READY, record.reason


async def test_a_watch_travels_from_one_shelf_to_another(tmp_path):
    plugins = PluginManager.of({"shelf": ShelfBackend()})
    shelves = [ShelfSimulator(clock=lambda: 1_750_000_000_000, seed=seed) for seed in (1, 2)]
    people = [shelf.add_user("alex") for shelf in shelves]
    films = [
        shelf.add(shelf.add_library("Films", "movies"), Title(kind="movie", title="Metropolis", ids={"imdb": "17136"}))
        for shelf in shelves
    ]
    servers = {
        f"shelf-{number}": decode_server(
            f"shelf-{number}",
            {"type": "shelf", "url": f"http://shelf-{number}", "token": shelf.admin_token, "user": person},
        )
        for number, (shelf, person) in enumerate(zip(shelves, people, strict=True))
    }
    mounts = {f"http://shelf-{number}": shelf.app for number, shelf in enumerate(shelves)}
    shelves[0].watch(people[0], films[0], at=1_700_000_000_000)
    settings = load_settings({"WS_DATA_PATH": str(tmp_path)})
    async with open_services(
        settings, servers=servers, plugins=plugins, mounts=mounts, clock=lambda: 1_750_000_000_000
    ) as services:
        outcome = await run(services.engine, services.household(), Request(command="sync"), Silent())
    assert outcome.report.exit_code == 0
    assert shelves[1].state(people[1], films[1]).watched_at == 1_700_000_000_000
