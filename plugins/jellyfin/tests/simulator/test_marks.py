import pytest

VERSIONS = ["10.10.7", "10.11.8", "12.0.0"]
EARLIER = "2020-02-02T10:00:00.5Z"


async def mark(home, entry_id, method="POST", **query):
    response = await home.ask(method, f"/UserPlayedItems/{entry_id}", **query)
    assert response.status_code == 200
    return response.json()


@pytest.fixture(params=VERSIONS)
def any_home(request, make):
    return make(request.param)


async def test_a_mark_without_a_date_is_dated_now_and_counts_once(any_home):
    state = await mark(any_home, any_home.movie)
    assert (state["Played"], state["PlayCount"], state["PlaybackPositionTicks"]) == (True, 1, 0)
    assert state["LastPlayedDate"] == "2024-05-01T12:00:00.25Z"


async def test_a_second_mark_without_a_date_changes_nothing(any_home):
    first = await mark(any_home, any_home.movie)
    any_home.clock.now += 60_000
    assert await mark(any_home, any_home.movie) == first


async def test_a_mark_with_a_date_takes_it_and_counts_one_more(any_home):
    await mark(any_home, any_home.movie)
    state = await mark(any_home, any_home.movie, datePlayed=EARLIER)
    assert (state["PlayCount"], state["LastPlayedDate"]) == (2, EARLIER)


async def test_a_mark_takes_the_position_away(any_home):
    any_home.server.stop(any_home.alice, any_home.movie, position_ms=1_800_000)
    assert (await mark(any_home, any_home.movie))["PlaybackPositionTicks"] == 0


async def test_an_unmark_clears_everything(any_home):
    await mark(any_home, any_home.movie, datePlayed=EARLIER)
    state = await mark(any_home, any_home.movie, "DELETE")
    assert (state["Played"], state["PlayCount"], state["PlaybackPositionTicks"]) == (False, 0, 0)
    assert "LastPlayedDate" not in state


async def test_a_date_may_be_fourteen_digits(home):
    assert (await mark(home, home.movie, datePlayed="20200202100000"))["LastPlayedDate"] == (
        "2020-02-02T10:00:00.0000000Z"
    )


async def test_a_date_that_is_none_is_refused(home):
    response = await home.ask("POST", f"/UserPlayedItems/{home.movie}", datePlayed="soon")
    assert (response.status_code, response.json()["errors"]) == (
        400,
        {"datePlayed": ["The value 'soon' is not valid."]},
    )


async def test_the_legacy_route_does_the_same(home):
    response = await home.ask("POST", f"/Users/{home.alice}/PlayedItems/{home.movie}", datePlayed=EARLIER)
    assert response.json() == await home.user_data(home.movie)
    assert home.server.state(home.alice, home.movie).watched


async def test_a_mark_is_one_persons_own(home):
    await mark(home, home.movie)
    assert not home.server.state(home.bob, home.movie).watched


async def test_marking_a_season_marks_its_files_and_not_itself(home):
    season = (await home.get(f"/Shows/{await series_id(home)}/Seasons"))["Items"][0]
    answer = await mark(home, season["Id"], datePlayed=EARLIER)
    assert all(home.server.state(home.alice, each).play_count == 1 for each in home.episodes)
    assert (answer["Played"], answer["UnplayedItemCount"], answer["PlayCount"]) == (True, 0, 0)


async def test_unmarking_a_series_unmarks_its_files(home):
    for each in home.episodes:
        home.server.watch(home.alice, each)
    await mark(home, await series_id(home), "DELETE")
    assert not any(home.server.state(home.alice, each).watched for each in home.episodes)


async def test_marking_an_episode_leaves_its_siblings_and_moves_the_derived_counts(home):
    await mark(home, home.episodes[0])
    series = (await home.rows(ids=await series_id(home)))[0]
    assert (series["UserData"]["UnplayedItemCount"], series["UserData"]["Played"]) == (2, False)


async def test_a_missing_episode_is_marked_only_for_who_sees_it_and_if_it_has_aired(home, new_episode):
    dora = home.server.add_user("dora", shows_missing=True)
    aired = home.server.add_virtual_episode(home.shows, new_episode(8), premiere=home.clock.now - 1)
    unaired = home.server.add_virtual_episode(home.shows, new_episode(9), premiere=home.clock.now + 1)
    series = await series_id(home)
    await mark(home, series)
    await home.ask("POST", f"/UserPlayedItems/{series}", token=home.server.token_for(dora))
    watched = [home.server.state(who, what).watched for who in (home.alice, dora) for what in (aired, unaired)]
    assert watched == [False, False, True, False]


async def series_id(home):
    return (await home.rows(recursive="true", includeItemTypes="Series"))[0]["Id"]


@pytest.mark.parametrize(("version", "spreads"), [("10.11.8", False), ("12.0.0", True)])
async def test_a_mark_reaches_the_other_version_of_a_movie_from_12_on(make, version, spreads):
    home = make(version)
    other = home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")
    home.server.stop(home.alice, other, position_ms=1_800_000)
    await mark(home, home.movie)
    state = await home.user_data(other)
    assert (state["Played"], state["PlaybackPositionTicks"] == 0, state["PlayCount"]) == (spreads, spreads, 0)


@pytest.mark.parametrize(("version", "spreads"), [("10.11.8", False), ("12.0.0", True)])
async def test_an_unmark_clears_the_other_version_too_from_12_on(make, version, spreads):
    home = make(version)
    other = home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")
    home.server.watch(home.alice, other)
    await mark(home, home.movie, "DELETE")
    state = home.server.state(home.alice, other)
    assert (state.watched, state.play_count, state.watched_at == 0) == (
        (False, 0, True) if spreads else (True, 1, False)
    )


async def test_a_favourite_is_no_play_state(home):
    state = (await home.ask("POST", f"/UserFavoriteItems/{home.movie}")).json()
    assert (state["IsFavorite"], state["Played"]) == (True, False)
    assert not (await home.ask("DELETE", f"/Users/{home.alice}/FavoriteItems/{home.movie}")).json()["IsFavorite"]
