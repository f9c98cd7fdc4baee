"""`watchstate state undo`: take back what the journal tells."""

import re
from collections.abc import Sequence
from datetime import tzinfo
from typing import Annotated, Any, Final

from cyclopts import Parameter
from msgspec import to_builtins

from watchstate.api import UsageError
from watchstate.cli.journal import told_state
from watchstate.cli.moments import read_moment
from watchstate.cli.options import NONE_GIVEN, SWITCH, Common, Context, DryRun, Output
from watchstate.cli.output import OutputFormat, say, show_rows, show_value, warn
from watchstate.cli.progress import progress
from watchstate.cli.run_view import show_run, told_date
from watchstate.sync.runs import Request, run
from watchstate.sync.titles import item_title
from watchstate.sync.undoing import Lines, Undoing
from watchstate.sync.undoing import undo as undo_lines

COLUMNS = ("title", "user", "is", "becomes", "result")
PARTLY: Final = 3
_MOST_SHOWN: Final = 20
_WHAT: Final = re.compile(r"(j?)([1-9][0-9]{0,17})")


async def undo(
    what: Annotated[str | None, Parameter(help="A run (12) or a line of the journal (j345).")] = None,
    /,
    *,
    since: Annotated[str | None, Parameter("--since", help="All since this moment: 2026-11-25, or 2h ago.")] = None,
    force: Annotated[
        bool, SWITCH, Parameter("--force", help="Also take back what somebody has changed again since then.")
    ] = False,
    dry_run: DryRun = False,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> int:
    """Give titles the state they had before a run, a change or a moment, and write that to the servers.

    What has been changed again since then is left alone. An undo is a run of its own, so it can be undone.

    Example: watchstate state undo --since 2h --dry-run
    """
    context = common.start()
    async with context.services() as services:
        wanted = _lines(what, since, services.clock(), context)
        found = await undo_lines(services.engine, wanted, is_forced=force, is_rehearsal=dry_run)
        wrong = [one for one in found if one.after != one.now]
        taken = [one for one in wrong if force or not one.is_changed_since]
        left = len(wrong) - len(taken)
        _show(found, taken, output, context.settings.timezone, is_rehearsal=dry_run)
        if left:
            warn(f"{left} titles were changed again since then and are left alone; --force takes them back too")
        code = PARTLY if left else 0
        if not taken or dry_run:
            return code
        with progress() as reporter:
            outcome = await run(services.engine, services.household(), Request(command="export"), reporter)
    show_run(outcome.report, "table" if common.verbose and output == "table" else None)
    return outcome.report.exit_code or code


def _lines(what: str | None, since: str | None, now: int, context: Context) -> Lines:
    if (what is None) is (since is None):
        raise UsageError("say what to undo: a run (12), a line of the journal (j345), or --since a moment")
    if since is not None:
        return Lines(since=read_moment(since, now, context.settings.timezone))
    named = _WHAT.fullmatch(what or "")
    if named is None:
        raise UsageError(
            f"{what!r} is neither a run (12) nor a line of the journal (j345); see watchstate state journal"
        )
    number = int(named[2])
    return Lines(number=number) if named[1] else Lines(run_id=number)


def _show(
    found: Sequence[Undoing], taken: Sequence[Undoing], output: OutputFormat, zone: tzinfo, *, is_rehearsal: bool
) -> None:
    if output != "table":
        show_value([to_builtins(one) | {"title": item_title(one.item)} for one in found], output)
        return
    rows = [_row(one, zone, is_taken=one in taken) for one in found[:_MOST_SHOWN]]
    is_shared = {one.identity for one in found} - {"main"}
    show_rows(rows, [name for name in COLUMNS if name != "user" or is_shared], "table")
    if len(found) > _MOST_SHOWN:
        say(f"… and {len(found) - _MOST_SHOWN} more; --output json has all of them.")
    if not taken:
        say("Nothing is to be taken back.")
    elif is_rehearsal:
        say(f"{len(taken)} titles would be taken back. This was a dry run: nothing was changed.")
    else:
        say(f"{len(taken)} titles are taken back, and the servers are told now.")


def _row(one: Undoing, zone: tzinfo, *, is_taken: bool) -> dict[str, Any]:
    after = one.after if is_taken else one.now
    told = [told_state(to_builtins(hub)) for hub in (one.now, after)]
    if is_taken and told[0] == told[1]:
        told = [f"{word}, {told_date(hub.watched_at, zone)}" for word, hub in zip(told, (one.now, after), strict=True)]
    return {
        "title": item_title(one.item),
        "user": one.identity,
        "is": told[0],
        "becomes": told[1],
        "result": "taken back" if is_taken else "changed since" if one.is_changed_since else "nothing to do",
    }
