"""The database, open: one thread that writes, a few that read."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import URL, Connection

from watchstate.clock import SECOND, Clock
from watchstate.storage.connections import (
    POOL_SIZE,
    create_folder,
    is_sqlite,
    make_engine,
    name,
    parse,
    stored_revision,
    take_turn,
)
from watchstate.storage.failures import translated
from watchstate.storage.migrations import HEAD

T = TypeVar("T")


class Storage:
    """The household's database. Its errors leave as `StorageError`; `close` it when done.

    The connection belongs to the call: what `work` returns must not need it any more.
    """

    def __init__(self, url: URL, busy_timeout_ms: int) -> None:
        self._name = name(url)
        self._writer = make_engine(url, busy_timeout_ms, begin="BEGIN IMMEDIATE")
        self._reader = make_engine(url, busy_timeout_ms, query_only=True)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="watchstate-write")
        self._reading = ThreadPoolExecutor(POOL_SIZE, thread_name_prefix="watchstate-read")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of its own: committed when it returns, rolled back when it raises.

        One at a time, in the order of the calls. If the caller is cancelled while `work` runs, it is committed anyway.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent state of the database, beside any write."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work)

    async def close(self) -> None:
        """Wait for what is running, then close every connection."""
        await asyncio.to_thread(self._close)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with translated(self._name), self._writer.begin() as conn:
            take_turn(conn)
            return work(conn)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with translated(self._name), self._reader.connect() as conn:
            return work(conn)

    def _close(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        self._reader.dispose()
        self._writer.dispose()


def open_storage(url: str, *, clock: Clock, busy_timeout_ms: int = 5 * SECOND) -> Storage:
    """Open the database at an SQLAlchemy URL; create or migrate it where needed.

    A SQLite file is copied to ``<file>.before-<revision>`` before it is migrated, and the log says so.

    Raises:
        StorageError: it can't be opened, isn't ours, or comes from a newer version of watchstate.
    """
    target = parse(url)
    if is_sqlite(target):
        create_folder(target)
    with translated(name(target)):
        if _revision(target, busy_timeout_ms) != HEAD:
            from watchstate.storage.migrate import migrate  # noqa: PLC0415 - Alembic costs more than a second

            migrate(target, clock=clock, busy_timeout_ms=busy_timeout_ms)
        return Storage(target, busy_timeout_ms)


def _revision(url: URL, busy_timeout_ms: int) -> str | None:
    # It may be another program's, to be left as it is.
    engine = make_engine(url, busy_timeout_ms, query_only=True, write_ahead=False)
    try:
        with engine.connect() as conn:
            return stored_revision(conn, name(url))
    finally:
        engine.dispose()
