"""Households of any version."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from plugins.plex.tests.simulator.households import Household

from watchstate_plex.simulator import PlexSimulator

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
        await household.close()


@pytest.fixture
def home(make: MakeHousehold) -> Household:
    """A household with the newest server."""
    return make()


@pytest.fixture(params=PlexSimulator.versions)
def any_home(request: pytest.FixtureRequest, make: MakeHousehold) -> Household:
    """A household of each version."""
    return make(request.param)
