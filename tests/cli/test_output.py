import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from watchstate.api import Secret
from watchstate.cli.output import column_widths, complain, one_line, say, show_rows

ROWS = [
    {"name": "home", "user": "1", "import": True, "users": ["ann", "bob"], "uuid": None, "extra": 7},
    {"name": "the attic", "user": "22", "import": False, "users": [], "uuid": "x", "extra": 8},
]
COLUMNS = ("name", "user", "import", "users", "uuid")


def test_a_table_in_a_pipe_is_plain_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(ROWS, COLUMNS, "table")
    assert capsys.readouterr().out == (
        "NAME       USER  IMPORT  USERS     UUID\n"
        "home       1     yes     ann, bob  -\n"
        "the attic  22    no                x\n"
    )


def test_json_has_every_field_and_keeps_the_types(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(ROWS, COLUMNS, "json")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_yaml_has_every_field_and_keeps_the_types(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(ROWS, COLUMNS, "yaml")
    assert yaml.safe_load(capsys.readouterr().out) == ROWS


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_a_secret_stays_masked_in_every_format(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([{"token": Secret("hunter2")}], ("token",), output)  # type: ignore[arg-type] - from parametrize
    out = capsys.readouterr().out
    assert "***" in out
    assert "hunter2" not in out


def test_what_a_stranger_named_cannot_steer_the_terminal() -> None:
    assert one_line("Living\x1b[2J room\r\nof\x9b Ann") == "Living[2J room of Ann"
    assert one_line("Room \u202egnp.exe\u2066") == "Room gnp.exe"


def test_results_and_errors_go_different_ways(capsys: pytest.CaptureFixture[str]) -> None:
    say("home: saved")
    complain("it failed\nbadly", hint="see --help")
    captured = capsys.readouterr()
    assert captured.out == "home: saved\n"
    assert captured.err == "watchstate: it failed badly\n  see --help\n"


def on_terminal(columns: int, data_path: Path) -> list[str]:
    """Run `servers list` on a pseudo terminal and return its lines."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "dumb", "WS_DATA_PATH": str(data_path)}
    line = [sys.executable, "-c", "from watchstate.cli import main; main()", "servers", "list"]
    process = subprocess.Popen(line, stdout=theirs, stderr=subprocess.PIPE, env=environ)
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 4096):
            text += part
    except OSError:  # Linux ends a closed pseudo terminal like this
        pass
    os.close(ours)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    return text.decode().splitlines()


def test_on_a_narrow_terminal_long_cells_are_folded_and_nothing_is_lost(home: None, data_path: Path) -> None:
    lines = on_terminal(80, data_path)
    assert max(map(len, lines)) <= 80
    assert any(line.strip().startswith("home") for line in lines)
    assert sum(line.count("a") for line in lines if "machine" not in line) >= 32


@pytest.mark.parametrize(
    ("columns", "available", "widths"),
    [
        ([["a b", "c"], ["d"]], 9, [3, 1]),
        ([["2026-11-25 15:11"], ["f" * 32], ["kim"]], 50, [15, 32, 3]),
        ([["2026-11-25 15:11"], ["f" * 32], ["kim"]], 45, [10, 32, 3]),
        ([["2026-11-25 15:11"], ["f" * 32], ["kim"]], 40, [10, 27, 3]),
        ([["long"], ["words"]], 1, [1, 1]),
        ([["映画"], [""]], 9, [4, 0]),
        ([["2026-11-25 15:11"], ["a film of a long name"]], 27, [12, 15]),
    ],
)
def test_words_are_cut_only_if_there_is_no_room_and_the_longest_first(
    columns: list[list[str]], available: int, widths: list[int]
) -> None:
    assert column_widths(columns, available) == widths


def test_a_reader_that_goes_away_is_no_error(home: None, data_path: Path) -> None:
    line = [sys.executable, "-c", "from watchstate.cli import main; main()", "servers", "list"]
    environ = os.environ | {"WS_DATA_PATH": str(data_path)}
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), err) == (141, b"")
