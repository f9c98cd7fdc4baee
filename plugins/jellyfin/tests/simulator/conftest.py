"""A simulated server, somebody on it, and a client that speaks to it without a socket."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from watchstate.testing import Title
from watchstate_jellyfin.simulator import JellyfinSimulator

NOON = 1_714_564_800_250  # 2024-05-01 12:00:00.250 UTC
HOUR_AND_HALF = 90 * 60_000
TICKS = 10_000


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


class Household:
    """A server with two people, a movie and a short show."""

    def __init__(self, version: str | None = None, **options: Any) -> None:
        self.clock = Clock()
        self.server = JellyfinSimulator(clock=self.clock, version=version, **options)
        self.alice = self.server.add_user("alice", password="a-pass")
        self.bob = self.server.add_user("bob", is_admin=True)
        self.movies = self.server.add_library("Movies", "movies")
        self.shows = self.server.add_library("Shows", "shows")
        self.movie = self.server.add(self.movies, MOVIE)
        self.episodes = [self.server.add(self.shows, episode(number)) for number in (1, 2, 3)]
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.server.app), base_url="http://jellyfin")

    async def ask(
        self, method: str, path: str, *, token: str | None = None, json: Any = None, **query: Any
    ) -> httpx.Response:
        """Send a request, as alice unless another token (or "" for none) is given."""
        token = self.server.token_for(self.alice) if token is None else token
        client = 'Client="Test", Device="bench", DeviceId="bench-1", Version="1.0"'
        headers = {"Authorization": f'MediaBrowser {client}, Token="{token}"'} if token else {}
        return await self.client.request(method, path, params=query, headers=headers, json=json)

    async def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a successful GET as alice."""
        response = await self.ask("GET", path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def rows(self, **query: Any) -> list[dict[str, Any]]:
        """Return the rows of a listing as alice."""
        return (await self.get("/Items", **query))["Items"]

    async def user_data(self, entry_id: str) -> dict[str, Any]:
        """Return alice's state of an item."""
        return await self.get(f"/UserItems/{entry_id}/UserData")


MOVIE = Title(kind="movie", title="Heat", year=1995, ids={"tmdb": "949", "imdb": "tt0113277"}, runtime_ms=HOUR_AND_HALF)


def episode(number: int, **changes: Any) -> Title:
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


MakeHousehold = Callable[..., Household]


@pytest.fixture
async def make() -> AsyncIterator[MakeHousehold]:
    """A maker of households of any version."""
    made: list[Household] = []

    def make_household(version: str | None = None, **options: Any) -> Household:
        made.append(Household(version, **options))
        return made[-1]

    yield make_household
    for household in made:
        await household.client.aclose()


@pytest.fixture
def home(make: MakeHousehold) -> Household:
    """A household on the default version."""
    return make()


@pytest.fixture
def new_episode() -> Callable[..., Title]:
    """A maker of episodes of the show that is there."""
    return episode


@pytest.fixture
def heat() -> Title:
    """The movie that is there."""
    return MOVIE
