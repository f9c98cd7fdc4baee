"""People and their tokens: `servers users`, and servers whose token may not list anybody."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from watchstate.api import Secret, User
from watchstate.config import ServerConfig, load_settings
from watchstate.storage import open_storage, people

TOKEN = "t0ken-of-the-test"
ALICES = "alices-0wn-token"
URL = "http://192.0.2.10:8096"
ADD = f"servers add home --type fake --url {URL} --token {TOKEN} --user"
OWNER = User(user_id="1", name="boss", is_admin=True)
ALICE = User(user_id="12", name="Alice", token=Secret(ALICES))
CHILD = User(user_id="13", name="Child", is_disabled=True, note="needs a PIN")

Command = Callable[..., Any]
Configured = Callable[[], dict[str, ServerConfig]]

pytestmark = pytest.mark.usefixtures("household")


@pytest.fixture
def server(server: Any) -> Any:
    """A server whose token acts for its owner only, and which hands out the tokens of others."""
    server.acts_for_everyone = False
    server.users = (OWNER, ALICE, CHILD)
    return server


@pytest.fixture
def shared(server: Any) -> Any:
    """The same, reached with the token of somebody with whom it is shared."""
    server.may_list = server.needs_token_to_identify = False
    return server


@pytest.fixture
def home(servers_file: Path) -> Callable[..., None]:
    """Write a server that was added some time ago, with further people."""

    def write(users: str = "{}", user: str = '"1"') -> None:
        servers_file.parent.mkdir(exist_ok=True)
        servers_file.write_text(
            f"home:\n  type: fake\n  url: {URL}\n  token: {TOKEN}\n  user: {user}\n  uuid: machine-1\n"
            f"  users: {users}\n"
        )

    return write


@pytest.fixture
def secretive(command: Command) -> Command:
    """Run a command line that shows nobody's token."""

    def call(line: str) -> Any:
        result = command(line)
        assert ALICES not in result.out + result.err
        return result

    return call


def kept() -> dict[str, User]:
    """Return whom the database knows on the server home."""

    async def read() -> dict[str, User]:
        storage = open_storage(load_settings(os.environ).storage_url.reveal(), clock=lambda: 0)
        try:
            told = await storage.read(lambda conn: people.people(conn, "home"))
        finally:
            await storage.close()
        return {user_id: each.user for user_id, each in told.items()}

    return asyncio.run(read())


def has_database(data_path: Path) -> bool:
    return (data_path / "db" / "watchstate.db").exists()


# servers users


def test_people_are_listed_with_their_ids_and_without_their_tokens(
    secretive: Command, server: Any, home: Callable[..., None]
) -> None:
    home()
    result = secretive("servers users home")
    assert (result.code, result.err) == (0, "")
    assert [line.split() for line in result.out.splitlines()] == [
        ["ID", "NAME", "ADMIN", "DISABLED", "TOKEN_KNOWN", "NOTE"],
        ["1", "boss", "yes", "no", "no"],
        ["12", "Alice", "no", "no", "yes"],
        ["13", "Child", "no", "yes", "no", "needs", "a", "PIN"],
    ]


def test_people_are_listed_for_programs(secretive: Command, server: Any, home: Callable[..., None]) -> None:
    home()
    result = secretive("servers users home --output json")
    assert json.loads(result.out)[1] == {
        "id": "12", "name": "Alice", "admin": False, "disabled": False, "token_known": True, "note": ""
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["--list-users", "--list-users-with-tokens"])
def test_the_2022_spelling_lists_people_and_shows_no_token(
    flag: str, secretive: Command, server: Any, home: Callable[..., None]
) -> None:
    home()
    assert secretive(f"servers:remote {flag} -- home").out == secretive("servers users home").out


def test_what_was_listed_is_kept_and_known_the_next_time(
    command: Command, server: Any, home: Callable[..., None], data_path: Path
) -> None:
    home()
    command("servers users home")
    assert kept() == {user.user_id: user for user in server.users}
    command("servers users home")
    assert server.known == list(server.users)


def test_where_one_token_acts_for_everyone_nothing_is_kept(
    command: Command, server: Any, home: Callable[..., None], data_path: Path
) -> None:
    server.acts_for_everyone = True
    home()
    assert command("servers users home").code == 0
    assert command("servers test").code == 0
    assert not has_database(data_path)


def test_people_of_an_unknown_server_are_usage(command: Command, server: Any, home: Callable[..., None]) -> None:
    home()
    assert command("servers users hone").code == 2


def test_people_of_another_machine_are_not_listed(command: Command, server: Any, home: Callable[..., None]) -> None:
    home()
    server.machine_id = "machine-2"
    result = command("servers users home")
    assert result.code == 1
    assert "another server answers there" in result.err
    assert "list users" not in server.asked


def test_who_may_not_list_anybody_is_told_what_it_takes(
    command: Command, shared: Any, home: Callable[..., None]
) -> None:
    home()
    result = command("servers users home")
    assert (result.code, result.err) == (
        1, "watchstate: home: list users: the token is a user's own; give it the owner's\n"
    )  # fmt: skip


# What is kept when servers come, change and go


def test_adding_a_server_keeps_its_people(secretive: Command, server: Any, configured: Configured) -> None:
    assert secretive(f"{ADD} boss").code == 0
    assert configured()["home"].user == "1"
    assert kept().keys() == {"1", "12", "13"}


def test_a_server_that_is_not_added_leaves_nothing_behind(command: Command, server: Any) -> None:
    assert command(f"{ADD} zoe").code == 2
    assert kept() == {}


def test_a_new_server_knows_nothing_of_an_older_one_of_its_name(
    command: Command, server: Any, home: Callable[..., None], servers_file: Path
) -> None:
    home()
    command("servers users home")
    servers_file.unlink()
    command(f"{ADD} boss")
    assert server.known == []


def test_a_removed_server_takes_the_tokens_of_its_people_along(
    command: Command, server: Any, home: Callable[..., None], data_path: Path
) -> None:
    home()
    command("servers users home")
    assert command("servers remove home").code == 0
    assert kept() == {}


def test_another_machine_takes_the_tokens_of_the_one_before_along(
    command: Command, server: Any, home: Callable[..., None]
) -> None:
    home()
    command("servers users home")
    server.machine_id, server.users = "machine-2", (OWNER,)
    assert command("servers manage home --accept-new-machine").code == 0
    assert server.known == []
    assert kept() == {"1": OWNER}


def test_another_machine_that_lists_nobody_takes_the_tokens_of_the_one_before_along(
    command: Command, server: Any, home: Callable[..., None]
) -> None:
    home()
    command("servers users home")
    server.machine_id, server.may_list = "machine-2", False
    assert command("servers manage home --accept-new-machine").code == 0
    assert kept() == {}


def test_the_database_with_the_tokens_is_for_its_owner_only(
    command: Command, server: Any, home: Callable[..., None], data_path: Path
) -> None:
    home()
    command("servers users home")
    file = data_path / "db" / "watchstate.db"
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT token FROM person WHERE user_id = '12'").fetchone() == (ALICES,)
    assert file.stat().st_mode & 0o077 == 0


# A token that may not list anybody


def test_with_a_shared_users_token_a_server_is_added_by_id_and_told_what_was_not_checked(
    command: Command, shared: Any, configured: Configured
) -> None:
    result = command(f"{ADD} 12345")
    assert result.code == 0
    assert result.out == "home: Living room (fake 10.11.8), its libraries can be read\nhome: added\n"
    assert result.err == (
        "watchstate: warning: home: the user 12345 can't be looked up: list users: the token is a user's own; "
        "make sure that the token is theirs\n"
    )
    assert (configured()["home"].user, configured()["home"].uuid) == ("12345", "machine-1")


def test_with_a_shared_users_token_a_name_is_no_id(command: Command, shared: Any, configured: Configured) -> None:
    result = command(f"{ADD} Alice")
    assert result.code == 1
    assert result.err == (
        "watchstate: home: list users: the token is a user's own, so the user Alice can't be looked up; "
        "give the user's id instead of the name; or give it the owner's\n"
    )
    assert configured() == {}


def test_a_token_that_opens_nothing_is_not_taken_for_a_shared_users(
    command: Command, shared: Any, configured: Configured
) -> None:
    shared.token = "another"
    result = command(f"{ADD} 12345")
    assert (result.code, result.err) == (1, "watchstate: home: read: the token is not accepted; make a new one\n")
    assert configured() == {}


def test_a_server_with_a_shared_users_token_is_well(command: Command, shared: Any, home: Callable[..., None]) -> None:
    home(user='"12345"')
    result = command("servers test --output json")
    (row,) = json.loads(result.out)
    assert (result.code, row["ok"], row["users"]) == (0, True, ["12345"])
    assert row["detail"] == "the user 12345 can't be looked up: list users: the token is a user's own"
    result = command("doctor --output json")
    (told,) = [row for row in json.loads(result.out) if row["check"] == "server home"]
    assert (result.code, told["result"]) == (0, "ok")
    assert told["says"].startswith("Living room 10.11.8 answers; its libraries can be read; who its users are can't")


@pytest.mark.parametrize("line", ["servers test", "doctor"])
def test_a_server_whose_token_opens_nothing_is_not_well(
    line: str, command: Command, shared: Any, home: Callable[..., None]
) -> None:
    home(user='"12345"')
    shared.token = "another"
    result = command(line)
    assert result.code == 1
    assert "the token is not accepted" in result.out


# Further people without a token of their own


@pytest.mark.parametrize("line", ["servers test", "doctor"])
def test_a_person_whose_token_is_handed_out_is_well(
    line: str, secretive: Command, server: Any, home: Callable[..., None]
) -> None:
    home('{alice: {user: "12"}}')
    assert secretive(line).code == 0


@pytest.mark.parametrize("line", ["servers test", "doctor"])
def test_a_person_without_any_token_is_told_with_the_note(
    line: str, command: Command, server: Any, home: Callable[..., None]
) -> None:
    server.users = (OWNER, User(user_id="13", name="Child", note="needs a PIN"))
    home('{child: {user: "13"}}')
    result = command(line)
    assert result.code == 1
    assert "acting as the user 13 (Child): needs a PIN" in result.out
    assert "home.users.child.token_file" in result.out
