"""What happens to files and to the installation."""

import pytest

VERSIONS = ["10.10.7", "10.11.8", "12.0.0"]


@pytest.fixture(params=VERSIONS)
def any_home(request, make):
    home = make(request.param)
    home.server.watch(home.alice, home.movie)
    home.server.watch(home.alice, home.episodes[0])
    return home


def test_two_servers_share_no_id_and_no_token(make):
    first, second = make(seed=0), make(seed=1)
    values = [
        {
            home.server.machine_id, home.server.admin_token, home.alice, home.movies, home.movie,
            home.server.token_for(home.alice),
        }
        for home in (first, second)
    ]  # fmt: skip
    assert values[0].isdisjoint(values[1])
    assert all(len(value) == 32 for value in values[0])


def test_the_same_seed_makes_the_same_ids(make):
    first, second = make(), make()
    assert (first.movie, first.server.admin_token) == (second.movie, second.server.admin_token)


async def test_a_removed_file_is_gone_and_so_is_the_folder_that_it_leaves_empty(home):
    for each in home.episodes:
        home.server.remove(each)
    assert home.server.entry_ids() == [home.movie]
    assert [row["Type"] for row in await home.rows(recursive="true")] == ["Movie"]


async def test_a_file_that_is_gone_is_played_no_longer(home):
    home.server.start(home.alice, home.movie)
    home.server.remove(home.movie)
    assert "NowPlayingItem" not in (await home.get("/Sessions"))[0]


@pytest.mark.parametrize("which", ["movie", "episode"])
async def test_a_restored_file_has_another_id_and_no_state(any_home, which):
    old = any_home.movie if which == "movie" else any_home.episodes[0]
    before = await any_home.get(f"/Items/{old}")
    any_home.server.remove(old)
    any_home.clock.now += 1000
    new = any_home.server.restore(old)
    after = await any_home.get(f"/Items/{new}")
    assert new != old
    assert not any_home.server.state(any_home.alice, new).watched
    assert (after["Name"], after["ProviderIds"], after["ParentId"]) == (
        before["Name"],
        before["ProviderIds"],
        before["ParentId"],
    )
    assert after["DateCreated"] > before["DateCreated"]


def test_a_restored_file_may_find_its_state_again_as_on_a_real_server(any_home):
    any_home.server.remove(any_home.movie)
    new = any_home.server.restore(any_home.movie, keeps_state=True)
    assert any_home.server.state(any_home.alice, new).watched


async def test_a_whole_show_can_come_back(home):
    for each in home.episodes:
        home.server.remove(each)
    for each in home.episodes:
        home.server.restore(each)
    kinds = [row["Type"] for row in await home.rows(recursive="true")]
    assert sorted(kinds) == ["Episode", "Episode", "Episode", "Movie", "Season", "Series"]


async def test_a_replaced_file_keeps_its_id_and_loses_date_and_state(any_home):
    before = await any_home.get(f"/Items/{any_home.movie}")
    any_home.clock.now += 1000
    any_home.server.replace_file(any_home.movie)
    after = await any_home.get(f"/Items/{any_home.movie}")
    assert after["DateCreated"] > before["DateCreated"]
    assert (after["UserData"]["Played"], after["UserData"]["PlayCount"]) == (False, 0)


async def test_a_re_matched_file_has_other_ids_and_keeps_its_state(any_home):
    any_home.server.reidentify(any_home.movie, {"tmdb": "1", "anidb": "2"})
    after = await any_home.get(f"/Items/{any_home.movie}")
    assert after["ProviderIds"] == {"Tmdb": "1", "AniDB": "2"}
    assert after["UserData"]["Played"]


async def test_another_machine_has_another_id_and_nobody_has_watched_anything(any_home):
    before = any_home.server.machine_id
    any_home.server.change_machine()
    info = await any_home.get("/System/Info/Public")
    assert info["Id"] == any_home.server.machine_id != before
    assert not any_home.server.state(any_home.alice, any_home.movie).watched


def test_missing_episodes_and_further_versions_are_no_entries(home, new_episode):
    home.server.add_virtual_episode(home.shows, new_episode(9))
    home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")
    assert sorted(home.server.entry_ids()) == sorted([home.movie, *home.episodes])


async def test_two_copies_of_a_title_have_two_paths(home, heat):
    copy = home.server.add(home.movies, heat)
    rows = await home.rows(ids=f"{home.movie},{copy}", fields="Path,ProviderIds")
    assert len({row["Path"] for row in rows}) == 2
    assert rows[0]["ProviderIds"] == rows[1]["ProviderIds"]
