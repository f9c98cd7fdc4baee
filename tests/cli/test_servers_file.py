"""The commands that only read and write servers.yaml."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from watchstate.config import ServerConfig

ALICE = "a" * 32
Command = Callable[..., Any]
Configured = Callable[[], dict[str, ServerConfig]]


def test_the_list_shows_the_servers_and_no_token(command: Command, home: None) -> None:
    header, line = command("servers list").out.splitlines()
    assert header.split() == ["NAME", "TYPE", "URL", "USER", "IMPORT", "EXPORT", "USERS"]
    assert line.split() == ["home", "fake", "http://192.0.2.10:8096", ALICE, "yes", "yes"]


def test_the_list_as_json_has_the_machine_id_too(command: Command, home: None) -> None:
    (row,) = json.loads(command("servers list --output json").out)
    assert row["machine_id"] == "machine-1"
    assert row["import"] is True


def test_an_empty_list_says_how_to_begin_and_is_no_error(command: Command) -> None:
    result = command("servers list")
    assert result.code == 0
    assert "servers add --help" in result.err


def test_view_shows_every_setting_and_masks_the_secrets(command: Command, home: None) -> None:
    lines = [line.split() for line in command("servers view").out.splitlines()]
    assert ["home", "url", "http://192.0.2.10:8096"] in lines
    assert ["home", "token", "***"] in lines
    assert ["home", "webhook.token", "***"] in lines
    assert ["home", "options.timeout", "45"] in lines


def test_view_shows_one_setting(command: Command, home: None) -> None:
    assert command("servers view import.enabled").out.splitlines()[1].split() == ["home", "import.enabled", "yes"]


def test_view_shows_the_webhook_token_when_asked_for_in_the_seeds_way(command: Command, home: None) -> None:
    result = command("servers:view --servers-filter home -- webhook.token")
    assert result.out.splitlines()[1].split() == ["home", "webhook.token", "hook-1"]


@pytest.mark.parametrize("path", ["token", "webhook", "users"])
def test_view_shows_no_other_secret_even_when_asked(path: str, command: Command, home: None) -> None:
    assert "hook-1" not in command(f"servers view {path}").out  # the token itself is checked by `command`


@pytest.mark.parametrize("path", ["webhook.nothing", "url.port", "uuid.x"])
def test_view_says_in_the_seeds_words_what_is_not_there(path: str, command: Command, home: None) -> None:
    result = command(f"servers view {path}")
    assert result.code == 0
    assert "Not configured, or invalid key." in result.out


def test_view_as_yaml_is_nested(command: Command, home: None) -> None:
    shown = yaml.safe_load(command("servers view --output yaml").out)
    assert shown["home"]["import"] == {"enabled": True}
    assert shown["home"]["webhook"] == {"token": "***"}


def test_the_filter_takes_several_names(command: Command, servers_file: Path, home: None) -> None:
    text = servers_file.read_text()
    servers_file.write_text(text + text.replace("home", "attic") + text.replace("home", "shed"))
    shown = json.loads(command("servers view url --output json -s", "home, shed").out)
    assert list(shown) == ["home", "shed"]


@pytest.mark.parametrize(
    "line",
    ["servers view -s hom", "servers manage hom", "servers remove hom", "servers rename hom x", "servers test -s hom"],
)
def test_an_unknown_name_suggests_the_nearest(line: str, command: Command, home: None) -> None:
    result = command(line)
    assert (result.code, result.err) == (2, "watchstate: there is no server hom; did you mean home?\n")


def test_removing_takes_the_entry_away_and_keeps_the_file_as_it_was(
    command: Command, configured: Configured, servers_file: Path, home: None
) -> None:
    before = servers_file.read_text()
    result = command("servers remove home")
    assert (result.code, configured()) == (0, {})
    assert servers_file.with_name("servers.yaml.bak").read_text() == before


def test_a_new_webhook_token_is_made_without_asking_the_server(
    command: Command, configured: Configured, home: None
) -> None:
    result = command("servers:manage --regenerate-api-key -- home")
    assert result.code == 0
    token = configured()["home"].webhook.token
    assert token is not None
    assert len(token.reveal()) == 32
    assert token.reveal() not in result.out
    assert token.reveal() in command("servers view webhook.token").out


def test_a_webhook_token_has_the_configured_length(
    command: Command, configured: Configured, home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WS_WEBHOOK_TOKEN_LENGTH", "32")
    command("servers manage home -g")
    token = configured()["home"].webhook.token
    assert token is not None
    assert len(token.reveal()) == 64


def test_a_direction_is_switched_without_asking_the_server(
    command: Command, configured: Configured, home: None
) -> None:
    before = configured()["home"]
    assert command("servers manage home --no-import").code == 0
    after = configured()["home"]
    assert (after.import_.enabled, after.export.enabled) == (False, True)
    assert (after.token, after.options, after.uuid) == (before.token, before.options, before.uuid)
    assert command("servers manage home --import --no-export").code == 0
    assert (configured()["home"].import_.enabled, configured()["home"].export.enabled) == (True, False)


def test_a_file_that_cannot_be_written_is_one_line(command: Command, servers_file: Path, home: None) -> None:
    servers_file.with_name("servers.yaml.bak").mkdir()
    before = servers_file.read_text()
    result = command("servers remove home")
    assert result.code == 1
    assert result.err == f"watchstate: {servers_file}: can't be written: Is a directory; nothing was changed\n"
    assert servers_file.read_text() == before
