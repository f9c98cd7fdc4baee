"""`state journal` and `state undo` at the command line."""

import pytest
from tests.engine.home import DAY

from watchstate.testing import Fault, FaultKind


@pytest.fixture
def unwatched(shell):
    """The film was watched on one and reached two; then it was un-watched on two, by mistake."""
    shell("state", "sync")
    shell.home.clock.pass_time()
    shell.home["two"].unwatch(shell.home.pair[1])
    shell.home.clock.pass_time()
    shell("state", "sync", "--force-full")
    assert not shell.home["one"].is_watched(shell.home.pair[0])
    shell.home.clock.pass_time()
    return shell


@pytest.fixture
def shared(shell):
    """A second person, sam, watched the film on one."""
    sam = shell.home["one"].simulator.add_user("sam")
    file = shell.home.folder / "config" / "servers.yaml"
    file.write_text(file.read_text().replace("one:\n", f"one:\n  users: {{sam: {{user: {sam}}}}}\n", 1))
    shell.home["one"].watch(shell.home.pair[0], user=sam)
    shell("state", "sync")
    assert shell.code == 0
    return shell


def newest(shell):
    return shell.json("state", "journal", "--limit", "1")[0]


def test_the_journal_tells_what_became_of_a_title_and_under_which_rule(unwatched):
    out = unwatched("state", "journal", "Film 1").out.splitlines()
    assert out[0].split() == ["LINE", "WHEN", "TITLE", "EVENT", "CHANGE", "SERVER", "RULE", "RUN"]
    assert [line.split()[0] for line in out[1:]] == ["j4", "j3", "j2", "j1"]
    assert "unwatched" in out[2]
    assert "two" in out[2]
    assert "R3" in out[2]


def test_the_journal_of_a_run_and_since_a_moment(unwatched):
    run = newest(unwatched)["run_id"]
    assert {line["run_id"] for line in unwatched.json("state", "journal", "--run", str(run))} == {run}
    assert unwatched.json("state", "journal", "--since", "1d") == unwatched.json("state", "journal")
    assert unwatched("state", "journal", "--since", "1s").out == "Nothing is in the journal about that.\n"


def test_an_undo_restores_and_delivers_at_once(unwatched):
    run = newest(unwatched)["run_id"]
    unwatched("state", "undo", str(run))
    assert unwatched.code == 0, unwatched.err
    assert "taken back" in unwatched.out
    assert unwatched.home["one"].is_watched(unwatched.home.pair[0])
    assert unwatched.home["two"].is_watched(unwatched.home.pair[1])


def test_a_dry_run_of_an_undo_shows_and_changes_nothing(unwatched):
    before = unwatched.writes(), len(unwatched.json("state", "journal"))
    unwatched("state", "undo", str(newest(unwatched)["run_id"]), "--dry-run")
    assert "would be taken back" in unwatched.out
    assert (unwatched.writes(), len(unwatched.json("state", "journal"))) == before


def test_what_changed_again_is_left_alone_with_a_word_and_an_exit_code(unwatched):
    (line,) = [one for one in unwatched.json("state", "journal") if one["event"] == "unwatched"]
    for state in ("watched", "unwatched"):
        unwatched("items", "mark", "Film 1", state)
        unwatched.home.clock.pass_time()
    unwatched("state", "undo", line["line"])
    assert unwatched.code == 3
    assert "1 titles were changed again since then" in unwatched.err
    assert "changed since" in unwatched.out
    assert unwatched("state", "undo", line["line"], "--force").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "say what to undo"),
        (["12", "--since", "2h"], "say what to undo"),
        (["x"], "neither a run (12) nor a line of the journal (j345)"),
        (["999"], "there is no run 999"),
        (["j999"], "there is no line j999"),
        (["--since", "yesterday"], "is no moment"),
        (["--since", "1s"], "nothing in it changed the hub"),
    ],
)
def test_an_undo_of_nonsense_is_a_usage_error(unwatched, words, says):
    unwatched("state", "undo", *words)
    assert unwatched.code == 2
    assert says in unwatched.err


def test_an_undo_says_whose_state_it_is_where_there_are_several_people(shared):
    out = shared("state", "undo", "--since", "1h", "--dry-run").out.splitlines()
    assert out[0].split() == ["TITLE", "USER", "IS", "BECOMES", "RESULT"]
    assert sorted(line.split()[3] for line in out[1:3]) == ["main", "sam"]


def test_an_explanation_says_for_whom_something_happened(shared):
    assert "first contact for sam (R2), one entry" in shared("state", "explain", "Film 1").out


def test_an_undo_that_moves_only_a_date_shows_both_dates(shell):
    shell("state", "sync")
    shell.home.clock.pass_time(2 * DAY)
    shell.home["one"].watch(shell.home.pair[0])
    shell("state", "sync")
    shell("state", "undo", str(newest(shell)["run_id"]), "--dry-run")
    assert "watched, 2023-11-16 22:13  watched, 2023-11-14 22:13" in shell.out


def test_a_server_that_is_down_is_told_once_and_not_for_each_person(shared):
    shared.home["one"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=401, times=99))
    shared("state", "sync")
    assert shared.code == 3
    assert len(shared.err.splitlines()) == 1


@pytest.mark.parametrize("number", ["0", "-5", "9" * 30])
@pytest.mark.parametrize("option", ["--run", "--limit"])
def test_a_number_that_makes_no_sense_is_a_usage_error(shell, option, number):
    shell("state", "journal", option, number)
    assert shell.code == 2
    assert option in shell.err
