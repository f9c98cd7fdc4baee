"""`watchstate state`: import, export, sync, and looking at what they would do and why."""

import sys
from typing import Annotated

from cyclopts import App, Parameter

from watchstate.api import UsageError
from watchstate.cli.explain_view import explanation_value, loose_value, show_explanation, show_loose
from watchstate.cli.finding import named
from watchstate.cli.options import NONE_GIVEN, Common, Context, DryRun, ServersFilter, selected_servers
from watchstate.cli.output import OutputFormat, complain, say, show_rows, show_value
from watchstate.cli.progress import progress
from watchstate.cli.run_view import planned_rows, show_run
from watchstate.storage.rehearsal import rehearsal
from watchstate.sync.explain import ask
from watchstate.sync.explain import explain as explain_item
from watchstate.sync.finding import Found, LooseEntry, find
from watchstate.sync.planning import plan_household
from watchstate.sync.runs import Command, Outcome, Request, run
from watchstate.sync.titles import entry_title, item_title

app = App(
    name="state", help="Import, export and explain watch states.", help_epilogue="Example: watchstate state sync -v"
)

app.command("watchstate.cli.review:review", name="review", help="Decide about un-watches that were too many at once.")
app.command("watchstate.cli.journal:journal", name="journal", help="List what was changed, when, and why.")
app.command("watchstate.cli.undo:undo", name="undo", help="Take back a run, a change, or all since a moment.")

PARTLY = 3

ForceFull = Annotated[bool, Parameter(("--force-full", "-f"), negative="", help="Read every entry again.")]
IgnoreDate = Annotated[
    bool,
    Parameter(
        "--ignore-date",
        negative="",
        help="With --force-full: the hub wins over whatever the servers show; nothing is imported from them.",
    ),
]
RunOutput = Annotated[
    OutputFormat | None,
    Parameter("--output", help="table, json or yaml. Without it: a table for a person, nothing in a pipe."),
]


@app.command(name="import", help_epilogue="Example: watchstate state import -v --servers-filter home")
async def import_(
    *,
    servers_filter: ServersFilter = None,
    force_full: ForceFull = False,
    dry_run: DryRun = False,
    output: RunOutput = None,
    common: Common = NONE_GIVEN,
) -> int:
    """Read what the servers show and bring it into the hub. Nothing is written to a server."""
    request = Request(command="import", is_full=force_full, is_rehearsal=dry_run)
    return await _run(common, servers_filter, request, output)


@app.command(help_epilogue="Example: watchstate state export --dry-run")
async def export(
    *,
    servers_filter: ServersFilter = None,
    force_full: ForceFull = False,
    ignore_date: IgnoreDate = False,
    dry_run: DryRun = False,
    output: RunOutput = None,
    common: Common = NONE_GIVEN,
) -> int:
    """Write to the servers what they lack, each after a look at what it shows now."""
    request = Request(command="export", is_full=force_full, ignores_date=ignore_date, is_rehearsal=dry_run)
    return await _run(common, servers_filter, request, output)


@app.command(help_epilogue="Example: watchstate state sync -v")
async def sync(
    *,
    servers_filter: ServersFilter = None,
    force_full: ForceFull = False,
    dry_run: DryRun = False,
    output: RunOutput = None,
    common: Common = NONE_GIVEN,
) -> int:
    """Import from all servers, then export to all."""
    request = Request(command="sync", is_full=force_full, is_rehearsal=dry_run)
    return await _run(common, servers_filter, request, output)


@app.command(help_epilogue="Example: watchstate state plan --output json")
async def plan(
    *, servers_filter: ServersFilter = None, output: OutputFormat = "table", common: Common = NONE_GIVEN
) -> int:
    """Show what would be written to which server, and why, from what was last read. Asks no server."""
    context = common.start()
    names = selected_servers(context, servers_filter)
    async with context.services() as services:
        household = services.household(names)
        planned = await plan_household(services.engine, household.members)
    rows = [row for account, own in planned.items() for row in planned_rows(account, own, context.settings.timezone)]
    for error in household.broken.values():
        complain(str(error))
    if not rows and output == "table":
        say("Nothing to write, as far as the servers were read.")
    else:
        show_rows(rows, ("server", "title", "write", "date", "why"), output)
    return PARTLY if household.broken else 0


@app.command(help_epilogue="Example: watchstate state explain 'the matrix'")
async def explain(item: str, /, *, output: OutputFormat = "table", common: Common = NONE_GIVEN) -> int:
    """Say why a title is as it is: what each server shows now, what was agreed, what the hub holds, what comes next.

    ITEM is a part of its title, a provider id (imdb:tt0133093), a path, SERVER:ENTRY, or an item id.
    """
    context = common.start()
    async with context.services() as services:
        found = await find(services.engine, item)
        if found.count != 1:
            return _ask_which(item, found, output)
        if found.loose:
            return _show_loose(found.loose[0], output)
        household = services.household()
        explanation = await explain_item(services.engine, household.members, found.items[0])
        explanation = await ask(services.engine, household.members, explanation)
    for error in household.broken.values():
        complain(str(error))
    if output == "table":
        show_explanation(explanation, context.settings.timezone)
    else:
        show_value(explanation_value(explanation), output)
    return 0


def _ask_which(wanted: str, found: Found, output: OutputFormat) -> int:
    if not found.count:
        raise UsageError(f"nothing is known as {wanted!r}; try a part of the title, or import first")
    complain(f"{found.count} titles fit; name one by what stands first")
    rows = [{"item": f"item:{one.item_id}", "title": item_title(one), "match": "matched"} for one in found.items]
    rows += [{"item": named(one), "title": entry_title(one.entry), "match": one.entry.match} for one in found.loose]
    show_rows(rows, ("item", "title", "match"), output)
    return UsageError.exit_code


def _show_loose(loose: LooseEntry, output: OutputFormat) -> int:
    if output == "table":
        show_loose(loose)
    else:
        show_value(loose_value(loose), output)
    return 0


async def _run(common: Common, servers_filter: str | None, request: Request, output: OutputFormat | None) -> int:
    context = common.start()
    names = selected_servers(context, servers_filter)
    async with context.services() as services:
        household = services.household(names)
        with progress() as reporter:
            if request.is_rehearsal:
                url = context.settings.storage_url.reveal()
                async with rehearsal(url, context.settings.tmp_path, clock=services.clock) as copy:
                    outcome = await run(services.engine_on(copy), household, request, reporter)
            else:
                outcome = await run(services.engine, household, request, reporter)
    _show(
        context,
        request.command,
        outcome,
        output or ("table" if common.verbose else None),
        is_rehearsal=request.is_rehearsal,
    )
    return outcome.report.exit_code


def _show(
    context: Context, command: Command, outcome: Outcome, output: OutputFormat | None, *, is_rehearsal: bool
) -> None:
    show_run(outcome.report, output)
    if not is_rehearsal or output in {"json", "yaml"} or not (output or sys.stdout.isatty()):
        return
    rows = [
        row for account, own in outcome.planned.items() for row in planned_rows(account, own, context.settings.timezone)
    ]
    if rows:
        show_rows(rows, ("server", "title", "write", "date", "why"), "table")
    say("This was a dry run: nothing was kept and nothing was written.")
