"""A simulated Jellyfin server with the backend in front of it."""

import pytest

from watchstate.testing.world import open_world
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator


@pytest.fixture
async def world():
    """A world of Jellyfin 10.11."""
    async with open_world(JellyfinBackend(), lambda clock: JellyfinSimulator(clock=clock)) as world:
        yield world


@pytest.fixture(params=JellyfinSimulator.versions)
async def any_world(request):
    """A world of each simulated version."""
    async with open_world(
        JellyfinBackend(), lambda clock: JellyfinSimulator(clock=clock, version=request.param)
    ) as world:
        yield world
