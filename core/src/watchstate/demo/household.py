"""The demo's household: servers of three kinds with the same files, and a new one that comes later."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from watchstate.api import PlayState
from watchstate.clock import DAY, SECOND, Clock
from watchstate.demo.clock import StoryClock
from watchstate.demo.titles import episodes, label, movies
from watchstate.plugins.discovery import load_simulator
from watchstate.testing import Simulator, Title

_FILES_ADDED = 400 * DAY
"""How long before the story the files came."""


class Blueprint(Struct, frozen=True, kw_only=True):
    """A server to be made, and by which providers' ids it knows its titles."""

    name: str
    kind: str
    version: int = -1
    """Which of its simulator's versions; -1 is the newest."""
    has_old_films: bool = False
    """Its films are in a library of an old agent."""
    films: frozenset[str]
    shows: frozenset[str]
    episodes: frozenset[str] = frozenset()


SERVERS = (
    Blueprint(
        name="plex",
        kind="plex",
        has_old_films=True,
        films=frozenset({"Imdb"}),
        shows=frozenset({"Tvdb"}),
        episodes=frozenset({"Tvdb"}),
    ),
    Blueprint(name="jellyfin", kind="jellyfin", version=-2, films=frozenset({"Tmdb"}), shows=frozenset({"Imdb"})),
    Blueprint(
        name="emby",
        kind="emby",
        version=-2,
        films=frozenset({"Imdb", "Tmdb"}),
        shows=frozenset({"Imdb", "Tvdb"}),
    ),
)
"""Plex and Jellyfin have no id in common: only Emby tells that they mean the same titles."""
NEWCOMER = Blueprint(name="new-jellyfin", kind="jellyfin", films=frozenset({"Tmdb"}), shows=frozenset({"Tvdb"}))


class DemoServer(Struct, frozen=True):
    """A simulated server, the person's user on it, and its entry of each title (by `label`)."""

    blueprint: Blueprint
    version: str
    simulator: Simulator
    user_id: str
    entries: dict[str, str]

    @property
    def name(self) -> str:
        """Its name in the household."""
        return self.blueprint.name

    def state(self, title: str) -> PlayState:
        """Return what it shows the person now."""
        return self.simulator.state(self.user_id, self.entries[title])

    def states(self) -> dict[str, PlayState]:
        """Return what it shows of every title."""
        return {title: self.state(title) for title in self.entries}

    def watched(self) -> set[str]:
        """Return the titles that it shows as watched."""
        return {title for title, state in self.states().items() if state.watched}

    def begun(self) -> set[str]:
        """Return the titles that it would resume."""
        return {title for title, state in self.states().items() if state.position_ms and not state.watched}

    def writes(self) -> int:
        """Return how many requests could have changed a state on it so far."""
        return len(self.simulator.writes())

    # What the person does, at its screen or with its files

    def watch(self, title: str, *, at: int) -> None:
        """Watch a title."""
        self.simulator.watch(self.user_id, self.entries[title], at=at)

    def unwatch(self, title: str) -> None:
        """Mark a title as not watched."""
        self.simulator.unwatch(self.user_id, self.entries[title])

    def pause(self, title: str, position_ms: int) -> None:
        """Begin a title, and stop in the middle."""
        self.simulator.start(self.user_id, self.entries[title])
        self.simulator.stop(self.user_id, self.entries[title], position_ms=position_ms)

    def replace_file(self, title: str) -> None:
        """Put a better file in the place of another."""
        self.simulator.replace_file(self.entries[title])


class Household(Struct, frozen=True):
    """Everything that there is: the clock on the wall, the servers, and one that is bought in the end."""

    clock: StoryClock
    servers: tuple[DemoServer, ...]
    newcomer: DemoServer

    def __getitem__(self, name: str) -> DemoServer:
        """Return a server by its name."""
        return next(server for server in (*self.servers, self.newcomer) if server.name == name)


def make_household(machine: Clock) -> Household:
    """Make the servers with all their files; nobody has watched anything yet. The clock shows the story's beginning."""
    clock = StoryClock(machine)
    titles = [*movies(), *episodes()]
    clock.turn_to(_FILES_ADDED)
    servers = tuple(_make_server(blueprint, clock, seed, titles) for seed, blueprint in enumerate(SERVERS))
    newcomer = _make_server(NEWCOMER, clock, len(SERVERS), titles)
    clock.turn_to(0)
    return Household(clock, servers, newcomer)


def differences(servers: Iterable[DemoServer]) -> list[str]:
    """Ask the servers themselves: return the titles on which they don't all show the same."""
    shown = [server.states() for server in servers]
    return [title for title in shown[0] if len({_seen(states[title]) for states in shown}) > 1]


def _seen(state: PlayState) -> tuple[bool, int]:
    return state.watched, 0 if state.watched else (state.position_ms or 0) // SECOND


def _make_server(blueprint: Blueprint, clock: Clock, seed: int, titles: Iterable[Title]) -> DemoServer:
    kind = load_simulator(blueprint.kind)
    version = kind.versions[blueprint.version]
    simulator = kind(clock=clock, version=version, name=blueprint.name, seed=seed)
    add_films = simulator.add_old_library if blueprint.has_old_films else simulator.add_library
    libraries = {"movie": add_films("Films", "movies"), "episode": simulator.add_library("Shows", "shows")}
    return DemoServer(
        blueprint=blueprint,
        version=version,
        simulator=simulator,
        user_id=simulator.owner_id or simulator.add_user("alex"),
        entries={label(title): simulator.add(libraries[title.kind], _known(blueprint, title)) for title in titles},
    )


def _known(blueprint: Blueprint, title: Title) -> Title:
    own = blueprint.films if title.kind == "movie" else blueprint.episodes
    return replace(title, ids=_only(own, title.ids), show_ids=_only(blueprint.shows, title.show_ids))


def _only(providers: frozenset[str], ids: dict[str, str]) -> dict[str, str]:
    return {provider: value for provider, value in ids.items() if provider in providers}
