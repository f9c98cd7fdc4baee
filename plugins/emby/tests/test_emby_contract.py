"""Emby keeps the contract, in each of its simulated versions."""

from watchstate.testing.contract import BackendContract
from watchstate_emby.backend import EmbyBackend
from watchstate_emby.simulator import EmbySimulator


class EmbyContract(BackendContract):
    plugin = EmbyBackend
    simulator = EmbySimulator


class TestEmby48(EmbyContract):
    version = "4.8.11.0"


class TestEmby49(EmbyContract):
    version = "4.9.5.0"


class TestEmby410(EmbyContract):
    version = "4.10.0.23"


def test_each_simulated_version_keeps_the_contract():
    tested = {each.version for each in (TestEmby48, TestEmby49, TestEmby410)}
    assert tested == set(EmbySimulator.versions)
