"""A simulated Plex server with the backend in front of it, and no waiting between the tries of a request."""

import pytest
import stamina

from watchstate.testing.world import open_world
from watchstate_plex.backend import PlexBackend
from watchstate_plex.simulator import PlexSimulator


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
async def world():
    """A world of the newest Plex."""
    async with open_world(PlexBackend(), lambda clock: PlexSimulator(clock=clock)) as world:
        yield world
