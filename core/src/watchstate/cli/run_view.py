"""How a run's result and a plan look."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import msgspec

from watchstate.cli.output import OutputFormat, complain, show_rows, show_value, warn
from watchstate.sync.planning import Planned
from watchstate.sync.titles import entry_title
from watchstate.sync.work import AccountReport, RunReport

COLUMNS = ("server", "user", "read", "new", "changed", "written", "waiting", "held", "unmatched", "result")

_LAST_DAY = 253_402_214_400_000
"""9999-12-31: in some time zone it is the next day already, which no calendar has. Servers show such dates."""


def show_run(report: RunReport, output: OutputFormat | None) -> None:
    """Show what a run did: a table for a person, nothing in a pipe unless a format was asked for; troubles always."""
    errors = [account.error for account in report.accounts if account.error]
    for error in dict.fromkeys(errors):  # a server that is down is down for everybody
        complain(error)
    for account in report.accounts:
        if account.note and not account.error:
            warn(f"{account.label}: {account.note}")
        if account.failed:
            reason = f" ({account.failure})" if account.failure else ""
            warn(
                f"{account.label}: {account.failed} writes failed{reason}; they are tried again: watchstate state plan"
            )
        if account.held:
            warn(
                f"{account.label}: {account.held} titles would be un-watched at once; they are held until you decide: "
                "watchstate state review"
            )
    if output in {"json", "yaml"}:
        show_value(msgspec.to_builtins(report) | {"exit_code": report.exit_code}, output)
    elif output == "table" or sys.stdout.isatty():
        rows = [_row(account) for account in report.accounts]
        show_rows(rows, _columns(rows), "table")


def _row(account: AccountReport) -> dict[str, Any]:
    return {
        "server": account.server,
        "user": account.identity,
        "read": account.read,
        "new": account.new,
        "changed": account.changed,
        "written": account.written,
        "waiting": account.waiting,
        "held": account.held,
        "unmatched": account.unmatched + account.ambiguous,
        "result": _result(account),
    }


def _result(account: AccountReport) -> str:
    if account.error:
        return "failed"
    return "incomplete" if account.note or account.failed else "ok"


def _columns(rows: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """Leave out what says nothing in any row."""
    quiet = {"waiting", "held", "unmatched"}
    shown = [name for name in COLUMNS if name not in quiet or any(row[name] for row in rows)]
    return [name for name in shown if name != "user" or {row["user"] for row in rows} != {"main"}]


def planned_rows(account: str, planned: Sequence[Planned], zone: tzinfo = UTC) -> list[dict[str, Any]]:
    """Return what would be written to an account, and what is left alone, as rows."""
    return [
        {
            "server": account,
            "title": entry_title(one.row),
            "entry": one.row.entry_id,
            "write": _write(one),
            "date": told_date(one.target.raw_date, zone),
            "why": _why(one, zone),
            "rule": one.target.rule,
        }
        for one in planned
    ]


def _why(one: Planned, zone: tzinfo) -> str:
    if one.attempt is None:
        return one.target.reason
    return f"{one.target.reason}; waits until {told_date(one.attempt.next_try_at, zone)}: {one.attempt.reason}"


def _write(one: Planned) -> str:
    parts = []
    if one.target.watched is not None:
        parts.append("watched" if one.target.watched else "unwatched")
    if one.target.position_ms is not None:
        parts.append(told_position(one.target.position_ms))
    return ", ".join(parts) or "nothing"


def told_position(position_ms: int | None) -> str:
    """Return a position for a person."""
    if not position_ms:
        return "no position"
    minutes, seconds = divmod(position_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"position {hours}:{minutes:02d}:{seconds:02d}"


def told_date(at: int | None, zone: tzinfo) -> str | None:
    """Return an instant for a person, in their time zone; None for none."""
    if not at:
        return None
    if at >= _LAST_DAY:
        return "after the year 9999"
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M")
