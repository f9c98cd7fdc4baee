"""W7 with real processes: what a second command may do while a run is under way."""

import socket
from collections import Counter

import pytest
from tests.crash.household import Household

from watchstate.clock import HOUR, MINUTE, SECOND
from watchstate.config import load_servers

pytestmark = pytest.mark.timeout(200)  # several processes, on a machine that may be busy


@pytest.fixture
def household(tmp_path, request):
    with Household(tmp_path, 7, views=getattr(request, "param", 12)).open() as household:
        yield household


@pytest.fixture
def synced(household):
    """A household in agreement, some time later."""
    assert household.run("state", "sync").code == 0
    household.clock.ms += 10 * MINUTE
    return household


def watch_on_plex(household, *keys):
    for key in keys:
        household.places["plex"].watch(household.entries["plex"][key])
    household.clock.ms += 10 * MINUTE


def test_a_second_sync_waits_says_for_whom_and_writes_nothing_twice(household):
    with household.gate.holding(3, only_writes=True) as gate, household.process("state", "sync") as first:
        gate.wait()
        with household.process("state", "sync") as second:
            assert f"waiting for watchstate state sync, process {first.pid} on" in second.first_line()
            gate.let_go()
            assert second.finish().code == 0
        assert first.finish().code == 0
    for place in household.places.values():
        sent = Counter((one.method, one.path, one.query) for one in place.simulator.writes())
        assert [write for write, times in sent.items() if times > 1] == []
    assert household.rows("select * from lease") == []


def test_a_second_sync_gives_up_with_code_5_and_says_who_works_there(household):
    with household.gate.holding(3, only_writes=True) as gate, household.process("state", "sync") as first:
        name = gate.wait()
        second = household.run_beside("state", "sync", patience=1)
        assert second.code in {3, 5}
        assert f"watchstate state sync, process {first.pid} on" in second.err
        third = household.run_beside("state", "sync", "--servers-filter", name, patience=1)
        assert third.code == 5
        gate.let_go()
        assert first.finish().code == 0


def test_the_lease_of_a_process_that_died_on_another_machine_is_free_after_a_minute(household):
    household.gate.arm("just answered", 3, only_writes=True)
    with household.process("state", "sync") as process:
        household.gate.watch(process)
        assert process.finish().was_killed
    household.rows("update lease set owner = replace(owner, ?, 'elsewhere')", socket.gethostname())
    busy = household.run("state", "import", patience=1)
    assert "process" in busy.err
    assert "on elsewhere is still working on it" in busy.err
    household.clock.ms += 61 * SECOND
    assert household.run("state", "import", patience=1).code == 0


def test_a_mark_made_beside_a_run_waits_for_nobody_and_reaches_every_server(synced):
    watch_on_plex(synced, "m32", "m33")
    with synced.gate.holding(2, only_writes=True) as gate, synced.process("state", "sync") as running:
        gate.wait()
        assert synced.run_beside("items", "mark", "Film 40", "watched").code == 0
        assert synced.run_beside("items", "mark", "Film 33", "unwatched").code == 0
        assert running.code is None
        gate.let_go()
        assert running.finish().code == 0
    synced.clock.ms += 10 * MINUTE
    assert synced.run("state", "sync").code == 0
    assert [synced.shows(name, "m40").watched for name in synced.places] == [True, True, True]
    assert [synced.shows(name, "m33").watched for name in synced.places] == [False, False, False]
    assert [synced.shows(name, "m32").watched for name in synced.places] == [True, True, True]


def test_an_undo_beside_a_run_loses_neither_what_it_takes_back_nor_what_the_run_does(synced):
    assert synced.run("items", "mark", "Film 40", "watched").code == 0
    [(number,)] = synced.rows("select max(id) from journal")
    watch_on_plex(synced, "m32")
    with synced.gate.holding(1, only_writes=True) as gate, synced.process("state", "sync") as running:
        gate.wait()
        with synced.process("state", "undo", f"j{number}") as undoing:
            assert f"waiting for watchstate state sync, process {running.pid}" in undoing.first_line()
            assert synced.rows("select event from journal order by id desc limit 1") == [("undone",)]
            gate.let_go()
            assert undoing.finish().code == 0, undoing.err
        assert running.finish().code == 0
    synced.clock.ms += 10 * MINUTE
    assert synced.run("state", "sync").code == 0
    assert [synced.shows(name, "m40").watched for name in synced.places] == [False, False, False]
    assert [synced.shows(name, "m32").watched for name in synced.places] == [True, True, True]


@pytest.mark.parametrize("household", [30], indirect=True)
def test_a_decision_made_beside_a_run_counts(synced):
    keys = [f"m{number}" for number in range(3, 28)]
    for key in keys:
        synced.places["jelly"].unwatch(synced.entries["jelly"][key])
    synced.clock.ms += 7 * HOUR
    assert synced.run("state", "sync").code == 4
    watch_on_plex(synced, "m40")
    with synced.gate.holding(1, only_writes=True) as gate, synced.process("state", "sync") as running:
        gate.wait()
        assert synced.run_beside("state", "review", "accept").code == 0
        assert running.code is None
        gate.let_go()
        running.finish()
    synced.clock.ms += 7 * HOUR
    assert synced.run("state", "sync").code == 0
    assert not any(synced.shows(name, key).watched for name in synced.places for key in keys)


def test_a_rename_waits_until_the_run_beside_it_has_left_the_server(synced):
    watch_on_plex(synced, "m32", "m33")
    with synced.gate.holding(1, only_writes=True) as gate, synced.process("state", "sync") as running:
        name = gate.wait()
        with synced.process("servers", "rename", name, "attic") as renaming:
            assert f"waiting for watchstate state sync, process {running.pid}" in renaming.first_line()
            gate.let_go()
            assert renaming.finish().code == 0
        assert running.finish().code in {0, 5}, running.err
    assert set(load_servers(synced.folder / "config" / "servers.yaml")) == set(synced.places) - {name} | {"attic"}
    synced.clock.ms += 10 * MINUTE
    assert synced.run("state", "sync").code == 0
    known = {row[0] for row in synced.rows("select name from server")}
    assert known == set(synced.places) - {name} | {"attic"}
    assert synced.rows("select * from journal where server = ?", name) == []
    assert synced.rows("select * from hub_state where origin = ?", name) == []


def test_a_new_machine_is_accepted_only_when_no_run_is_at_it(synced):
    watch_on_plex(synced, "m32", "m33")
    with synced.gate.holding(1, only_writes=True) as gate, synced.process("state", "sync") as running:
        name = gate.wait()
        synced.places[name].simulator.change_machine()
        with synced.process("servers", "manage", name, "--accept-new-machine") as accepting:
            assert f"waiting for watchstate state sync, process {running.pid}" in accepting.first_line()
            gate.let_go()
            assert accepting.finish().code == 0
        running.finish()
    for _ in range(2):
        synced.clock.ms += 7 * HOUR
        assert synced.run("state", "sync").code == 0
    assert all(
        synced.shows(name, key).watched is synced.truth[key].watched or key in {"m32", "m33", "e1", "e2"}
        for name in synced.places
        for key in synced.titles
    )


def test_a_rename_that_was_killed_half_way_is_finished_by_repeating_it(synced):
    with synced.process("servers", "rename", "emby", "attic", death="open .servers.yaml") as renaming:
        assert renaming.finish().was_killed
    assert synced.run("servers", "rename", "emby", "attic").code == 0
    watch_on_plex(synced, "m32")
    assert synced.run("state", "sync").code == 0
    assert synced.shows("emby", "m32").watched
    assert {name for (name,) in synced.rows("select name from server")} == {"plex", "jelly", "attic"}


def test_copies_that_killed_dry_runs_left_are_gone_a_day_later(synced):
    for _ in range(2):
        synced.gate.arm("just answered", 2, only_writes=False)
        with synced.process("state", "sync", "--dry-run") as process:
            synced.gate.watch(process)
            assert process.finish().was_killed
    synced.clock.ms += 25 * HOUR
    assert synced.run("state", "sync", "--dry-run").code == 0
    assert list(synced.folder.rglob("watchstate-rehearsal-*")) == []
