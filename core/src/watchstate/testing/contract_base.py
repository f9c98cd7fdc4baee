"""What all parts of the contract suite stand on."""

from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from watchstate.api import Change
from watchstate.clock import Clock
from watchstate.testing.faults import Fault
from watchstate.testing.simulator import Simulator
from watchstate.testing.world import World, open_world


class ContractBase:
    """The backend under test and its simulator."""

    plugin: ClassVar[type]
    """The class behind the entry point; it is constructed without arguments, as core does."""
    simulator: ClassVar[type[Simulator]]
    version: ClassVar[str | None] = None
    """One of the simulator's `versions`; None for its own choice."""

    def world(self) -> AbstractAsyncContextManager[World]:
        """Make a new world."""
        return open_world(self.plugin(), self._make_simulator)

    def _make_simulator(self, clock: Clock) -> Simulator:
        return self.simulator(clock=clock, version=self.version)


async def plan_for_writes(world: World, rehearsed: str, fault: Fault) -> None:
    """Let the next write meet a fault. Which requests are writes, a rehearsal with another entry shows."""
    await world.push(Change(entry_id=rehearsed, watched=True))
    write = world.simulator.writes()[-1]
    fault.method = write.method
    fault.path = write.path.partition(rehearsed)[0]
    world.simulator.faults.plan(fault)
