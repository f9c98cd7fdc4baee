"""The command line in this process, on a folder of its own, with a household of fake servers behind it."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, field

from watchstate.api import (
    Account,
    BackendAuthError,
    BackendUnavailable,
    Capabilities,
    Change,
    CommonOptions,
    Event,
    Http,
    LibraryBatch,
    PushOutcome,
    Scope,
    Server,
    ServerInfo,
    User,
    WebhookRequest,
    hookimpl,
)
from watchstate.app import open_services
from watchstate.cli import run
from watchstate.cli.options import Context
from watchstate.config import ServerConfig, load_servers
from watchstate.plugins.manager import PluginManager

TOKEN = "t0ken-of-the-test"
URL = "http://192.0.2.10:8096"
ALICE = "a" * 32
BOB = "b" * 32


class FakeServer(Struct):
    """What answers behind an address."""

    machine_id: str = "machine-1"
    is_up: bool = True
    token: str = TOKEN
    needs_token_to_identify: bool = True
    may_list: bool = True
    """The token may ask who the users are."""
    acts_for_everyone: bool = True
    known: list[User] = field(default_factory=list)
    """What was known when the users were last asked for."""
    users: tuple[User, ...] = (User(user_id=ALICE, name="Alice"), User(user_id=BOB, name="Bob", is_disabled=True))
    asked: list[str] = field(default_factory=list)


class FakeBackend:
    """A backend whose servers are objects of the test."""

    Options = CommonOptions

    def __init__(self, household: Mapping[str, FakeServer]) -> None:
        self._household = household

    def _reach(self, server: Server, operation: str) -> FakeServer:
        there = self._household.get(server.url)
        if there is None or not there.is_up:
            raise BackendUnavailable(server.name, operation, "connection refused", "check the url", sent=False)
        there.asked.append(operation)
        if server.token.reveal() != there.token and (operation != "identify" or there.needs_token_to_identify):
            raise BackendAuthError(server.name, operation, "the token is not accepted", "make a new one")
        return there

    @hookimpl
    async def fetch_library(self, account: Account, http: Http, scope: Scope) -> AsyncIterator[LibraryBatch]:
        self._reach(account.server, "read")
        yield LibraryBatch(facts=(), read_from=0, read_to=0, total=0)

    @hookimpl
    async def push_state(self, account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
        return []

    @hookimpl
    def parse_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        return ()

    @hookimpl
    async def list_users(self, server: Server, http: Http, known: Sequence[User]) -> Sequence[User]:
        there = self._reach(server, "list users")
        if not there.may_list:
            raise BackendAuthError(server.name, "list users", "the token is a user's own", "give it the owner's")
        there.known = list(known)
        return there.users

    @hookimpl
    def capabilities(self, info: ServerInfo | None) -> Capabilities:
        return Capabilities(acts_for_everyone=all(each.acts_for_everyone for each in self._household.values()))

    @hookimpl
    async def identify_server(self, server: Server, http: Http) -> ServerInfo:
        there = self._reach(server, "identify")
        return ServerInfo(machine_id=there.machine_id, name="Living room", version="10.11.8")


@pytest.fixture(autouse=True)
def data_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this household."""
    monkeypatch.setenv("WS_DATA_PATH", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Take back what a command does to the process's logging."""
    log = logging.getLogger("watchstate")
    before = log.handlers, log.level
    yield
    log.handlers, log.level = before


@pytest.fixture
def server() -> FakeServer:
    """The server that answers at `URL`."""
    return FakeServer()


@pytest.fixture
def household(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeServer]:
    """All servers by address. Commands reach these through a backend of the type `fake`."""
    reachable = {URL: server}

    def services(context: Context, servers: Mapping[str, ServerConfig] | None = None) -> Any:
        plugins = PluginManager.of({"fake": FakeBackend(reachable)})
        return open_services(context.settings, context.servers_file, servers=servers, plugins=plugins)

    monkeypatch.setattr(Context, "services", services)
    return reachable


class Result(Struct, frozen=True):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line; an argument with spaces is several."""

    def call(line: str, *more: str) -> Result:
        code = run([*line.split(), *more])
        captured = capsys.readouterr()
        assert TOKEN not in captured.out + captured.err
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def servers_file(data_path: Path) -> Path:
    return data_path / "config" / "servers.yaml"


@pytest.fixture
def configured(servers_file: Path) -> Callable[[], dict[str, ServerConfig]]:
    """Read the file as it is now."""
    return lambda: load_servers(servers_file)


@pytest.fixture
def home(servers_file: Path) -> None:
    """A server that was added some time ago."""
    servers_file.parent.mkdir()
    servers_file.write_text(
        f"home:\n  type: fake\n  url: {URL}\n  token: {TOKEN}\n  user: {ALICE}\n  uuid: machine-1\n"
        "  webhook: {token: hook-1}\n  options: {timeout: 45}\n"
    )
