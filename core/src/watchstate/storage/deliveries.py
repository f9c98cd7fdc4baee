"""What is under way to an account: intents, attempts, and changes that a person has to decide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import BindParameter, Connection, Executable, Select, Table, bindparam, select

from watchstate.states import Intent, Interval
from watchstate.storage import tables
from watchstate.storage.bulk import batches, upsert

Decision = Literal["accepted"]


class Attempt(Struct, frozen=True):
    """How often a delivery was tried, and when it may be tried again (W5)."""

    tries: int
    next_try_at: int
    reason: str


class Held(Struct, frozen=True):
    """An un-mark that the brake holds (R5)."""

    interval: Interval
    """That of its first sighting."""
    run_id: int
    decision: Decision | None = None
    """None until a person has decided. A rejected one isn't kept."""


_FIRST: BindParameter[int] = bindparam("first")
_LAST: BindParameter[int] = bindparam("last")


def _of_account(table: Table, *columns: str) -> Select[Any]:
    chosen = [table.c[name] for name in ("entry_row", *columns)]
    return select(*chosen).where(table.c.account_id == bindparam("account_id")).order_by(table.c.entry_row)


_INTENTS = _of_account(
    tables.intent,
    "watched",
    "position_ms",
    "raw_date_sent",
    "sent_at",
    "gave_up_at",
    "before_watched",
    "before_position_ms",
    "before_count",
    "before_raw_date",
)
_INTENTS_AMONG = _INTENTS.where(tables.intent.c.entry_row.between(_FIRST, _LAST))
_ATTEMPTS = _of_account(tables.attempt, "tries", "next_try_at", "reason")
_ATTEMPTS_AMONG = _ATTEMPTS.where(tables.attempt.c.entry_row.between(_FIRST, _LAST))
_HELD = _of_account(tables.held_change, "begins", "ends", "run_id", "decision")
_HELD_AMONG = _HELD.where(tables.held_change.c.entry_row.between(_FIRST, _LAST))


def intents(conn: Connection, account_id: int, rows: Iterable[int] | None) -> dict[int, Intent]:
    """Return open intents, by row; all of the account's if `rows` is None."""
    return {
        row: Intent(
            watched=watched,
            position_ms=position_ms,
            raw_date_sent=raw_date_sent,
            sent_at=sent_at,
            gave_up_at=gave_up_at,
            before_watched=before_watched,
            before_position_ms=before_position_ms,
            before_count=before_count,
            before_raw_date=before_raw_date,
        )
        for (
            row,
            watched,
            position_ms,
            raw_date_sent,
            sent_at,
            gave_up_at,
            before_watched,
            before_position_ms,
            before_count,
            before_raw_date,
        ) in _select(conn, _INTENTS, _INTENTS_AMONG, account_id, rows)
    }


def save_intents(conn: Connection, account_id: int, run_id: int, intents: Mapping[int, Intent]) -> None:
    """Insert or update intents of an account, by row."""
    rows = (
        {"account_id": account_id, "entry_row": row, "run_id": run_id, **asdict(intent)}
        for row, intent in intents.items()
    )
    upsert(conn, tables.intent, rows)


def drop_intents(conn: Connection, account_id: int, rows: Iterable[int]) -> None:
    """Delete intents whose outcome is known (W1: by a fact or a 404, and nothing else)."""
    _delete(conn, tables.intent, account_id, rows)


def give_up_intents(conn: Connection, account_id: int, at: int) -> None:
    """Stop waiting for the answers of all open intents, as a restart does."""
    table = tables.intent
    still_open = table.update().where(table.c.account_id == account_id, table.c.gave_up_at.is_(None))
    conn.execute(still_open, {"gave_up_at": at})


def attempts(conn: Connection, account_id: int, rows: Iterable[int] | None) -> dict[int, Attempt]:
    """Return what was tried, by row; of all the account's entries if `rows` is None."""
    return {
        row: Attempt(tries, next_try_at, reason)
        for row, tries, next_try_at, reason in _select(conn, _ATTEMPTS, _ATTEMPTS_AMONG, account_id, rows)
    }


def save_attempts(conn: Connection, account_id: int, attempts: Mapping[int, Attempt]) -> None:
    """Insert or update attempts, by row."""
    rows = ({"account_id": account_id, "entry_row": row, **asdict(attempt)} for row, attempt in attempts.items())
    upsert(conn, tables.attempt, rows)


def clear_attempts(conn: Connection, account_id: int, rows: Iterable[int]) -> None:
    """Forget what was tried: these deliveries are done with."""
    _delete(conn, tables.attempt, account_id, rows)


def held(conn: Connection, account_id: int, rows: Iterable[int] | None) -> dict[int, Held]:
    """Return held changes, by row; all of the account's if `rows` is None."""
    return {
        row: Held(Interval(begins, ends), run_id, decision)
        for row, begins, ends, run_id, decision in _select(conn, _HELD, _HELD_AMONG, account_id, rows)
    }


def hold(conn: Connection, account_id: int, run_id: int, intervals: Mapping[int, Interval]) -> None:
    """Hold changes, by row. Those held already stay as they are: the interval is that of the first sighting."""
    known = held(conn, account_id, intervals)
    new = (
        {
            "account_id": account_id,
            "entry_row": row,
            "begins": interval.begins,
            "ends": interval.ends,
            "run_id": run_id,
            "decision": None,
        }
        for row, interval in intervals.items()
        if row not in known
    )
    for batch in batches(new):
        conn.execute(tables.held_change.insert(), batch)


def decide_held(conn: Connection, account_id: int, rows: Iterable[int], decision: Decision) -> None:
    """Write down what a person decided."""
    table = tables.held_change
    for batch in batches(rows):
        these = table.update().where(table.c.account_id == account_id, table.c.entry_row.in_(batch))
        conn.execute(these, {"decision": decision})


def release_held(conn: Connection, account_id: int, rows: Iterable[int]) -> None:
    """Hold changes no longer: they were applied, rejected, or the fact shows something else."""
    _delete(conn, tables.held_change, account_id, rows)


def _select(
    conn: Connection, every: Executable, among: Executable, account_id: int, rows: Iterable[int] | None
) -> Iterator[Sequence[Any]]:
    if rows is None:
        yield from conn.execute(every, {"account_id": account_id})
    elif wanted := frozenset(rows):
        # Few of many entries are here, and a list of a thousand numbers costs more than all that is found.
        asked = {"account_id": account_id, "first": min(wanted), "last": max(wanted)}
        yield from (found for found in conn.execute(among, asked) if found[0] in wanted)


def _delete(conn: Connection, table: Table, account_id: int, rows: Iterable[int]) -> None:
    for batch in batches(rows):
        conn.execute(table.delete().where(table.c.account_id == account_id, table.c.entry_row.in_(batch)))
