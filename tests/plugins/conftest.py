"""A backend that does little, made-to-order broken ones, and tiny distributions that offer them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from watchstate.api import (
    Account,
    CommonOptions,
    Entry,
    Event,
    EventKind,
    Fact,
    LibraryBatch,
    Outcome,
    PlayState,
    PushOutcome,
    Secret,
    Server,
    User,
    hookimpl,
)

TOKEN = "fake token/4711"


def fact(entry_id: str = "1", **changes: Any) -> Fact:
    return Fact(entry=Entry(entry_id=entry_id, kind="movie", **changes), state=PlayState(watched=True))


def batch(*facts: Fact) -> LibraryBatch:
    return LibraryBatch(facts=facts, read_from=1, read_to=2)


class Good:
    """Implements exactly what is required."""

    @hookimpl
    async def fetch_library(self, account, http, scope):
        yield batch(fact("1"), fact("2"))
        yield batch(fact("3"))

    @hookimpl
    async def push_state(self, account, http, changes):
        return [PushOutcome(entry_id=change.entry_id, outcome=Outcome.APPLIED) for change in changes]

    @hookimpl
    def parse_webhook(self, request):
        return [Event(kind=EventKind.STATE, machine_id="m", user_id="u", entry_id=request.body.decode())]

    @hookimpl
    async def list_users(self, server, http):
        return [User(user_id="u", name=server.name, token=Secret(TOKEN))]


def good_but(**attributes: Any) -> Any:
    """Return a good backend with some attributes replaced; None takes one away."""
    kept = {name: value for name, value in vars(Good).items() if not name.startswith("__")}
    replaced = {**kept, **attributes}
    return type("Plugin", (), {name: value for name, value in replaced.items() if value is not None})()


def server_of(backend: str = "fake") -> Server:
    return Server(name="home", type=backend, url="http://home.test", token=Secret(TOKEN), options=CommonOptions())


def account_of(backend: str = "fake") -> Account:
    return Account(server=server_of(backend), identity="main", user_id="u", token=Secret(TOKEN))


SOURCE = """
from watchstate.api import hookimpl


class Backend:
    @hookimpl
    async def fetch_library(self, account, http, scope):
        return
        yield

    @hookimpl
    async def push_state(self, account, http, changes):
        return []

    @hookimpl
    def parse_webhook(self, request):
        return ()

    @hookimpl
    async def list_users(self, server, http):
        return ()
"""
"""The module of a distribution that offers a good backend."""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution with one module and one entry point onto the path."""

    def install(
        distribution: str,
        source: str = SOURCE,
        *,
        name: str | None = None,
        version: str = "1.0",
        group: str = "watchstate.backends",
        attribute: str = "Backend",
    ) -> None:
        folder = tmp_path / distribution
        metadata = folder / f"{distribution}-{version}.dist-info"
        metadata.mkdir(parents=True)
        (folder / f"{distribution}_module.py").write_text(source)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (metadata / "entry_points.txt").write_text(
            f"[{group}]\n{name or distribution} = {distribution}_module:{attribute}\n"
        )
        monkeypatch.syspath_prepend(folder)

    before = set(sys.modules)
    yield install
    for module in set(sys.modules) - before:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[module]
