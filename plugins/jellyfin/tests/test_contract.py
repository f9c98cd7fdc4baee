"""Jellyfin keeps the contract, in each of its simulated versions."""

from watchstate.testing.contract import BackendContract
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator


class JellyfinContract(BackendContract):
    plugin = JellyfinBackend
    simulator = JellyfinSimulator


class TestJellyfin1010(JellyfinContract):
    version = "10.10.7"


class TestJellyfin1011(JellyfinContract):
    version = "10.11.8"


class TestJellyfin12(JellyfinContract):
    version = "12.0.0"


def test_each_simulated_version_keeps_the_contract():
    tested = {each.version for each in (TestJellyfin1010, TestJellyfin1011, TestJellyfin12)}
    assert tested == set(JellyfinSimulator.versions)
