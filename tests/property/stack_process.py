"""A process of watchstate, with real storage, plugins and wire, that can die between any two of its operations."""

import asyncio
import random
from contextlib import suppress
from functools import cache
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

from msgspec.structs import replace
from tests.engine.home import START, SetClock
from tests.property.stack_wire import Wire

from watchstate.app import Services
from watchstate.clock import SECOND
from watchstate.config import load_settings
from watchstate.plugins.manager import PluginManager
from watchstate.storage.connections import parse
from watchstate.storage.engines import Storage
from watchstate.sync.lease import RENEWAL


class Killed(BaseException):
    """The process is dead: nothing that it does from now on happens."""


class LifeClock(SetClock):
    """A set clock on which whoever waits is woken when it has moved far enough."""

    def __init__(self, now: int = START) -> None:
        super().__init__(now)
        self._number = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    def pass_time(self, duration_ms: int = 600 * SECOND) -> None:
        super().pass_time(duration_ms)
        while self._waiting and self._waiting[0][0] <= self.now:
            _, _, woken = heappop(self._waiting)
            if not woken.done():
                woken.set_result(None)

    async def pause(self, seconds: float) -> None:
        """Wait as the engine does: a renewal for the clock; whoever waits for another process moves it."""
        if seconds >= RENEWAL:
            woken = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (self.now + round(seconds * SECOND), next(self._number), woken))
            await woken
            return
        for _ in range(5):
            await asyncio.sleep(0)
        self.pass_time(round(seconds * SECOND))


class Fate:
    """Counts the storage and network operations of a process, and kills it before one of them."""

    def __init__(self, turns: random.Random) -> None:
        self.operations = 0
        self.dies_at: int | None = None
        self.dies_at_write = 0
        """It dies when this many more writes have arrived at a server, before an answer does."""
        self.is_dead = False
        self._turns = turns

    def dies_after(self, operations: int) -> None:
        """Let so many more operations happen."""
        self.dies_at = self.operations + operations

    def lives(self) -> None:
        """Forget when it was to die."""
        self.dies_at, self.dies_at_write = None, 0

    def has_written(self) -> None:
        """A write arrived at a server."""
        self.dies_at_write -= 1
        if self.dies_at_write == 0:
            self.is_dead = True
        self._check()

    async def next_operation(self) -> None:
        """Let others go first now and then."""
        self._check()
        for _ in range(self._turns.randrange(3)):
            await asyncio.sleep(0)
        self._check()
        self.operations += 1
        if self.dies_at is not None and self.operations > self.dies_at:
            self.is_dead = True
            raise Killed

    def _check(self) -> None:
        if self.is_dead:
            raise Killed


class MortalStorage(Storage):
    """The real database. Its work is done at once, without threads, so that a life can be told again from its seed."""

    def __init__(self, file: Path, fate: Fate) -> None:
        super().__init__(parse(f"sqlite:///{file}"), 5 * SECOND)
        self._fate = fate

    async def write(self, work):
        await self._fate.next_operation()
        return self._write(work)

    async def read(self, work):
        await self._fate.next_operation()
        return self._read(work)


@cache
def installed() -> PluginManager:
    """Load the backends once: they keep nothing."""
    return PluginManager.load(("plex", "jellyfin", "emby"))


class Process:
    """One process: what it has in memory lasts until it ends or is killed."""

    def __init__(self, home, turns: random.Random) -> None:
        self.fate = Fate(turns)
        self.wires = {name: Wire(place, self.fate, home) for name, place in home.places.items()}
        mounts = {home[name].url: wire for name, wire in self.wires.items()}
        for name, place in home.places.items():
            mounts |= dict.fromkeys(place.simulator.elsewhere, self.wires[name].elsewhere)
        self.services = Services(
            load_settings(home.environ),
            home.folder / "servers.yaml",
            servers=home.configs,
            clock=home.clock,
            mounts=mounts,
            plugins=installed(),
        )
        self.storage = self.services._storage = MortalStorage(home.database, self.fate)
        self.engine = replace(self.services.engine, pause=home.clock.pause)

    def ask(self, question):
        """Read the database beside everything."""
        return self.storage._read(question)

    async def end(self) -> None:
        """Close what it has open; a dead one writes nothing any more."""
        with suppress(Killed):
            await self.services.close()
