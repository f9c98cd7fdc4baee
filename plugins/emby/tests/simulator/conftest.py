"""A simulated server, somebody on it, and a client that speaks to it without a socket."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from plugins.mediabrowser.tests import households
from plugins.mediabrowser.tests.households import MOVIE, episode

from watchstate.testing import Title
from watchstate_emby.simulator import EmbySimulator


class Household(households.Household):
    """A household with a simulated Emby."""

    def __init__(self, version: str | None = None, **options: Any) -> None:
        super().__init__(EmbySimulator, version=version, **options)

    async def ask(
        self, method: str, path: str, *, token: str | None = None, json: Any = None, **query: Any
    ) -> httpx.Response:
        """Send a request, as alice unless another token (or "" for none) is given; ``{}`` in the path is she."""
        token = self.server.token_for(self.alice) if token is None else token
        headers = {"X-Emby-Token": token} if token else {}
        return await self.client.request(method, path.format(self.alice), params=query, headers=headers, json=json)

    async def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a successful GET as alice."""
        response = await self.ask("GET", path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def rows(self, **query: Any) -> list[dict[str, Any]]:
        """Return the rows of a listing as alice."""
        return (await self.get("/Users/{}/Items", **query))["Items"]

    async def detail(self, entry_id: str) -> dict[str, Any]:
        """Return all of an item."""
        return await self.get(f"/Users/{{}}/Items/{entry_id}")

    async def user_data(self, entry_id: str) -> dict[str, Any]:
        """Return alice's state of an item, in full."""
        return (await self.detail(entry_id))["UserData"]

    async def series_id(self) -> str:
        """Return the id of the show."""
        return (await self.rows(Ids=self.episodes[0]))[0]["SeriesId"]


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


@pytest.fixture(params=EmbySimulator.versions)
def any_home(request: pytest.FixtureRequest, make: MakeHousehold) -> Household:
    """A household on each version."""
    return make(request.param)


@pytest.fixture
def new_episode() -> Callable[..., Title]:
    """A maker of episodes of the show that is there."""
    return episode


@pytest.fixture
def heat() -> Title:
    """The movie that is there."""
    return MOVIE
