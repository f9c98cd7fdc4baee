"""The commands that ask a server."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from watchstate.api import Secret, User
from watchstate.config import ServerConfig, load_settings
from watchstate.storage import accounts, open_storage

TOKEN = "t0ken-of-the-test"
URL = "http://192.0.2.10:8096"
ALICE = "a" * 32
NOON = 1_767_268_800_000  # 2026-01-01 12:00:00 UTC
ADD = f"servers add home --type fake --url {URL} --token {TOKEN} --user"

Command = Callable[..., Any]
Configured = Callable[[], dict[str, ServerConfig]]

pytestmark = pytest.mark.usefixtures("household")


@pytest.mark.parametrize("user", ["Alice", "alice", ALICE, ALICE.upper()])
def test_adding_fills_in_machine_and_user(user: str, command: Command, configured: Configured) -> None:
    result = command(f"{ADD} {user}")
    assert result.code == 0
    assert result.out == f"home: Living room (fake 10.11.8), user Alice ({ALICE})\nhome: added\n"
    home = configured()["home"]
    assert (home.type, home.url, home.uuid, home.user, home.token) == ("fake", URL, "machine-1", ALICE, Secret(TOKEN))
    assert home.webhook.token


def test_adding_in_the_seeds_way(command: Command, configured: Configured) -> None:
    result = command(f"servers:manage --add --type fake --url {URL} --token {TOKEN} --user Alice -- home")
    assert result.code == 0
    assert list(configured()) == ["home"]


def test_a_token_may_stay_in_its_file(command: Command, configured: Configured, data_path: Path) -> None:
    (data_path / "token").write_text(f"{TOKEN}\n")
    assert command(f"servers add home --type fake --url {URL} --user Alice --token-file {data_path}/token").code == 0
    assert (configured()["home"].token, configured()["home"].token_file) == (None, f"{data_path}/token")


def test_a_token_may_stay_in_its_variable(
    command: Command, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_TOKEN", TOKEN)
    assert command(f"servers add home --type fake --url {URL} --user Alice --token-env FAKE_TOKEN").code == 0
    assert (configured()["home"].token, configured()["home"].token_env) == (None, "FAKE_TOKEN")


def test_adding_to_another_file_creates_it(command: Command, configured: Configured, data_path: Path) -> None:
    assert command(f"{ADD} Alice -c {data_path}/other.yaml").code == 0
    assert (data_path / "other.yaml").exists()
    assert configured() == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "servers add home",
            "to add home, give also --type and --url and --user and --token, --token-file or --token-env",
        ),
        (f"{ADD} Alice --token-env Y", "home: token and token_env are both set; keep one of them"),
        (
            ADD.replace(" home ", " ho.me ") + " Alice",
            "'ho.me' can't be the name of a server: use letters, digits, - and _",
        ),
        (ADD.replace(URL, "h:80") + " Alice", "home.url: expected an address such as http://192.0.2.10:8096"),
        (f"{ADD} alise", "home: there is no user alise; did you mean Alice?"),
        (f"{ADD} zoe", "home: there is no user zoe; its users are: Alice, Bob"),
        (f"{ADD} bob", "home: the user Bob is disabled there; enable it, or choose another one"),
    ],
)
def test_a_mistake_is_usage_and_adds_nothing(
    line: str, expected: str, command: Command, configured: Configured
) -> None:
    result = command(line)
    assert (result.code, result.err) == (2, f"watchstate: {expected}\n")
    assert configured() == {}


def test_adding_a_name_twice_points_to_manage(command: Command, home: None) -> None:
    result = command(f"{ADD} Alice")
    assert result.code == 2
    assert "change it with: watchstate servers manage home" in result.err


def test_two_users_of_one_name_must_be_told_apart(command: Command, server: Any) -> None:
    server.users = (User(user_id="1", name="Ann"), User(user_id="2", name="Ann"))
    result = command(f"{ADD} Ann")
    assert result.code == 2
    assert "several users are called Ann; give one of these ids: 1, 2" in result.err


def test_a_wrong_token_adds_nothing(command: Command, configured: Configured, server: Any) -> None:
    server.token = "another"
    result = command(f"{ADD} Alice")
    assert result.code == 1
    assert result.err == "watchstate: home: identify: the token is not accepted; make a new one\n"
    assert configured() == {}


def test_an_unknown_type_adds_nothing(command: Command, configured: Configured) -> None:
    result = command(f"servers add home --type fkae --url {URL} --token x --user Alice")
    assert result.code == 1
    assert "fake" in result.err
    assert configured() == {}


def test_a_server_that_is_down_is_added_with_a_warning_if_the_user_is_an_id(
    command: Command, configured: Configured, server: Any
) -> None:
    server.is_up = False
    result = command(f"{ADD} {ALICE}")
    assert result.code == 0
    assert result.err == (
        "watchstate: warning: home: identify: connection refused; check the url "
        "(address, token, machine id and user were not checked)\n"
    )
    assert (configured()["home"].user, configured()["home"].uuid) == (ALICE, None)


def test_a_server_that_is_down_cannot_say_who_a_name_is(command: Command, configured: Configured, server: Any) -> None:
    server.is_up = False
    result = command(f"{ADD} Alice")
    assert result.code == 1
    assert "so the user Alice can't be looked up; try again, or give the user's id" in result.err
    assert configured() == {}


def test_manage_without_flags_fills_in_what_was_not_known(
    command: Command, configured: Configured, server: Any
) -> None:
    server.is_up = False
    command(f"{ADD} {ALICE}")
    server.is_up = True
    assert command("servers manage home").code == 0
    assert configured()["home"].uuid == "machine-1"


def test_a_changed_setting_is_checked_and_the_rest_stays(
    command: Command, configured: Configured, household: Any, server: Any, home: None
) -> None:
    household["http://192.0.2.11:8096"] = server
    before = configured()["home"]
    assert command("servers manage home --url http://192.0.2.11:8096/").code == 0
    after = configured()["home"]
    assert after.url == "http://192.0.2.11:8096"
    assert (after.token, after.user, after.options, after.webhook) == (
        before.token, before.user, before.options, before.webhook
    )  # fmt: skip


def test_one_kind_of_token_replaces_another(
    command: Command, configured: Configured, home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_TOKEN", TOKEN)
    assert command("servers manage home --token-env FAKE_TOKEN").code == 0
    assert (configured()["home"].token, configured()["home"].token_env) == (None, "FAKE_TOKEN")


def test_another_machine_is_refused_until_it_is_accepted(
    command: Command, configured: Configured, server: Any, home: None
) -> None:
    server.machine_id = "machine-2"
    result = command("servers manage home")
    assert result.code == 1
    assert "another server answers there: Living room with the machine id machine-2" in result.err
    assert "watchstate servers manage home --accept-new-machine" in result.err
    assert configured()["home"].uuid == "machine-1"
    assert command("servers manage home --accept-new-machine").code == 0
    assert configured()["home"].uuid == "machine-2"


def test_a_machine_that_does_not_answer_is_not_accepted(
    command: Command, configured: Configured, server: Any, home: None
) -> None:
    server.is_up = False
    result = command("servers manage home --accept-new-machine")
    assert result.code == 1
    assert configured()["home"].uuid == "machine-1"


def in_database(work: Callable[[Any], Any]) -> Any:
    """Run `work` in a transaction of the household's database."""

    async def write() -> Any:
        storage = open_storage(load_settings(os.environ).storage_url.reveal(), clock=lambda: NOON)
        try:
            return await storage.write(work)
        finally:
            await storage.close()

    return asyncio.run(write())


def remember_home(conn: Any) -> int:
    """Let the database know a server home, with an account that was read before; return the account."""
    server = accounts.ensure_server(conn, "home", "fake")
    accounts.remember_server(conn, server.server_id, machine_id="machine-1", version="1", clock_skew_ms=0)
    account = accounts.ensure_account(conn, server.server_id, "main", ALICE)
    accounts.set_cursor(conn, account.account_id, "continue here", NOON)
    return account.account_id


def test_accepting_a_machine_makes_everything_first_contact(command: Command, server: Any, home: None) -> None:
    account_id = in_database(remember_home)
    server.machine_id = "machine-2"
    command("servers manage home --accept-new-machine")
    (row,) = in_database(accounts.servers)
    assert row.machine_id == "machine-2"
    assert in_database(lambda conn: accounts.cursor(conn, account_id)) is None


def test_accepting_the_machine_that_is_there_already_changes_nothing(command: Command, home: None) -> None:
    account_id = in_database(remember_home)
    assert command("servers manage home --accept-new-machine").code == 0
    assert in_database(lambda conn: accounts.cursor(conn, account_id)) == "continue here"


def test_renaming_renames_in_the_file_and_in_the_database(command: Command, configured: Configured, home: None) -> None:
    before = configured()["home"]
    account_id = in_database(remember_home)
    result = command("servers rename home attic")
    assert (result.code, result.out) == (0, "home is now called attic\n")
    assert configured() == {"attic": before}
    assert [row.name for row in in_database(accounts.servers)] == ["attic"]
    assert in_database(lambda conn: accounts.cursor(conn, account_id)) == "continue here"


def test_a_rename_that_cannot_be_saved_is_taken_back(
    command: Command, configured: Configured, servers_file: Path, home: None
) -> None:
    in_database(remember_home)
    servers_file.with_name("servers.yaml.bak").mkdir()
    assert command("servers rename home attic").code == 1
    assert list(configured()) == ["home"]
    assert [row.name for row in in_database(accounts.servers)] == ["home"]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("a.b", "'a.b' can't be the name of a server: use letters, digits, - and _"),
        ("home", "there is a server home already; choose another name"),
    ],
)
def test_a_new_name_must_be_free_and_a_name(new: str, expected: str, command: Command, home: None) -> None:
    result = command(f"servers rename home {new}")
    assert (result.code, result.err) == (2, f"watchstate: {expected}\n")


def test_a_name_that_the_database_remembers_is_not_taken(command: Command, configured: Configured, home: None) -> None:
    in_database(lambda conn: accounts.ensure_server(conn, "attic", "fake"))
    result = command("servers rename home attic")
    assert result.code == 2
    assert list(configured()) == ["home"]


def test_trying_a_server_tells_who_answers(command: Command, home: None) -> None:
    result = command("servers test")
    assert result.code == 0
    assert result.out.splitlines()[1].split() == ["home", "yes", "Living", "room", "10.11.8", "Alice"]


def test_of_two_servers_one_that_is_down_is_reported_beside_the_other(
    command: Command, servers_file: Path, home: None
) -> None:
    text = servers_file.read_text()
    servers_file.write_text(text + text.replace("home", "attic").replace("2.10", "2.11"))
    result = command("servers test --output json")
    rows = {row["server"]: row for row in json.loads(result.out)}
    assert result.code == 3
    assert rows["home"]["ok"]
    assert not rows["attic"]["ok"]
    assert rows["attic"]["detail"] == "identify: connection refused; check the url"


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ({"is_up": False}, "identify: connection refused; check the url"),
        ({"token": "another"}, "identify: the token is not accepted; make a new one"),
        ({"machine_id": "machine-2"}, "identify the server: another server answers there: "),
        ({"users": ()}, f"there is no user {ALICE}; its users are: none"),
        ({"users": (User(user_id=ALICE, name="Alice", is_disabled=True),)}, "the user Alice is disabled there"),
    ],
)
def test_trying_a_server_says_what_is_wrong(
    trouble: dict[str, Any], expected: str, command: Command, server: Any, home: None
) -> None:
    for name, value in trouble.items():
        setattr(server, name, value)
    result = command("servers test --output json")
    assert result.code == 1
    assert json.loads(result.out)[0]["detail"].startswith(expected)


def test_trying_a_server_whose_token_file_is_gone_says_so(command: Command, servers_file: Path, home: None) -> None:
    servers_file.write_text(servers_file.read_text().replace(f"token: {TOKEN}", "token_file: /there/is/none"))
    result = command("servers test --output json")
    assert result.code == 1
    assert "the token can't be read from /there/is/none (token_file)" in json.loads(result.out)[0]["detail"]


def test_every_user_of_a_server_is_tried(command: Command, servers_file: Path, home: None) -> None:
    servers_file.write_text(servers_file.read_text() + "  users: {bob: {user: nobody}}\n")
    result = command("servers test")
    assert result.code == 1
    assert "there is no user nobody" in result.out
