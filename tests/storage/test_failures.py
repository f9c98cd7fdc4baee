"""Every trouble with the database is one line for a person, and an error of ours."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from tests.storage.shelf import NOW

from watchstate.api import StorageError
from watchstate.storage import accounts, open_storage


def opening(url, **options):
    return open_storage(url, clock=lambda: NOW, **options)


def add_server(conn):
    accounts.ensure_server(conn, "attic", "jellyfin")


async def test_a_read_only_database_says_what_to_make_writable(file):
    with closing(sqlite3.connect(file)) as keeps_the_log_there:
        keeps_the_log_there.execute("SELECT count(*) FROM server").fetchone()
        storage = opening(f"sqlite:///file:{file}?mode=ro&uri=true")
        with pytest.raises(StorageError, match=r"is read-only; make the file and its folder writable"):
            await storage.write(add_server)
        await storage.close()


def test_a_new_database_that_cannot_be_written_is_read_only(tmp_path):
    (tmp_path / "empty.db").touch()

    with pytest.raises(StorageError, match="is read-only"):
        opening(f"sqlite:///file:{tmp_path / 'empty.db'}?mode=ro&uri=true")


async def test_a_database_that_another_process_writes_is_locked(url, file):
    storage = opening(url, busy_timeout_ms=1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by another process; wait for it to finish"):
            await storage.write(add_server)
        other.execute("ROLLBACK")

    await storage.write(add_server)
    await storage.close()


def test_a_file_that_is_no_database_is_named(tmp_path):
    file = tmp_path / "notes.db"
    file.write_text("Dear diary, " * 1000)

    with pytest.raises(StorageError, match=rf"^database {file} is not a database; choose another file"):
        opening(f"sqlite:///{file}")


def test_a_database_of_another_program_is_left_alone(tmp_path):
    file = tmp_path / "photos.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE photo (id INTEGER)")

    with pytest.raises(StorageError, match="belongs to another program"):
        opening(f"sqlite:///{file}")

    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]


def test_a_folder_that_cannot_be_created_is_named(tmp_path):
    (tmp_path / "config").write_text("a file, not a folder")

    with pytest.raises(StorageError, match=rf"{tmp_path / 'config' / 'db'} cannot be created \(Not a directory\)"):
        opening(f"sqlite:///{tmp_path / 'config' / 'db' / 'watchstate.db'}")


def test_a_folder_in_the_place_of_the_file_cannot_be_opened(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened; check that its folder exists and is writable"):
        opening(f"sqlite:///{tmp_path}")


async def test_a_full_disk_is_named(url):
    storage = opening(url)

    def write_too_much(conn):
        conn.execute(text("PRAGMA max_page_count=1"))
        for number in range(10_000):
            accounts.ensure_server(conn, f"server {number}", "jellyfin")

    with pytest.raises(StorageError, match="the disk is full; free some space"):
        await storage.write(write_too_much)
    await storage.close()


async def test_a_damaged_database_is_named(url, file):
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)

    with pytest.raises(StorageError, match="is damaged; restore a backup"):
        await opening(url).read(accounts.servers)


async def test_any_other_error_is_one_line(storage):
    with pytest.raises(StorageError) as caught:
        await storage.read(lambda conn: conn.execute(text("SELECT 1 FROM nowhere")))

    assert "no such table: nowhere" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_none_is_not_repeated():
    with pytest.raises(StorageError, match="check WS_STORAGE_URL") as caught:
        opening("postgres//watchstate:hunter2@db/watchstate")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url):
    with pytest.raises(StorageError, match="needs a file"):
        opening(url)


def test_a_missing_driver_is_named_without_the_password():
    with pytest.raises(StorageError, match="needs the Python package") as caught:
        opening("postgresql+pg8000://watchstate:hunter2@db.test/watchstate")

    assert "watchstate:***@db.test" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_unknown_kind_of_database_is_named():
    with pytest.raises(StorageError, match="nosuch"):
        opening("nosuch://db.test/watchstate")
