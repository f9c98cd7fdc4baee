"""`MinDateLastSavedForUser`: what was saved since, for everybody or for one user."""

import pytest

AFTER_NOON = "2024-05-01T12:00:09Z"


async def changed(home, since=AFTER_NOON, who=None, name="MinDateLastSavedForUser"):
    user = who or home.alice
    query = {"Recursive": "true", "IncludeItemTypes": "Movie,Episode", name: since}
    response = await home.ask("GET", f"/Users/{user}/Items", token=home.server.token_for(user), **query)
    return [row["Id"] for row in response.json()["Items"]]


@pytest.fixture
def later(any_home):
    """A household ten seconds after everything was added, and alice has watched an episode before."""
    any_home.server.watch(any_home.alice, any_home.episodes[0])
    any_home.clock.now += 10_000
    return any_home


async def test_nothing_has_changed_at_first(later):
    assert await changed(later) == []


async def test_in_the_future_nothing_will_have_changed(later):
    later.server.watch(later.alice, later.movie)
    assert await changed(later, "2030-01-01T00:00:00Z") == []


@pytest.mark.parametrize("hand", ["watch", "start", "favour", "position"])
async def test_a_change_of_state_is_listed(later, hand):
    if hand == "favour":
        await later.ask("POST", f"/Users/{{}}/FavoriteItems/{later.movie}")
    elif hand == "position":
        await later.ask("POST", f"/Users/{{}}/Items/{later.movie}/UserData", json={"PlaybackPositionTicks": 7})
    else:
        getattr(later.server, hand)(later.alice, later.movie)
    assert await changed(later) == [later.movie]


async def test_an_unmark_is_listed(later):
    later.server.unwatch(later.alice, later.episodes[0])
    assert await changed(later) == [later.episodes[0]]


async def test_a_mark_that_changes_nothing_is_not_listed(later):
    await later.ask("POST", f"/Users/{{}}/PlayedItems/{later.episodes[0]}")
    assert await changed(later) == []


async def test_a_mark_of_a_series_lists_the_episodes_that_it_changed(later):
    await later.ask("POST", f"/Users/{{}}/PlayedItems/{await later.series_id()}")
    assert await changed(later) == later.episodes[1:]


async def test_what_another_person_does_is_not_listed(later):
    later.server.watch(later.bob, later.movie)
    assert await changed(later) == []
    assert await changed(later, who=later.bob) == [later.movie]


async def test_a_change_of_metadata_is_listed_for_everybody(later, heat):
    later.server.reidentify(later.episodes[2], {"tvdb": "7"})
    new = later.server.add(later.movies, heat)
    for who in (later.alice, later.bob):
        assert sorted(await changed(later, who=who)) == sorted([later.episodes[2], new])


async def test_the_other_parameter_knows_only_metadata(later):
    later.server.watch(later.alice, later.movie)
    later.server.reidentify(later.episodes[2], {"tvdb": "7"})
    assert await changed(later, name="MinDateLastSaved") == [later.episodes[2]]


async def test_a_deleted_file_is_not_listed(later):
    later.server.watch(later.alice, later.movie)
    later.server.remove(later.movie)
    assert await changed(later) == []


async def test_stamps_are_whole_seconds_and_the_bound_itself_is_left_out(later):
    later.clock.now = later.clock.now // 1_000 * 1_000 + 900
    later.server.watch(later.alice, later.movie)  # at 12:00:10.9
    assert await changed(later, "2024-05-01T12:00:09Z") == [later.movie]
    assert await changed(later, "2024-05-01T12:00:10Z") == []


async def test_stamps_are_by_the_servers_clock(later):
    later.server.skew_ms = -3_600_000
    later.server.watch(later.alice, later.movie)
    assert await changed(later) == []
    assert later.movie in await changed(later, "2024-05-01T11:00:00Z")


async def test_a_local_time_is_shifted(later):
    later.server.watch(later.alice, later.movie)
    assert await changed(later, "2024-05-01T14:00:09+02:00") == [later.movie]
    assert await changed(later, "2024-05-01T14:00:09") == []


async def test_a_date_that_is_none_is_an_unhandled_error(home):
    response = await home.ask("GET", "/Users/{}/Items", MinDateLastSavedForUser="soon")
    assert (response.status_code, response.headers["content-type"]) == (500, "text/plain")


async def test_a_key_that_names_nobody_sees_changes_of_metadata(later):
    later.server.watch(later.alice, later.movie)
    later.server.reidentify(later.episodes[2], {"tvdb": "7"})
    query = {"Recursive": "true", "IncludeItemTypes": "Movie,Episode", "MinDateLastSavedForUser": AFTER_NOON}
    rows = (await later.ask("GET", "/Items", token=later.server.admin_token, **query)).json()["Items"]
    assert [row["Id"] for row in rows] == [later.episodes[2]]
