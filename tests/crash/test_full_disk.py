"""A disk without space: one clear line, the right exit code, and nothing lost."""

import sqlite3

import pytest
from tests.crash.command import run
from tests.crash.household import Household
from tests.crash.places import full, small_disk
from tests.storage.test_migrations import bring_up_to_date, scripts_with_a_next_revision

from watchstate.clock import MINUTE
from watchstate.config import load_servers

pytestmark = pytest.mark.timeout(200)  # several processes, on a machine that may be busy


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, "8m"):
        yield folder


@pytest.fixture
def household(disk):
    """A household in agreement, in which something was then watched on each server."""
    with Household(disk, 7, views=9).open() as household:
        assert household.run("state", "sync").code == 0
        household.clock.ms += 10 * MINUTE
        for name, key in CHANGED.items():
            household.places[name].watch(household.entries[name][key])
        household.clock.ms += 10 * MINUTE
        yield household


CHANGED = {"plex": "m30", "jelly": "m31", "emby": "m32"}


def is_whole(household):
    return household.rows("pragma integrity_check") == [("ok",)]


def goes_on(household):
    """Let it finish now that there is room, and say whether everybody got everything."""
    for _ in range(2):
        done = household.run("state", "sync")
        assert done.code == 0, done.err
        household.clock.ms += 10 * MINUTE
    return all(household.shows(name, key).watched for name in household.places for key in CHANGED.values())


@pytest.mark.parametrize(("command", "room"), [("import", 0), ("import", 50_000), ("export", 0), ("export", 50_000)])
def test_a_run_on_a_full_disk_says_so_and_the_next_one_goes_on(household, command, room):
    if command == "export":
        assert household.run("state", "import").code == 0
    with full(household.folder, but=room):
        done = household.run("state", command)
    assert done.code in ({1} if room == 0 else {1, 3}), done.err
    assert "the disk is full; free some space and try again" in done.err
    assert done.err.count("\n") <= len(household.places)
    assert is_whole(household)
    assert goes_on(household)


def test_what_only_reads_reads_on_a_full_disk(household):
    assert household.run("state", "import").code == 0
    with full(household.folder):
        for words in (("state", "plan"), ("state", "journal"), ("state", "explain", "Film 30")):
            asked = household.run(*words)
            assert (asked.code, asked.err) == (0, ""), asked.out


def test_a_backup_that_does_not_fit_leaves_nothing_behind(household):
    with full(household.folder, but=2_000):
        done = household.run("backup")
    assert done.code == 1
    assert "can't be written: No space left on device" in done.err
    assert done.err.count("\n") == 1
    assert list((household.folder / "backup").iterdir()) == []
    assert household.run("backup").code == 0


def test_servers_that_cannot_be_saved_stay_as_they_were(household):
    file = household.folder / "config" / "servers.yaml"
    before = file.read_bytes()
    with full(household.folder):
        done = household.run("servers", "manage", "plex", "--no-export")
    assert done.code == 1
    assert "servers.yaml: can't be written: No space left on device; nothing was changed" in done.err
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["servers.yaml"]
    assert household.run("servers", "manage", "plex", "--no-export").code == 0
    assert not load_servers(file)["plex"].export.enabled


def test_a_new_database_that_does_not_fit_is_made_by_the_next_run(disk):
    with full(disk, but=4096):
        done = run(disk, "state", "journal")
    assert done.code == 1
    assert "the disk is full; free some space and try again" in done.err
    assert done.err.count("\n") == 1
    assert run(disk, "state", "journal").code == 0


def test_a_copy_before_a_migration_that_does_not_fit_is_not_taken_for_one(disk, tmp_path):
    file = disk / "db" / "watchstate.db"
    assert run(disk, "state", "journal").code == 0
    scripts = scripts_with_a_next_revision(tmp_path)
    with full(disk, but=100_000), pytest.raises(sqlite3.OperationalError, match="disk is full"):
        bring_up_to_date(f"sqlite:///{file}", scripts)
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    bring_up_to_date(f"sqlite:///{file}", scripts)
    assert {one.name for one in file.parent.iterdir()} == {file.name, f"{file.name}.before-next"}
