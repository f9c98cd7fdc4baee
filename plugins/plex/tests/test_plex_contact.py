"""What `servers add`, `servers test` and `servers users` find out about a Plex server, with each kind of token."""

import pytest
from tests.engine.home import Home

from watchstate.api import BackendAuthError
from watchstate.cli.contact import ask_server, check_server, list_people
from watchstate_plex.simulator.people import OWNER_ID as OWNER
from watchstate_plex.simulator.simulator import PLEX_TV


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, plex="plex")


@pytest.fixture
def friend(home):
    """Somebody with whom the server is shared, whose own token is the server's in servers.yaml."""
    friend = home["plex"].simulator.add_user("friend", kind="external")
    home.configs["plex"] = home["plex"].config(user=friend, token=home["plex"].simulator.token_for(friend))
    return friend


async def ask(home, work=ask_server):
    async with home.services() as services:
        return await work(services, "plex")


async def test_the_owners_token_finds_a_member_by_name_and_keeps_the_tokens_of_all(home):
    alice = home["plex"].simulator.add_user("alice")
    home.configs["plex"] = home["plex"].config(user="alice")
    contact = await ask(home)
    assert contact.config.user == alice
    assert {user.user_id for user in contact.people if user.token} == {alice}
    assert contact.unchecked == ""


async def test_a_shared_users_token_is_good_as_far_as_it_goes(home, friend):
    contact = await ask(home)
    assert (contact.config.user, contact.config.uuid) == (friend, home["plex"].simulator.machine_id)
    assert contact.found.endswith("its libraries can be read")
    assert f"the user {friend} can't be looked up: " in contact.unchecked
    trial = await ask(home, check_server)
    assert (trial.ok, trial.users) == (True, (friend,))
    assert f"the user {friend} can't be looked up: " in trial.detail


async def test_a_shared_users_token_looks_up_no_name(home, friend):
    home.configs["plex"] = home["plex"].config(user="friend", token=home["plex"].simulator.token_for(friend))
    with pytest.raises(BackendAuthError, match="so the user friend can't be looked up; give the user's id instead"):
        await ask(home)


async def test_a_token_that_plex_knows_nothing_of_is_no_shared_users(home, friend):
    home.configs["plex"] = home["plex"].config(user=friend, token="garbage")
    with pytest.raises(BackendAuthError, match="answered 401"):
        await ask(home)
    assert not (await ask(home, check_server)).ok


async def test_without_plex_tv_a_server_is_added_by_id(home):
    home.down.add(PLEX_TV)
    contact = await ask(home)
    assert (contact.config.user, contact.config.uuid) == (OWNER, home["plex"].simulator.machine_id)
    assert "the user 1 can't be looked up: GET plex.tv/api/v2/resources: the connection broke" in contact.unchecked


async def test_no_token_of_any_member_is_asked_for_twice(home):
    home["plex"].simulator.serves_externals = False
    for number in range(3):
        home["plex"].simulator.add_user(f"member {number}")
    for _ in range(2):
        _, people = await ask(home, list_people)
    assert sum(bool(user.token) for user in people) == 3
    switches = [each for each in home["plex"].simulator.requests if each.path.endswith("/switch")]
    assert len(switches) == 3
