async def sessions(home, token=None, **query):
    return (await home.ask("GET", "/Sessions", token=token, **query)).json()


async def test_what_is_played_at_the_screen_shows_in_the_session(home):
    home.server.start(home.alice, home.episodes[0])
    home.clock.now += 60_000
    home.server.progress(home.alice, home.episodes[0], position_ms=60_000)
    session = (await sessions(home))[0]
    assert (session["UserName"], session["NowPlayingItem"]["Id"]) == ("alice", home.episodes[0])
    assert session["PlayState"]["PositionTicks"] == 600_000_000
    assert session["LastPlaybackCheckIn"] == "2024-05-01T12:01:00.25Z"


async def test_what_is_playing_carries_every_field_but_no_user_data(home):
    home.server.start(home.alice, home.movie)
    playing = (await sessions(home))[0]["NowPlayingItem"]
    assert "ProviderIds" in playing
    assert "UserData" not in playing


async def test_a_stop_leaves_the_session_without_an_item(home):
    home.server.start(home.alice, home.movie)
    home.server.stop(home.alice, home.movie, position_ms=60_000)
    session = (await sessions(home))[0]
    assert "NowPlayingItem" not in session
    assert "PositionTicks" not in session["PlayState"]


async def test_a_user_sees_their_own_sessions_and_an_admin_all(home):
    home.server.start(home.alice, home.movie)
    home.server.start(home.bob, home.movie)
    assert [row["UserName"] for row in await sessions(home)] == ["alice"]
    for token in (home.server.token_for(home.bob), home.server.admin_token):
        assert [row["UserName"] for row in await sessions(home, token)] == ["alice", "bob"]


async def test_a_report_makes_a_session_of_its_client_and_device(home):
    await home.ask(
        "POST", "/Sessions/Playing", json={"ItemId": home.movie, "PlayMethod": "DirectPlay", "CanSeek": True}
    )
    session = (await sessions(home))[0]
    assert (session["Client"], session["DeviceId"], session["DeviceName"]) == ("Test", "bench-1", "bench")
    assert (session["PlayState"]["PlayMethod"], session["PlayState"]["CanSeek"]) == ("DirectPlay", True)


async def test_a_session_of_an_api_key_has_no_user(home):
    await home.ask("POST", "/Sessions/Playing", token=home.server.admin_token, json={"ItemId": home.movie})
    session = (await sessions(home, home.server.admin_token))[0]
    assert (session["UserId"], "UserName" in session) == ("0" * 32, False)


async def test_a_mark_touches_the_session_of_its_client(home):
    await home.ask("POST", f"/UserPlayedItems/{home.movie}")
    assert [row["Client"] for row in await sessions(home)] == ["Test"]


async def test_a_pause_is_dated_once(home):
    paused = {"ItemId": home.movie, "PositionTicks": 0, "IsPaused": True}
    await home.ask("POST", "/Sessions/Playing/Progress", json=paused)
    home.clock.now += 5_000
    await home.ask("POST", "/Sessions/Playing/Progress", json=paused)
    session = (await sessions(home))[0]
    assert (session["LastPausedDate"], session["PlayState"]["IsPaused"]) == ("2024-05-01T12:00:00.25Z", True)


async def test_sessions_are_filtered_by_device_and_by_activity(home):
    home.server.start(home.alice, home.movie)
    home.clock.now += 60_000
    await home.ask("POST", f"/UserPlayedItems/{home.movie}")
    assert [row["Client"] for row in await sessions(home, deviceId="BENCH-1")] == ["Test"]
    assert [row["Client"] for row in await sessions(home, activeWithinSeconds=30)] == ["Test"]
    assert len(await sessions(home)) == 2


async def test_capabilities_make_a_session_controllable(home):
    await home.ask("POST", f"/UserPlayedItems/{home.movie}")
    assert await sessions(home, controllableByUserId=home.alice) == []
    made = await home.ask(
        "POST",
        "/Sessions/Capabilities/Full",
        json={"PlayableMediaTypes": ["Video"], "SupportedCommands": ["Mute"], "SupportsMediaControl": True},
    )
    session = (await sessions(home, controllableByUserId=home.alice))[0]
    assert (made.status_code, session["PlayableMediaTypes"], session["SupportedCommands"]) == (204, ["Video"], ["Mute"])


async def test_the_sessions_of_another_user_are_refused(home):
    assert (await home.ask("GET", "/Sessions", controllableByUserId=home.bob)).status_code == 403


async def test_a_ping_of_a_play_names_it(home):
    assert (await home.ask("POST", "/Sessions/Playing/Ping", playSessionId="1")).status_code == 204
    assert (await home.ask("POST", "/Sessions/Playing/Ping")).status_code == 400


async def test_a_restart_ends_all_sessions(home):
    home.server.start(home.alice, home.movie)
    home.server.restart()
    assert await sessions(home) == []
