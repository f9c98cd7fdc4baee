import msgspec
import pytest
from plugins.emby.tests.canned import MACHINE, SERVER, USER, CannedHttp

from watchstate.api import BackendAuthError, BackendProtocolError, BackendUnavailable, ServerInfo, WatchDate
from watchstate_emby.servers import capabilities, identify, list_users

EMBY = {"LocalAddresses": [], "RemoteAddresses": [], "ServerName": "den", "Version": "4.9.5.0", "Id": MACHINE}


def answering(info):
    return CannedHttp(System__Info__Public=[info])


async def test_a_server_says_who_it_is():
    assert await identify(SERVER, answering(EMBY)) == ServerInfo(machine_id=MACHINE, name="den", version="4.9.5.0")


async def test_identifying_needs_no_token(any_world):
    info = await any_world.plugins.identify_server(any_world.with_token(any_world.alice, "").server, any_world.http)
    assert info.machine_id == any_world.simulator.machine_id


async def test_identifying_tells_the_clock_skew(world):
    world.simulator.skew_ms = 300_000
    info = await world.plugins.identify_server(world.server, world.http)
    assert abs(info.clock_skew_ms - 300_000) <= 1_500


async def test_a_jellyfin_server_is_named_as_such():
    jellyfin = {"Id": MACHINE, "ServerName": "den", "Version": "10.11.6", "ProductName": "Jellyfin Server"}
    with pytest.raises(BackendProtocolError, match="looks like a Jellyfin server; set type: jellyfin"):
        await identify(SERVER, answering(jellyfin))


@pytest.mark.parametrize("other", [{}, {"MediaContainer": {"size": 0}}, {**EMBY, "ProductName": "Other"}])
async def test_another_program_is_no_emby_server(other):
    with pytest.raises(BackendProtocolError, match="check the url"):
        await identify(SERVER, answering(other))


@pytest.mark.parametrize("version", ["4.6.7.0", "4.1.1.0", "3.5.3.0"])
async def test_an_old_server_should_be_upgraded(version):
    with pytest.raises(BackendProtocolError, match=r"too old; upgrade the server to 4\.7"):
        await identify(SERVER, answering({**EMBY, "Version": version}))


@pytest.mark.parametrize("version", ["4.7.0.0", "4.8.11.0", "4.10.0.5", "5.0.0.0", "beta"])
async def test_a_server_that_is_not_older_is_taken(version):
    assert (await identify(SERVER, answering({**EMBY, "Version": version}))).version == version


@pytest.mark.parametrize("lacking", ["Id", "Version"])
async def test_a_server_without_id_or_version_is_not_taken(lacking):
    with pytest.raises(BackendProtocolError, match="no id or no version"):
        await identify(SERVER, answering({**EMBY, lacking: ""}))


async def test_a_web_page_is_no_emby_server():
    with pytest.raises(BackendProtocolError, match="web page"):
        await identify(SERVER, answering(b"<html></html>"))


async def test_a_server_that_is_starting_is_unavailable(world):
    world.simulator.starting = True
    with pytest.raises(BackendUnavailable):
        await world.plugins.identify_server(world.server, world.http)


async def test_a_base_path_that_is_not_the_servers_is_told(world):
    server = msgspec.structs.replace(world.server, url=f"{world.server.url}/nowhere")
    with pytest.raises(BackendProtocolError, match="base path"):
        await world.plugins.identify_server(server, world.pool.for_server(server))


async def test_the_servers_own_base_path_may_be_part_of_the_address(world):
    server = msgspec.structs.replace(world.server, url=f"{world.server.url}/emby")
    info = await world.plugins.identify_server(server, world.pool.for_server(server))
    assert info.machine_id == world.simulator.machine_id


def test_what_can_be_done_is_the_same_for_all_versions_and_the_unknown():
    versions = ["4.7.14.0", "4.8.11.0", "4.9.5.0", "4.10.0.23"]
    known = [capabilities(ServerInfo(machine_id=MACHINE, name="", version=version)) for version in versions]
    assert {*known} == {capabilities(None)}


def test_changes_and_unwatches_are_listed_and_lists_are_not_complete():
    can = capabilities(None)
    assert can.lists_changes
    assert can.lists_unwatches
    assert not can.batch_reads_complete


def test_a_start_clears_the_flag_and_is_what_the_date_means():
    can = capabilities(None)
    assert can.start_clears_watched
    assert can.date_is_start
    assert not can.start_counts


def test_positions_can_be_written_and_a_date_may_be_the_servers():
    can = capabilities(None)
    assert can.writes_position
    assert can.clears_position
    assert can.watch_date is WatchDate.UNSURE


async def test_users_are_listed_with_their_rights(any_world):
    boss = any_world.simulator.add_user("boss", is_admin=True)
    any_world.simulator.add_user("shy", is_hidden=True)
    any_world.simulator.disable_user(any_world.bob.user_id)
    users = {user.name: user for user in await any_world.plugins.list_users(any_world.server, any_world.http)}
    assert (users["boss"].user_id, users["boss"].is_admin) == (boss, True)
    assert (users["bob"].is_disabled, users["alice"].is_disabled) == (True, False)
    assert not users["alice"].is_admin
    assert "shy" in users


async def test_a_server_without_the_old_list_of_users_is_asked_for_the_new_one():
    http = CannedHttp(Users=[404], Users__Query=[{"Items": [{"Id": USER, "Name": "alice"}], "TotalRecordCount": 1}])
    (user,) = await list_users(SERVER, http)
    assert (user.user_id, user.name) == (USER, "alice")


async def test_a_server_without_any_list_of_users_is_an_error():
    with pytest.raises(BackendProtocolError, match="base path"):
        await list_users(SERVER, CannedHttp(Users=[404], Users__Query=[404]))


async def test_nobodys_token_is_handed_out():
    (user,) = await list_users(SERVER, CannedHttp(Users=[[{"Id": USER, "Policy": {"IsAdministrator": True}}]]))
    assert user.token is None


async def test_the_error_says_so_where_the_token_may_not_list_users(world):
    server = world.with_token(world.alice, "0" * 32).server
    with pytest.raises(BackendAuthError):
        await world.plugins.list_users(server, world.pool.for_server(server))


async def test_a_users_own_token_is_refused_where_it_would_act_for_somebody_else(world):
    with pytest.raises(BackendAuthError):
        await world.everything(world.with_token(world.bob, world.alice.token.reveal()))
