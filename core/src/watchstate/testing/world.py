"""One simulated server and one backend, connected as core connects them. For the contract suite and backends' tests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

import stamina
from msgspec import Struct
from msgspec.structs import replace

from watchstate.api import (
    Account,
    Capabilities,
    Change,
    Entries,
    Event,
    Everything,
    Fact,
    Http,
    LibraryBatch,
    PlayState,
    PushOutcome,
    Scope,
    Secret,
    Server,
    WebhookRequest,
)
from watchstate.clock import SECOND, Clock
from watchstate.net.client import HttpPool
from watchstate.plugins.manager import PluginManager
from watchstate.testing.front import Front
from watchstate.testing.simulator import Simulator, Title

MakeSimulator = Callable[[Clock], Simulator]

_URL = "http://server.test"
_BEGINNING = 1_750_000_000_000
_ATTEMPTS = 3


class SteppingClock:
    """Moves on by a few milliseconds each time somebody looks, so that no two moments are the same."""

    def __init__(self, now: int = _BEGINNING) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return now, in ms UTC."""
        self.now += 7
        return self.now

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms


class Scan(Struct, frozen=True):
    """What one `fetch_library` gave."""

    batches: tuple[LibraryBatch, ...]

    @property
    def facts(self) -> dict[str, Fact]:
        """The facts by entry id."""
        return {fact.entry.entry_id: fact for batch in self.batches for fact in batch.facts}

    @property
    def total(self) -> int | None:
        """How many entries there are, as the last batch that says so has it."""
        return next((batch.total for batch in reversed(self.batches) if batch.total is not None), None)

    @property
    def is_complete(self) -> bool:
        """Whether core would conclude from it that what is missing is gone."""
        return self.total == len(self.facts)


class World:
    """A household: one server with a movie and a show library, alice and bob, and the backend."""

    def __init__(self, plugin: object, make_simulator: MakeSimulator) -> None:
        self.clock = SteppingClock()
        self.simulator = make_simulator(self.clock)
        self.backend = self.simulator.backend
        self.plugins = PluginManager.of({self.backend: plugin})
        self.front = Front(self.simulator.app, self.clock)
        self.pool = HttpPool(self.clock, mounts={_URL: self.front, **self.simulator.elsewhere})
        self.movies = self.simulator.add_library("Movies", "movies")
        self.shows = self.simulator.add_library("Shows", "shows")
        self.alice = self.account(self.simulator.add_user("alice"))
        self.bob = self.account(self.simulator.add_user("bob"))

    @property
    def server(self) -> Server:
        """The server, with its admin's token."""
        return self.alice.server

    @property
    def http(self) -> Http:
        """What core hands to a hook."""
        return self.pool.for_server(self.server)

    def account(self, user_id: str, *, token: str | None = None, ignore: tuple[str, ...] = ()) -> Account:
        """Return an account to act with: by its own token, unless another is given."""
        options = self.plugins.options_type(self.backend)(ignore=ignore)
        server = Server(
            name="test_server",
            type=self.backend,
            url=_URL,
            token=Secret(self.simulator.admin_token),
            options=options,
            machine_id=self.simulator.machine_id,
        )
        own = token or self.simulator.token_for(user_id)
        return Account(server=server, identity="main", user_id=user_id, token=Secret(own))

    def with_token(self, account: Account, token: str) -> Account:
        """Return the same account with another token, for itself and for its server."""
        server = replace(account.server, token=Secret(token))
        return replace(account, server=server, token=Secret(token))

    def add_movie(self, number: int = 1) -> str:
        """Put a movie on the server; return its entry id."""
        ids = {"imdb": f"tt{number:07}", "tmdb": str(number)}
        title = Title(kind="movie", title=f"Movie {number}", year=2000, ids=ids, runtime_ms=6_000 * SECOND)
        return self.simulator.add(self.movies, title)

    def add_episode(self, show: int = 1, season: int = 1, episodes: tuple[int, ...] = (1,)) -> str:
        """Put an episode on the server; return its entry id."""
        title = Title(
            kind="episode",
            title=f"Episode {episodes[0]}",
            ids={"tvdb": str(show * 10_000 + season * 100 + episodes[0])},
            show=f"Show {show}",
            show_ids={"tvdb": str(show)},
            season=season,
            episodes=episodes,
            runtime_ms=2_400 * SECOND,
        )
        return self.simulator.add(self.shows, title)

    def state(self, entry_id: str) -> PlayState:
        """Return what the server shows alice."""
        return self.simulator.state(self.alice.user_id, entry_id)

    async def capabilities(self) -> Capabilities:
        """Return what the backend says that this server can do."""
        return self.plugins.capabilities(self.backend, await self.plugins.identify_server(self.server, self.http))

    async def fetch(self, scope: Scope, account: Account | None = None) -> Scan:
        """Fetch a scope to its end."""
        who = account or self.alice
        pages = self.plugins.fetch_library(who, self.pool.for_server(who.server), scope)
        async with aclosing(pages):
            return Scan(tuple([batch async for batch in pages]))

    async def everything(self, account: Account | None = None) -> Scan:
        """Fetch everything."""
        return await self.fetch(Everything(), account)

    async def read(self, *entry_ids: str, account: Account | None = None) -> dict[str, Fact]:
        """Fetch these entries; return the facts by entry id."""
        return (await self.fetch(Entries(entry_ids), account)).facts

    async def push_all(self, changes: Sequence[Change], account: Account | None = None) -> dict[str, PushOutcome]:
        """Push changes; return the outcomes by entry id."""
        who = account or self.alice
        outcomes = await self.plugins.push_state(who, self.pool.for_server(who.server), changes)
        return {outcome.entry_id: outcome for outcome in outcomes}

    async def push(self, change: Change, account: Account | None = None) -> PushOutcome:
        """Push one change."""
        return (await self.push_all([change], account))[change.entry_id]

    def hear(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[Event, ...]:
        """Give a webhook request to the backend."""
        return self.plugins.parse_webhook(self.backend, WebhookRequest(headers=headers or {}, body=body))


@asynccontextmanager
async def open_world(plugin: object, make_simulator: MakeSimulator) -> AsyncIterator[World]:
    """Make a world, and close its connections in the end. Requests are repeated without pauses meanwhile."""
    stamina.set_testing(True, attempts=_ATTEMPTS)
    world = World(plugin, make_simulator)
    try:
        yield world
    finally:
        stamina.set_testing(False)
        await world.pool.close()
