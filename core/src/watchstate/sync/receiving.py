"""What a server tells is kept before it is answered for; whoever handles it hears of it then."""

import asyncio
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import PluginError, WebhookRequest
from watchstate.storage import accounts, inbox
from watchstate.storage.inbox import Arrival, Kept
from watchstate.sync.routing import Routed, route
from watchstate.sync.work import Engine, Member

_SECRET_HEADER: Final = re.compile("auth|cookie|key|secret|token", re.IGNORECASE)
_log = logging.getLogger(__name__)


class Receipt(Struct, frozen=True):
    """What became of a request at the door."""

    status: Literal["accepted", "ignored", "parked"]
    reason: str = ""


class Receiver:
    """Takes requests of servers that showed their token. Those that come at once are kept in one transaction."""

    def __init__(
        self,
        engine: Engine,
        members: Sequence[Member],
        hear: Callable[[Sequence[Kept]], None],
        *,
        keeps_ignored: bool = False,
    ) -> None:
        self._engine = engine
        self._members = members
        self._hear = hear
        self._keeps_ignored = keeps_ignored
        self._waiting: list[tuple[Sequence[Arrival], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def receive(self, backend: str, servers: Collection[str], request: WebhookRequest) -> Receipt:
        """Keep what a request tells; it is durable when this returns, unless it is to be ignored.

        Args:
            backend: the type of the servers whose token came with it.
            servers: the names of these servers.
            request: the request, without the headers that hold the token (see `without_secrets`).

        Raises:
            WebhookRejected: it can't be read.
            StorageError: it could not be kept.
        """
        arrival = Arrival(backend=backend, headers=request.headers, body=request.body)
        try:
            events = self._engine.plugins.parse_webhook(backend, request)
        except PluginError as error:
            _log.exception("a webhook could not be read")
            await self._keep([replace(arrival, state="parked", error=str(error))])
            return Receipt("parked", str(error))
        members = [one for one in self._members if one.account.server.name in servers]
        machine_ids = await self._machine_ids(servers, members)
        routed = [route(event, members, machine_ids) for event in events]
        arrivals = [
            replace(arrival, server=hint.server, identity=hint.identity, entry_id=hint.entry_id, kind=hint.kind)
            for one in routed
            for hint in one.hints
        ]
        if arrivals:
            await self._keep(arrivals)
            return Receipt("accepted")
        return await self._ignore(arrival, routed)

    async def _ignore(self, arrival: Arrival, routed: Sequence[Routed]) -> Receipt:
        reason = routed[0].reason if routed else "it tells nothing about what was watched"
        _log.info("a webhook of %s is ignored: %s", arrival.backend, reason)
        if self._keeps_ignored:
            await self._keep([replace(arrival, state="ignored", result=reason)])
        return Receipt("ignored", reason)

    async def _machine_ids(self, servers: Collection[str], members: Sequence[Member]) -> dict[str, str | None]:
        found = dict.fromkeys(servers) | {one.account.server.name: one.account.server.machine_id for one in members}
        if None in found.values():
            known = await self._engine.storage.read(_known_machines)
            found = {name: found[name] or known.get(name) for name in found}
        return found

    async def _keep(self, arrivals: Sequence[Arrival]) -> None:
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        await kept

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._write([one for arrivals, _ in batch for one in arrivals])
            except Exception as error:  # noqa: BLE001 - whoever waits has to be told, whatever it is
                for arrivals, kept in batch:
                    await self._write_alone(arrivals, kept, error, is_only=len(batch) == 1)
            else:
                for _, kept in batch:
                    _resolve(kept, None)

    async def _write_alone(
        self, arrivals: Sequence[Arrival], kept: asyncio.Future[None], error: Exception, *, is_only: bool
    ) -> None:
        """Keep the requests of a batch that was refused one by one: only one of them may be at fault."""
        refused: Exception | None = error
        if not is_only:
            try:
                await self._write(arrivals)
            except Exception as own:  # noqa: BLE001 - as above
                refused = own
            else:
                refused = None
        _resolve(kept, refused)

    async def _write(self, arrivals: Sequence[Arrival]) -> None:
        now = self._engine.clock()
        numbers = await self._engine.storage.write(partial(inbox.add, arrivals=arrivals, at=now))
        # Here and not in `receive`: a sender that hangs up meanwhile takes nothing back.
        self._hear(
            [inbox.kept(one, number, now) for one, number in zip(arrivals, numbers, strict=True) if one.state == "new"]
        )


def without_secrets(headers: Mapping[str, str], token: str) -> dict[str, str]:
    """Return the headers of a request that may be kept.

    A proxy may have put the whole address, with the token in it, into a header of its own.
    """
    return {
        name: value
        for name, value in headers.items()
        if not _SECRET_HEADER.search(name) and (not token or token not in value)
    }


def _resolve(kept: asyncio.Future[None], error: Exception | None) -> None:
    if kept.done():
        return
    if error is None:
        kept.set_result(None)
    else:
        kept.set_exception(error)


def _known_machines(conn: Connection) -> dict[str, str | None]:
    return {row.name: row.machine_id for row in accounts.servers(conn)}
