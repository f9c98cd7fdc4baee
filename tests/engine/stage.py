"""A household of servers of given kinds that all have the one film, and what people and watchstate do in it.

The words are those of the model household (`tests.sync.household`), so that a row of the counter-examples reads the
same on the whole stack. Time passes only by `wait` and by playing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection
from tests.engine.home import MINUTE, Home, movie

from watchstate.api import Entries, Everything, hookimpl
from watchstate.app import Services
from watchstate.plugins.discovery import load_backend
from watchstate.states import Agreed, HubState
from watchstate.storage import catalogue, runs
from watchstate.storage.catalogue import ItemRow
from watchstate.sync.explain import EntryView, Explanation, explain
from watchstate.sync.importing import reread, scan
from watchstate.sync.lease import lease, owner_name
from watchstate.sync.planning import known_work
from watchstate.sync.runs import Request, run
from watchstate.sync.work import AccountReport, AccountWork, Silent
from watchstate.testing import Fault, FaultKind, Title

FILM = movie(1)

Meanwhile = Callable[[Services, AccountWork], Awaitable[None]]


@dataclass(frozen=True, eq=False)
class Kind:
    """A backend in one version, with what is turned on at its simulator."""

    name: str
    backend: str
    version: str | None = None
    switches: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


PLEX = Kind("plex", "plex")
JELLYFIN_10 = Kind("jellyfin-10", "jellyfin", "10.11.8")
JELLYFIN_12 = Kind("jellyfin-12", "jellyfin", "12.0.0")
EMBY = Kind("emby", "emby", "4.9.5.0")
EMBY_IN_PART = Kind("emby-in-part", "emby", "4.10.0.23", {"hides_plays_in_lists": True})
ALL = (PLEX, JELLYFIN_10, JELLYFIN_12, EMBY, EMBY_IN_PART)
KEEPS_FLAG = (PLEX, JELLYFIN_12)
CLEARS_FLAG = (JELLYFIN_10, EMBY, EMBY_IN_PART)
DATES_START = (JELLYFIN_10, JELLYFIN_12, EMBY, EMBY_IN_PART)
PARTNER = dict(zip(ALL, (EMBY, PLEX, EMBY_IN_PART, JELLYFIN_12, JELLYFIN_10), strict=True))
"""With whom a kind is paired where a row doesn't ask for somebody in particular."""

MARK = {"plex": "/:/scrobble", "jellyfin": "/UserData", "emby": "/PlayedItems"}
"""What is in the path of the request that marks an entry as watched."""
LAST_OF_A_MARK = MARK | {"emby": "/UserData"}
"""What is in the path of the last request of a mark with a date."""
UNMARK = {"plex": "/:/unscrobble", "jellyfin": "/UserPlayedItems", "emby": "/PlayedItems"}
"""What is in the path of the request that takes a mark away."""


def on(kinds: Sequence[Kind], name: str = "kind") -> pytest.MarkDecorator:
    """Run a test on each of these kinds."""
    return pytest.mark.parametrize(name, kinds, ids=str)


class Stage(Home):
    """Servers by name, each with an entry of the film."""

    def __init__(self, folder: Path, title: Title | None = FILM, **kinds: Kind) -> None:
        versions = {name: kind.version for name, kind in kinds.items() if kind.version}
        super().__init__(folder, versions=versions, **{name: kind.backend for name, kind in kinds.items()})
        self.film: dict[str, str] = {}
        for name, kind in kinds.items():
            for switch, value in kind.switches.items():
                setattr(self[name].simulator, switch, value)
            if title is not None:
                self.film[name] = self[name].add(title)

    def wait(self, minutes: float = 10) -> None:
        self.clock.pass_time(int(minutes * MINUTE))

    # What a person does. Without an entry id, with the film.

    def mark(self, name: str, entry_id: str = "") -> None:
        self[name].watch(entry_id or self.film[name])

    def unmark(self, name: str, entry_id: str = "") -> None:
        self[name].unwatch(entry_id or self.film[name])

    def start(self, name: str, entry_id: str = "") -> None:
        self[name].simulator.start(self[name].user, entry_id or self.film[name])

    def stop(self, name: str, minutes: float | None, entry_id: str = "") -> None:
        """Stop at this minute, or at the end."""
        position = None if minutes is None else int(minutes * MINUTE)
        self[name].simulator.stop(self[name].user, entry_id or self.film[name], position_ms=position)

    def play_until(self, name: str, minutes: float, entry_id: str = "") -> None:
        self.start(name, entry_id)
        self.wait(minutes)
        self.stop(name, minutes, entry_id)

    def watch(self, name: str, entry_id: str = "") -> None:
        """Watch the whole film."""
        self.start(name, entry_id)
        self.wait(120)
        self.stop(name, None, entry_id)

    # What watchstate does, each time in a process of its own unless it says otherwise.

    async def scan(self, *names: str) -> list[AccountReport]:
        """Read everything."""
        return await self._do("import", *names, is_full=True)

    async def look(self, *names: str) -> list[AccountReport]:
        """Read what changed, as far as the server lists it."""
        return await self._do("import", *names)

    async def deliver(self, *names: str) -> int:
        """Write what is needed; return how many writes a server answered well."""
        return sum(report.written for report in await self._do("export", *names))

    async def round(self) -> int:
        """Read everything, write what is needed, and let ten minutes pass; return how much was written."""
        written = sum(report.written for report in await self._do("sync", is_full=True))
        self.wait()
        return written

    async def _do(self, command: str, *names: str, **asked: bool) -> list[AccountReport]:
        before = self.clock.now
        outcome = await self.run(command, *names, **asked)
        self.clock.now -= 10 * MINUTE  # `run` lets them pass
        assert self.clock.now >= before
        return list(outcome.report.accounts)

    async def all_watched(self, first: str) -> None:
        """Let everyone agree that the film was watched, and let an hour pass."""
        self.mark(first)
        await self.round()
        await self.round()
        assert self.everywhere() == {True}
        self.wait(60)

    async def unwatch_is_seen(self, name: str) -> None:
        """Un-watch the film on one server, and let the hub know."""
        self.unmark(name)
        self.wait(1)
        await self.scan(name)
        assert (await self.hub()).watched is False

    async def settles(self, *, watched: bool) -> bool:
        """Say whether everyone comes to agree on this in two rounds, and nothing is written any more."""
        await self.round()
        await self.round()
        return self.everywhere() == {watched} and await self.round() == 0 and await self.is_silent()

    def everywhere(self) -> set[bool]:
        """Return what all entries show as watched."""
        return {place.is_watched(entry) for place in self.places.values() for entry in place.simulator.entry_ids()}

    async def hint(self, name: str, entry_id: str = "") -> None:
        """Follow a hint about an entry."""
        async with self.working_on(name, "serve") as (services, work), lease(services.engine, work, Silent()):
            await read_hint(services, work, entry_id or self.film[name])

    # Interleavings: what happens while an answer is on its way, or waits for being processed.

    async def scan_with_delay(self, name: str, meanwhile: Meanwhile) -> None:
        """Read everything; between reading the first page and processing it something happens, in one process."""
        backend = type(load_backend(self[name].kind)[0])

        class Delayed(backend):
            is_delayed = False

            @hookimpl
            async def fetch_library(self, account, http, scope):
                async for batch in super().fetch_library(account, http, scope):
                    if not isinstance(scope, Entries) and batch.facts and not self.is_delayed:
                        self.is_delayed = True
                        await meanwhile(services, work)
                    yield batch

        async with self.working_on(name, "import", Delayed()) as (services, work):
            household = services.household([name])
            await run(services.engine, household, Request(command="import", is_full=True), Silent())

    @asynccontextmanager
    async def working_on(self, name: str, command: str, backend: object | None = None):
        """Open the services, and give the account's work as a command of this process that holds its lease has it."""
        async with self.services(backend) as services:
            members = services.household([name]).members
            [work] = await services.storage.read(partial(known_work, services.engine, members))
            owner = owner_name(f"state {command}")
            begin = partial(runs.begin_run, command=command, owner=owner, at=self.clock())
            yield services, replace(work, owner=owner, run_id=await services.storage.write(begin))

    def fail(self, name: str, kind: FaultKind, path: Mapping[str, str], **more: object) -> None:
        """Let a fault happen to the next such request; `path`: by backend, what is in its path."""
        self[name].simulator.faults.plan(Fault(kind=kind, path=path[self[name].kind], **more))

    # What is known.

    async def view(self, name: str, entry_id: str = "") -> EntryView:
        """Return what is stored about an entry."""
        async with self.services() as services:
            explained = await self._explain(services, name, entry_id)
        wanted = entry_id or self.film[name]
        return next(view for view in explained.entries if (view.server, view.entry.entry_id) == (name, wanted))

    async def hub(self, name: str = "", entry_id: str = "") -> HubState:
        """Return the hub's state of the film, or of the first item that an entry stands for."""
        async with self.services() as services:
            return (await self._explain(services, name or next(iter(self.places)), entry_id)).hubs["main"]

    async def agreed(self, name: str) -> Agreed:
        agreed = (await self.view(name)).agreed
        assert agreed is not None
        return agreed

    async def _explain(self, services: Services, name: str, entry_id: str) -> Explanation:
        members = services.household().members
        wanted = entry_id or self.film[name]

        def first_item(conn: Connection) -> ItemRow:
            [work] = [work for work in known_work(services.engine, members, conn) if work.server.name == name]
            item_id = catalogue.entries(conn, work.server_id, [wanted])[wanted].items[0]
            return catalogue.items(conn, [item_id])[item_id]

        return await explain(services.engine, members, await services.storage.read(first_item))

    async def unwatches_written(self) -> list[str]:
        """Return the servers that an un-watch was written to, in order."""
        return [line.server or "" for line in await self.journal() if line.event == "wrote unwatched"][::-1]


async def read_hint(services: Services, work: AccountWork, *entry_ids: str) -> None:
    """Follow a hint: read entries in full detail."""
    await reread(services.engine, work, entry_ids, AccountReport(server=work.server.name, identity="main"))


async def read_everything(services: Services, work: AccountWork) -> None:
    """Scan within a process that is busy with something else."""
    report = AccountReport(server=work.server.name, identity="main")
    await scan(services.engine, work, Everything(), report, Silent())
