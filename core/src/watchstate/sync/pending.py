"""Events that are being handled: what each still waits for, and what becomes of it in the inbox."""

import logging
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import PluginError, WebhookRejected, WebhookRequest
from watchstate.clock import DAY, HOUR, MINUTE, SECOND
from watchstate.storage import accounts, inbox
from watchstate.storage.inbox import Kept
from watchstate.sync.routing import route
from watchstate.sync.work import AccountReport, Engine, Member

PAUSES: Final = (10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE)
"""How long an event waits after its first, second … try."""
MOST_TRIES: Final = len(PAUSES) + 1
"""After so many an event is left to a person, or to the next run if only its writes are missing."""
KEPT: Final = 7 * DAY
"""How long what was dealt with stays in the inbox."""
_AT_ONCE: Final = 100
"""Events that are taken out of the inbox together."""

Target = tuple[str, str | None, str]
"""Server, identity (None: everybody's), entry id."""

_log = logging.getLogger(__name__)


class Trouble(Struct, frozen=True):
    """Why a read or a write of an account did not succeed."""

    text: str
    is_busy: bool = False
    """Another process holds the account: nothing is wrong with the event."""
    is_of_writes: bool = False
    """What was to be read was read."""


class Part(Struct, frozen=True):
    """A read or a write that an event waits for."""

    server: str
    identity: str
    what: str | int
    """The id of an entry to read, or the number of an item whose entries are to be written."""

    @property
    def is_read(self) -> bool:
        """Tell a read from a write."""
        return isinstance(self.what, str)


class Progress(Struct):
    """One event under way."""

    event: Kept
    parts: set[Part] = field(default_factory=set)
    unread: Trouble | None = None
    unwritten: Trouble | None = None
    told: dict[str, None] = field(default_factory=dict)
    """What it came to, in words; a set that keeps its order."""


class Pending:
    """The events under way, by number."""

    def __init__(self, engine: Engine, members: Sequence[Member]) -> None:
        self._engine = engine
        self._members = members
        self._open: dict[int, Progress] = {}
        self._pruned_at = 0

    def is_open(self, event_id: int) -> bool:
        """Say whether an event is under way."""
        return event_id in self._open

    def open(self, event: Kept) -> None:
        """Begin with an event."""
        self._open[event.event_id] = Progress(replace(event, body=b""))  # it may be long, and was read

    def add(self, event_id: int, part: Part) -> None:
        """Let an event wait for another part."""
        if progress := self._open.get(event_id):
            progress.parts.add(part)

    def end(self, parts: Iterable[tuple[int, Part]], report: AccountReport, trouble: Trouble | None) -> list[Progress]:
        """End parts of events; return the events that wait for nothing any more."""
        ended = []
        for event_id, part in parts:
            progress = self._open.get(event_id)
            if progress is None:
                continue
            progress.parts.discard(part)
            if trouble is None or (part.is_read and trouble.is_of_writes):
                progress.told |= dict.fromkeys(_told(report))
            elif part.is_read:
                progress.unread = trouble
            else:
                progress.unwritten = trouble
            if not progress.parts:
                ended.append(self._open.pop(event_id))
        return ended

    async def write_down(self, ended: Sequence[Progress]) -> None:
        """Keep what became of events.

        Raises:
            StorageError: it could not be kept; they are new for the next `due`.
        """
        if ended:
            await self._engine.storage.write(partial(_write_down, ended=ended, now=self._engine.clock()))

    async def due(self) -> list[tuple[Kept, list[Target]]]:
        """Return what the inbox holds for now and is not under way, and end what concerns nobody any more."""
        now = self._engine.clock()
        if not self._pruned_at <= now < self._pruned_at + HOUR:
            await self._engine.storage.write(partial(inbox.prune, before=now - KEPT))
            self._pruned_at = now
        found: list[tuple[Kept, list[Target]]] = []
        after = 0
        while rows := await self._engine.storage.read(partial(_due, now=now, after=after)):
            after = rows[-1].event_id
            found += await self._with_targets([one for one in rows if not self.is_open(one.event_id)])
        return found

    async def _with_targets(self, rows: Sequence[Kept]) -> list[tuple[Kept, list[Target]]]:
        found: list[tuple[Kept, list[Target]]] = []
        for event in rows:
            if event.tries >= MOST_TRIES:
                error = event.error or "the process ended each time while it was handled"
                await self._engine.storage.write(
                    partial(inbox.park, number=event.event_id, tries=event.tries, error=error)
                )
                continue
            try:
                targets = await self._targets(event)
            except (PluginError, WebhookRejected) as error:
                park = partial(inbox.park, number=event.event_id, tries=event.tries + 1, error=str(error))
                await self._engine.storage.write(park)
                continue
            if targets:
                found.append((event, targets))
            else:
                why = {event.event_id: "it concerns no account that is configured now"}
                await self._engine.storage.write(partial(inbox.finish, results=why, state="ignored"))
        return found

    async def _targets(self, event: Kept) -> list[Target]:
        """Return what an event asks for; one that could not be read when it came is read now."""
        if event.server is not None and event.entry_id is not None:
            return self._known([(event.server, event.identity, event.entry_id)])
        request = WebhookRequest(headers=event.headers, body=event.body)
        events = self._engine.plugins.parse_webhook(event.backend, request)
        members = [one for one in self._members if one.account.server.type == event.backend]
        ids = await self._engine.storage.read(_machines)
        own = {one.account.server.name: one.account.server.machine_id for one in members}
        own = {name: known or ids.get(name) for name, known in own.items()}
        hints = [hint for one in events for hint in route(one, members, own).hints]
        return self._known([(hint.server, hint.identity, hint.entry_id) for hint in hints])

    def _known(self, targets: Sequence[Target]) -> list[Target]:
        accounts_here = [(one.account.server.name, one.account.identity) for one in self._members]
        return [
            target
            for target in targets
            if any(name == target[0] and target[1] in {None, identity} for name, identity in accounts_here)
        ]


def _told(report: AccountReport) -> Collection[str]:
    who = report.server if report.identity == "main" else f"{report.server} ({report.identity})"
    words = {"hub changed": report.changed, "held for review": report.held, "written": report.written}
    return [f"{who}: {text}" for text, count in words.items() if count]


def _write_down(conn: Connection, ended: Sequence[Progress], now: int) -> None:
    done: dict[int, str] = {}
    for progress in ended:
        event = progress.event
        trouble = progress.unread or progress.unwritten
        if trouble is None:
            done[event.event_id] = "; ".join(progress.told) or "nothing new"
            continue
        tries = event.tries if trouble.is_busy else event.tries + 1
        if tries < MOST_TRIES:
            inbox.put_off(conn, event.event_id, tries, now + PAUSES[max(tries, 1) - 1], trouble.text)
        elif progress.unread is None:
            done[event.event_id] = f"read, but not written: {trouble.text}; the next state sync writes it"
        else:
            inbox.park(conn, event.event_id, tries, trouble.text)
            _log.error("event %s is parked after %s tries: %s", event.event_id, tries, trouble.text)
    inbox.finish(conn, done, "done")


def _due(conn: Connection, now: int, after: int) -> list[Kept]:
    return inbox.due(conn, now, now + PAUSES[-1], after=after, limit=_AT_ONCE)


def _machines(conn: Connection) -> dict[str, str | None]:
    return {row.name: row.machine_id for row in accounts.servers(conn)}
