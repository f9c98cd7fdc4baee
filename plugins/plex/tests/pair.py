"""A household with servers of different kinds, on the engine's own harness."""

from contextlib import asynccontextmanager

from msgspec.structs import replace
from tests.engine.home import Home, Lines, SetClock, empty_database

from watchstate.app import open_services
from watchstate.config import decode_server, load_settings
from watchstate.plugins.manager import PluginManager
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator
from watchstate_plex.backend import PlexBackend
from watchstate_plex.simulator import PlexSimulator

KINDS = {"plex": PlexSimulator, "jellyfin": JellyfinSimulator}
OWNER = "1"


def lower_case(ids):
    """Return ids with the names of their providers in lower case."""
    return {provider.lower(): value for provider, value in ids.items()}


class Place:
    """One simulated server, with the person whom the household calls main."""

    def __init__(self, name, kind, clock, seed):
        self.name, self.kind = name, kind
        self.simulator = KINDS[kind](clock=clock, name=name, seed=seed)
        self.user = OWNER if kind == "plex" else self.simulator.add_user("alex")
        self.movies = self.simulator.add_library("Films", "movies")
        self.shows = self.simulator.add_library("Shows", "shows")
        self.url = f"http://{name}.test"

    def add(self, title, *, library=None):
        """Put a title into the library of its kind or another. Plex writes the names of providers in lower case."""
        if self.kind == "plex":
            title = replace(title, ids=lower_case(title.ids), show_ids=lower_case(title.show_ids))
        return self.simulator.add(library or (self.movies if title.kind == "movie" else self.shows), title)

    def config(self, **settings):
        own = {"type": self.kind, "url": self.url, "token": self.simulator.admin_token, "user": self.user}
        return decode_server(self.name, own | settings)

    def shows_state(self, entry_id, user=None):
        return self.simulator.state(user or self.user, entry_id)

    def is_watched(self, entry_id, user=None):
        return self.shows_state(entry_id, user).watched

    def watch(self, entry_id, *, at=None, user=None):
        self.simulator.watch(user or self.user, entry_id, at=at)

    def unwatch(self, entry_id, user=None):
        self.simulator.unwatch(user or self.user, entry_id)

    def play(self, entry_id, position_ms, user=None):
        self.simulator.start(user or self.user, entry_id)
        self.simulator.stop(user or self.user, entry_id, position_ms=position_ms)


async def _down(_scope, _receive, _send):
    """Break every connection."""
    raise ConnectionResetError


class Pair(Home):
    """Places by name; the names say which kind each is."""

    def __init__(self, folder, **kinds):
        self.clock = SetClock()
        self.folder = folder
        self.places = {
            name: Place(name, kind, self.clock, seed) for seed, (name, kind) in enumerate(kinds.items(), start=1)
        }
        self.configs = {name: place.config() for name, place in self.places.items()}
        self.environ = {"WS_DATA_PATH": str(folder)}
        self.lines = Lines()
        self.plex_tv_is_down = False
        database = folder / "db" / "watchstate.db"
        database.parent.mkdir()
        database.write_bytes(empty_database())

    @asynccontextmanager
    async def services(self, backend=None):
        """Open everything, as a process of its own would, with another Plex backend if one is given."""
        mounts = {place.url: place.simulator.app for place in self.places.values()}
        for place in self.places.values():
            mounts |= (
                dict.fromkeys(place.simulator.elsewhere, _down) if self.plex_tv_is_down else place.simulator.elsewhere
            )
        plugins = PluginManager.of({"plex": backend or PlexBackend(), "jellyfin": JellyfinBackend()})
        settings = load_settings(self.environ)
        async with open_services(
            settings, servers=self.configs, clock=self.clock, mounts=mounts, plugins=plugins
        ) as services:
            yield services
