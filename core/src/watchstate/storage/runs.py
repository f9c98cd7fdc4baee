"""Runs: what was started, how it ended, and what it counted."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, bindparam, select

from watchstate.storage import tables


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a command, or one life of `serve`."""

    run_id: int
    command: str
    owner: str
    began_at: int
    ended_at: int | None = None
    """None: it still runs, or it was killed."""
    outcome: str | None = None
    counts: Mapping[str, Any]


_run = tables.run
_LAST = select(_run).order_by(_run.c.id.desc()).limit(bindparam("limit"))
_decoder = msgspec.json.Decoder(dict[str, Any])


def exists(conn: Connection, run_id: int) -> bool:
    """Tell whether there was a run of this number."""
    return conn.execute(select(_run.c.id).where(_run.c.id == run_id)).first() is not None


def begin_run(conn: Connection, command: str, owner: str, at: int) -> int:
    """Write down that a run began, and return its number."""
    values = {"command": command, "owner": owner, "began_at": at, "counts": "{}"}
    begun = conn.execute(_run.insert().values(values))
    return cast("tuple[int]", begun.inserted_primary_key)[0]


def end_run(conn: Connection, run_id: int, at: int, outcome: str, counts: Mapping[str, Any]) -> None:
    """Write down how a run ended, and what it counted."""
    ended = {"ended_at": at, "outcome": outcome, "counts": msgspec.json.encode(counts).decode()}
    conn.execute(_run.update().where(_run.c.id == run_id), ended)


def was_killed(conn: Connection, command: str) -> bool:
    """Tell whether the newest run of a command has not ended: if it isn't running any more, it was killed."""
    newest = select(_run.c.ended_at).where(_run.c.command == command).order_by(_run.c.id.desc()).limit(1)
    found = conn.execute(newest).first()
    return found is not None and found.ended_at is None


def last_runs(conn: Connection, limit: int) -> list[Run]:
    """Return the newest runs, the newest first."""
    return [
        Run(
            run_id=row.id,
            command=row.command,
            owner=row.owner,
            began_at=row.began_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            counts=_decoder.decode(row.counts),
        )
        for row in conn.execute(_LAST, {"limit": limit})
    ]
