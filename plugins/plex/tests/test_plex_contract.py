"""Plex keeps the contract, in each of its simulated versions."""

import pytest

from watchstate.testing.contract import BackendContract
from watchstate_plex.backend import PlexBackend
from watchstate_plex.simulator import PlexSimulator


class PlexContract(BackendContract):
    plugin = PlexBackend
    simulator = PlexSimulator


class TestPlex132(PlexContract):
    version = "1.32.8.7639-fb6452ebf"


class TestPlex141(PlexContract):
    version = "1.41.3.9314-a0bfb8370"


class TestPlex143(PlexContract):
    version = "1.43.1.10611-1e34174b1"


@pytest.mark.parametrize("version", PlexSimulator.versions)
def test_each_simulated_version_keeps_the_contract(version):
    assert version in {each.version for each in (TestPlex132, TestPlex141, TestPlex143)}
