"""A life of a household on the whole stack: from a seed and steps to what is broken."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import stamina
from tests.property.stack_home import Setup, StackHome
from tests.property.stack_promises import Broken, agrees, judges, replays, rows_of, sound, un_watches
from tests.property.stack_steps import Stage, Step

from watchstate.clock import HOUR, MINUTE
from watchstate.sync.backing_up import back_up, restore
from watchstate.sync.runs import Request

IN_MEMORY = Path("/dev/shm")


@dataclass
class Counts:
    """What was done, over any number of lives."""

    lives: int = 0
    steps: int = 0
    runs: int = 0
    deeds: int = 0
    kills: int = 0
    quiet: int = 0
    states: int = 0
    judged: int = 0
    changed: int = 0
    """States that somebody had changed since the quiet period before."""
    changed_judged: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)

    def join(self, other: "Counts") -> None:
        """Add what another process has counted."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Life:
    """One household, and everything that happens to it."""

    def __init__(self, folder: Path, seed: int, counts: Counts | None = None) -> None:
        self.counts = counts or Counts()
        self.home = StackHome(folder, Setup.draw(seed))
        self.stage = Stage(self.home)
        self._backups = 0
        random.seed(seed)

    async def meet(self) -> None:
        """Let the household meet, with much that was watched long ago."""
        home = self.home
        for copy in home.there():
            for identity in home.setup.identities:
                if home.draw.random() < 0.4:
                    self.stage.watched_once(copy, identity)
        home.clock.pass_time(HOUR)
        await self.quiet()

    async def does(self, step: Step) -> None:
        """Let one step happen; a quiet period is one."""
        if step.what == "quiet":
            await self.quiet()
        elif step.what == "backup":
            await self.quiet()
            await self._loses_the_hub()
        else:
            await self.stage.does(step)

    async def quiet(self) -> None:
        """Let everybody be reachable and nobody do anything for two full runs, then hold it to the promises."""
        await self._calm()
        home = self.home
        for _ in range(2):
            home.clock.pass_time(10 * MINUTE)
            await self.stage.run(Request(command="sync", is_full=True))
        settled = home.clock()
        broken = await self._is_silent()
        broken += await agrees(home)
        for check in (sound, partial(replays, home=home), partial(un_watches, home=home)):
            broken += home.process.ask(check)
        broken += home.told_twice
        verdict = judges(home, settled)
        self.counts.quiet += 1
        self.counts.states += verdict.states
        self.counts.judged += verdict.judged
        self.counts.changed += verdict.changed
        self.counts.changed_judged += verdict.changed_judged
        if broken or verdict.broken:
            raise Broken("\n".join([*broken, *verdict.broken]))

    async def _calm(self) -> None:
        home = self.home
        home.down.clear()
        for place in home.places.values():
            place.simulator.faults.clear()
            place.simulator.short_pages = False
            late = home.late.pop(place.name, None)
            if late is not None and not isinstance(late, str):
                await late.arrive(place.simulator._app)
        while home.playing:
            await self.stage.does(Step("stop"))
        home.clock.pass_time(7 * HOUR)
        await self.stage.accept_machines()

    async def _is_silent(self) -> list[str]:
        """Promise 2: a third run writes nothing and changes no row."""
        home = self.home
        rows, written = home.process.ask(partial(rows_of, home=home)), home.writes()
        home.clock.pass_time(10 * MINUTE)
        outcome = await self.stage.run(Request(command="sync", is_full=True))
        assert outcome is not None
        broken = [f"{one.server} ({one.identity}): {one.error}" for one in outcome.report.accounts if one.error]
        if home.writes() != written:
            told = [request for place in home.places.values() for request in place.simulator.writes()[-3:]]
            broken.append(f"a third run still writes: {told}")
        after = home.process.ask(partial(rows_of, home=home))
        for name, before in rows.items():
            if before != after[name]:
                gone, new = before - after[name], after[name] - before
                broken.append(f"a third run changes rows of {name}: {list(gone)[:3]} become {list(new)[:3]}")
        return broken

    async def _loses_the_hub(self) -> None:
        """Back up, lose the database, and restore into an empty one."""
        home = self.home
        self._backups += 1
        engine = home.process.engine
        made = [
            await back_up(engine, home.folder, identity=who, name=f"{who}-{self._backups}.gz")
            for who in home.setup.identities
        ]
        await home.end_process()
        home.empty_hub()
        home.ledger.begins_anew()
        for one in made:
            await restore(home.process.engine, one.file)

    async def close(self) -> None:
        """Close everything, and count."""
        home, counts = self.home, self.counts
        counts.lives += 1
        counts.steps += self.stage.actions
        counts.runs += self.stage.runs
        counts.kills += self.stage.kills
        counts.deeds += home.ledger.deeds
        counts.doubts += home.ledger.doubts
        counts.faults += home.faults
        for place in home.places.values():
            counts.requests += len(place.simulator.requests)
            counts.faults.update(fault.kind.value for fault in place.simulator.faults.happened)
        await home.end_process()


@contextmanager
def begin(seed: int, counts: Counts | None = None) -> Iterator[Life]:
    """Begin a life in a folder of its own; requests are repeated without pauses meanwhile."""
    place = IN_MEMORY if IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=place) as folder, stamina.set_testing(True, attempts=3, cap=True):
        yield Life(Path(folder), seed, counts)


def live(seed: int, steps: Iterable[Step], counts: Counts | None = None) -> None:
    """Let a household live through these steps and come to rest.

    Raises:
        Broken: a promise does not hold.
    """
    with begin(seed, counts) as life:
        asyncio.run(_live(life, steps))


async def _live(life: Life, steps: Iterable[Step]) -> None:
    try:
        await life.meet()
        for step in steps:
            await life.does(step)
        await life.quiet()
    finally:
        await life.close()
