"""A simulated Emby server with the backend in front of it."""

import pytest

from watchstate.testing.world import open_world
from watchstate_emby.backend import EmbyBackend
from watchstate_emby.simulator import EmbySimulator


@pytest.fixture
async def world():
    """A world of Emby 4.9."""
    async with open_world(EmbyBackend(), lambda clock: EmbySimulator(clock=clock)) as world:
        yield world


@pytest.fixture(params=EmbySimulator.versions)
async def any_world(request):
    """A world of each simulated version."""
    async with open_world(EmbyBackend(), lambda clock: EmbySimulator(clock=clock, version=request.param)) as world:
        yield world
