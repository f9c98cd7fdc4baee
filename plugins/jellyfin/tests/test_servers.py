import pytest
from plugins.jellyfin.tests.canned import SERVER, CannedHttp, guid

from watchstate.api import BackendAuthError, BackendProtocolError, BackendUnavailable, ServerInfo, WatchDate
from watchstate_jellyfin.servers import capabilities, identify, list_users

JELLYFIN = {"Id": guid(1), "ServerName": "den", "Version": "10.11.6", "ProductName": "Jellyfin Server"}


def answering(info):
    return CannedHttp(System__Info__Public=[info])


async def test_a_server_says_who_it_is():
    info = await identify(SERVER, answering(JELLYFIN))
    assert info == ServerInfo(machine_id=guid(1), name="den", version="10.11.6")


async def test_identifying_needs_no_token(world):
    await world.plugins.identify_server(world.with_token(world.alice, "").server, world.http)
    assert world.simulator.requests[-1].status == 200


async def test_identifying_tells_the_clock_skew(world):
    world.simulator.skew_ms = 300_000
    info = await world.plugins.identify_server(world.server, world.http)
    assert abs(info.clock_skew_ms - 300_000) <= 1_500


async def test_an_emby_server_is_named_as_such():
    emby = {"LocalAddresses": [], "ServerName": "den", "Version": "4.9.5.0", "Id": guid(1)}
    with pytest.raises(BackendProtocolError, match="looks like an Emby server; set type: emby"):
        await identify(SERVER, answering(emby))


@pytest.mark.parametrize("other", [{}, {"MediaContainer": {"size": 0}}, {**JELLYFIN, "ProductName": "Other"}])
async def test_another_program_is_no_jellyfin_server(other):
    with pytest.raises(BackendProtocolError, match="no Jellyfin server; check the url"):
        await identify(SERVER, answering(other))


async def test_a_web_page_is_no_jellyfin_server():
    with pytest.raises(BackendProtocolError, match="web page"):
        await identify(SERVER, answering(b"<html></html>"))


@pytest.mark.parametrize("version", ["10.8.13", "10.8.0", "3.5.2"])
async def test_an_old_server_should_be_upgraded(version):
    with pytest.raises(BackendProtocolError, match=r"too old; upgrade the server to 10\.9"):
        await identify(SERVER, answering({**JELLYFIN, "Version": version}))


@pytest.mark.parametrize("lacking", ["Id", "Version"])
async def test_a_server_without_id_or_version_is_not_taken(lacking):
    with pytest.raises(BackendProtocolError, match="no id or no version"):
        await identify(SERVER, answering({**JELLYFIN, lacking: ""}))


async def test_a_server_that_is_starting_is_unavailable(world):
    world.simulator.starting = True
    with pytest.raises(BackendUnavailable):
        await world.plugins.identify_server(world.server, world.http)


async def test_an_address_without_its_base_path_is_told(world):
    world.simulator.base_path = "/jellyfin"
    with pytest.raises(BackendProtocolError, match="base path"):
        await world.plugins.identify_server(world.server, world.http)


@pytest.mark.parametrize(
    ("version", "clears", "counts"),
    [
        ("10.9.11", True, False),
        ("10.10.7", True, False),
        ("10.11.11", True, False),
        ("12.0.0", False, True),
        ("12.0.0-rc5", False, True),
        ("13.1.0", False, True),
        ("nightly", True, False),
    ],
)
def test_what_a_start_does_depends_on_the_version(version, clears, counts):
    can = capabilities(ServerInfo(machine_id=guid(1), name="den", version=version))
    assert (can.start_clears_watched, can.start_counts) == (clears, counts)


def test_dates_and_positions_can_be_written_and_changes_are_listed_without_unwatches():
    can = capabilities(None)
    assert can.watch_date is WatchDate.TAKEN
    assert can.writes_position
    assert can.clears_position
    assert can.date_is_start
    assert can.batch_reads_complete
    assert can.lists_changes
    assert not can.lists_unwatches


async def test_users_are_listed_with_their_rights(world):
    boss = world.simulator.add_user("boss", is_admin=True)
    world.simulator.disable_user(world.bob.user_id)
    users = {user.name: user for user in await world.plugins.list_users(world.server, world.http)}
    assert (users["boss"].user_id, users["boss"].is_admin) == (boss, True)
    assert (users["bob"].is_disabled, users["alice"].is_disabled) == (True, False)
    assert not users["alice"].is_admin


async def test_hidden_users_are_listed(world):
    world.simulator.add_user("shy", is_hidden=True)
    assert "shy" in {user.name for user in await world.plugins.list_users(world.server, world.http)}


async def test_anybody_may_list_users(world):
    users = await world.plugins.list_users(world.with_token(world.alice, world.alice.token.reveal()).server, world.http)
    assert {user.name for user in users} == {"alice", "bob"}


async def test_nobodys_token_is_handed_out():
    http = CannedHttp(Users=[[{"Id": guid(2), "Name": "alice", "Policy": {"IsAdministrator": True}}]])
    (user,) = await list_users(SERVER, http)
    assert user.token is None


async def test_a_user_without_policy_or_name_is_listed():
    (user,) = await list_users(SERVER, CannedHttp(Users=[[{"Id": guid(2)}]]))
    assert (user.name, user.is_admin, user.is_disabled) == ("", False, False)


async def test_a_users_own_token_is_refused_where_it_would_act_for_somebody_else(world):
    with pytest.raises(BackendAuthError):
        await world.everything(world.with_token(world.bob, world.alice.token.reveal()))
