import pytest

EARLIER = "20240401200000"


async def mark(home, entry_id, verb="POST", end="", **query):
    response = await home.ask(verb, f"/Users/{{}}/PlayedItems/{entry_id}{end}", **query)
    assert response.status_code == 200
    return response.json()


def numbers(home, entry_id, who=None):
    state = home.server.state(who or home.alice, entry_id)
    return state.watched, state.play_count, state.position_ms, state.watched_at


async def test_a_mark_counts_once_and_is_dated_in_whole_seconds(any_home):
    assert await mark(any_home, any_home.movie) == {
        "PlaybackPositionTicks": 0,
        "PlayCount": 1,
        "IsFavorite": False,
        "LastPlayedDate": "2024-05-01T12:00:00.0000000Z",
        "Played": True,
    }


async def test_a_second_mark_changes_nothing_at_all(any_home):
    first = await mark(any_home, any_home.movie)
    any_home.clock.now += 3_600_000
    assert await mark(any_home, any_home.movie) == first


async def test_a_mark_clears_the_position(home):
    home.server.stop(home.alice, home.movie, position_ms=1_800_000)
    assert (await mark(home, home.movie))["PlaybackPositionTicks"] == 0


async def test_a_mark_keeps_count_and_date_of_an_earlier_play(home):
    home.server.start(home.alice, home.movie)
    home.server.stop(home.alice, home.movie, position_ms=1_800_000)
    home.clock.now += 3_600_000
    state = await mark(home, home.movie)
    assert (state["PlayCount"], state["LastPlayedDate"]) == (1, "2024-05-01T12:00:00.0000000Z")


@pytest.mark.parametrize("date", [EARLIER, "2024-04-01T20:00:00Z", "2024-04-01T20:00:00.7000000Z"])
async def test_a_date_that_is_sent_along_is_taken(home, date):
    state = await mark(home, home.movie, DatePlayed=date)
    assert (state["LastPlayedDate"], state["PlayCount"]) == ("2024-04-01T20:00:00.0000000Z", 1)


async def test_a_date_that_is_none_is_an_unhandled_error(home):
    response = await home.ask("POST", f"/Users/{{}}/PlayedItems/{home.movie}", DatePlayed="soon")
    assert (response.status_code, response.headers["content-type"]) == (500, "text/plain")
    assert not home.server.state(home.alice, home.movie).watched


@pytest.mark.parametrize(("verb", "end"), [("DELETE", ""), ("POST", "/Delete")])
async def test_an_unmark_clears_everything(any_home, verb, end):
    await mark(any_home, any_home.movie)
    assert await mark(any_home, any_home.movie, verb, end) == {
        "PlaybackPositionTicks": 0,
        "PlayCount": 0,
        "IsFavorite": False,
        "Played": False,
    }
    assert numbers(any_home, any_home.movie) == (False, 0, 0, 0)


async def test_an_unmark_clears_a_position_too(home):
    home.server.stop(home.alice, home.movie, position_ms=1_800_000)
    await mark(home, home.movie, "DELETE")
    assert numbers(home, home.movie) == (False, 0, 0, 0)


async def test_a_mark_is_one_persons_own(home):
    await mark(home, home.movie)
    assert not home.server.state(home.bob, home.movie).watched


async def test_marking_a_series_marks_its_files_and_unmarking_reverses_it(home):
    series = await home.series_id()
    assert await mark(home, series) == {
        "UnplayedItemCount": 0,
        "PlaybackPositionTicks": 0,
        "PlayCount": 0,
        "IsFavorite": False,
        "Played": True,
    }
    assert all(numbers(home, each)[:2] == (True, 1) for each in home.episodes)
    assert (await mark(home, series, "DELETE"))["UnplayedItemCount"] == 3
    assert not any(home.server.state(home.alice, each).watched for each in home.episodes)


async def test_a_mark_of_a_series_leaves_watched_episodes_alone(home):
    home.server.watch(home.alice, home.episodes[0], at=home.clock.now - 86_400_000)
    before = numbers(home, home.episodes[0])
    await mark(home, await home.series_id())
    assert numbers(home, home.episodes[0]) == before


async def test_two_copies_have_two_states(home, heat):
    copy = home.server.add(home.movies, heat)
    await mark(home, home.movie)
    assert not home.server.state(home.alice, copy).watched


async def test_a_favourite_is_no_play_state(home):
    path = f"/Users/{{}}/FavoriteItems/{home.movie}"
    state = (await home.ask("POST", path)).json()
    assert (state["IsFavorite"], state["Played"]) == (True, False)
    for verb, end in (("DELETE", ""), ("POST", "/Delete")):
        assert not (await home.ask(verb, path + end)).json()["IsFavorite"]


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
async def test_a_mark_of_what_is_gone_is_a_404_in_text(home, verb):
    home.server.remove(home.movie)
    response = await home.ask(verb, f"/Users/{{}}/PlayedItems/{home.movie}")
    assert (response.status_code, response.headers["content-type"]) == (404, "text/plain")


class TestAtTheScreen:
    def test_the_button_marks_and_marks_again_to_no_effect(self, home):
        home.server.watch(home.alice, home.movie)
        first = numbers(home, home.movie)
        home.clock.now += 3_600_000
        home.server.watch(home.alice, home.movie)
        assert numbers(home, home.movie) == first == (True, 1, 0, 1_714_564_800_000)

    def test_a_date_of_ones_own_is_one_more_play(self, home):
        home.server.watch(home.alice, home.movie)
        home.server.watch(home.alice, home.movie, at=1_700_000_000_700)
        assert numbers(home, home.movie) == (True, 2, 0, 1_700_000_000_000)

    def test_the_button_unmarks(self, home):
        home.server.watch(home.alice, home.movie)
        home.server.unwatch(home.alice, home.movie)
        assert numbers(home, home.movie) == (False, 0, 0, 0)
