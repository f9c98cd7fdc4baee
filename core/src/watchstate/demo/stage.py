"""watchstate between the servers of the demo, and what may never be otherwise."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

from watchstate.api import WatchStateError
from watchstate.app import Services, open_services
from watchstate.config import ServerConfig, decode_server, load_settings
from watchstate.demo.household import DemoServer, Household
from watchstate.storage import journal
from watchstate.sync.planning import Planned, plan_household
from watchstate.sync.runs import Command, Request, run
from watchstate.sync.work import Reporter, RunReport

Reporting = Callable[[], AbstractContextManager[Reporter]]


class DemoFailed(WatchStateError):
    """The demo did not end as it must; that is a fault of watchstate."""

    problem = "demo-failed"


def expect(holds: bool, otherwise: str) -> None:
    """Check what was asked of the servers themselves.

    Raises:
        DemoFailed: it doesn't hold.
    """
    if not holds:
        raise DemoFailed(otherwise)


class Stage:
    """The household with watchstate in it. Each run is a process of its own, as it were: only the database lasts."""

    def __init__(self, household: Household, urls: Mapping[str, str], folder: Path, reporting: Reporting) -> None:
        self.household = household
        self._urls = urls
        self._settings = load_settings({"WS_DATA_PATH": str(folder)})
        self._reporting = reporting
        self._configs: dict[str, ServerConfig] = {}
        for server in household.servers:
            self.add(server)

    def add(self, server: DemoServer) -> None:
        """Configure a server, as `watchstate servers add` does."""
        self._configs[server.name] = decode_server(
            server.name,
            {
                "type": server.blueprint.kind,
                "url": self._urls[server.name],
                "token": server.simulator.admin_token,
                "user": server.user_id,
            },
        )

    async def run(self, command: Command) -> RunReport:
        """Do a run.

        Raises:
            DemoFailed: it had any trouble.
        """
        async with self._services() as services:
            with self._reporting() as reporter:
                outcome = await run(services.engine, services.household(), Request(command=command), reporter)
        code = outcome.report.exit_code
        troubles = "; ".join(account.error or account.note or account.failure for account in outcome.report.accounts)
        expect(code == 0, f"{command} ended with exit code {code}: {troubles}")
        return outcome.report

    async def plan(self) -> dict[str, list[Planned]]:
        """Return what would be written, per server."""
        async with self._services() as services:
            return await plan_household(services.engine, services.household().members)

    async def journal_lines(self) -> int:
        """Return how many lines the journal has."""
        async with self._services() as services:
            return await services.storage.read(journal.count)

    @asynccontextmanager
    async def _services(self) -> AsyncIterator[Services]:
        clock = self.household.clock
        async with open_services(self._settings, servers=self._configs, clock=clock) as services:
            yield services
