import pytest

VERSIONS = ["10.10.7", "10.11.8", "12.0.0"]
TOGETHER = {"Played": True, "PlaybackPositionTicks": 0, "LastPlayedDate": "2024-04-01T20:00:00Z"}


async def patch(home, entry_id, document, token=None, **query):
    return await home.ask("POST", f"/UserItems/{entry_id}/UserData", token=token, json=document, **query)


async def test_a_patch_sets_what_it_names_and_nothing_else(home):
    home.server.stop(home.alice, home.movie, position_ms=1_800_000)
    state = (await patch(home, home.movie, {"PlayCount": 7})).json()
    assert (state["PlayCount"], state["PlaybackPositionTicks"], state["Played"]) == (7, 18_000_000_000, False)


async def test_a_watched_mark_with_its_date_is_one_patch(home):
    state = (await patch(home, home.movie, TOGETHER)).json()
    assert (state["Played"], state["PlayCount"], state["LastPlayedDate"]) == (True, 0, "2024-04-01T20:00:00.0000000Z")


async def test_a_patch_with_played_keeps_the_position(home):
    await patch(home, home.movie, {"PlaybackPositionTicks": 18_000_000_000})
    assert (await patch(home, home.movie, {"Played": True})).json()["PlaybackPositionTicks"] == 18_000_000_000


@pytest.mark.parametrize("document", [{"LastPlayedDate": None}, {"Played": None}, {}])
async def test_null_is_not_set(home, document):
    await patch(home, home.movie, TOGETHER)
    state = (await patch(home, home.movie, document)).json()
    assert (state["Played"], state["LastPlayedDate"]) == (True, "2024-04-01T20:00:00.0000000Z")


async def test_what_is_derived_cannot_be_patched(home):
    ignored = {"PlayedPercentage": 50, "UnplayedItemCount": 3, "Key": "x", "ItemId": "y"}
    before = await home.user_data(home.movie)
    after = (await patch(home, home.movie, ignored)).json()
    assert {**after, "Key": ""} == {**before, "Key": ""}


async def test_a_patch_knows_no_thresholds(home):
    state = (await patch(home, home.movie, {"PlaybackPositionTicks": 53_999_999_999})).json()
    assert (state["Played"], state["PlaybackPositionTicks"]) == (False, 53_999_999_999)


async def test_numbers_may_be_strings_and_names_have_no_case(home):
    assert (await patch(home, home.movie, {"playCOUNT": "3"})).json()["PlayCount"] == 3


@pytest.mark.parametrize("document", [{"Played": "yes"}, {"PlayCount": "many"}, {"LastPlayedDate": "soon"}, [], "x"])
async def test_a_body_of_the_wrong_shape_is_refused(home, document):
    response = await patch(home, home.movie, document)
    assert (response.status_code, "userDataDto" in response.json()["errors"]) == (400, True)


async def test_a_body_that_is_no_json_is_refused(home):
    headers = {"X-Emby-Token": home.server.token_for(home.alice), "Content-Type": "application/json"}
    response = await home.client.post(f"/UserItems/{home.movie}/UserData", content=b"{", headers=headers)
    assert response.status_code == 400


async def test_a_patch_of_a_folder_does_not_reach_its_files(home):
    series = (await home.rows(recursive="true", includeItemTypes="Series"))[0]["Id"]
    assert (await patch(home, series, {"Played": True})).status_code == 200
    assert not home.server.state(home.alice, home.episodes[0]).watched


async def test_who_may_not_change_preferences_may_not_patch(home):
    carol = home.server.add_user("carol", may_change_preferences=False)
    token = home.server.token_for(carol)
    assert (await patch(home, home.movie, {"Played": True}, token)).status_code == 403
    assert (await home.ask("POST", f"/UserPlayedItems/{home.movie}", token=token)).status_code == 200


async def test_an_api_key_patches_for_a_named_user(home):
    await patch(home, home.movie, {"Played": True}, home.server.admin_token, userId=home.alice)
    assert home.server.state(home.alice, home.movie).watched


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_item_is_named_from_10_11_on(make, version):
    home = make(version)
    named = (await home.rows(ids=home.movie))[0]["UserData"]["ItemId"]
    assert named == ("0" * 32 if version == "10.10.7" else home.movie)


@pytest.mark.parametrize(
    ("entry", "key"),
    [("movie", "949"), ("episode", "81797001001"), ("series", "81797"), ("season", "81797001")],
)
async def test_the_first_key_of_a_state_that_was_never_written(home, entry, key):
    series = (await home.rows(recursive="true", includeItemTypes="Series"))[0]["Id"]
    season = (await home.rows(recursive="true", includeItemTypes="Season"))[0]["Id"]
    ids = {"movie": home.movie, "episode": home.episodes[0], "series": series, "season": season}
    assert (await home.user_data(ids[entry]))["Key"] == key


async def test_the_first_key_without_any_id_is_the_own_one(home, new_episode):
    entry_id = home.server.add(home.shows, new_episode(7, show="Nameless", show_ids={}))
    row = (await home.rows(ids=entry_id))[0]
    key = row["UserData"]["Key"]
    assert (key[:-6].replace("-", ""), key[-6:]) == (row["SeriesId"], "001007")


async def test_the_key_of_a_written_state_is_the_items_own_id_with_dashes(home):
    await patch(home, home.movie, {"Played": True})
    key = (await home.user_data(home.movie))["Key"]
    assert (key.count("-"), key.replace("-", "")) == (4, home.movie)


async def test_a_percentage_is_shown_while_there_is_a_position(home):
    assert "PlayedPercentage" not in await home.user_data(home.movie)
    home.server.stop(home.alice, home.movie, position_ms=2_700_000)
    assert (await home.user_data(home.movie))["PlayedPercentage"] == 50


async def test_a_folders_percentage_is_shown_with_its_count(home):
    home.server.watch(home.alice, home.episodes[0])
    query = {"recursive": "true", "includeItemTypes": "Series"}
    plain = (await home.rows(**query))[0]
    counted = (await home.rows(**query, fields="RecursiveItemCount"))[0]
    assert "PlayedPercentage" not in plain["UserData"]
    assert (counted["RecursiveItemCount"], round(counted["UserData"]["PlayedPercentage"])) == (3, 33)


class TestTwoCopiesOfAMovie:
    @pytest.mark.parametrize(("version", "shared"), [("10.10.7", True), ("10.11.8", False), ("12.0.0", False)])
    async def test_they_share_their_state_up_to_10_10(self, make, heat, version, shared):
        home = make(version)
        copy = home.server.add(home.server.add_library("4K", "movies"), heat)
        home.server.watch(home.alice, home.movie)
        assert home.server.state(home.alice, copy).watched is shared

    async def test_a_copy_that_was_read_before_shows_its_old_state_until_a_restart(self, make, heat):
        home = make("10.10.7")
        copy = home.server.add(home.server.add_library("4K", "movies"), heat)
        await home.user_data(copy)
        home.server.watch(home.alice, home.movie)
        before = home.server.state(home.alice, copy).watched
        home.server.restart()
        assert (before, home.server.state(home.alice, copy).watched) == (False, True)

    def test_one_of_them_can_be_replaced_without_taking_the_others_state(self, make, heat):
        home = make("10.10.7")
        copy = home.server.add(home.server.add_library("4K", "movies"), heat)
        home.server.watch(home.alice, home.movie)
        home.server.replace_file(copy)
        home.server.restart()
        assert home.server.state(home.alice, home.movie).watched

    async def test_the_servers_own_filters_know_no_cache(self, make, heat):
        home = make("10.10.7")
        copy = home.server.add(home.server.add_library("4K", "movies"), heat)
        await home.user_data(copy)
        home.server.watch(home.alice, home.movie)
        rows = await home.rows(recursive="true", includeItemTypes="Movie", isPlayed="true")
        assert {row["Id"] for row in rows} == {home.movie, copy}
