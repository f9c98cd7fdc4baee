"""From events to writes: read what changed, bring it into the hub, and write it to the household's other accounts.

Each account has its own worker, so that a server that is slow, or an account that another process holds, keeps nobody
else waiting. What is under way is in the inbox until it has ended: a process that is killed loses nothing.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import Connection

from watchstate.api import BusyError, StorageError
from watchstate.clock import SECOND
from watchstate.storage import catalogue, inbox, runs
from watchstate.storage.inbox import Kept
from watchstate.sync.delivering import deliver_items
from watchstate.sync.folding import Folding
from watchstate.sync.importing import reread
from watchstate.sync.lease import owner_name
from watchstate.sync.pending import Part, Pending, Trouble
from watchstate.sync.preparing import Job, prepare_server
from watchstate.sync.runs import guarded
from watchstate.sync.turns import take_turn
from watchstate.sync.work import AccountReport, AccountWork, Engine, Member, Reporter

SWEEP: Final = 10.0
"""Seconds between two looks into the inbox for what is to be tried again, or was sent back there by a person."""

_COMMAND: Final = "serve"
_log = logging.getLogger(__name__)


class Desk(Struct):
    """What one account has to do."""

    member: Member
    folding: Folding = field(default_factory=Folding)
    items: dict[int, set[int]] = field(default_factory=dict)
    """Items whose entries may have to be written, and the events that ask for it."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    turned_at: int | None = None
    """When its last turn began; None: it had none yet."""

    @property
    def key(self) -> tuple[str, str]:
        """Server and identity."""
        return self.member.account.server.name, self.member.account.identity

    def next_at(self, now: int) -> int | None:
        """Return when there is something to do (a moment of the past: now), or None."""
        return 0 if self.items else self.folding.next_at(now)

    def ask_items(self, items: Iterable[int], event_id: int) -> None:
        """Ask for items to be delivered."""
        for item in items:
            self.items.setdefault(item, set()).add(event_id)
        self.woken.set()


class Hearing:
    """Handles what the inbox holds: `open` it, `run` it until it is stopped, `close` it."""

    def __init__(self, engine: Engine, members: Sequence[Member], reporter: Reporter) -> None:
        self._engine = engine
        self._reporter = reporter
        self._owner = owner_name(_COMMAND)
        self._run_id = 0
        self._desks = {desk.key: desk for desk in map(Desk, members)}
        self._pending = Pending(engine, members)
        self._stopping = asyncio.Event()
        self._counts = {"events": 0, "changed": 0, "written": 0}

    async def open(self) -> None:
        """Begin, with what an earlier process left behind.

        Raises:
            StorageError: the database doesn't answer.
        """
        self._run_id = await self._engine.storage.write(partial(_begin, owner=self._owner, now=self._engine.clock()))
        await self.sweep()

    async def close(self) -> None:
        """Write down that it has ended."""
        end = partial(runs.end_run, run_id=self._run_id, at=self._engine.clock(), outcome="done", counts=self._counts)
        await self._engine.storage.write(end)

    def hear(self, events: Sequence[Kept]) -> None:
        """Take events that were just kept."""
        for one in events:
            if one.server is not None and one.entry_id is not None:
                self._ask(one, [(one.server, one.identity, one.entry_id)])

    async def sweep(self) -> None:
        """Take from the inbox what is to be tried now, and forget what is old."""
        for event, targets in await self._pending.due():
            self._ask(event, targets)

    async def settle(self) -> None:
        """Do everything that is due now."""
        while due := [desk for desk in self._desks.values() if self._is_due(desk)]:
            await asyncio.gather(*map(self._turn, due))

    async def run(self) -> None:
        """Work until `stop`."""
        async with asyncio.TaskGroup() as group:
            sweeping = group.create_task(self._sweep_forever())
            for desk in self._desks.values():
                group.create_task(self._attend(desk))
            await self._stopping.wait()
            sweeping.cancel()

    async def stop(self, running: asyncio.Task[None], patience: float) -> None:
        """End `run`, the task `running`: after the turns that are under way, or after so many seconds in the midst."""
        self._stopping.set()
        for desk in self._desks.values():
            desk.woken.set()
        await asyncio.wait({running}, timeout=patience)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    # What an event asks for

    def _ask(self, event: Kept, targets: Sequence[tuple[str, str | None, str]]) -> None:
        """Ask for the reads of an event; each is told of once."""
        asked = [
            (desk, entry_id)
            for server, identity, entry_id in targets
            for desk in self._desks.values()
            if desk.key[0] == server and identity in {None, desk.key[1]}
        ]
        if not asked or self._pending.is_open(event.event_id):
            return
        self._pending.open(event)
        for desk, entry_id in asked:
            self._pending.add(event.event_id, Part(*desk.key, entry_id))
            desk.folding.ask(entry_id, event.event_id)
            desk.woken.set()

    def _spread(self, desk: Desk, items: Collection[int], events: Iterable[int], *, to_itself: bool) -> None:
        """Ask every account of the person to show what the hub holds now."""
        others = [
            other
            for other in self._desks.values()
            if other.key[1] == desk.key[1] and other.member.exports and (to_itself or other is not desk)
        ]
        for event_id, other in product(events, others):
            for item in items:
                self._pending.add(event_id, Part(*other.key, item))
            other.ask_items(items, event_id)

    # The workers

    async def _attend(self, desk: Desk) -> None:
        while not self._stopping.is_set():
            if self._is_due(desk):
                await self._turn(desk)
            else:
                await self._wait(desk)

    async def _wait(self, desk: Desk) -> None:
        """Wait for what is due next, or for something new."""
        now = self._engine.clock()
        next_at = desk.next_at(now)
        waiting: set[asyncio.Future[Any]] = {asyncio.create_task(desk.woken.wait())}
        if next_at is not None:
            seconds = max(0, next_at - now) / SECOND
            waiting.add(asyncio.ensure_future(self._engine.pause(seconds)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        desk.woken.clear()

    async def _sweep_forever(self) -> None:
        while True:
            await self._engine.pause(SWEEP)
            try:
                await self.sweep()
            except StorageError as error:
                _log.error("the inbox can't be read: %s", error)
            except Exception:  # noqa: BLE001 - it must not end the workers
                _log.exception("the inbox could not be looked through")

    def _is_due(self, desk: Desk) -> bool:
        now = self._engine.clock()
        next_at = desk.next_at(now)
        return next_at is not None and next_at <= now

    async def _turn(self, desk: Desk) -> None:
        """Read and write what is due for one account, as a run does, and note what became of the events."""
        now = self._engine.clock()
        reads = desk.folding.take(now)
        items, desk.items = desk.items, {}
        checks_clock = desk.turned_at is None or now < desk.turned_at
        desk.turned_at = now
        account = desk.member.account
        job = Job(desk.member, AccountReport(server=account.server.name, identity=account.identity))
        try:
            prepared = prepare_server(self._engine, [job], run_id=self._run_id, owner=self._owner, is_forced=False)
            await guarded([job], prepared)
            if job.work is not None and not job.report.error:
                step = partial(self._work, desk, reads, items)
                await take_turn(
                    self._engine, job, job.work, self._reporter, step, tries_all=False, checks_clock=checks_clock
                )
        except Exception as error:  # noqa: BLE001 - one event must not end the others' worker
            _log.exception("an event could not be handled")
            job.report.error = f"{account.server.name}: a fault of watchstate: {type(error).__name__}; see the log"
        self._counts["changed"] += job.report.changed
        self._counts["written"] += job.report.written
        await self._end_parts(desk, job.report, reads, items)

    async def _work(
        self,
        desk: Desk,
        reads: Mapping[str, set[int]],
        items: dict[int, set[int]],
        job: Job,
        work: AccountWork,
    ) -> None:
        if reads:
            await reread(self._engine, work, list(reads), job.report)
            found = await self._engine.storage.read(partial(_items_of, work=work, entry_ids=list(reads)))
            for entry_id, of_entry in found.items():
                self._spread(desk, of_entry, reads[entry_id], to_itself=True)
            items |= {item: items.get(item, set()) | events for item, events in desk.items.items()}
            desk.items = {}
        changed = job.report.changed
        if items and work.exports:
            await deliver_items(self._engine, work, list(items), job.report)
        if job.report.changed > changed:
            # What was read before a write was another change: the others don't know of it yet.
            for item, events in items.items():
                self._spread(desk, [item], events, to_itself=False)

    async def _end_parts(
        self, desk: Desk, report: AccountReport, reads: Mapping[str, set[int]], items: Mapping[int, set[int]]
    ) -> None:
        trouble = _trouble(report)
        if trouble is not None:
            _log.warning("%s", trouble.text)
        parts = [(one, Part(*desk.key, entry_id)) for entry_id, events in reads.items() for one in events]
        # What was asked for once more meanwhile is still to be done.
        parts += [
            (one, Part(*desk.key, item))
            for item, events in items.items()
            for one in events - desk.items.get(item, set())
        ]
        ended = self._pending.end(parts, report, trouble)
        self._counts["events"] += len(ended)
        try:
            await self._pending.write_down(ended)
        except StorageError as error:
            _log.error("what became of events can't be kept, so they are handled again: %s", error)


def _begin(conn: Connection, owner: str, now: int) -> int:
    if runs.was_killed(conn, _COMMAND):
        inbox.count_restart(conn, now)
    return runs.begin_run(conn, _COMMAND, owner, now)


def _trouble(report: AccountReport) -> Trouble | None:
    if report.error:
        return Trouble(report.error, is_busy=report.exit_code == BusyError.exit_code)
    if report.failed:
        why = f" ({report.failure})" if report.failure else ""
        return Trouble(f"{report.server}: {report.failed} writes failed{why}", is_of_writes=True)
    if report.waiting:
        return Trouble(
            f"{report.server}: {report.waiting} writes have to wait: watchstate state plan", is_of_writes=True
        )
    return None


def _items_of(conn: Connection, work: AccountWork, entry_ids: Collection[str]) -> dict[str, tuple[int, ...]]:
    found = catalogue.known_entries(conn, work.server_id, entry_ids)
    return {entry_id: row.items for entry_id, row in found.items()}
