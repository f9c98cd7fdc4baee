"""The database is written by somebody else: a short while is waited for, a long one ends in one clear line."""

import asyncio
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.crash.command import DEADLINE, SCRIPT, run, running
from tests.engine.home import Home, movie

from watchstate.config import save_servers

pytestmark = pytest.mark.timeout(200)  # several processes, on a machine that may be busy


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path, "one", "two")
    watched, _ = (place.add(movie(1)) for place in home.places.values())
    home["one"].watch(watched)
    asyncio.run(home.sync())
    save_servers(tmp_path / "config" / "servers.yaml", home.configs)
    return home


def database(home):
    return home.folder / "db" / "watchstate.db"


@contextmanager
def locked(home):
    """Write, and don't come to an end, until the end of the block or `execute("ROLLBACK")`."""
    with closing(sqlite3.connect(database(home), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def has_opened(process, file):
    """Tell whether a process has a file open."""
    return any(link.exists() and link.readlink() == file for link in Path(f"/proc/{process.pid}/fd").iterdir())


@pytest.mark.parametrize("words", [("items", "mark", "Film 1", "unwatched"), ("state", "sync")], ids=" ".join)
def test_a_long_lock_ends_in_one_line_and_loses_nothing(home, words):
    with locked(home):
        done = run(home.folder, *words)
        read = run(home.folder, "state", "explain", "Film 1")
    assert done.code == 1
    assert "is locked by another process; wait for it to finish, or stop it, and try again" in done.err
    assert done.err.count("\n") == 1
    assert (read.code, read.err) == (0, ""), "what only reads doesn't wait"
    assert run(home.folder, "items", "mark", "Film 1", "unwatched").code == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to see what a process has opened")
def test_a_short_lock_is_waited_for(home):
    with locked(home) as other, running([SCRIPT, "items", "mark", "Film 1", "unwatched"], home.folder) as process:
        log = database(home).with_name("watchstate.db-wal")
        ends = time.monotonic() + DEADLINE
        while not has_opened(process, log):
            assert process.lives_for(0.02), process.finish().err
            assert time.monotonic() < ends
        other.execute("ROLLBACK")
        assert process.finish().code == 0, process.err
    assert "unwatched already" not in process.out
