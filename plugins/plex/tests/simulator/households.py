"""A simulated server, people around it, and clients that speak to it and to plex.tv without a socket."""

import xml.etree.ElementTree as ET
from typing import Any

import httpx

from watchstate.testing import Title
from watchstate_plex.simulator import PlexSimulator
from watchstate_plex.simulator.simulator import PLEX_TV

OLD, MIDDLE, NEW = PlexSimulator.versions
NOON = 1_714_564_800_250  # 2024-05-01 12:00:00.250 UTC
NOW = 1_714_564_800
SECOND = 1_000
MINUTE = 60 * SECOND
RUNTIME = 100 * MINUTE
IDENTIFIER = "com.plexapp.plugins.library"
PAGE = "X-Plex-Container-Start=0&X-Plex-Container-Size=1000"
MOVIE = Title(kind="movie", title="Heat", year=1995, ids={"tmdb": "949", "imdb": "tt0113277"}, runtime_ms=RUNTIME)


def episode(number: int, **changes: Any) -> Title:
    values: dict[str, Any] = {
        "kind": "episode",
        "title": f"Part {number}",
        "ids": {"tvdb": f"900{number}"},
        "show": "The Piece",
        "show_ids": {"tvdb": "81797", "imdb": "tt0388629"},
        "season": 1,
        "episodes": (number,),
        "runtime_ms": RUNTIME,
    }
    return Title(**{**values, **changes})


class SetClock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        self.now += seconds * SECOND


class Household:
    """A server with its owner, alice of the same home and a friend of another; a movie and a short show."""

    def __init__(self, version: str | None = None, **options: Any) -> None:
        self.clock = SetClock()
        self.server = PlexSimulator(clock=self.clock, version=version, **options)
        self.owner = self.server.owner_id
        self.alice = self.server.add_user("alice")
        self.friend = self.server.add_user("friend", kind="external")
        self.movies = self.server.add_library("Movies", "movies")
        self.shows = self.server.add_library("Shows", "shows")
        self.movie = self.server.add(self.movies, MOVIE)
        self.episodes = [self.server.add(self.shows, episode(number)) for number in (1, 2, 3)]
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.server.app), base_url="http://plex")
        app = self.server.elsewhere[PLEX_TV]
        self.cloud = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PLEX_TV)

    async def close(self) -> None:
        await self.client.aclose()
        await self.cloud.aclose()

    @property
    def season(self) -> str:
        return self.server.library.items[self.episodes[0]].parent_key or ""

    @property
    def show(self) -> str:
        return self.server.library.items[self.season].parent_key or ""

    async def ask(
        self, path: str, *, method: str = "GET", user: str | None = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a request, as the owner unless another user or token (or "" for none) is given."""
        known = self.server.token_for(user or self.owner) if token is None else token
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Accept": "application/json", "X-Plex-Client-Identifier": "bench", **named}
        if known:
            given["X-Plex-Token"] = known
        return await self.client.request(method, path, headers=given)

    async def get(self, path: str, **who: Any) -> dict[str, Any]:
        """Return the container of a successful answer, as JSON."""
        response = await self.ask(path, **who)
        assert response.status_code == 200, response.text
        return response.json()["MediaContainer"]

    async def xml(self, path: str, **who: Any) -> ET.Element:
        """Return the container of a successful answer, as XML."""
        response = await self.ask(path, Accept="*/*", **who)
        assert response.status_code == 200, response.text
        return ET.fromstring(response.content)

    async def rows(self, path: str, query: str = "", **who: Any) -> list[dict[str, Any]]:
        """Return all rows of a listing."""
        return (await self.get(f"{path}?{query}&{PAGE}", **who)).get("Metadata", [])

    async def titles(self, path: str, query: str = "", **who: Any) -> list[str]:
        """Return the titles of a listing."""
        return [row["title"] for row in await self.rows(path, query, **who)]

    async def row(self, entry_id: str, **who: Any) -> dict[str, Any]:
        """Return one item in full detail."""
        return (await self.get(f"/library/metadata/{entry_id}", **who))["Metadata"][0]

    async def mark(self, entry_id: str, verb: str = "scrobble", query: str = "", **who: Any) -> None:
        """Mark an item as played, or with ``unscrobble`` as not played."""
        response = await self.ask(f"/:/{verb}?identifier={IDENTIFIER}&key={entry_id}{query}", **who)
        assert (response.status_code, response.content) == (200, b"")

    async def report(
        self, entry_id: str, time: int, *, state: str = "playing", query: str = "", **who: Any
    ) -> dict[str, Any]:
        """Report as a player does; return the answer."""
        key = f"ratingKey={entry_id}&key=/library/metadata/{entry_id}&identifier={IDENTIFIER}"
        return await self.get(f"/:/timeline?{key}&state={state}&time={time}&duration={RUNTIME}{query}", **who)

    async def shown(self, entry_id: str, **who: Any) -> dict[str, Any]:
        """Return what an item shows of its state."""
        row = await self.row(entry_id, **who)
        return {name: row[name] for name in ("viewCount", "viewOffset", "lastViewedAt") if name in row}

    async def ask_cloud(
        self, path: str, *, method: str = "GET", user: str | None = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Ask plex.tv, as the owner unless another user or token is given."""
        known = self.server.people.accounts[user or self.owner].cloud_token if token is None else token
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Accept": "application/json", "X-Plex-Client-Identifier": "bench", "X-Plex-Token": known, **named}
        return await self.cloud.request(method, path, headers={name: each for name, each in given.items() if each})
