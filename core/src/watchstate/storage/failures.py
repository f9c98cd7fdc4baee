"""What goes wrong with a database, in the words of a person who has to put it right."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from watchstate.api.errors import StorageError
from watchstate.storage.connections import PRIMARY

_FULL = "cannot grow: the disk is full; free some space and try again"
_SQLITE = {
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,  # there is no room for the index of the write-ahead log
    sqlite3.SQLITE_BUSY: "is locked by another process; wait for it to finish, or stop it, and try again",
    sqlite3.SQLITE_LOCKED: "is locked by another process; wait for it to finish, or stop it, and try again",
    sqlite3.SQLITE_READONLY: "is read-only; make the file and its folder writable for the user that runs watchstate",
    sqlite3.SQLITE_PERM: "is not accessible; make the file and its folder writable for the user that runs watchstate",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and is writable for the user that runs "
    "watchstate",
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_NOTADB: "is not a database; choose another file, or restore a backup",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a backup",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check the disk",
}


@contextmanager
def translated(database: str) -> Iterator[None]:
    """Let every error of the database leave as a `StorageError` that begins with `database`, its name for people."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StorageError(f"{database} {_reason(error)}") from error


def _reason(error: Exception) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None and (known := _SQLITE.get(code) or _SQLITE.get(code & PRIMARY)):
        return known
    lines = str(origin).strip().splitlines()
    return f"reported: {lines[0] if lines else type(origin).__name__}"
