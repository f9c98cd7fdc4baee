"""Requests of a run in which nothing has changed, on a simulated server of each kind.

One JSON line per backend. Run it with `make bench`; the number of movies is the only argument.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from msgspec import Struct

from watchstate.app import open_services
from watchstate.clock import DAY, HOUR
from watchstate.config import decode_server, load_settings
from watchstate.plugins.manager import PluginManager
from watchstate.sync.runs import Request, run
from watchstate.sync.work import Silent
from watchstate.testing import Simulator, Title
from watchstate_emby.backend import EmbyBackend
from watchstate_emby.simulator import EmbySimulator
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator
from watchstate_plex.backend import PlexBackend
from watchstate_plex.simulator import PlexSimulator

KINDS = {
    "plex": (PlexBackend, PlexSimulator),
    "emby": (EmbyBackend, EmbySimulator),
    "jellyfin": (JellyfinBackend, JellyfinSimulator),
}
START = 1_700_000_000_000
URL = "http://server.test"


class Clock:
    """A clock that only we move."""

    now = START

    def __call__(self) -> int:
        return self.now


class Idle(Struct):
    """What a run in which nothing has changed came to."""

    requests: list[str]
    read: int
    cpu_seconds: float


def fill(simulator: Simulator, user: str, movies: int) -> None:
    """Put movies and a few shows on a server; every second one was watched, and some are half watched."""
    films, shows = simulator.add_library("Films", "movies"), simulator.add_library("Shows", "shows")
    for number in range(movies):
        ids = {"imdb": f"tt{2_000_000 + number}", "tmdb": str(1_000_000 + number)}
        entry = simulator.add(films, Title(kind="movie", title=f"Film {number}", year=2000, ids=ids))
        if number % 2:
            simulator.watch(user, entry)
    for number in range(200):
        show = {"show": f"Show {number // 10}", "show_ids": {"tvdb": str(500_000 + number // 10)}}
        ids = {"tvdb": str(3_000_000 + number)}
        episode = Title(kind="episode", title=f"Part {number}", ids=ids, season=1, episodes=(number % 10 + 1,), **show)
        entry = simulator.add(shows, episode)
        if number % 10 == 0:
            simulator.start(user, entry)
            simulator.stop(user, entry, position_ms=1_500_000)


async def run_idle(kind: str, movies: int, folder: Path) -> Idle:
    """Import everything, let a day pass, and import again; return what the third import costs."""
    clock = Clock()
    backend, simulate = KINDS[kind]
    simulator = simulate(clock=clock)
    user = "1" if kind == "plex" else simulator.add_user("alex")
    fill(simulator, user, movies)
    config = {"type": kind, "url": URL, "token": simulator.admin_token, "user": user, "options": {"full_scan": "30d"}}
    async with open_services(
        load_settings({"WS_DATA_PATH": str(folder)}),
        servers={"bench": decode_server("bench", config)},
        clock=clock,
        mounts={URL: simulator.app, **simulator.elsewhere},
        plugins=PluginManager.of({kind: backend()}),
    ) as services:
        for pause in (2 * DAY, 2 * DAY, HOUR):
            clock.now += pause
            before, began = len(simulator.requests), time.process_time()
            outcome = await run(services.engine, services.household(), Request(command="sync"), Silent())
            one = outcome.report.accounts[0]
            assert one.error == "", one.error
    requests = [f"{request.method} {request.path}" for request in simulator.requests[before:]]
    return Idle(requests, one.read, time.process_time() - began)


async def main(movies: int) -> None:
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            idle = await run_idle(kind, movies, Path(folder))
        line = {
            "what": f"{kind}: a run with nothing changed",
            "movies": movies,
            "requests": len(idle.requests),
            "entries_read": idle.read,
            "cpu_with_simulator_s": round(idle.cpu_seconds, 3),
            "asked": dict(Counter(idle.requests)),
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
