"""What happens to files and to the installation."""

import pytest
from msgspec.structs import replace


@pytest.fixture
def watched_home(any_home):
    any_home.server.watch(any_home.alice, any_home.movie)
    return any_home


def test_two_servers_share_no_id_and_no_token(make):
    first, second = (make(seed=seed) for seed in (0, 1))
    values = [
        {home.server.machine_id, home.server.admin_token, home.alice, home.movie, home.movies, *home.episodes}
        for home in (first, second)
    ]
    assert values[0].isdisjoint(values[1])
    assert all(each.isdigit() for each in (first.movie, second.movie))


def test_the_same_seed_makes_the_same_ids(make):
    first, second = make(), make()
    assert (first.movie, first.server.admin_token) == (second.movie, second.server.admin_token)


async def test_a_removed_file_is_gone_and_so_is_the_folder_that_it_leaves_empty(home):
    for each in home.episodes:
        home.server.remove(each)
    assert home.server.entry_ids() == [home.movie]
    assert [row["Type"] for row in await home.rows(Recursive="true")] == ["Movie"]


async def test_a_file_that_comes_back_gets_an_id_that_nobody_had(watched_home, heat):
    server, old = watched_home.server, watched_home.movie
    server.remove(old)
    restored = server.restore(old)
    server.remove(restored)
    added = server.add(watched_home.movies, heat)
    assert len({old, restored, added}) == 3
    assert not server.state(watched_home.alice, added).watched


def test_a_restored_file_may_find_its_state_again(watched_home):
    watched_home.server.remove(watched_home.movie)
    new = watched_home.server.restore(watched_home.movie, keeps_state=True)
    assert watched_home.server.state(watched_home.alice, new).watched


async def test_a_whole_show_can_come_back(home):
    for each in home.episodes:
        home.server.remove(each)
    for each in home.episodes:
        home.server.restore(each)
    kinds = [row["Type"] for row in await home.rows(Recursive="true")]
    assert sorted(kinds) == ["Episode", "Episode", "Episode", "Movie", "Season", "Series"]


async def test_a_replaced_file_keeps_its_id_and_loses_date_and_state(watched_home):
    before = await watched_home.detail(watched_home.movie)
    watched_home.clock.now += 1_000
    watched_home.server.replace_file(watched_home.movie)
    after = await watched_home.detail(watched_home.movie)
    assert after["DateCreated"] > before["DateCreated"]
    assert (after["UserData"]["Played"], after["UserData"]["PlayCount"]) == (False, 0)


async def test_a_re_matched_file_has_other_ids_and_keeps_its_state(watched_home):
    watched_home.server.reidentify(watched_home.movie, {"tmdb": "1", "anidb": "2"})
    after = await watched_home.detail(watched_home.movie)
    assert after["ProviderIds"] == {"Tmdb": "1", "anidb": "2"}
    assert after["UserData"]["Played"]


async def test_another_machine_has_another_id_and_nobody_has_watched_anything(watched_home):
    before = watched_home.server.machine_id
    watched_home.server.change_machine()
    info = await watched_home.get("/System/Info/Public")
    assert info["Id"] == watched_home.server.machine_id != before
    assert not watched_home.server.state(watched_home.alice, watched_home.movie).watched


def test_missing_episodes_and_further_versions_are_no_entries(home, new_episode):
    home.server.add_virtual_episode(home.shows, new_episode(9))
    home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")
    assert sorted(home.server.entry_ids()) == sorted([home.movie, *home.episodes])


async def test_two_copies_of_a_title_have_two_paths(home, heat):
    copy = home.server.add(home.movies, heat)
    rows = await home.rows(Ids=f"{home.movie},{copy}", Fields="Path,ProviderIds")
    assert len({row["Path"] for row in rows}) == 2
    assert rows[0]["ProviderIds"] == rows[1]["ProviderIds"]


def test_one_path_has_one_file(home, heat):
    at_a_path = replace(heat, path="/media/Movies/Heat again.mkv")
    home.server.add(home.movies, at_a_path)
    with pytest.raises(ValueError, match="there is a file at"):
        home.server.add(home.movies, at_a_path)
