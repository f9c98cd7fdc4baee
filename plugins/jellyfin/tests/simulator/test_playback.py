import pytest
from msgspec.structs import replace

VERSIONS = ["10.10.7", "10.11.8", "12.0.0"]
RUNTIME = 54_000_000_000  # ninety minutes
SECOND = 10_000_000


@pytest.fixture(params=VERSIONS)
def any_home(request, make):
    return make(request.param)


async def report(home, step="", token=None, **document):
    response = await home.ask("POST", f"/Sessions/Playing{step}", token=token, json={"ItemId": home.movie, **document})
    assert response.status_code == 204
    return await home.user_data(home.movie)


async def test_a_start_counts_and_dates_and_leaves_the_position(any_home):
    any_home.server.stop(any_home.alice, any_home.movie, position_ms=1_800_000)
    state = await report(any_home, PositionTicks=0)
    assert (state["PlayCount"], state["LastPlayedDate"]) == (1, "2024-05-01T12:00:00.25Z")
    assert state["PlaybackPositionTicks"] == 18_000_000_000


@pytest.mark.parametrize(("version", "kept"), [("10.10.7", False), ("10.11.8", False), ("12.0.0", True)])
async def test_a_start_clears_the_flag_up_to_10_11(make, version, kept):
    home = make(version)
    home.server.watch(home.alice, home.movie)
    state = await report(home)
    assert (state["Played"], state["PlayCount"]) == (kept, 2)


@pytest.mark.parametrize("step", ["/Progress", "/Stopped"])
@pytest.mark.parametrize(
    ("position", "kept", "played"),
    [
        (0, 0, False),
        (RUNTIME * 5 // 100 - 1, 0, False),
        (RUNTIME * 5 // 100, RUNTIME * 5 // 100, False),
        (RUNTIME // 2, RUNTIME // 2, False),
        (RUNTIME * 9 // 10, RUNTIME * 9 // 10, False),
        (RUNTIME * 9 // 10 + 1, 0, True),
        (RUNTIME, 0, True),
    ],
)
async def test_what_a_position_means(any_home, step, position, kept, played):
    state = await report(any_home, step, PositionTicks=position)
    assert (state["PlaybackPositionTicks"], state["Played"], state["PlayCount"]) == (kept, played, 0)


@pytest.mark.parametrize(("version", "played"), [("10.10.7", False), ("10.11.8", True), ("12.0.0", True)])
async def test_the_last_second_is_the_end_from_10_11_on(make, version, played):
    home = make(version)
    home.server.resume.max_percent = 100
    state = await report(home, "/Stopped", PositionTicks=RUNTIME - SECOND)
    assert state["Played"] is played


async def test_a_short_file_is_finished_once_it_was_begun(home, heat):
    short = home.server.add(home.movies, replace(heat, title="Short", runtime_ms=299_000))
    home.server.stop(home.alice, short, position_ms=150_000)
    assert home.server.state(home.alice, short).watched


async def test_a_file_without_a_run_time_is_finished_at_any_position(home, heat):
    unknown = home.server.add(home.movies, replace(heat, title="Unknown", runtime_ms=0))
    home.server.stop(home.alice, unknown, position_ms=0)
    assert home.server.state(home.alice, unknown).watched


async def test_a_rewind_is_taken(home):
    await report(home, "/Progress", PositionTicks=RUNTIME // 2)
    assert (await report(home, "/Progress", PositionTicks=RUNTIME // 4))["PlaybackPositionTicks"] == RUNTIME // 4


async def test_a_played_item_can_have_a_position(home):
    home.server.watch(home.alice, home.movie)
    state = await report(home, "/Progress", PositionTicks=RUNTIME // 2)
    assert (state["Played"], state["PlaybackPositionTicks"]) == (True, RUNTIME // 2)


async def test_progress_without_a_position_changes_nothing(home):
    before = await home.user_data(home.movie)
    after = await report(home, "/Progress")
    assert {**after, "Key": ""} == {**before, "Key": ""}


async def test_a_stop_without_a_position_is_one_more_full_play(any_home):
    await report(any_home)
    state = await report(any_home, "/Stopped")
    assert (state["Played"], state["PlayCount"], state["PlaybackPositionTicks"]) == (True, 2, 0)


async def test_a_failed_stop_changes_nothing_but_what_the_start_did(home):
    await report(home)
    state = await report(home, "/Stopped", PositionTicks=RUNTIME, Failed=True)
    assert (state["Played"], state["PlayCount"]) == (False, 1)


@pytest.mark.parametrize("step", ["", "/Progress", "/Stopped"])
async def test_an_unknown_item_is_taken_without_a_word(home, step):
    response = await home.ask("POST", f"/Sessions/Playing{step}", json={"ItemId": "1" * 32, "PositionTicks": 1})
    assert response.status_code == 204


@pytest.mark.parametrize("document", [{"ItemId": "none"}, {"ItemId": 7}, {"PositionTicks": "far"}])
async def test_a_report_of_the_wrong_shape_is_refused(home, document):
    assert (await home.ask("POST", "/Sessions/Playing/Progress", json=document)).status_code == 400


async def test_a_stop_at_a_negative_position_is_refused_in_text(home):
    response = await home.ask("POST", "/Sessions/Playing/Stopped", json={"ItemId": home.movie, "PositionTicks": -1})
    assert (response.status_code, response.text) == (400, "Error processing request.")


async def test_reports_with_an_api_key_save_nothing(home):
    before = await home.user_data(home.movie)
    assert await report(home, token=home.server.admin_token) == before
    assert await report(home, "/Stopped", token=home.server.admin_token) == before


async def test_the_thresholds_are_those_of_the_configuration(home):
    home.server.resume.max_percent = 50
    shown = await home.get("/System/Configuration")
    state = await report(home, "/Stopped", PositionTicks=RUNTIME * 6 // 10)
    assert (shown["MaxResumePct"], shown["MinResumePct"], shown["MinResumeDurationSeconds"]) == (50, 5, 300)
    assert state["Played"]


async def test_a_natural_end_at_the_screen_is_watched(any_home):
    any_home.server.start(any_home.alice, any_home.movie)
    any_home.server.stop(any_home.alice, any_home.movie, position_ms=None)
    state = any_home.server.state(any_home.alice, any_home.movie)
    assert (state.watched, state.position_ms, state.play_count, state.watched_at) == (True, 0, 1, any_home.clock.now)


async def test_the_played_button_sends_whole_seconds(home):
    home.server.watch(home.alice, home.movie)
    assert home.server.state(home.alice, home.movie).watched_at == home.clock.now // 1000 * 1000
