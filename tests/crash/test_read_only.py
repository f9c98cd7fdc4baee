"""A database that may be read and not written: what reads goes on, what writes says what to do."""

import asyncio
import os
import sqlite3

import pytest
from tests.crash.command import run
from tests.crash.places import obey_permissions, read_only
from tests.engine.home import Home, movie

from watchstate.config import save_servers

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX"),
]

READING = [
    (("state", "plan"), "Film 2"),
    (("state", "explain", "Film 1"), "The hub says: watched"),
    (("state", "journal"), "Film 1"),
    (("state", "review"), "Nothing is held"),
]


@pytest.fixture
def home(tmp_path):
    """A household that was synced, with one title left to be written."""
    home = Home(tmp_path, "one", "two")
    pairs = [[place.add(movie(number)) for place in home.places.values()] for number in (1, 2)]
    home["one"].watch(pairs[0][0])
    asyncio.run(home.sync())
    home["one"].watch(pairs[1][0])
    asyncio.run(home.run("import"))
    save_servers(tmp_path / "config" / "servers.yaml", home.configs)
    return home


def ask(home, *words):
    return run(home.folder, *words, preexec_fn=obey_permissions)


def database(home):
    return home.folder / "db" / "watchstate.db"


@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_what_only_reads_reads(home, what):
    file = database(home)
    paths = {"file": [file], "folder": [file.parent], "both": [file, file.parent]}[what]
    with read_only(*paths):
        asked = [ask(home, *words) for words, _ in READING]
    assert [(one.code, one.err) for one in asked] == [(0, "")] * len(READING)
    assert [says for one, (_, says) in zip(asked, READING, strict=True) if says not in one.out] == []


def test_what_a_killed_process_committed_is_read_too(home):
    file = database(home)
    killed = sqlite3.connect(file)
    with killed:
        killed.execute("update entry set title = 'Film 77' where title = 'Film 2'")
    log, index = (file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))
    kept = {path: path.read_bytes() for path in (file, log, index)}
    killed.close()
    for path, content in kept.items():
        path.write_bytes(content)
    with read_only(file, log, index, file.parent):
        asked = ask(home, "state", "plan")
    assert (asked.code, asked.err) == (0, "")
    assert "Film 77" in asked.out


@pytest.mark.parametrize(
    "words", [("items", "mark", "Film 2", "unwatched"), ("state", "import"), ("state", "undo", "1")], ids=" ".join
)
def test_what_writes_says_in_one_line_what_to_make_writable(home, words):
    before = database(home).read_bytes()
    with read_only(database(home), database(home).parent):
        asked = ask(home, *words)
    assert asked.code == 1
    assert "is read-only; make the file and its folder writable for the user that runs watchstate" in asked.err
    assert asked.err.count("\n") == 1
    assert database(home).read_bytes() == before


def test_the_doctor_finds_that_nothing_can_be_written(home):
    with read_only(database(home), database(home).parent):
        asked = ask(home, "doctor", "--output", "json")
    assert asked.code == 1
    assert "is read-only; make the file" in asked.out
