"""Connections: how each database wants to be set up, and what it is called in messages."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, column, create_engine, event, inspect, make_url, select, table
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from watchstate.api.errors import StorageError

POOL_SIZE = 4
PRIVATE = 0o600
"""Like `servers.yaml`: tokens are in it."""
PRIMARY = 0xFF
"""Extended result codes of SQLite carry the primary one in their last byte."""

_UNWRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}

_VERSION = table("alembic_version", column("version_num"))
_TURN = select(_VERSION).with_for_update()
"""Every writer takes this row first: whoever reads in order to write must not be overtaken meanwhile."""


def parse(url: str) -> URL:
    """Return the parsed URL of a database.

    Raises:
        StorageError: it is none. The message doesn't repeat it: it may hold a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(
            "the database's address is not an URL such as sqlite:////config/db/watchstate.db; check WS_STORAGE_URL"
        ) from error
    if is_sqlite(parsed) and parsed.database in {None, "", ":memory:"}:
        raise StorageError("a SQLite database needs a file: sqlite:////config/db/watchstate.db; check WS_STORAGE_URL")
    return parsed


def is_sqlite(url: URL) -> bool:
    """Tell whether it is SQLite."""
    return url.get_backend_name() == "sqlite"


def name(url: URL) -> str:
    """Return what messages call the database; never its password."""
    return f"database {url.database if is_sqlite(url) else url.render_as_string(hide_password=True)}"


def create_folder(url: URL) -> None:
    """Create the folder of a SQLite file, with its parents.

    Raises:
        StorageError: it can't be created.
    """
    if url.database is None or url.database.startswith("file:"):
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{name(url)} has no folder and {folder} cannot be created ({error.strerror}); create it, writable for the "
            "user that runs watchstate"
        ) from error


def keep_private(url: URL) -> None:
    """Make a SQLite file readable for its owner only; SQLite gives what lies beside it the same rights."""
    if not is_sqlite(url) or url.database is None or url.database.startswith("file:"):
        return
    with suppress(OSError):  # somebody else's file, or a file system without rights
        Path(url.database).chmod(PRIVATE)


def make_engine(
    url: URL,
    busy_timeout_ms: int,
    *,
    begin: str = "BEGIN",
    query_only: bool = False,
    foreign_keys: bool = True,
    write_ahead: bool = True,
) -> Engine:
    """Return an engine whose connections are set up for the database.

    What isn't about the URL or about readers is for SQLite, where the driver's own way to begin a transaction isn't
    atomic. Readers see one state of the database in all of a transaction.

    Raises:
        StorageError: the database's driver is not installed.
    """
    # SQLite knows no other way; PostgreSQL would show each statement what was committed before it.
    how: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if query_only and not is_sqlite(url) else {}
    try:
        engine = create_engine(url, hide_parameters=True, pool_size=POOL_SIZE, max_overflow=0, **how)
    except ImportError as error:
        raise StorageError(f"{name(url)} needs the Python package {error.name}, which is not installed") from error
    if is_sqlite(url):
        pragmas = [
            f"busy_timeout={busy_timeout_ms:d}",
            # FULL: a write to a server must not outlive the power cut that its intent did not.
            f"synchronous={'NORMAL' if query_only else 'FULL'}",
            f"foreign_keys={foreign_keys:d}",
            f"query_only={query_only:d}",
        ]
        _set_up_sqlite(engine, pragmas, begin, write_ahead=write_ahead)
        if query_only:
            _read_where_nothing_can_be_written(engine, url)
    return engine


def _set_up_sqlite(engine: Engine, pragmas: list[str], begin: str, *, write_ahead: bool) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        if write_ahead:
            _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def start(conn: Connection) -> None:
        conn.exec_driver_sql(begin)


def _read_where_nothing_can_be_written(engine: Engine, url: URL) -> None:
    """Read a database also where SQLite can't put the files of its write-ahead log beside it.

    It needs them even to read, unless it is told that nobody writes. That is so while there is no log, or an empty
    one: without permission to write, or without space, it can't grow. What is in a log belongs to the database.
    """
    if url.database is None or url.database.startswith("file:"):
        return
    file = Path(url.database).absolute()

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: Dialect, _record: ConnectionPoolEntry, _args: list[object], how: dict[str, Any]
    ) -> sqlite3.Connection | None:
        if not file.exists() or _has_log(file) or _is_readable(file):
            return None
        connection: sqlite3.Connection = sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True, **how)
        return connection


def _has_log(file: Path) -> bool:
    log = file.with_name(f"{file.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _is_readable(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        try:
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode & PRIMARY not in _UNWRITABLE
    return True


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, which stays with the file.

    Of several processes that switch a new file at once, all but one are refused without the usual patience: they wait
    as for any transaction, and find it switched.
    """
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")


def take_turn(conn: Connection) -> None:
    """Wait until no other transaction writes, and keep others from it to the end of this one.

    SQLite does so where a transaction begins: BEGIN IMMEDIATE.
    """
    if conn.dialect.name != "sqlite":
        conn.execute(_TURN)


def stored_revision(conn: Connection, database: str) -> str | None:
    """Return the revision of the schema; None for an empty database.

    Raises:
        StorageError: it holds tables, but not ours.
    """
    tables = inspect(conn).get_table_names()
    if _VERSION.name in tables:
        return conn.execute(select(_VERSION)).scalar()
    if tables:
        raise StorageError(f"{database} belongs to another program; choose an empty one")
    return None
