"""Bring a database to the newest revision. Imports Alembic, which is slow: only for a database that needs it."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection

from watchstate.api.errors import StorageError
from watchstate.clock import Clock
from watchstate.storage.connections import PRIVATE, is_sqlite, keep_private, make_engine, name, stored_revision

SCRIPTS = Path(__file__).parent / "migrations"

_log = logging.getLogger(__name__)


def migrate(url: URL, *, clock: Clock, busy_timeout_ms: int, scripts: Path = SCRIPTS) -> None:
    """Create the tables of an empty database, or bring those of an older version up to date, in one transaction.

    Tokens are in it: from here on, a SQLite file is for its owner only.

    Raises:
        StorageError: the database comes from a newer version, or its data don't fit together.
    """
    keep_private(url)
    # Foreign keys are off because SQLite changes a table by making it anew; they are checked at the end.
    engine = make_engine(url, busy_timeout_ms, begin="BEGIN IMMEDIATE", foreign_keys=False)
    try:
        with engine.begin() as conn:
            _upgrade(conn, url, clock, scripts)
    finally:
        engine.dispose()


def _upgrade(conn: Connection, url: URL, clock: Clock, scripts: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = conn
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    newest, stored = revisions[0], stored_revision(conn, name(url))
    if stored == newest:
        return
    if stored is not None:
        if stored not in revisions:
            raise StorageError(
                f"{name(url)} is from a newer version of watchstate: its revision is {stored}, this one knows up to "
                f"{newest}; upgrade watchstate, or restore the copy that was kept before the migration"
            )
        if is_sqlite(url):
            kept = _keep_copy(conn, url, newest, clock)
            _log.warning("%s goes from revision %s to %s; a copy is kept as %s", name(url), stored, newest, kept)
    command.upgrade(config, "head")
    if is_sqlite(url) and conn.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StorageError(f"{name(url)} cannot be brought to revision {newest}: its data don't fit together")


def _keep_copy(conn: Connection, url: URL, revision: str, clock: Clock) -> Path:
    """Copy the database next to itself, and check the copy.

    The caller's transaction keeps others from writing; the copy is read beside it, because SQLite doesn't copy from a
    connection that is writing. An earlier copy is never overwritten: it may be the only good one. What isn't whole
    never has the name of a copy.
    """
    file = conn.exec_driver_sql("PRAGMA database_list").one()[2]
    kept = Path(f"{file}.before-{revision}")
    if kept.exists():
        kept = kept.with_name(f"{kept.name}-{clock()}")
    draft = Path(f"{kept}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=PRIVATE)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
            result = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok":
            raise StorageError(f"{name(url)} is damaged ({result}) and was not migrated; restore a backup")
        draft.replace(kept)
    finally:
        draft.unlink(missing_ok=True)
    return kept
