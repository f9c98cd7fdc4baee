"""Many rows at a time: batches for ``executemany`` and IN lists, and the upsert, which each database spells its way."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import mysql, postgresql, sqlite

BATCH = 1000
"""Rows in one ``executemany``, values in one IN list."""

T = TypeVar("T")


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists of at most `BATCH`."""
    remaining = iter(values)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def upsert(conn: Connection, table: Table, rows: Iterable[dict[str, Any]], *, key: tuple[str, ...] = ()) -> None:
    """Insert rows, or update those that exist.

    Args:
        conn: where to.
        table: which table.
        rows: every row has the same columns; those not named keep their value in a row that exists.
        key: the columns of the unique constraint that tells whether a row exists; the primary key if empty.
    """
    statement: Insert | None = None
    for batch in batches(rows):
        if statement is None:
            statement = _upsert(table, key, tuple(batch[0]), conn.dialect.name)
        conn.execute(statement, batch)


@cache
def _upsert(table: Table, key: tuple[str, ...], columns: tuple[str, ...], dialect: str) -> Insert:
    key = key or tuple(column.name for column in table.primary_key)
    updated = [name for name in columns if name not in key]
    if dialect in {"mysql", "mariadb"}:
        on_mysql = mysql.insert(table)
        return on_mysql.on_duplicate_key_update({name: on_mysql.inserted[name] for name in updated})
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in updated})
