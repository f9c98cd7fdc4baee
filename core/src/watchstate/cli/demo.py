"""`watchstate demo`: the whole job on simulated servers, over real sockets, in a throw-away folder."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from cyclopts import App

from watchstate.cli.options import NONE_GIVEN, Common
from watchstate.cli.output import say, say_heading, show_rows
from watchstate.cli.progress import progress
from watchstate.cli.run_view import planned_rows, show_run
from watchstate.clock import system_clock
from watchstate.demo.history import live_through
from watchstate.demo.household import make_household
from watchstate.demo.scenes import Heading, Plan, Prompt, Shown, play
from watchstate.demo.stage import Stage
from watchstate.demo.tables import Table
from watchstate.sync.planning import Planned
from watchstate.sync.titles import entry_title
from watchstate.sync.work import RunReport
from watchstate.testing.serving import serve

app = App(name="demo", help="Sync a simulated Plex, Jellyfin and Emby, without any server of yours.")


@app.default
async def demo(*, common: Common = NONE_GIVEN) -> int:
    """Sync a simulated Plex, Jellyfin and Emby that disagree, and ask them after each step what they show.

    Example: watchstate demo
    """
    common.start()
    household = make_household(system_clock)
    live_through(household)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="watchstate-demo-")))
        everybody = (*household.servers, household.newcomer)
        urls = {server.name: stack.enter_context(serve(server.simulator.app)) for server in everybody}
        async for shown in play(Stage(household, urls, folder, progress)):
            _show(shown)
    return 0


def _show(shown: Shown) -> None:
    match shown:
        case Heading():
            say_heading(shown.text)
        case Prompt():
            say(f"   $ {shown.command}")
        case Plan():
            _show_plan(shown)
        case Table():
            show_rows(shown.rows, shown.columns, "table")
        case RunReport():
            show_run(shown, "table")
        case str():
            say(shown)


def _show_plan(plan: Plan) -> None:
    rows = [row for server, planned in plan.planned.items() for row in planned_rows(server, _some(planned))]
    for row in rows:
        row["write"] = " ".join(filter(None, (row["write"], (row["date"] or "")[:10])))
    show_rows(rows, ("server", "title", "write", "why"), "table")
    counts = ", ".join(f"{len(planned)} to {server}" for server, planned in plan.planned.items())
    say(f"These are some of them. All in all: {counts}.")


def _some(planned: Sequence[Planned]) -> list[Planned]:
    """Return a position, a movie and an episode: those with the shortest names, so that each is one line."""
    shortest = sorted(planned, key=lambda one: len(entry_title(one.row)))
    positions = [one for one in shortest if one.target.position_ms]
    movies = [one for one in shortest if one.target.watched and one.row.kind == "movie"]
    episodes = [one for one in shortest if one.target.watched and one.row.kind == "episode"]
    return [*positions[:1], *movies[:1], *episodes[:1]]
