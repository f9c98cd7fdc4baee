"""`state journal` and `state undo` at the command line."""

import pytest


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


def newest(shell):
    return shell.json("state", "journal", "--limit", "1")[0]


def test_the_journal_tells_what_became_of_a_title_and_under_which_rule(unwatched):
    out = unwatched("state", "journal", "Film 1").out.splitlines()
    assert out[0].split() == ["LINE", "WHEN", "TITLE", "EVENT", "WAS", "BECAME", "SERVER", "RULE", "RUN"]
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
