import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclopts import App

from watchstate import __version__
from watchstate.api import BackendUnavailable, BusyError, ConfigError, UsageError
from watchstate.cli import run

CommandFixture = Callable[..., object]


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command `fail` raise an error."""
    app = App(suppress_keyboard_interrupt=False)

    @app.command
    def fail() -> None:
        raise error

    monkeypatch.setattr("watchstate.cli.build_app", lambda: app)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("it is wrong"), 1),
        (UsageError("it is wrong"), 2),
        (BusyError("it is wrong"), 5),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(error, monkeypatch)
    assert run(["fail"]) == code
    assert capsys.readouterr().err == "watchstate: it is wrong\n"


def test_an_error_of_a_server_names_it_what_was_tried_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(BackendUnavailable("home", "GET /Items", "connection refused", "is it running?"), monkeypatch)
    assert run(["fail"]) == 1
    assert capsys.readouterr().err == "watchstate: home: GET /Items: connection refused; is it running?\n"


def test_with_vvv_the_log_says_where_an_error_came_from(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    raising(ConfigError("it is wrong"), monkeypatch)
    with caplog.at_level(logging.DEBUG, "watchstate"):
        run(["fail"])
    assert "Traceback" in caplog.text


def test_a_programmers_mistake_traces_back(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(ZeroDivisionError("never"), monkeypatch)
    with pytest.raises(ZeroDivisionError):
        run(["fail"])


def test_ctrl_c_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raising(KeyboardInterrupt(), monkeypatch)
    assert run(["fail"]) == 130
    assert capsys.readouterr().err == "watchstate: interrupted\n"


def test_the_version_is_ours(command: CommandFixture) -> None:
    assert command("--version").out == f"{__version__}\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("servers lst", 'watchstate: Unknown command "lst". Did you mean "list"?'),
        ("servers list --outptu json", "watchstate: Unknown option: --outptu. Did you mean --output?"),
        ("servers list --output xml", 'watchstate: Invalid value "xml" for --output. Choose from:'),
        ("servers remove", 'watchstate: Command "servers remove" parameter NAME requires an argument.'),
        ("servers list more", "watchstate: Unused Tokens: ['more']."),
    ],
)
def test_a_wrong_command_line_is_usage_with_a_suggestion(line: str, expected: str, command: CommandFixture) -> None:
    result = command(line)
    assert result.code == 2
    first, second = result.err.splitlines()
    assert first.startswith(expected)
    assert second.startswith("  see watchstate servers")


def test_an_unknown_setting_is_warned_about_once(command: CommandFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WS_BRAKE_ITEM", "5")
    result = command("servers list --output json")
    assert result.code == 0
    assert result.err.count("WS_BRAKE_ITEM is no setting") == 1


def test_a_wrong_setting_is_one_line(command: CommandFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WS_BRAKE_ITEMS", "lots")
    result = command("servers list")
    assert (result.code, result.err) == (1, "watchstate: WS_BRAKE_ITEMS=lots: expected a whole number, 0 or more\n")


def test_a_typo_in_the_configuration_is_one_line(command: CommandFixture, home: None, servers_file: Path) -> None:
    servers_file.write_text(servers_file.read_text().replace("uuid", "uid"))
    result = command("servers list")
    assert (result.code, result.out) == (1, "")
    assert result.err == f"watchstate: {servers_file}, line 6: home.uid: there is no such key; did you mean uuid?\n"


@pytest.mark.parametrize("broken", ["token: a: hunter2", "token: [hunter2", "token: {hunter2: 1}", "token: @hunter2"])
def test_even_vvv_shows_nothing_of_a_broken_line(
    broken: str, command: CommandFixture, home: None, servers_file: Path
) -> None:
    servers_file.write_text(servers_file.read_text().replace("token: t0ken-of-the-test", broken))
    result = command("servers list -vvv")
    assert result.code == 1
    assert str(servers_file) in result.err
    assert "hunter2" not in result.out + result.err


def test_another_configuration_must_exist(command: CommandFixture, tmp_path: Path) -> None:
    result = command(f"servers list -c {tmp_path}/other.yaml")
    assert (result.code, result.err) == (1, f"watchstate: {tmp_path}/other.yaml: there is no such file (-c)\n")


def test_the_seeds_flags_without_effect_are_taken_anywhere(command: CommandFixture, home: None) -> None:
    plain = command("servers list")
    assert command("servers:list -vvrm --mapper-preload") == plain
    assert command("-vv servers:list -r -m") == plain
    assert "--mapper-preload" not in command("servers list --help").out


def test_nothing_is_logged_to_stderr_when_that_is_switched_off(
    command: CommandFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WS_LOGGER_STDERR_ENABLED", "0")
    command("plugins list")
    assert [type(handler) for handler in logging.getLogger("watchstate").handlers] == [logging.NullHandler]


def test_the_libraries_retries_are_not_a_persons_business(command: CommandFixture) -> None:
    logging.getLogger("stamina").setLevel(logging.NOTSET)
    command("servers list -vvv")
    assert not logging.getLogger("stamina").isEnabledFor(logging.WARNING)


@pytest.mark.parametrize(
    ("flags", "level"),
    [("", logging.WARNING), ("-v", logging.INFO + 5), ("-vv", logging.INFO), ("-vvvv", logging.DEBUG)],
)
def test_each_v_logs_more(flags: str, level: int, command: CommandFixture) -> None:
    command(f"servers list {flags}")
    assert logging.getLogger("watchstate").level == level


def test_every_command_has_an_example_in_its_help(command: CommandFixture) -> None:
    for name in ("list", "add", "manage", "view", "remove", "rename", "test"):
        assert f"Example: watchstate servers {name}" in command(f"servers {name} --help").out
    assert "Example: watchstate plugins list" in command("plugins list --help").out
