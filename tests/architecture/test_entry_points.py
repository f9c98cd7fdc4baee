"""What the installed distributions offer can be loaded, and goes together."""

from importlib.metadata import EntryPoint, entry_points

import pytest

from watchstate.plugins.discovery import BACKENDS, SIMULATORS
from watchstate.testing import Simulator

BACKEND_POINTS = sorted(entry_points(group=BACKENDS))
SIMULATOR_POINTS = sorted(entry_points(group=SIMULATORS))


def test_every_backend_has_a_simulator_of_its_name():
    assert [point.name for point in BACKEND_POINTS] == [point.name for point in SIMULATOR_POINTS]
    assert BACKEND_POINTS


@pytest.mark.parametrize("point", BACKEND_POINTS, ids=lambda point: point.name)
def test_a_backend_is_constructed_without_arguments(point: EntryPoint):
    point.load()()


@pytest.mark.parametrize("point", SIMULATOR_POINTS, ids=lambda point: point.name)
def test_a_simulator_stands_for_the_backend_of_its_name(point: EntryPoint):
    simulator = point.load()
    assert issubclass(simulator, Simulator)
    assert simulator.backend == point.name


@pytest.mark.parametrize("name", ["watchstate", "console"])
def test_the_command_is_installed(name: str):
    (point,) = entry_points(group="console_scripts", name=name)
    assert point.value == "watchstate.cli:main"
    assert callable(point.load())
