"""What happens to files, and to the installation."""

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MOVIE, NOW, episode

from watchstate_plex.simulator import PlexSimulator


async def test_a_removed_file_is_gone_with_its_show(home):
    show = home.show
    for entry_id in home.episodes:
        home.server.remove(entry_id)
    assert (await home.ask(f"/library/metadata/{home.episodes[0]}")).status_code == 404
    assert (await home.ask(f"/library/metadata/{show}")).status_code == 404
    assert home.server.entry_ids() == [home.movie]


async def test_a_season_stays_while_it_has_an_episode(home):
    show = home.show
    home.server.remove(home.episodes[0])
    assert (await home.row(show))["leafCount"] == 2


async def test_a_trailer_goes_with_its_movie(home):
    clip = home.server.library.add_clip(home.server.library.items[home.movie], "Teaser")
    home.server.remove(home.movie)
    assert (await home.ask(f"/library/metadata/{clip.rating_key}")).status_code == 404


@pytest.mark.parametrize("what", ["movie", "episode"])
async def test_a_file_that_comes_back_has_another_key_and_no_state(home, what):
    before = home.movie if what == "movie" else home.episodes[1]
    old = await home.row(before)
    home.server.watch(home.owner, before)
    home.server.remove(before)
    after = home.server.restore(before)
    row = await home.row(after)
    assert (after != before, "viewCount" in row) == (True, False)
    assert (row["guid"], row["Media"][0]["Part"][0]["file"]) == (old["guid"], old["Media"][0]["Part"][0]["file"])


async def test_an_unmatched_file_that_comes_back_is_named_after_its_new_key(home):
    before = home.server.add(home.movies, replace(MOVIE, title="Holiday", ids={}))
    home.server.remove(before)
    after = home.server.restore(before)
    assert (await home.row(after))["guid"] == f"local://{after}"


async def test_the_server_itself_finds_the_state_again(home):
    home.server.watch(home.owner, home.movie)
    home.server.remove(home.movie)
    assert (await home.shown(home.server.restore(home.movie, keeps_state=True)))["viewCount"] == 1


async def test_a_show_that_comes_back_has_another_key_too(home):
    before = home.show
    for entry_id in home.episodes:
        home.server.remove(entry_id)
    row = await home.row(home.server.restore(home.episodes[0]))
    assert row["grandparentTitle"] == "The Piece"
    assert row["grandparentRatingKey"] != before


async def test_a_replaced_file_keeps_its_key_and_loses_its_state(home):
    home.server.watch(home.owner, home.movie)
    home.server.watch(home.alice, home.movie)
    home.clock.pass_seconds(60)
    home.server.replace_file(home.movie)
    row = await home.row(home.movie)
    assert (row["addedAt"], row["updatedAt"], "viewCount" in row) == (NOW + 60, NOW + 60, False)
    assert await home.shown(home.movie, user=home.alice) == {}


async def test_a_new_match_changes_the_names_and_nothing_else(home):
    before = await home.row(home.movie)
    home.server.watch(home.owner, home.movie)
    home.server.reidentify(home.movie, {"tmdb": "8195"})
    row = await home.row(home.movie)
    assert row["guid"] != before["guid"]
    assert (row["Guid"], row["title"], row["viewCount"]) == ([{"id": "tmdb://8195"}], "Heat", 1)


async def test_a_new_match_in_a_legacy_library_changes_the_guid(home):
    legacy = home.server.add_library("Old films", "movies", agent="com.plexapp.agents.themoviedb")
    entry_id = home.server.add(legacy, MOVIE)
    home.server.reidentify(entry_id, {"tmdb": "8195"})
    assert (await home.row(entry_id))["guid"] == "com.plexapp.agents.themoviedb://8195?lang=en"


async def test_a_matched_episode_keeps_its_show(home):
    before = await home.row(home.episodes[0])
    home.server.reidentify(home.episodes[0], {"tvdb": "5"})
    row = await home.row(home.episodes[0])
    assert (row["Guid"], row["grandparentGuid"]) == ([{"id": "tvdb://5"}], before["grandparentGuid"])


async def test_keys_may_be_mixed_up_by_a_restored_database(home):
    other = home.server.add(home.movies, replace(MOVIE, title="Ronin"))
    items = home.server.library.items
    home.server.library.swap_keys(items[home.movie], items[other])
    titles = [(await home.row(key))["title"] for key in (home.movie, other)]
    assert titles == ["Ronin", "Heat"]


async def test_another_installation_has_another_id_and_no_states(home):
    before = home.server.machine_id
    home.server.watch(home.owner, home.movie)
    home.server.start(home.alice, home.movie)
    home.server.change_machine()
    assert (await home.get("/identity"))["machineIdentifier"] == home.server.machine_id != before
    assert await home.shown(home.movie) == {}
    assert await home.get("/status/sessions") == {"size": 0}


def test_two_files_never_share_a_path_unless_they_are_told_to(home):
    other = home.server.add(home.movies, MOVIE)
    paths = [home.server.library.items[key].media[0].parts[0].path for key in (home.movie, other)]
    assert paths == ["/media/Movies/Heat (1995)/Heat (1995).mkv", "/media/Movies/Heat (1995)/Heat (1995) (2).mkv"]


@pytest.mark.parametrize("change", [{"seed": 2}, {"name": "other"}])
def test_servers_have_ids_and_tokens_of_their_own(home, make, change):
    other = make(**change)
    for read in (
        lambda each: each.server.machine_id,
        lambda each: each.server.admin_token,
        lambda each: each.server.token_for(each.alice),
        lambda each: each.alice,
        lambda each: each.movie,
        lambda each: each.server.people.owner.uuid,
    ):
        assert read(home) != read(other)


def test_the_same_seed_makes_the_same_server(home, make):
    assert (home.server.machine_id, home.movie) == (make().server.machine_id, make().movie)


def test_ids_have_the_form_of_real_ones(home):
    assert len(home.server.machine_id) == 40
    assert len(home.server.admin_token) == 20
    assert all(key.isdecimal() for key in (home.movie, *home.episodes, home.alice, home.movies))


def test_the_newest_version_is_the_default(make):
    assert make().server._server.rules.version == PlexSimulator.versions[-1]


def test_many_episodes_are_added_fast_enough_to_be_used(home):
    """Each addition costs the same, however many there are: 2,000 of them take no time to speak of."""
    for number in range(2_000):
        home.server.add(home.shows, episode(number, season=number // 50, episodes=(number % 50,), ids={}))
    assert len(home.server.entry_ids()) == 2_004
