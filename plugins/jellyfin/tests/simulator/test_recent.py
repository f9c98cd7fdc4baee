"""The lists of what happened lately: by the date of the last play, and what is half watched."""

import pytest

from watchstate_jellyfin.simulator import JellyfinSimulator
from watchstate_mediabrowser.simulator.states import Patch

FILES = {"recursive": "true", "includeItemTypes": "Movie,Episode"}
LATEST = {**FILES, "sortBy": "DatePlayed,SortName", "sortOrder": "Descending"}
HALF_WATCHED = {**FILES, "filters": "IsResumable"}
TEN_MINUTES = 6_000_000_000
HOUR = 3_600_000

EVERY_VERSION = pytest.mark.parametrize("version", JellyfinSimulator.versions)


async def ids(home, query):
    return [row["Id"] for row in await home.rows(**query)]


def half_watch(home, entry_id, at):
    home.server.set_state(home.alice, entry_id, Patch(position_ticks=TEN_MINUTES, last_played=at * 10_000))


@pytest.fixture
def versions(make):
    """Return a household and two files of a movie."""

    def make_versions(version):
        home = make(version)
        return home, home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")

    return make_versions


@EVERY_VERSION
async def test_what_was_never_played_comes_last_in_the_falling_order_and_first_in_the_rising(make, version):
    home = make(version)
    home.server.watch(home.alice, home.movie, at=home.clock.now - HOUR)
    home.server.watch(home.alice, home.episodes[1])
    never = [home.episodes[0], home.episodes[2]]
    falling = await ids(home, LATEST)
    assert falling[:2] == [home.episodes[1], home.movie]
    assert set(falling[2:]) == set(never)
    rising = await ids(home, {**LATEST, "sortOrder": "Ascending"})
    assert set(rising[:2]) == set(never)
    assert rising[2:] == [home.movie, home.episodes[1]]


@EVERY_VERSION
async def test_a_start_moves_a_title_to_the_top_and_a_mark_that_says_no_date_leaves_it_where_it_is(make, version):
    home = make(version)
    home.server.watch(home.alice, home.movie, at=home.clock.now - HOUR)
    home.server.watch(home.alice, home.episodes[0])
    await home.ask("POST", f"/UserPlayedItems/{home.movie}")
    assert (await ids(home, LATEST))[0] == home.episodes[0]
    home.clock.now += HOUR
    home.server.start(home.alice, home.movie)
    assert (await ids(home, LATEST))[0] == home.movie


@EVERY_VERSION
async def test_an_unmark_moves_a_title_to_those_that_were_never_played(make, version):
    home = make(version)
    for entry_id in (home.movie, home.episodes[0]):
        home.server.watch(home.alice, entry_id)
    home.server.unwatch(home.alice, home.movie)
    assert (await ids(home, LATEST))[0] == home.episodes[0]


async def test_the_order_is_that_of_the_users_own_plays(home):
    home.server.watch(home.bob, home.movie)
    home.server.watch(home.alice, home.episodes[2], at=home.clock.now - HOUR)
    assert (await ids(home, LATEST))[0] == home.episodes[2]


@pytest.mark.parametrize(
    ("words", "is_falling"),
    [("descending", True), ("Backwards,Descending", True), ("Backwards", False), ("Ascending,Descending", False)],
)
async def test_words_that_are_no_order_are_dropped(home, words, is_falling):
    home.server.watch(home.alice, home.movie)
    found = await ids(home, {**FILES, "sortBy": "Beauty,DatePlayed", "sortOrder": words})
    assert (found[0] == home.movie) is is_falling


@EVERY_VERSION
async def test_half_watched_is_what_has_a_position_played_or_not(make, version):
    home = make(version)
    half_watch(home, home.movie, home.clock.now)
    home.server.set_state(home.alice, home.episodes[0], Patch(played=True, position_ticks=TEN_MINUTES))
    assert set(await ids(home, HALF_WATCHED)) == {home.movie, home.episodes[0]}


# Movies with several files


@EVERY_VERSION
async def test_the_number_of_files_is_shown_only_if_it_is_not_one(versions, version):
    home, _ = versions(version)
    rows = await home.rows(**FILES, fields="MediaSourceCount")
    assert {row["Id"]: row["MediaSourceCount"] for row in rows if "MediaSourceCount" in row} == {home.movie: 2}


@pytest.mark.parametrize(("version", "listed"), [("10.10.7", "first"), ("10.11.8", None), ("12.0.0", "other")])
async def test_from_12_on_the_file_that_is_half_watched_is_listed_itself(versions, version, listed):
    """Up to 10.10 both files have one state, so that the first one is listed."""
    home, other = versions(version)
    half_watch(home, other, home.clock.now)
    rows = await home.rows(**HALF_WATCHED, fields="MediaSourceCount")
    files = {"first": home.movie, "other": other}
    assert [(row["Id"], row["MediaSourceCount"]) for row in rows] == ([(files[listed], 2)] if listed else [])


async def test_of_two_files_that_are_half_watched_the_one_that_was_played_last_is_listed(versions):
    home, other = versions("12.0.0")
    half_watch(home, home.movie, home.clock.now)
    half_watch(home, other, home.clock.now - HOUR)
    assert await ids(home, HALF_WATCHED) == [home.movie]
    half_watch(home, other, home.clock.now + HOUR)
    assert await ids(home, HALF_WATCHED) == [other]


@pytest.mark.parametrize(("version", "is_first"), [("10.11.8", False), ("12.0.0", True)])
async def test_from_12_on_a_movie_is_sorted_by_the_last_play_of_all_its_files(versions, version, is_first):
    home, other = versions(version)
    home.server.watch(home.alice, home.episodes[0], at=home.clock.now - HOUR)
    home.server.watch(home.alice, other)
    assert ((await ids(home, LATEST))[0] == home.movie) is is_first


@pytest.mark.parametrize(("version", "is_found"), [("10.11.8", True), ("12.0.0", False)])
async def test_from_12_on_no_id_leads_to_another_file_of_a_movie(versions, version, is_found):
    home, other = versions(version)
    assert (await ids(home, {"ids": other}) == [other]) is is_found


# Several rows of play state


@pytest.mark.parametrize(("version", "is_stuck"), [("10.10.7", False), ("10.11.8", True), ("12.0.0", False)])
async def test_10_11_goes_on_reading_a_row_that_it_no_longer_writes(make, version, is_stuck):
    home = make(version)
    home.server.watch(home.alice, home.episodes[0], at=home.clock.now - HOUR)
    home.server.watch(home.alice, home.movie, at=home.clock.now - 2 * HOUR)
    home.server.leave_row(home.alice, home.movie)
    home.server.watch(home.alice, home.movie)
    assert ((await ids(home, LATEST))[0] == home.episodes[0]) is is_stuck
    assert ((await home.user_data(home.movie))["PlayCount"] == 1) is is_stuck
    half_watch(home, home.movie, home.clock.now)
    assert (await ids(home, HALF_WATCHED) == []) is is_stuck


async def test_a_row_that_was_left_goes_with_the_file(home):
    home.server.leave_row(home.alice, home.movie)
    home.server.replace_file(home.movie)
    home.server.watch(home.alice, home.movie)
    assert (await home.user_data(home.movie))["Played"]
