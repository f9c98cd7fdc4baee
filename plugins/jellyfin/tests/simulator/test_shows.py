import pytest


async def series_id(home):
    return (await home.rows(recursive="true", includeItemTypes="Series"))[0]["Id"]


async def test_a_series_and_its_season_come_with_the_first_episode(home):
    seasons = await home.get(f"/Shows/{await series_id(home)}/Seasons")
    assert [(row["Name"], row["IndexNumber"], row["Type"]) for row in seasons["Items"]] == [("Season 1", 1, "Season")]


async def test_episodes_come_in_their_order(home, new_episode):
    home.server.add(home.shows, new_episode(1, season=0))
    episodes = await home.get(f"/Shows/{await series_id(home)}/Episodes")
    places = [(row["ParentIndexNumber"], row["IndexNumber"]) for row in episodes["Items"]]
    assert places == [(0, 1), (1, 1), (1, 2), (1, 3)]
    assert episodes["TotalRecordCount"] == 4


async def test_specials_have_a_season_of_their_own(home, new_episode):
    entry_id = home.server.add(home.shows, new_episode(1, season=0))
    assert (await home.rows(ids=entry_id))[0]["SeasonName"] == "Specials"


async def test_episodes_can_be_asked_for_by_season(home, new_episode):
    entry_id = home.server.add(home.shows, new_episode(1, season=2))
    series = await series_id(home)
    by_number = await home.get(f"/Shows/{series}/Episodes", season=2)
    by_id = await home.get(f"/Shows/{series}/Episodes", seasonId=by_number["Items"][0]["SeasonId"])
    assert [row["Id"] for row in by_number["Items"]] == [row["Id"] for row in by_id["Items"]] == [entry_id]


async def test_episodes_have_pages(home):
    page = await home.get(f"/Shows/{await series_id(home)}/Episodes", startIndex=1, limit=1)
    assert ([row["Name"] for row in page["Items"]], page["TotalRecordCount"]) == (["Part 2"], 3)


async def test_missing_episodes_are_shown_to_who_wants_them_and_to_api_keys(home, new_episode):
    home.server.add_virtual_episode(home.shows, new_episode(9))
    dora = home.server.add_user("dora", shows_missing=True)
    path = f"/Shows/{await series_id(home)}/Episodes"
    tokens = (home.server.token_for(home.alice), home.server.token_for(dora), home.server.admin_token)
    counts = [len((await home.ask("GET", path, token=token)).json()["Items"]) for token in tokens]
    assert counts == [3, 4, 4]


@pytest.mark.parametrize(("path", "body"), [("Episodes", "Series not found"), ("Seasons", None)])
async def test_a_show_that_is_none(home, path, body):
    response = await home.ask("GET", f"/Shows/{home.movie}/{path}")
    assert response.status_code == 404
    assert response.json() == body or response.json()["title"] == "Not Found"


async def test_a_missing_episode_counts_for_nothing(home, new_episode):
    home.server.add_virtual_episode(home.shows, new_episode(9))
    assert (await home.user_data(await series_id(home)))["UnplayedItemCount"] == 3


async def test_a_series_is_played_when_all_its_files_are(home):
    for each in home.episodes:
        home.server.watch(home.alice, each)
    state = await home.user_data(await series_id(home))
    assert (state["Played"], state["UnplayedItemCount"], state["PlayCount"]) == (True, 0, 0)


async def test_the_views_are_the_users_libraries(home):
    carol = home.server.add_user("carol", libraries=frozenset({home.shows}))
    home.server.add_library("Both", "mixed")
    views = await home.get("/UserViews")
    assert [(row["Name"], row.get("CollectionType")) for row in views["Items"]] == [
        ("Both", None),
        ("Movies", "movies"),
        ("Shows", "tvshows"),
    ]
    hers = await home.ask("GET", "/UserViews", token=home.server.token_for(carol))
    assert [row["Name"] for row in hers.json()["Items"]] == ["Shows"]


async def test_folders_of_the_server_are_for_admins(home):
    home.server.add_library("Both", "mixed")
    admin = home.server.admin_token
    folders = (await home.ask("GET", "/Library/VirtualFolders", token=admin)).json()
    media = (await home.ask("GET", "/Library/MediaFolders", token=admin)).json()
    assert [(row["Name"], row.get("CollectionType")) for row in folders] == [
        ("Both", None),
        ("Movies", "movies"),
        ("Shows", "tvshows"),
    ]
    assert [row["Id"] for row in media["Items"]] == [row["ItemId"] for row in folders]
