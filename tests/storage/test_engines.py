import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import mysql, postgresql, sqlite
from tests.storage.shelf import NOW

from watchstate.api import StorageError, UsageError
from watchstate.storage import accounts, open_storage, runs
from watchstate.storage.connections import take_turn


def server_names(conn):
    return [server.name for server in accounts.servers(conn)]


async def test_what_was_written_is_there_for_the_next_reader(storage):
    await storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))

    assert await storage.read(server_names) == ["attic"]


async def test_the_result_of_the_work_is_returned(storage):
    assert (await storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))).name == "attic"


async def test_nothing_is_written_when_the_work_raises(storage):
    def half(conn):
        accounts.ensure_server(conn, "attic", "jellyfin")
        raise UsageError("changed my mind")

    with pytest.raises(UsageError, match="changed my mind"):
        await storage.write(half)

    assert await storage.read(server_names) == []


async def test_the_writer_goes_on_after_work_that_raised(storage):
    with pytest.raises(ZeroDivisionError):
        await storage.write(lambda conn: 1 / 0)

    await storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))

    assert await storage.read(server_names) == ["attic"]


async def test_a_reader_cannot_write(storage):
    with pytest.raises(StorageError, match="read-only"):
        await storage.read(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))


async def test_a_reader_sees_one_state_of_the_database_beside_a_write(storage):
    loop = asyncio.get_running_loop()

    def read_around_a_write(conn):
        before = server_names(conn)
        adding = storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))
        asyncio.run_coroutine_threadsafe(adding, loop).result(10)
        return before, server_names(conn)

    assert await storage.read(read_around_a_write) == ([], [])


async def test_references_to_nothing_are_refused(storage):
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        await storage.write(lambda conn: accounts.set_cursor(conn, 99, "x", NOW))


async def test_two_processes_that_read_then_write_lose_nothing(url):
    """Read-then-write without BEGIN IMMEDIATE fails at once with a lock, or loses a step."""
    storages = [open_storage(url, clock=lambda: NOW) for _ in range(2)]
    await storages[0].write(lambda conn: conn.execute(text("CREATE TABLE tally (value INTEGER)")) and None)
    await storages[0].write(lambda conn: conn.execute(text("INSERT INTO tally VALUES (0)")) and None)

    def count_up(conn):
        value = conn.execute(text("SELECT value FROM tally")).scalar_one()
        conn.execute(text("UPDATE tally SET value = :value"), {"value": value + 1})

    async def work(storage):
        for _ in range(50):
            await storage.write(count_up)

    await asyncio.gather(*map(work, storages))

    assert await storages[1].read(lambda conn: conn.execute(text("SELECT value FROM tally")).scalar_one()) == 100
    for storage in storages:
        await storage.close()


class Listener:
    """Stands where a connection would, and notes the SQL that its database would be sent."""

    def __init__(self, dialect):
        self.dialect = dialect
        self.sent = []

    def execute(self, statement):
        self.sent.append(" ".join(str(statement.compile(dialect=self.dialect)).split()))


@pytest.mark.parametrize("dialect", [postgresql.dialect(), mysql.dialect()], ids=["postgresql", "mysql"])
def test_writers_of_a_database_server_take_the_same_row_one_after_the_other(dialect):
    """Two processes that changed one hub state at once lost one of the changes (seen with PostgreSQL 15)."""
    listener = Listener(dialect)
    take_turn(listener)

    assert listener.sent == ["SELECT alembic_version.version_num FROM alembic_version FOR UPDATE"]


def test_writers_of_sqlite_have_taken_their_turn_when_they_begin():
    listener = Listener(sqlite.dialect())
    take_turn(listener)

    assert listener.sent == []


async def test_what_was_written_is_still_there_after_closing_and_opening(url):
    first = open_storage(url, clock=lambda: NOW)
    await first.write(lambda conn: runs.begin_run(conn, "state import", "me", NOW))
    await first.close()

    second = open_storage(url, clock=lambda: NOW)
    (run,) = await second.read(lambda conn: runs.last_runs(conn, 5))
    await second.close()

    assert run.command == "state import"


async def test_closing_leaves_one_file(url, file):
    storage = open_storage(url, clock=lambda: NOW)
    await storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin"))
    await storage.close()

    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_closing_waits_for_what_is_being_written(url):
    storage = open_storage(url, clock=lambda: NOW)
    writing = asyncio.ensure_future(storage.write(lambda conn: accounts.ensure_server(conn, "attic", "jellyfin")))
    await asyncio.sleep(0)
    await storage.close()

    assert (await writing).name == "attic"


async def test_the_folder_of_a_new_database_is_created(tmp_path):
    file = tmp_path / "config" / "db" / "watchstate.db"

    await open_storage(f"sqlite:///{file}", clock=lambda: NOW).close()

    assert file.exists()
