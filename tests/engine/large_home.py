"""A large household of three kinds of servers with different histories, and a count of what its servers are asked."""

import re
from collections import Counter
from pathlib import Path
from random import Random

from msgspec import Struct, field
from tests.engine.home import DAY, MINUTE, START, Home, Place, episode, movie

from watchstate.testing import LoggedRequest, Title

NAMES = ("plex", "jellyfin", "emby")
POSITION = 15 * MINUTE
PAGE = 1000
"""Rows that each backend asks for in one request."""
OVERLAP = 10
"""Rows that two pages share."""
BATCH = 100
"""Entries in one targeted read."""

_IS_LISTING = re.compile(r"[?&](startIndex|X-Plex-Container-Start)=", re.IGNORECASE)
_IS_DETAIL = re.compile(r"[?&]ids=|/library/metadata/[\d,]+\?|/Items/\d+$", re.IGNORECASE)


class Library(Struct):
    """What was put on every server, and what each server lacks of it."""

    movies: int = 0
    episodes: int = 0
    shows: int = 0
    watched: int = 0
    """Titles that are watched on at least one server."""
    marks: Counter[str] = field(default_factory=Counter)
    """Server → titles that are watched elsewhere only."""
    positions: Counter[str] = field(default_factory=Counter)
    """Server → titles that are half watched elsewhere only."""


class Traffic(Struct, frozen=True):
    """Requests to one server, by kind."""

    listings: int = 0
    """Pages of titles or of shows."""
    details: int = 0
    """Reads of some titles or shows by their ids."""
    writes: int = 0
    others: int = 0
    """Who answers, what is played, which libraries there are."""

    @property
    def reads(self) -> int:
        """All but the writes."""
        return self.listings + self.details + self.others


def large_home(folder: Path, *, movies: int, shows: int, episodes_per_show: int, seed: int) -> tuple[Home, Library]:
    """Put the same titles on a Plex, a Jellyfin and an Emby, and let people watch.

    Three in ten are watched on all of them, three on none; one in ten is watched on one of them only, for each; one in
    ten is half watched on one of them.
    """
    home = Home(folder, **{name: name for name in NAMES})
    chance, library = Random(seed), Library(movies, shows * episodes_per_show, shows)
    for number in range(movies):
        _add(home, library, movie(number), chance)
    for number in range(shows):
        show, ids = f"Show {number}", {"Tvdb": str(70_000 + number)}
        for place in range(episodes_per_show):
            own = {"Tvdb": str(1_000_000 + number * 1_000 + place)}
            title = episode(place // 20 + 1, place % 20 + 1, show, show_ids=ids, ids=own)
            _add(home, library, title, chance)
    home.clock.pass_time()
    return home, library


def _add(home: Home, library: Library, title: Title, chance: Random) -> None:
    entries = {name: home[name].add(title) for name in NAMES}
    share, date = chance.randrange(10), START - chance.randrange(1_000) * DAY
    if share < 3:
        watching = NAMES
    elif share < 6:
        watching = ()
    else:
        watching = (NAMES[share - 6] if share < 9 else chance.choice(NAMES),)
    others = [name for name in NAMES if name not in watching]
    if share == 9:
        home[watching[0]].play(entries[watching[0]], POSITION)
        library.positions.update(others)
        return
    for name in watching:
        home[name].watch(entries[name], at=date)
    if watching:
        library.watched += 1
        library.marks.update(others)


def pages(rows: int) -> int:
    """Return how many requests it takes to list so many rows."""
    return 1 if rows <= PAGE else 1 + -(-(rows - PAGE) // (PAGE - OVERLAP))


def batches(entries: int) -> int:
    """Return how many targeted reads so many entries take."""
    return -(-entries // BATCH)


def traffic(home: Home) -> dict[str, Traffic]:
    """Return what each server was asked since the last time, and forget it."""
    counted = {name: _count(place) for name, place in home.places.items()}
    for place in home.places.values():
        place.simulator.requests.clear()
    return counted


def _count(place: Place) -> Traffic:
    kinds = Counter(_kind(request) for request in place.simulator.requests)
    return Traffic(**kinds)


def _kind(request: LoggedRequest) -> str:
    address = f"{request.path}?{request.query}"
    if request.is_write:
        return "writes"
    if _IS_DETAIL.search(address) or _IS_DETAIL.search(request.path):
        return "details"
    return "listings" if _IS_LISTING.search(address) else "others"
