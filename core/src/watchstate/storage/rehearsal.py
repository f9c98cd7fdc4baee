"""A throw-away copy of the database, for a run that only shows what it would do."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from watchstate.api import UsageError
from watchstate.clock import Clock
from watchstate.storage.engines import Storage, open_storage
from watchstate.storage.failures import translated


@asynccontextmanager
async def rehearsal(url: str, folder: Path, *, clock: Clock) -> AsyncIterator[Storage]:
    """Open a copy of a SQLite database in a temporary folder below `folder`; it is deleted at the end.

    Raises:
        UsageError: the database is not SQLite.
    """
    source = make_url(url)
    if source.get_backend_name() != "sqlite" or not source.database:
        raise UsageError("--dry-run needs the SQLite database; use watchstate state plan to see what would be written")
    with TemporaryDirectory(prefix="watchstate-rehearsal-", dir=_existing(folder)) as temporary:
        copy = Path(temporary) / "watchstate.db"
        await asyncio.to_thread(_copy, Path(source.database), copy)
        storage = open_storage(f"sqlite:///{copy}", clock=clock)
        try:
            yield storage
        finally:
            await storage.close()


def _existing(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _copy(source: Path, copy: Path) -> None:
    if not source.exists():
        return
    name = f"database {source}"
    with translated(name), closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
