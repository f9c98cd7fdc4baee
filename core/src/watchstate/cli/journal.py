"""`watchstate state journal`: what was changed, when, and why."""

from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec import to_builtins
from sqlalchemy import Connection

from watchstate.cli.finding import check_identity, find_one
from watchstate.cli.moments import read_moment
from watchstate.cli.options import NONE_GIVEN, Common, Output
from watchstate.cli.output import say, show_rows
from watchstate.cli.run_view import told_date, told_position
from watchstate.storage import catalogue
from watchstate.storage import journal as storage
from watchstate.storage.journal import JournalLine
from watchstate.sync.titles import item_title

COLUMNS = ("line", "when", "title", "event", "change", "server", "rule", "run")
_COUNTABLE = Number(gte=1, lt=2**63)
"""What a database can hold."""

Found = list[tuple[int, JournalLine]]


async def journal(
    item: Annotated[str | None, Parameter(help="Only this title; written as for state explain.")] = None,
    /,
    *,
    run: Annotated[int | None, Parameter("--run", validator=_COUNTABLE, help="Only what this run did.")] = None,
    since: Annotated[str | None, Parameter("--since", help="Only from this moment on: 2026-11-25, or 2h ago.")] = None,
    user: Annotated[str | None, Parameter(("--user", "-u"), help="Only this identity of servers.yaml.")] = None,
    limit: Annotated[int, Parameter("--limit", validator=_COUNTABLE, help="How many lines at most.")] = 50,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> None:
    """List what was changed and written, when, and why; the newest first.

    Example: watchstate state journal 'the matrix' --since 3d
    """
    context = common.start()
    zone = context.settings.timezone
    async with context.services() as services:
        wanted: dict[str, Any] = {"run_id": run, "limit": limit}
        if item is not None:
            wanted["item_id"] = (await find_one(services, item)).item_id
        if since is not None:
            wanted["since"] = read_moment(since, services.clock(), zone)
        if user is not None:
            wanted["identity"] = check_identity(services, user)
        lines, titles = await services.storage.read(partial(_read, wanted=wanted))
    if output != "table":
        shown = [{"line": f"j{number}", **to_builtins(line), "title": _title(line, titles)} for number, line in lines]
        show_rows(shown, COLUMNS, output)
    elif not lines:
        say("Nothing is in the journal about that.")
    else:
        show_rows([_row(number, line, titles, zone) for number, line in lines], COLUMNS, output)


def _read(conn: Connection, wanted: Mapping[str, Any]) -> tuple[Found, dict[int, str]]:
    lines = storage.lines(conn, **wanted)
    ids = {line.item_id for _, line in lines if line.item_id is not None}
    return lines, {item_id: item_title(item) for item_id, item in catalogue.items(conn, ids).items()}


def _row(number: int, line: JournalLine, titles: Mapping[int, str], zone: tzinfo) -> dict[str, Any]:
    return {
        "line": f"j{number}",
        "when": told_date(line.at, zone),
        "title": _title(line, titles),
        "event": line.event if line.identity == "main" else f"{line.event} for {line.identity}",
        "change": f"{told_state(line.before)} → {told_state(line.after)}",
        "server": line.server,
        "rule": line.rule,
        "run": line.run_id,
    }


def _title(line: JournalLine, titles: Mapping[int, str]) -> str:
    if line.item_id is None:
        return "-"
    return titles.get(line.item_id, f"item {line.item_id}, which is no more")


def told_state(state: Mapping[str, Any]) -> str:
    """Return a state as the journal holds it, for a person."""
    shown = state.get("hub", state)
    words = [{True: "watched", False: "unwatched", None: "unknown"}[shown.get("watched")]]
    if shown.get("position_ms") and not shown.get("watched"):
        words.append(told_position(shown["position_ms"]))
    return ", ".join(words)
