"""A household of a Plex, a Jellyfin and an Emby on real sockets, and what its people expect to find in the end."""

import random
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

from tests.crash.command import ahead, running
from tests.crash.gate import Gate
from tests.engine.home import Place, episode, movie

from watchstate.clock import DAY, HOUR, MINUTE, system_clock
from watchstate.config import save_servers
from watchstate.testing.serving import serve

KINDS = {"plex": "plex", "jelly": "jellyfin", "emby": "emby"}
TAKES_DATES = ("jelly", "emby")
CLEARS_ON_START = ("jelly", "emby")
MOVIES, EPISODES = 42, 14
DOUBLE = ("e1", "e2")
"""Two episodes that are one file on Jellyfin."""
LENGTH = {"m": 120 * MINUTE, "e": 40 * MINUTE}


class Ahead:
    """The machine's clock, and some time that the test lets pass in no time."""

    def __init__(self):
        self.ms = 0

    def __call__(self):
        return system_clock() + self.ms


@dataclass
class Truth:
    """What is so of one title, as its people know it."""

    watched: bool = False
    position_ms: int = 0
    plays_on_plex: int = 0
    begun_again_on: str = ""
    """A server on which it is being watched again: it shows a position, and may show it unwatched."""
    dates: dict = field(default_factory=dict)
    """Server → the date that it has to show."""
    unmarked: int = 0


class Household:
    def __init__(self, folder, seed, views=30):
        self.folder, self.random, self.gate = folder, random.Random(seed), Gate()
        self.clock = Ahead()
        self.places = {
            name: Place(name, kind, self.clock, number, "10.11.8" if kind == "jellyfin" else None)
            for number, (name, kind) in enumerate(KINDS.items(), start=1)
        }
        self.titles = {f"m{number}": movie(number) for number in range(1, MOVIES + 1)}
        self.titles |= {f"e{number}": episode(1, number) for number in range(1, EPISODES + 1)}
        self.truth = {key: Truth() for key in self.titles}
        self.entries = {
            name: {key: place.add(title) for key, title in self.titles.items() if self.has(name, key)}
            for name, place in self.places.items()
        }
        both = self.places["jelly"].add(
            episode(1, 1, episodes=(1, 2), runtime_ms=80 * MINUTE, path="/shows/Show/Show S01E01-E02.mkv")
        )
        self.entries["jelly"] |= dict.fromkeys(DOUBLE, both)
        self.told = []
        self._begin(views)

    @staticmethod
    def has(name, key):
        """Tell whether a title has a file of its own on a server."""
        return name != "jelly" or key not in DOUBLE

    @contextmanager
    def open(self):
        """Serve the servers, and configure watchstate for them."""
        with ExitStack() as stack:
            for name, place in self.places.items():
                place.url = stack.enter_context(serve(self.gate.before(name, place.simulator.app)))
            # A request may be held for long, and a busy machine may take long.
            configs = {
                name: place.config(uuid=place.simulator.machine_id, options={"timeout": 100})
                for name, place in self.places.items()
            }
            save_servers(self.folder / "config" / "servers.yaml", configs)
            yield self

    def process(self, *words, **how):
        """Start a command at the household's time; `how` as for `ahead`."""
        return running(ahead(self.clock.ms, *words, **how), self.folder)

    def run(self, *words, **how):
        """Run a command to its end; the gate lets it pass."""
        self.gate.disarm()
        return self.run_beside(*words, **how)

    def run_beside(self, *words, **how):
        """Run a command to its end beside another one, for which the gate stays as it is."""
        with self.process(*words, **how) as process:
            return process.finish()

    def rows(self, statement, *values):
        """Ask the database, or change it."""
        with closing(sqlite3.connect(self.folder / "db" / "watchstate.db")) as conn, conn:
            return conn.execute(statement, values).fetchall()

    def writes(self):
        return sum(len(place.simulator.writes()) for place in self.places.values())

    # What its people do

    def _begin(self, views):
        """Days ago each server got some views of its own."""
        names = list(self.places)
        for number, key in enumerate(list(self.titles)[:views]):
            name = names[number % 3]
            if key not in DOUBLE:
                self._mark(name, key, self.clock() - (40 - number) * DAY)

    def live(self, changes):
        """Let the people of the household change so many titles, each on one server; then let time pass."""
        begun = {key: truth.begun_again_on for key, truth in self.truth.items() if truth.begun_again_on}
        for key, name in begun.items():
            self._finish(name, key)
        chosen = self.random.sample([key for key in self.titles if key not in begun], changes)
        if not set(DOUBLE).isdisjoint(chosen):
            chosen = [key for key in chosen if key not in DOUBLE] + [self.random.choice(DOUBLE)]
        for key in chosen:
            self._change(self.random.choice(list(self.places)), key)
            self.clock.ms += self.random.randrange(5) * MINUTE
        self.clock.ms += 10 * MINUTE

    def _change(self, name, key):
        truth = self.truth[key]
        if not self.has(name, key):
            self._change_double(name)
            return
        if truth.watched:
            does = self.random.choice([self._unmark, self._unmark, self._rewatch, self._finish])
        else:
            does = self.random.choice([self._mark, self._mark, self._pause, self._finish])
        if does in {self._rewatch, self._pause} and key in DOUBLE:
            does = self._unmark if truth.watched else self._mark
        does(name, key)

    def _change_double(self, name):
        """Change two episodes by the one file that holds them."""
        entry = self.entries[name][DOUBLE[0]]
        watched = not self.shows(name, DOUBLE[0]).watched
        place = self.places[name]
        (place.watch if watched else place.unwatch)(entry)
        for key in DOUBLE:
            truth = self.truth[key]
            self.told.append(f"{name}: double {key} {watched}")
            if truth.watched is not watched:
                self._became(name, key, watched, self.clock())

    def _mark(self, name, key, at=None):
        self.places[name].watch(self.entries[name][key], at=at)
        self._became(name, key, True, at or self.clock())

    def _unmark(self, name, key):
        self.places[name].unwatch(self.entries[name][key])
        self._became(name, key, False, self.clock())

    def _pause(self, name, key):
        position = int(LENGTH[key[0]] * self.random.uniform(0.2, 0.6)) // 1000 * 1000
        self._play(name, key, position)
        self.truth[key].position_ms = position
        self.told.append(f"{name}: {key} stopped at {position}")

    def _finish(self, name, key):
        truth = self.truth[key]
        began = self.clock()
        self._play(name, key, None)
        again = truth.watched
        self.told.append(f"{name}: {key} played to the end, again: {again}")
        truth.begun_again_on = ""
        if again:
            truth.dates.pop(name, None)
            truth.plays_on_plex += name == "plex"
            return
        self._became(name, key, True, began if name != "plex" else self.clock())

    def _rewatch(self, name, key):
        self._play(name, key, LENGTH[key[0]] // 4)
        self.told.append(f"{name}: {key} begun again")
        self.truth[key].begun_again_on = name
        self.truth[key].dates.pop(name, None)

    def _play(self, name, key, position_ms):
        place, entry = self.places[name], self.entries[name][key]
        place.simulator.start(place.user, entry)
        self.clock.ms += (position_ms or LENGTH[key[0]]) // 1000 * 1000
        place.simulator.stop(place.user, entry, position_ms=position_ms)

    def _became(self, name, key, watched, at):
        self.told.append(f"{name}: {key} watched: {watched}")
        truth = self.truth[key]
        truth.plays_on_plex = truth.plays_on_plex + 1 if name == "plex" and watched else int(watched)
        truth.unmarked += truth.watched and not watched
        truth.watched, truth.position_ms = watched, 0
        truth.dates = {other: at for other in TAKES_DATES if other != name} if watched else {}

    def shows(self, name, key):
        return self.places[name].shows_state(self.entries[name][key])


FULL_SCAN = 7 * HOUR
"""Time after which everything is read again."""
