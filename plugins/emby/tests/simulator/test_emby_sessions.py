PLAYING = {"MediaSourceId": "mediasource_1", "PlaySessionId": "play-1", "PositionTicks": 0}


async def sessions(home, token=None, **query):
    return (await home.ask("GET", "/Sessions", token=token or home.server.admin_token, **query)).json()


def playing(rows):
    return [row["NowPlayingItem"]["Name"] for row in rows if "NowPlayingItem" in row]


async def test_who_asks_has_a_session(home):
    rows = await sessions(home, home.server.token_for(home.alice))
    assert [(row["UserName"], row["Client"]) for row in rows] == [("alice", "watchstate")]


async def test_an_api_keys_session_has_no_user_and_the_servers_id_as_its_device(home):
    (row,) = await sessions(home)
    assert {"UserId", "UserName"}.isdisjoint(row)
    assert row["DeviceId"] == home.server.machine_id


async def test_what_is_played_at_the_screen_shows_in_a_session_of_its_own(home):
    home.server.start(home.alice, home.episodes[0])
    home.server.progress(home.alice, home.episodes[0], position_ms=60_000)
    row = next(row for row in await sessions(home) if "NowPlayingItem" in row)
    assert (row["UserId"], row["Client"], row["NowPlayingItem"]["Id"]) == (home.alice, "Emby Web", home.episodes[0])
    assert row["PlayState"]["PositionTicks"] == 600_000_000
    assert {"ProviderIds", "Path"} <= set(row["NowPlayingItem"])
    assert "UserData" not in row["NowPlayingItem"]


async def test_a_stop_and_a_lost_file_leave_nothing_playing(home):
    home.server.start(home.alice, home.movie)
    home.server.stop(home.alice, home.movie, position_ms=60_000)
    home.server.start(home.bob, home.episodes[0])
    home.server.remove(home.episodes[0])
    rows = await sessions(home)
    assert playing(rows) == []
    assert not any("PositionTicks" in row["PlayState"] for row in rows)


async def test_a_user_sees_their_own_sessions_and_an_admin_all(home):
    home.server.start(home.alice, home.movie)
    home.server.start(home.bob, home.episodes[0])
    assert playing(await sessions(home, home.server.token_for(home.alice))) == ["Heat"]
    for token in (home.server.token_for(home.bob), home.server.admin_token):
        assert playing(await sessions(home, token)) == ["Heat", "Part 1"]


async def test_a_report_shows_how_and_where_it_is_played(home):
    report = {**PLAYING, "ItemId": home.movie, "IsPaused": True, "CanSeek": True, "PlayMethod": "DirectPlay"}
    await home.ask("POST", "/Sessions/Playing", json=report)
    row = next(row for row in await sessions(home) if "NowPlayingItem" in row)
    state = row["PlayState"]
    assert (state["IsPaused"], state["CanSeek"], state["PlayMethod"]) == (True, True, "DirectPlay")
    assert (state["MediaSourceId"], row["PlaylistLength"]) == ("mediasource_1", 1)


async def test_sessions_can_be_picked_by_device_id_and_control(home):
    capabilities = {"PlayableMediaTypes": ["Video"], "SupportedCommands": ["Mute"], "SupportsMediaControl": True}
    assert (await home.ask("POST", "/Sessions/Capabilities/Full", json=capabilities)).status_code == 204
    (mine,) = await sessions(home, DeviceId=f"simulated-{home.alice}")
    assert (mine["PlayableMediaTypes"], mine["SupportsRemoteControl"]) == (["Video"], True)
    assert await sessions(home, Id=mine["Id"]) == await sessions(home, ControllableByUserId=home.alice) == [mine]


async def test_devices_are_numbered(home):
    await home.ask("GET", "/System/Info")
    rows = await sessions(home)
    numbers = [row["InternalDeviceId"] for row in rows]
    assert len(set(numbers)) == len(rows) == 2
    assert [row["InternalDeviceId"] for row in await sessions(home)] == numbers


async def test_after_a_restart_only_who_asks_is_there(home):
    home.server.start(home.alice, home.movie)
    home.server.restart()
    assert len(await sessions(home)) == 1
