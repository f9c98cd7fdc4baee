import logging
import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.storage.shelf import NOW

from watchstate.api import StorageError
from watchstate.storage import accounts, open_storage
from watchstate.storage.connections import make_engine, parse
from watchstate.storage.migrate import SCRIPTS, migrate
from watchstate.storage.migrations import HEAD
from watchstate.storage.tables import Schema

NEXT = '''
"""Give servers a colour, and make a table anew as SQLite must."""
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("server", recreate="always") as server:
        server.add_column(sa.Column("colour", sa.Text))
    {then}
'''


def scripts_with_a_next_revision(folder, then="pass"):
    scripts = shutil.copytree(SCRIPTS, folder / "migrations")
    (scripts / "versions" / "r_next.py").write_text(NEXT.format(head=HEAD, then=then))
    return scripts


def bring_up_to_date(url, scripts):
    migrate(parse(url), clock=lambda: NOW, busy_timeout_ms=1000, scripts=scripts)


def ask(file, question):
    with closing(sqlite3.connect(file)) as database:
        return database.execute(question).fetchall()


@pytest.fixture
def used_file(file):
    """A database of the present revision with a server that an account refers to."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("INSERT INTO server (id, name, type) VALUES (1, 'attic', 'jellyfin')")
        database.execute("INSERT INTO account (server_id, identity, user_id) VALUES (1, 'main', 'u')")
        database.commit()
    return file


def test_head_is_the_newest_script():
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))

    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_migrated_schema_is_the_one_of_the_tables(conn):
    context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})

    assert compare_metadata(context, Schema.metadata) == []


def test_the_migrated_tables_are_stored_like_the_ones_of_the_tables(conn, tmp_path):
    """What Alembic doesn't compare: WITHOUT ROWID and AUTOINCREMENT."""
    engine = make_engine(parse(f"sqlite:///{tmp_path / 'other.db'}"), 1000)
    Schema.metadata.create_all(engine)
    question = (
        "SELECT name, sql LIKE '%WITHOUT ROWID%', sql LIKE '%AUTOINCREMENT%' FROM sqlite_master "
        "WHERE type = 'table' AND name NOT IN ('alembic_version') ORDER BY name"
    )
    with engine.connect() as other:
        expected = other.exec_driver_sql(question).all()
    engine.dispose()

    assert conn.exec_driver_sql(question).all() == expected


async def test_an_empty_file_becomes_a_database(tmp_path):
    (tmp_path / "watchstate.db").touch()
    storage = open_storage(f"sqlite:///{tmp_path / 'watchstate.db'}", clock=lambda: NOW)

    assert await storage.read(accounts.servers) == []
    await storage.close()


async def test_a_new_database_needs_no_copy(tmp_path):
    await open_storage(f"sqlite:///{tmp_path / 'watchstate.db'}", clock=lambda: NOW).close()

    assert [path.name for path in tmp_path.iterdir()] == ["watchstate.db"]


def test_opening_a_database_that_is_up_to_date_imports_no_alembic(url):
    program = (
        "import asyncio, sys; from watchstate.storage import open_storage; "
        f"asyncio.run(open_storage({url!r}, clock=lambda: 0).close()); "
        "sys.exit('alembic' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_database_of_a_newer_version_is_refused_with_both_revisions(url, file):
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    with pytest.raises(
        StorageError,
        match=rf"from a newer version .* revision is 9999, .* up to {HEAD}; upgrade watchstate, or restore",
    ):
        open_storage(url, clock=lambda: NOW)

    assert ask(file, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_an_older_database_is_migrated_with_what_is_in_it(url, used_file, tmp_path):
    bring_up_to_date(url, scripts_with_a_next_revision(tmp_path))

    assert ask(used_file, "SELECT version_num FROM alembic_version") == [("next",)]
    assert ask(used_file, "SELECT name, colour FROM server") == [("attic", None)]
    assert ask(used_file, "SELECT identity FROM account") == [("main",)]


def test_a_copy_of_the_older_database_is_kept_and_named(url, used_file, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "watchstate"):
        bring_up_to_date(url, scripts_with_a_next_revision(tmp_path))

    kept = tmp_path / "watchstate.db.before-next"
    assert ask(kept, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert ask(kept, "SELECT name FROM server") == [("attic",)]
    assert str(kept) in caplog.text


def test_an_earlier_copy_is_not_overwritten(url, used_file, tmp_path):
    (tmp_path / "watchstate.db.before-next").write_text("the only good one")

    bring_up_to_date(url, scripts_with_a_next_revision(tmp_path))

    assert (tmp_path / "watchstate.db.before-next").read_text() == "the only good one"
    assert ask(tmp_path / f"watchstate.db.before-next-{NOW}", "SELECT name FROM server") == [("attic",)]


def test_a_migration_that_fails_changes_nothing(url, used_file, tmp_path):
    with pytest.raises(ZeroDivisionError):
        bring_up_to_date(url, scripts_with_a_next_revision(tmp_path, then="1 / 0"))

    assert ask(used_file, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert "colour" not in str(ask(used_file, "SELECT sql FROM sqlite_master"))


def test_a_migration_that_loses_what_others_refer_to_changes_nothing(url, used_file, tmp_path):
    with pytest.raises(StorageError, match="don't fit together"):
        bring_up_to_date(url, scripts_with_a_next_revision(tmp_path, then='op.execute("DELETE FROM server")'))

    assert ask(used_file, "SELECT name FROM server") == [("attic",)]


def test_a_database_that_is_up_to_date_is_left_alone(url, used_file, tmp_path):
    bring_up_to_date(url, SCRIPTS)

    assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []


async def test_several_processes_can_create_the_same_database_at_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'watchstate.db'}"
    with ThreadPoolExecutor(4) as pool:
        storages = list(pool.map(lambda _: open_storage(url, clock=lambda: NOW), range(4)))

    for storage in storages:
        assert await storage.read(accounts.servers) == []
        await storage.close()


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_new_database_and_what_lies_beside_it_are_for_their_owner_only(tmp_path):
    file = tmp_path / "watchstate.db"
    storage = open_storage(f"sqlite:///{file}", clock=lambda: NOW)
    await storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))

    assert {path.name: rights(path) for path in tmp_path.iterdir()} == dict.fromkeys(
        ["watchstate.db", "watchstate.db-shm", "watchstate.db-wal"], 0o600
    )
    await storage.close()


def test_a_database_that_is_migrated_and_the_copy_of_it_are_for_their_owner_only(url, used_file, tmp_path):
    used_file.chmod(0o644)

    bring_up_to_date(url, scripts_with_a_next_revision(tmp_path))

    assert (rights(used_file), rights(tmp_path / "watchstate.db.before-next")) == (0o600, 0o600)


def test_a_database_of_the_first_revision_gets_the_table_of_people(url, used_file):
    with closing(sqlite3.connect(used_file)) as database:
        database.execute("DROP TABLE person")
        database.execute("DROP TABLE event")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
        database.commit()

    bring_up_to_date(url, SCRIPTS)

    assert ask(used_file, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert ask(used_file, "SELECT count(*) FROM person") == [(0,)]
    assert ask(used_file, "SELECT name FROM server") == [("attic",)]


def test_a_database_of_the_second_revision_gets_the_inbox(url, used_file):
    with closing(sqlite3.connect(used_file)) as database:
        database.execute("DROP TABLE event")
        database.execute("UPDATE alembic_version SET version_num = '0002'")
        database.commit()

    bring_up_to_date(url, SCRIPTS)

    assert ask(used_file, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert ask(used_file, "SELECT count(*) FROM event") == [(0,)]
    assert ask(used_file, "SELECT name FROM server") == [("attic",)]
