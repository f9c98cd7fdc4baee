import pytest
from msgspec.structs import replace

RUNTIME = 54_000_000_000  # ninety minutes


async def report(home, step="", token=None, **document):
    known = {"ItemId": home.movie, "MediaSourceId": f"mediasource_{home.movie}", "PlaySessionId": "play-1"}
    response = await home.ask("POST", f"/Sessions/Playing{step}", token=token, json={**known, **document})
    assert (response.status_code, response.content) == (204, b"")
    return await home.user_data(home.movie)


async def test_a_start_counts_dates_and_clears_the_flag(any_home):
    any_home.server.watch(any_home.alice, any_home.movie)
    any_home.clock.now += 3_600_000
    state = await report(any_home)
    assert (state["Played"], state["PlayCount"], state["LastPlayedDate"]) == (False, 2, "2024-05-01T13:00:00.0000000Z")


async def test_a_start_leaves_the_position(home):
    home.server.stop(home.alice, home.movie, position_ms=1_800_000)
    assert (await report(home, PositionTicks=0))["PlaybackPositionTicks"] == 18_000_000_000


async def test_a_play_from_start_to_stop(home):
    await report(home, PositionTicks=0)
    home.clock.now += 1_080_000
    state = await report(home, "/Progress", PositionTicks=RUNTIME // 5)
    assert (state["PlaybackPositionTicks"], state["PlayedPercentage"]) == (RUNTIME // 5, 20)
    for _ in range(2):  # a second stop adds nothing
        state = await report(home, "/Stopped", PositionTicks=RUNTIME // 5)
        assert (state["PlaybackPositionTicks"], state["PlayCount"]) == (RUNTIME // 5, 1)
    assert state["LastPlayedDate"] == "2024-05-01T12:00:00.0000000Z"


@pytest.mark.parametrize("step", ["/Progress", "/Stopped"])
@pytest.mark.parametrize(
    ("position", "kept", "played"),
    [
        (0, 0, False),
        (RUNTIME * 2 // 100 - 1, 0, False),
        (RUNTIME * 2 // 100, RUNTIME * 2 // 100, False),
        (RUNTIME // 2, RUNTIME // 2, False),
        (RUNTIME * 9 // 10, RUNTIME * 9 // 10, False),
        (RUNTIME * 9 // 10 + 1, 0, True),
        (RUNTIME, 0, True),
    ],
)
async def test_what_a_position_means(any_home, step, position, kept, played):
    await report(any_home)
    state = await report(any_home, step, PositionTicks=position)
    assert (state["PlaybackPositionTicks"], state["Played"], state["PlayCount"]) == (kept, played, 1)


async def test_a_short_file_is_finished_once_it_was_begun(home, heat):
    short, longer = (
        home.server.add(home.movies, replace(heat, title=f"Short {ms}", runtime_ms=ms)) for ms in (119_000, 120_000)
    )
    for entry_id in (short, longer):
        home.server.start(home.alice, entry_id)
        home.server.stop(home.alice, entry_id, position_ms=60_000)
    assert [home.server.state(home.alice, each).watched for each in (short, longer)] == [True, False]


async def test_the_thresholds_are_those_of_the_library(home):
    home.server.resume_of(home.movies).max_percent = 50
    answer = (await home.ask("GET", "/Library/VirtualFolders/Query", token=home.server.admin_token)).json()
    assert [row["LibraryOptions"]["MaxResumePct"] for row in answer["Items"]] == [50, 90]
    await report(home)
    assert (await report(home, "/Stopped", PositionTicks=RUNTIME * 6 // 10))["Played"]
    home.server.start(home.alice, home.episodes[0])
    home.server.stop(home.alice, home.episodes[0], position_ms=3_240_000)
    assert not home.server.state(home.alice, home.episodes[0]).watched


@pytest.mark.parametrize("missing", ["PlaySessionId", "MediaSourceId"])
@pytest.mark.parametrize("step", ["", "/Progress", "/Stopped"])
async def test_a_report_without_a_play_session_is_refused(home, step, missing):
    document = {"ItemId": home.movie, "MediaSourceId": "mediasource_1", "PlaySessionId": "1", "PositionTicks": 0}
    del document[missing]
    response = await home.ask("POST", f"/Sessions/Playing{step}", json=document)
    assert (response.status_code, response.text) == (400, "Value cannot be null. (Parameter 'key')")


async def test_progress_by_the_users_path_needs_a_play_session_too(home):
    path = f"/Users/{{}}/PlayingItems/{home.movie}/Progress"
    response = await home.ask("POST", path, PositionTicks=0)
    assert (response.status_code, response.text) == (400, "Value cannot be null. (Parameter 'key')")


@pytest.mark.parametrize(("verb", "end"), [("DELETE", ""), ("POST", "/Delete")])
async def test_a_play_can_be_reported_by_the_users_path(home, verb, end):
    path, known = f"/Users/{{}}/PlayingItems/{home.movie}", {"MediaSourceId": "mediasource_1", "PlaySessionId": "1"}
    await home.ask("POST", path, **known)
    await home.ask("POST", f"{path}/Progress", **known, PositionTicks=RUNTIME // 4)
    assert (await home.user_data(home.movie))["PlayedPercentage"] == 25
    response = await home.ask(verb, path + end, **known, PositionTicks=RUNTIME)
    assert response.status_code == 204
    assert (await home.user_data(home.movie))["Played"]


async def test_a_play_session_comes_with_the_sources(home):
    answer = (await home.ask("POST", f"/Items/{home.movie}/PlaybackInfo", json={}, UserId=home.alice)).json()
    assert answer["MediaSources"][0]["Id"] == f"mediasource_{home.movie}"
    assert len(answer["PlaySessionId"]) == 32


async def test_a_stop_without_a_position_is_one_more_full_play(home):
    await report(home)
    state = await report(home, "/Stopped")
    assert (state["Played"], state["PlayCount"], state["PlaybackPositionTicks"]) == (True, 2, 0)


async def test_a_failed_stop_changes_nothing_but_what_the_start_did(home):
    await report(home)
    state = await report(home, "/Stopped", PositionTicks=RUNTIME, Failed=True)
    assert (state["Played"], state["PlayCount"]) == (False, 1)


async def test_a_stop_of_what_is_not_played_changes_nothing(home):
    before = await home.user_data(home.movie)
    assert await report(home, "/Stopped", PositionTicks=RUNTIME) == before


async def test_an_unknown_item_is_taken_without_a_word(home):
    before = await home.user_data(home.movie)
    assert await report(home, ItemId="99999") == before


async def test_reports_with_an_api_key_save_nothing(home):
    before = await home.user_data(home.movie)
    for step in ("", "/Progress", "/Stopped"):
        assert await report(home, step, token=home.server.admin_token, PositionTicks=RUNTIME) == before


class TestAtTheScreen:
    def test_a_natural_end_is_watched_and_dated_by_its_start(self, any_home):
        server, alice, movie = any_home.server, any_home.alice, any_home.movie
        started = any_home.clock.now // 1_000 * 1_000
        server.start(alice, movie)
        any_home.clock.now += 5_400_000
        server.stop(alice, movie, position_ms=None)
        state = server.state(alice, movie)
        assert (state.watched, state.position_ms, state.play_count, state.watched_at) == (True, 0, 1, started)

    def test_a_stop_half_way_leaves_a_position(self, any_home):
        any_home.server.start(any_home.alice, any_home.movie)
        any_home.server.progress(any_home.alice, any_home.movie, position_ms=1_800_000)
        any_home.server.stop(any_home.alice, any_home.movie, position_ms=2_700_000)
        state = any_home.server.state(any_home.alice, any_home.movie)
        assert (state.watched, state.position_ms) == (False, 2_700_000)
