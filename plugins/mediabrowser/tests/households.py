"""A household with a simulated server of the family, for the tests of its simulators."""

from typing import Any

import httpx

from watchstate.testing import Title

NOON = 1_714_564_800_250  # 2024-05-01 12:00:00.250 UTC
HOUR_AND_HALF = 90 * 60_000
MOVIE = Title(kind="movie", title="Heat", year=1995, ids={"tmdb": "949", "imdb": "tt0113277"}, runtime_ms=HOUR_AND_HALF)


def episode(number: int, **changes: Any) -> Title:
    """Return an episode of the show that is there."""
    values: dict[str, Any] = {
        "kind": "episode",
        "title": f"Part {number}",
        "ids": {"tvdb": f"900{number}"},
        "show": "One Piece",
        "show_ids": {"tvdb": "81797"},
        "season": 1,
        "episodes": (number,),
        "runtime_ms": HOUR_AND_HALF,
    }
    return Title(**{**values, **changes})


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


class Household:
    """A server with two people, a movie and a short show; `make_server` takes a clock and the options."""

    def __init__(self, make_server: Any, **options: Any) -> None:
        self.clock = Clock()
        self.server = make_server(clock=self.clock, **options)
        self.alice = self.server.add_user("alice", password="a-pass")
        self.bob = self.server.add_user("bob", is_admin=True)
        self.movies = self.server.add_library("Movies", "movies")
        self.shows = self.server.add_library("Shows", "shows")
        self.movie = self.server.add(self.movies, MOVIE)
        self.episodes = [self.server.add(self.shows, episode(number)) for number in (1, 2, 3)]
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.server.app), base_url="http://server")
