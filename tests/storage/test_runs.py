from tests.storage.shelf import NOW

from watchstate.storage import runs
from watchstate.storage.runs import Run


def test_a_run_that_goes_on_has_no_end(conn):
    number = runs.begin_run(conn, "state import", "me", NOW)

    assert runs.last_runs(conn, 5) == [Run(run_id=number, command="state import", owner="me", began_at=NOW, counts={})]


def test_a_run_that_ended_tells_how(conn):
    number = runs.begin_run(conn, "state import", "me", NOW)
    runs.end_run(conn, number, NOW + 5, "done", {"attic/main": {"read": 3}})

    assert runs.last_runs(conn, 5) == [
        Run(
            run_id=number,
            command="state import",
            owner="me",
            began_at=NOW,
            ended_at=NOW + 5,
            outcome="done",
            counts={"attic/main": {"read": 3}},
        )
    ]


def test_the_newest_runs_come_first(conn):
    numbers = [runs.begin_run(conn, "state import", "me", NOW) for _ in range(3)]

    assert [run.run_id for run in runs.last_runs(conn, 2)] == [numbers[2], numbers[1]]


def test_a_command_whose_newest_run_has_no_end_was_killed(conn):
    assert not runs.was_killed(conn, "serve")
    first = runs.begin_run(conn, "serve", "me", NOW)
    assert runs.was_killed(conn, "serve")
    runs.end_run(conn, first, NOW, "done", {})
    runs.begin_run(conn, "state import", "me", NOW)
    assert not runs.was_killed(conn, "serve")
