"""A simulated server, somebody on it, and a client that speaks to it without a socket."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from plugins.mediabrowser.tests import households
from plugins.mediabrowser.tests.households import MOVIE, episode

from watchstate.testing import Title
from watchstate_jellyfin.simulator import JellyfinSimulator


class Household(households.Household):
    """A household with a simulated Jellyfin."""

    def __init__(self, version: str | None = None, **options: Any) -> None:
        super().__init__(JellyfinSimulator, version=version, **options)

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
