"""What a person does with it, from the first server to silence."""

import os
import sqlite3
import subprocess
import sys

import pytest
from tests.engine.home import movie


def test_state_sync_twice_in_a_row_writes_nothing_the_second_time(shell):
    shell("state", "sync")
    assert shell.code == 0, shell.err
    assert shell.home["two"].is_watched(shell.home.pair[1])
    writes, lines = shell.writes(), journal_lines(shell)
    shell("state", "sync")
    assert shell.code == 0
    assert (shell.writes(), journal_lines(shell)) == (writes, lines)
    assert (shell.out, shell.err) == ("", ""), "in a pipe, success is silent"


def journal_lines(shell):
    with sqlite3.connect(shell.home.folder / "db" / "watchstate.db") as conn:
        return conn.execute("select count(*) from journal").fetchone()[0]


@pytest.mark.parametrize(
    "spelling", [["state:import", "-vvrm"], ["state:import", "-s", "one,two"], ["state", "import"]]
)
def test_every_spelling_of_import_reads_and_writes_nothing(shell, spelling):
    shell(*spelling)
    assert shell.code == 0, shell.err
    assert shell.writes() == 0
    assert [row["write"] for row in shell.json("state", "plan")] == ["watched"]


def test_the_plan_says_what_will_be_written_and_why(shell):
    shell("state", "import")
    [row] = shell.json("state", "plan")
    assert (row["server"], row["title"], row["why"]) == ("two", "Film 1 (1991)", "watched on one")
    shell("state", "export", "-v")
    assert "written" in shell.out.lower()
    assert "Nothing to write" in shell("state", "plan").out


def test_a_dry_run_shows_what_would_happen_and_keeps_nothing(shell):
    shell("state", "sync", "--dry-run", "-v")
    assert "Film 1 (1991)" in shell.out
    assert "nothing was written" in shell.out
    assert shell.writes() == 0
    assert journal_lines(shell) == 0
    assert shell.json("state", "plan") == []


def test_explain_answers_in_words(shell):
    shell("state", "sync")
    shell("state", "explain", "film 1")
    assert "The hub says: watched" in shell.out
    assert "wrote watched (W1)" in shell.out
    assert shell.json("state", "explain", "imdb:tt0001001")["title"] == "Film 1 (1991)"


def test_explain_lists_the_titles_that_fit(shell):
    shell.home["one"].add(movie(11))
    shell("state", "import")
    shell("state", "explain", "film")
    assert shell.code == 2
    assert "Film 11" in shell.out
    assert shell("state", "explain", "no such film").code == 2


def test_a_mark_made_here_reaches_every_server(shell):
    shell("state", "sync")
    assert shell("items", "mark", "Film 1", "unwatched").code == 0
    shell("state", "export")
    assert not shell.home["one"].is_watched(shell.home.pair[0])
    assert not shell.home["two"].is_watched(shell.home.pair[1])
    assert "already" in shell("items", "mark", "Film 1", "unwatched").out


def test_the_brake_is_reviewed_and_rejected(shell):
    pairs = [(shell.home["one"].add(movie(number)), shell.home["two"].add(movie(number))) for number in range(2, 42)]
    for first, _ in pairs:
        shell.home["one"].watch(first)
    shell("state", "sync")
    for first, _ in pairs:
        shell.home["one"].unwatch(first)
    shell("state", "sync")
    assert shell.code == 4
    assert "state review" in shell.err
    assert len(shell.json("state", "review")) == 40
    assert "one shows 40 of 41 watched entries (40 titles) as unwatched at once" in shell("state", "review").out
    assert "… and 30 more" in shell.out
    shell("state", "review", "reject")
    shell("state", "sync")
    assert shell.code == 0
    assert all(shell.home["one"].is_watched(first) for first, _ in pairs)


def test_the_brake_is_reviewed_and_accepted(shell):
    pairs = [(shell.home["one"].add(movie(number)), shell.home["two"].add(movie(number))) for number in range(2, 42)]
    for first, _ in pairs:
        shell.home["one"].watch(first)
    shell("state", "sync")
    for first, _ in pairs:
        shell.home["one"].unwatch(first)
    shell("state", "sync")
    shell("state", "review", "accept")
    shell("state", "sync")
    assert shell.code == 0, shell.err
    assert not any(shell.home["two"].is_watched(second) for _, second in pairs)


def test_held_changes_are_decided_by_title(shell):
    pairs = [(shell.home["one"].add(movie(number)), shell.home["two"].add(movie(number))) for number in range(2, 42)]
    for first, _ in pairs:
        shell.home["one"].watch(first)
    shell("state", "sync")
    for first, _ in pairs:
        shell.home["one"].unwatch(first)
    shell("state", "sync")
    assert "1 held changes accepted" in shell("state", "review", "accept", "Film 7").out
    assert "1 held changes rejected" in shell("state", "review", "reject", "Film 8").out
    shell("state", "sync")
    assert not shell.home["two"].is_watched(pairs[5][1])
    assert shell.home["one"].is_watched(pairs[6][0])
    assert len(shell.json("state", "review")) == 38
    shell("state", "review", "accept", "Film 9")
    assert "37 held changes rejected" in shell("state", "review", "reject").out, "what was decided stays decided"
    shell("state", "sync")
    assert not shell.home["two"].is_watched(pairs[7][1])
    assert shell("state", "review", "accept", "no such film").code == 2


def test_another_machine_is_refused_and_can_be_accepted(shell):
    shell("state", "sync")
    shell.home["two"].simulator.change_machine()
    shell("state", "sync")
    assert shell.code == 3
    assert "--accept-new-machine" in shell.err
    assert shell("servers", "manage", "two", "--accept-new-machine").code == 0
    shell("state", "sync")
    assert shell.code == 0, shell.err
    assert shell.home["one"].is_watched(shell.home.pair[0])
    assert shell.home["two"].is_watched(shell.home.pair[1])


def test_the_hub_is_explained_without_any_server(shell):
    shell("state", "sync")
    shell("servers", "remove", "one")
    shell("servers", "remove", "two")
    shell("state", "explain", "Film 1")
    assert "The hub says: watched" in shell.out


def test_a_user_that_is_another_identity_already_is_not_saved(shell):
    file = shell.home.folder / "config" / "servers.yaml"
    bea = shell.home["one"].simulator.add_user("bea")
    text = file.read_text().replace("two:", f"  users: {{bea: {{user: '{bea}'}}}}\ntwo:")
    file.write_text(text)
    assert shell("servers", "manage", "one", "--user", "bea").code == 1
    assert "is the same user as" in shell.err
    assert file.read_text() == text


def test_a_title_that_does_not_fit_the_encoding_is_shown_all_the_same(shell):
    shell.home["one"].watch(shell.home["one"].add(movie(2, title="Amélie")))
    shell.home["two"].add(movie(2, title="Amélie"))
    shell("state", "import")
    shown = subprocess.run(
        [sys.executable, "-c", "from watchstate.cli import main; main()", "state", "explain", "Am"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert shown.returncode == 0, shown.stderr
    assert "Am\\xe9lie" in shown.stdout


def test_removing_a_server_keeps_the_hub(shell):
    shell("state", "sync")
    shell("servers", "remove", "one")
    shell("state", "explain", "Film 1")
    assert "The hub says: watched" in shell.out


def test_the_firsts_of_the_questions_in_the_old_readme(shell):
    """Add a server with import off and export on, then let the hub win over whatever it shows."""
    shell("servers", "manage", "two", "--no-import", "--export")
    shell("state:import", "-vvrm")
    shell("state:export", "-vvrm", "--ignore-date", "--force-full", "--servers-filter", "two")
    assert shell.code == 0, shell.err
    assert shell.home["two"].is_watched(shell.home.pair[1])


def test_ignoring_dates_without_a_full_export_is_a_usage_error(shell):
    assert shell("state", "export", "--ignore-date").code == 2
    assert "--force-full" in shell.err


def test_the_doctor_finds_nothing_and_then_something(shell):
    assert shell("doctor").code == 0, shell.out
    shell.home["two"].simulator.starting = True
    assert shell("doctor").code == 1
    assert "TROUBLE" in shell.out


def test_no_server_at_all_says_what_to_do(shell):
    shell("servers", "remove", "one")
    shell("servers", "remove", "two")
    assert shell("state", "sync").code == 2
    assert "servers add" in shell.err


def test_a_database_of_a_newer_version_is_one_clear_line(shell):
    with sqlite3.connect(shell.home.folder / "db" / "watchstate.db") as conn:
        conn.execute("update alembic_version set version_num = '9999'")
    assert shell("state", "sync").code == 1
    assert "newer" in shell.err
    assert len(shell.err.splitlines()) == 1


def test_a_locked_database_is_one_clear_line(shell, monkeypatch):
    monkeypatch.setattr("watchstate.storage.engines.open_storage.__kwdefaults__", {"busy_timeout_ms": 50})
    with sqlite3.connect(shell.home.folder / "db" / "watchstate.db", isolation_level=None) as conn:
        conn.execute("begin immediate")
        assert shell("state", "sync").code == 1
        conn.execute("rollback")
    assert "locked" in shell.err
    assert "Traceback" not in shell.err


def test_a_typo_in_servers_yaml_names_file_path_and_the_nearest_key(shell):
    file = shell.home.folder / "config" / "servers.yaml"
    file.write_text(file.read_text().replace("token_file:", "tokn_file:", 1))
    assert shell("state", "sync").code == 1
    assert "servers.yaml" in shell.err
    assert "token_file" in shell.err


def test_the_demo_ends_well_in_short_lines():
    done = subprocess.run(
        [sys.executable, "-c", "from watchstate.cli import main; main()", "demo"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line[0] for line in lines if line[:2] in {f"{step}." for step in range(1, 8)}] == list("1234567")
    assert lines[-1] == "Converged means silent."
    assert max(len(line) for line in lines) <= 80
    assert done.stderr == ""
