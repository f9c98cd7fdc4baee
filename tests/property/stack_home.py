"""A random household on the whole stack: servers of every kind and version, with libraries of every awkward shape."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.engine.home import Home, Place, empty_database, episode, movie
from tests.property.stack_ledger import Ledger
from tests.property.stack_process import LifeClock, Process

from watchstate.clock import MINUTE
from watchstate.plugins.discovery import load_simulator
from watchstate.testing import Title

KINDS = ("plex", "jellyfin", "emby")
TAKES = (5, 40, 200, 1_500)
"""How long a request takes, in ms."""
FILES = "/media"


@dataclass(eq=False)
class Copy:
    """A file on a server: what it is, and under which id it is there."""

    place: str
    entry_id: str
    titles: tuple[str, ...]
    """The titles that it stands for, as the household knows them."""
    file: Title
    library: str
    is_there: bool = True


@dataclass
class Setup:
    """What a life begins with, drawn from a seed."""

    seed: int
    kinds: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    identities: tuple[str, ...] = ("main",)
    import_off: str = ""
    export_off: str = ""
    brakes_early: bool = False
    titles: tuple[str, ...] = ()

    @classmethod
    def draw(cls, seed: int) -> "Setup":
        """Draw a household."""
        draw = random.Random(seed)
        names = "abcd"[: draw.choice((2, 2, 3, 3, 3, 4))]
        kinds = {name: draw.choice(KINDS) for name in names}
        if len(set(kinds.values())) == 1:
            kinds["a"] = draw.choice([kind for kind in KINDS if kind != kinds["b"]])
        setup = cls(seed, kinds, {name: draw.choice(load_simulator(kind).versions) for name, kind in kinds.items()})
        setup.identities = ("main", "bea", "cy")[: draw.choice((1, 1, 2, 3))]
        setup.import_off = draw.choice(names) if draw.random() < 0.1 else ""
        setup.export_off = draw.choice(names) if draw.random() < 0.1 else ""
        setup.brakes_early = draw.random() < 0.15
        setup.titles = tuple(draw.sample(SHAPES, draw.choice((1, 2, 2, 3, 4))))
        return setup


SHAPES = ("film 1", "film 2", "s0e1", "s1e1", "s1e2", "s1e3")


def shelf(draw: random.Random, name: str, wanted: Sequence[str]) -> list[tuple[tuple[str, ...], Title]]:
    """Draw what a server has of these titles: every shape that is known to make trouble has its chance.

    A film and a show share a number at one provider; a file may carry two ids of one; two episodes may be one file;
    there are specials, second copies, and another cut of the same film.
    """
    two_ids = {"Tmdb": "603", "Imdb": "tt0000603"} | ({"themoviedb": "604"} if draw.random() < 0.3 else {})
    cut = {"runtime_ms": 150 * MINUTE} if draw.random() < 0.15 else {}
    about = {"show_ids": {"Tvdb": "81189", "Tmdb": "1399"}}
    films = [
        (("film 1",), movie(1, ids={"Tmdb": "1399", "Imdb": "tt0000001"}, path=f"{FILES}/{name}/Film 1.mkv")),
        (("film 2",), movie(2, ids=two_ids, path=f"{FILES}/{name}/Film 2.mkv", **cut)),
    ]
    if draw.random() < 0.3:
        films.append((("film 1",), movie(1, ids={"Imdb": "tt0000001"}, path=f"{FILES}/{name}/4k/Film 1.mkv")))
    others = [(0, 1), (1, 3)]
    if draw.random() < 0.3:
        double = episode(1, 1, episodes=(1, 2), path=f"{FILES}/{name}/Show S01E01-E02.mkv", **about)
        films.append((("s1e1", "s1e2"), double))
    else:
        others += [(1, 1), (1, 2)]
    singles = [
        (
            (f"s{season}e{number}",),
            episode(season, number, path=f"{FILES}/{name}/S{season:02}E{number:02}.mkv", **about),
        )
        for season, number in others
    ]
    return [one for one in [*films, *singles] if set(one[0]) & set(wanted) and draw.random() < 0.9]


class StackHome(Home):
    """The household, with persons, faults, and one process of watchstate at a time (or two)."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self.setup = setup
        self.draw = random.Random(setup.seed + 1)
        self.turns = random.Random(setup.seed + 2)
        super().__init__(folder)
        self.clock = LifeClock()
        self.places = {
            name: Place(name, kind, self.clock, number, setup.versions[name])
            for number, (name, kind) in enumerate(setup.kinds.items(), start=1)
        }
        self.database = folder / "db" / "watchstate.db"
        if setup.brakes_early:
            self.environ |= {"WS_BRAKE_ITEMS": "1", "WS_BRAKE_TITLES": "1"}
        self.users = {name: self._people(place) for name, place in self.places.items()}
        self.configs = {name: self._config(place) for name, place in self.places.items()}
        self.ledger = Ledger(self)
        self.copies: list[Copy] = []
        self.faults: Counter[str] = Counter()
        self.late: dict[str, object] = {}
        self.playing: dict[tuple[str, str], Copy] = {}
        self.told_twice: list[str] = []
        self.run_began = 0
        self._process: Process | None = None
        for place in self.places.values():
            self._fill(place)

    def _people(self, place: Place) -> dict[str, str]:
        others = {name: place.simulator.add_user(name) for name in self.setup.identities[1:]}
        return {"main": place.user} | others

    def _config(self, place: Place):
        users = {
            name: {"user": user, "token": place.simulator.token_for(user)} if place.kind == "plex" else {"user": user}
            for name, user in self.users[place.name].items()
            if name != "main"
        }
        switches = {
            "import": {"enabled": self.setup.import_off != place.name},
            "export": {"enabled": self.setup.export_off != place.name},
        }
        return place.config(users=users, **switches)

    def _fill(self, place: Place) -> None:
        is_old = place.kind == "plex" and self.draw.random() < 0.25
        if is_old:
            place.movies = place.simulator.add_old_library("Old films", "movies")
            place.shows = place.simulator.add_old_library("Old shows", "shows")
        for titles, file in shelf(self.draw, place.name, self.setup.titles):
            self.add(place, titles, file)

    def add(self, place: Place, titles: tuple[str, ...], file: Title) -> Copy:
        """Put a file on a server."""
        library = place.movies if file.kind == "movie" else place.shows
        copy = Copy(place.name, place.simulator.add(library, file), titles, file, library)
        self.copies.append(copy)
        self.ledger.appears(copy)
        return copy

    def there(self, place: str | None = None) -> list[Copy]:
        """Return the files that are there."""
        return [copy for copy in self.copies if copy.is_there and place in (None, copy.place)]

    # Processes

    @property
    def process(self) -> Process:
        """The process that runs now; a new one if there is none or it is dead."""
        if self._process is None or self._process.fate.is_dead:
            self._process = self.new_process()
        return self._process

    def new_process(self) -> Process:
        """Start another process on the same database."""
        return Process(self, self.turns)

    async def end_process(self) -> None:
        """End the process that runs: what it had in memory is lost."""
        if self._process is not None:
            await self._process.end()
            self._process = None

    def empty_hub(self) -> None:
        """Begin with an empty database."""
        self.database.write_bytes(empty_database())
        for rest in ("-wal", "-shm"):
            self.database.with_name(self.database.name + rest).unlink(missing_ok=True)

    def take_time(self) -> None:
        """Let a request take its time."""
        self.clock.pass_time(self.turns.choice(TAKES))

    # What the wire tells

    def note_mark(self, place: Place, scope, entry_id: str | None, user: str | None) -> None:
        """Promise 2: a mark for an entry that shows watched already counts a play twice on Plex."""
        if not scope["path"].endswith("/:/scrobble") or entry_id is None or user is None:
            return
        if entry_id not in place.simulator.entry_ids() or not place.simulator.state(user, entry_id).watched:
            return
        if self.ledger.acted_since(place.name, entry_id, user, self.run_began):
            return
        self.told_twice.append(f"{place.name}: {entry_id} is marked although it shows watched")
