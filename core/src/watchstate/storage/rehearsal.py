"""A throw-away copy of the database, for a run that only shows what it would do."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from watchstate.api import StorageError, UsageError
from watchstate.clock import DAY, Clock
from watchstate.storage import tables
from watchstate.storage.engines import Storage, open_storage
from watchstate.storage.failures import translated

_PREFIX = "watchstate-rehearsal-"


@asynccontextmanager
async def rehearsal(url: str, folder: Path, *, clock: Clock) -> AsyncIterator[Storage]:
    """Open a copy of a SQLite database in a temporary folder below `folder`; it is deleted at the end.

    Raises:
        UsageError: the database is not SQLite.
    """
    source = make_url(url)
    if source.get_backend_name() != "sqlite" or not source.database:
        raise UsageError("--dry-run needs the SQLite database; use watchstate state plan to see what would be written")
    _sweep(folder, clock() - DAY)
    with _temporary_folder(folder) as temporary:
        copy = Path(temporary) / "watchstate.db"
        await asyncio.to_thread(_copy, Path(source.database), copy)
        storage = open_storage(f"sqlite:///{copy}", clock=clock)
        try:
            await storage.write(lambda conn: conn.execute(tables.lease.delete()))  # they were copied too
            yield storage
        finally:
            await storage.close()


def _sweep(folder: Path, before: int) -> None:
    """Delete what killed processes left there; nobody rehearses for a day."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if left.stat().st_mtime_ns // 1_000_000 < before:
                shutil.rmtree(left)


def _temporary_folder(folder: Path) -> TemporaryDirectory[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return TemporaryDirectory(prefix=_PREFIX, dir=folder)
    except OSError as error:
        raise StorageError(
            f"a dry run needs a writable folder for its copy of the database, and {folder} is none "
            f"({error.strerror}); set WS_TMP_DIR to another one"
        ) from error


def _copy(source: Path, copy: Path) -> None:
    if not source.exists():
        return
    name = f"database {source}"
    with translated(name), closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
