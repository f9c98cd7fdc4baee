"""A simulated household for the engine's tests: real storage, real plugins, simulated servers, a clock that is set."""

from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from watchstate.api import PlayState
from watchstate.app import Services, open_services
from watchstate.clock import DAY, MINUTE
from watchstate.config import ServerConfig, decode_server, load_settings
from watchstate.plugins.discovery import load_backend, load_simulator
from watchstate.plugins.manager import PluginManager
from watchstate.storage import journal
from watchstate.storage.connections import parse
from watchstate.storage.migrate import migrate
from watchstate.sync.runs import Command, Outcome, Request, run
from watchstate.sync.work import AccountReport, Silent
from watchstate.testing import Simulator, Title


@cache
def empty_database() -> bytes:
    """Migrate a database once; every household begins with a copy of it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "watchstate.db"
        migrate(parse(f"sqlite:///{file}"), clock=SetClock(), busy_timeout_ms=5000)
        return file.read_bytes()


@cache
def installed(*kinds: str) -> PluginManager:
    """Load the installed plugins once: they keep nothing."""
    return PluginManager.load(kinds)


def plugins_with(backend: object, *kinds: str) -> PluginManager:
    """Take a backend in the place of the installed one whose class it extends."""
    plugins = {kind: load_backend(kind)[0] for kind in kinds}
    plugins = {kind: backend if isinstance(backend, type(one)) else one for kind, one in plugins.items()}
    assert backend in plugins.values()
    return PluginManager.of(plugins)


START = 1_700_000_000_000
"""When every test begins: 2023-11-14."""
HOUR = 60 * MINUTE


class SetClock:
    """A clock that stands until it is told to move."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return now."""
        return self.now

    def pass_time(self, duration_ms: int = 10 * MINUTE) -> None:
        """Let time pass."""
        self.now += duration_ms


class Lines(Silent):
    """Remembers what a run tells."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def line(self, text: str) -> None:
        self.told.append(text)


class Place:
    """One simulated server with the person whom the household calls main."""

    def __init__(self, name: str, kind: str, clock: SetClock, seed: int, version: str | None) -> None:
        self.name, self.kind = name, kind
        self.simulator: Simulator = load_simulator(kind)(clock=clock, version=version, name=name, seed=seed)
        self.user = self.simulator.owner_id or self.simulator.add_user("alex")
        self.movies = self.simulator.add_library("Films", "movies")
        self.shows = self.simulator.add_library("Shows", "shows")
        self.url = f"http://{name}.test"

    def add(self, title: Title, *, library: str | None = None) -> str:
        """Put a title into the library of its kind, or into another."""
        return self.simulator.add(library or (self.movies if title.kind == "movie" else self.shows), title)

    def config(self, **settings: object) -> ServerConfig:
        token = settings.pop("token", self.simulator.admin_token)
        own = {"type": self.kind, "url": self.url, "token": token, "user": self.user}
        return decode_server(self.name, own | settings)

    def shows_state(self, entry_id: str, user: str | None = None) -> PlayState:
        return self.simulator.state(user or self.user, entry_id)

    def is_watched(self, entry_id: str, user: str | None = None) -> bool:
        return self.shows_state(entry_id, user).watched

    def watch(self, entry_id: str, *, at: int | None = None, user: str | None = None) -> None:
        self.simulator.watch(user or self.user, entry_id, at=at)

    def unwatch(self, entry_id: str, user: str | None = None) -> None:
        self.simulator.unwatch(user or self.user, entry_id)

    def play(self, entry_id: str, position_ms: int | None, user: str | None = None) -> None:
        self.simulator.start(user or self.user, entry_id)
        self.simulator.stop(user or self.user, entry_id, position_ms=position_ms)


async def _broken(_scope, _receive, _send) -> None:
    raise ConnectionResetError


class Home:
    """The household: places by name, and watchstate between them."""

    def __init__(self, folder: Path, *names: str, versions: dict[str, str] | None = None, **kinds: str) -> None:
        """Make Jellyfin servers of these names, and servers of other kinds by name=kind."""
        self.clock = SetClock()
        self.folder = folder
        versions = versions or {}
        kind_of = dict.fromkeys(names, "jellyfin") | kinds
        self.places = {
            name: Place(name, kind, self.clock, seed, versions.get(name))
            for seed, (name, kind) in enumerate(kind_of.items(), start=1)
        }
        self.down: set[str] = set()
        """Base URLs that break every connection."""
        self.configs = {name: place.config() for name, place in self.places.items()}
        self.environ = {"WS_DATA_PATH": str(folder)}
        self.lines = Lines()
        database = folder / "db" / "watchstate.db"
        database.parent.mkdir()
        database.write_bytes(empty_database())

    def __getitem__(self, name: str) -> Place:
        return self.places[name]

    @asynccontextmanager
    async def services(self, backend: object | None = None):
        """Open everything. A backend that is given stands in the place of the plugin whose class it extends."""
        mounts = {place.url: place.simulator.app for place in self.places.values()}
        for place in self.places.values():
            mounts |= place.simulator.elsewhere
        mounts |= dict.fromkeys(self.down, _broken)
        kinds = sorted({place.kind for place in self.places.values()})
        plugins = installed(*kinds) if backend is None else plugins_with(backend, *kinds)
        async with open_services(
            load_settings(self.environ), servers=self.configs, clock=self.clock, mounts=mounts, plugins=plugins
        ) as services:
            yield services

    async def run(self, command: Command, *names: str, backend: object | None = None, **asked: bool) -> Outcome:
        """Do one run in a process of its own, as it were: nothing in memory survives it. Then time passes."""
        async with self.services(backend) as services:
            outcome = await run(
                services.engine, services.household(names), Request(command=command, **asked), self.lines
            )
        self.clock.pass_time()
        return outcome

    async def sync(self, *names: str) -> dict[str, AccountReport]:
        return reports(await self.run("sync", *names))

    async def is_silent(self) -> bool:
        """Sync once more and say whether neither servers nor journal got anything new."""
        before = self.writes(), await self.journal_lines()
        await self.sync()
        return before == (self.writes(), await self.journal_lines())

    def writes(self) -> int:
        return sum(len(place.simulator.writes()) for place in self.places.values())

    async def journal_lines(self) -> int:
        async with self.services() as services:
            return await services.storage.read(journal.count)

    async def journal(self):
        async with self.services() as services:
            return [line for _, line in await services.storage.read(lambda conn: journal.lines(conn, limit=1000))]


def reports(outcome: Outcome) -> dict[str, AccountReport]:
    return {one.server: one for one in outcome.report.accounts}


def movie(number: int, **other) -> Title:
    given = {
        "title": f"Film {number}",
        "year": 1990 + number % 30,
        "ids": {"Tmdb": str(1000 + number), "Imdb": f"tt{1000 + number:07d}"},
        "runtime_ms": 120 * MINUTE,
        "path": f"/films/Film {number}.mkv",
    }
    return Title(kind="movie", **(given | other))


def episode(season: int, number: int, show: str = "Show", **other) -> Title:
    given = {
        "title": f"Episode {number}",
        "show": show,
        "show_ids": {"Tvdb": str(70_000 + sum(show.encode()))},
        "ids": {"Tvdb": str(100_000 + sum(show.encode()) * 100 + season * 50 + number)},
        "season": season,
        "episodes": (number,),
        "runtime_ms": 40 * MINUTE,
        "path": f"/shows/{show}/{show} S{season:02d}E{number:02d}.mkv",
    }
    return Title(kind="episode", **(given | other))


__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "START",
    "Home",
    "Lines",
    "Place",
    "Services",
    "SetClock",
    "episode",
    "movie",
    "reports",
]
