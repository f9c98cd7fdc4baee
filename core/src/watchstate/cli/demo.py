"""`watchstate demo`: the whole job on two simulated servers, over real sockets, in a throw-away folder."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from cyclopts import App

from watchstate.api import WatchStateError
from watchstate.app import Services, open_services
from watchstate.cli.options import NONE_GIVEN, Common
from watchstate.cli.output import say, show_rows
from watchstate.cli.progress import progress
from watchstate.cli.run_view import planned_rows, show_run
from watchstate.clock import system_clock
from watchstate.config import ServerConfig, decode_server, load_settings
from watchstate.demo.household import DemoServer, disagreements, make_household
from watchstate.storage import journal
from watchstate.sync.planning import plan_household
from watchstate.sync.runs import Command, Request, run
from watchstate.testing.serving import serve

app = App(name="demo", help="Sync two simulated servers, without any server of yours.")

_SHOWN = 8
"""Lines of the plan that are printed."""


class DemoFailed(WatchStateError):
    """The demo did not end as it must; that is a fault of watchstate."""

    problem = "demo-failed"


@app.default
async def demo(*, common: Common = NONE_GIVEN) -> int:
    """Start two simulated Jellyfin servers that disagree, sync them, and ask them whether they agree.

    Example: watchstate demo
    """
    common.start()
    household = make_household(system_clock)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="watchstate-demo-")))
        servers = {}
        for server in household:
            url = stack.enter_context(serve(server.simulator.app))
            servers[server.name] = _config(server, url)
            say(f"{server.name}: a simulated Jellyfin {server.version} with {len(server.entries)} files")
        settings = load_settings({"WS_DATA_PATH": str(folder)})
        async with open_services(settings, servers=servers) as services:
            await _play(services, household)
    return 0


def _config(server: DemoServer, url: str) -> ServerConfig:
    return decode_server(
        server.name,
        {"type": "jellyfin", "url": url, "token": server.simulator.admin_token, "user": server.user_id},
    )


async def _play(services: Services, household: list[DemoServer]) -> None:
    say(f"They disagree about {len(disagreements(household))} titles.")
    _step("1. Import: what has been watched where? Nothing is written to a server.")
    await _run(services, "import")
    planned = await plan_household(services.engine, services.household().members)
    rows = [row for account, own in planned.items() for row in planned_rows(account, own)]
    _step(f"2. Plan: {len(rows)} writes. The first ones:")
    show_rows(rows[:_SHOWN], ("server", "title", "write", "date", "why"), "table")
    _step("3. Export: write what is missing.")
    await _run(services, "export")
    left = disagreements(household)
    if left:
        raise DemoFailed(f"the servers still disagree about {len(left)} titles: {', '.join(left[:3])}")
    say("Both servers were asked: they agree about every title.")
    _step("4. Sync once more: nothing may be written.")
    writes, lines = _writes(household), await services.storage.read(journal.count)
    await _run(services, "sync")
    written, added = _writes(household) - writes, await services.storage.read(journal.count) - lines
    if written or added:
        raise DemoFailed(f"the second run made {written} writes and {added} lines in the journal")
    say("Nothing was written, and nothing was added to the journal. Converged means silent.")


def _step(text: str) -> None:
    say("")
    say(text)


async def _run(services: Services, command: Command) -> None:
    with progress() as reporter:
        outcome = await run(services.engine, services.household(), Request(command=command), reporter)
    show_run(outcome.report, "table")
    if outcome.report.exit_code:
        raise DemoFailed(f"{command} ended with exit code {outcome.report.exit_code}")


def _writes(household: list[DemoServer]) -> int:
    return sum(len(server.simulator.writes()) for server in household)
