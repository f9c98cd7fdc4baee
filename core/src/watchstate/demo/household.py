"""Two simulated servers with one library and two different histories of watching."""

from msgspec import Struct
from msgspec.structs import replace

from watchstate.api import PlayState
from watchstate.clock import DAY, HOUR, MINUTE, Clock
from watchstate.demo.titles import episodes, movies
from watchstate.plugins.discovery import load_simulator
from watchstate.testing import Simulator, Title


class DemoServer(Struct, frozen=True):
    """A simulated server, its person, and where each title is."""

    name: str
    version: str
    simulator: Simulator
    user_id: str
    entries: dict[str, str]
    """Title's path → entry id."""


def make_household(clock: Clock) -> list[DemoServer]:
    """Make the servers: the same files, some known by other ids, watched by the same person at other times."""
    titles = [*movies(), *episodes()]
    living_room = _server("living-room", clock, 0, titles)
    bedroom = _server("bedroom", clock, 1, [_known_otherwise(number, title) for number, title in enumerate(titles)])
    now = clock()
    for number, title in enumerate(titles):
        on_first, on_second = number % 3 == 0, number % 5 == 0
        if on_first:
            _watch(living_room, title, now - (2 + number) * DAY)
        if on_second:
            _watch(bedroom, title, now - (1 + number) * DAY - 3 * HOUR)
    _pause(bedroom, titles[1], 41 * MINUTE)
    _pause(living_room, titles[7], 17 * MINUTE)
    return [living_room, bedroom]


def disagreements(servers: list[DemoServer]) -> list[str]:
    """Ask the servers themselves: return the titles on which they differ in watched or position."""
    first, *others = servers
    return [
        path
        for path, entry_id in first.entries.items()
        for other in others
        if _shown(first.simulator.state(first.user_id, entry_id))
        != _shown(other.simulator.state(other.user_id, other.entries[path]))
    ]


def _shown(state: PlayState) -> tuple[bool, int]:
    return state.watched, 0 if state.watched else (state.position_ms or 0) // 1000


def _server(name: str, clock: Clock, seed: int, titles: list[Title]) -> DemoServer:
    kind = load_simulator("jellyfin")
    version = kind.versions[seed % len(kind.versions)]
    simulator = kind(clock=clock, version=version, name=name, seed=seed)
    user_id = simulator.add_user("alex")
    libraries = {"movie": simulator.add_library("Films", "movies"), "episode": simulator.add_library("Shows", "shows")}
    entries = {title.path or "": simulator.add(libraries[title.kind], title) for title in titles}
    return DemoServer(name, version, simulator, user_id, entries)


def _known_otherwise(number: int, title: Title) -> Title:
    """Some titles carry fewer ids on the second server, as with another metadata provider."""
    if title.kind == "movie" and number % 4 == 0:
        return replace(title, ids={"Imdb": title.ids["Imdb"]})
    if title.kind == "episode" and number % 4 == 0:
        return replace(title, ids={})
    return title


def _watch(server: DemoServer, title: Title, at: int) -> None:
    server.simulator.watch(server.user_id, server.entries[title.path or ""], at=at)


def _pause(server: DemoServer, title: Title, position_ms: int) -> None:
    entry_id = server.entries[title.path or ""]
    server.simulator.start(server.user_id, entry_id)
    server.simulator.stop(server.user_id, entry_id, position_ms=position_ms)
