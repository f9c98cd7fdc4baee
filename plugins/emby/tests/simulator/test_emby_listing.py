import pytest

ALWAYS = {
    "Name", "ServerId", "Id", "RunTimeTicks", "IsFolder", "Type", "UserData", "ImageTags", "BackdropImageTags",
    "MediaType",
}  # fmt: skip
PLACE = {"IndexNumber", "ParentIndexNumber", "SeriesName", "SeriesId", "SeasonId", "SeasonName"}
FILES = {"Recursive": "true", "IncludeItemTypes": "Movie,Episode"}


def names(rows):
    return [row["Name"] for row in rows]


class TestRows:
    async def test_a_movie_row_without_fields_tells_little(self, home):
        assert set((await home.rows(Ids=home.movie))[0]) == ALWAYS

    async def test_an_episode_row_names_its_place(self, home):
        row = (await home.rows(Ids=home.episodes[1]))[0]
        assert set(row) == ALWAYS | PLACE
        assert (row["SeriesName"], row["ParentIndexNumber"], row["IndexNumber"]) == ("One Piece", 1, 2)

    async def test_a_series_row_has_its_days_and_no_run_time(self, home):
        row = (await home.rows(Ids=await home.series_id()))[0]
        assert set(row) == ALWAYS - {"RunTimeTicks", "MediaType"} | {"AirDays"}

    @pytest.mark.parametrize(
        "field",
        ["ProviderIds", "ProductionYear", "PremiereDate", "DateCreated", "Path", "ParentId", "MediaSources", "Etag"],
    )
    async def test_a_field_is_there_only_when_it_is_asked_for(self, home, field):
        plain, asked = (await home.rows(Ids=home.movie))[0], (await home.rows(Ids=home.movie, fields=field))[0]
        assert set(asked) - set(plain) == {field}

    async def test_a_single_item_ignores_fields_and_tells_all(self, home):
        detail = await home.get(f"/Users/{{}}/Items/{home.movie}", Fields="Path", EnableUserData="false")
        assert {"ProviderIds", "ProductionYear", "PremiereDate", "DateCreated", "MediaSources", "UserData"} <= set(
            detail
        )

    async def test_ids_are_numbers_in_texts(self, home):
        row = (await home.rows(Ids=home.episodes[0]))[0]
        assert all(row[name].isdigit() for name in ("Id", "SeriesId", "SeasonId"))
        assert home.movies.isdigit()

    async def test_an_envelope_has_no_start_index(self, home):
        assert set(await home.get("/Users/{}/Items")) == {"Items", "TotalRecordCount"}

    async def test_blocks_can_be_left_out(self, home):
        row = (await home.rows(Ids=home.movie, EnableUserData="false", EnableImages="false"))[0]
        assert set(row) == ALWAYS - {"UserData", "ImageTags", "BackdropImageTags"}

    async def test_an_episode_carries_its_own_ids_and_the_series_its_own(self, home):
        row = (await home.rows(Ids=home.episodes[0], Fields="ProviderIds"))[0]
        series = (await home.rows(Ids=row["SeriesId"], Fields="ProviderIds"))[0]
        assert (row["ProviderIds"], series["ProviderIds"]) == ({"Tvdb": "9001"}, {"Tvdb": "81797"})

    async def test_a_first_showing_is_a_local_midnight_and_so_may_be_the_day_before(self, home):
        assert (await home.detail(home.movie))["PremiereDate"] == "1995-01-01T16:00:00.0000000Z"

    async def test_a_file_of_several_episodes_has_a_last_number(self, home, new_episode):
        entry_id = home.server.add(home.shows, new_episode(5, episodes=(5, 6, 7)))
        row = (await home.rows(Ids=entry_id))[0]
        assert (row["IndexNumber"], row["IndexNumberEnd"]) == (5, 7)

    async def test_a_date_has_seven_decimals_by_the_servers_clock(self, home, heat):
        home.server.skew_ms = 5_000
        entry_id = home.server.add(home.movies, heat)
        assert (await home.detail(entry_id))["DateCreated"] == "2024-05-01T12:00:05.2500000Z"

    async def test_versions_are_sources_of_one_item(self, home):
        other = home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")
        rows = await home.rows(Recursive="true", IncludeItemTypes="Movie", Fields="MediaSources")
        sources = [source["Id"] for source in rows[0]["MediaSources"]]
        assert (len(rows), sources) == (1, [f"mediasource_{home.movie}", f"mediasource_{other}"])

    async def test_a_missing_episode_is_listed_only_for_who_wants_to_see_it(self, home, new_episode):
        dora = home.server.add_user("dora", shows_missing=True)
        missing = home.server.add_virtual_episode(home.shows, new_episode(9))
        token = home.server.token_for(dora)
        shown = (await home.ask("GET", f"/Users/{dora}/Items", token=token, Ids=missing, Fields="Path")).json()["Items"]
        assert (shown[0]["LocationType"], "Path" in shown[0]) == ("Virtual", False)
        assert await home.rows(Ids=missing) == []
        assert names((await home.get("/Shows/Missing", UserId=home.alice))["Items"]) == ["Part 9"]


class TestStatesInLists:
    @pytest.fixture
    def watched(self, home):
        home.server.watch(home.alice, home.movie)
        return home

    async def test_they_withhold_count_and_date(self, watched):
        data = (await watched.rows(Ids=watched.movie, Fields="UserData,ProviderIds"))[0]["UserData"]
        assert data == {"PlaybackPositionTicks": 0, "PlayCount": 0, "IsFavorite": False, "Played": True}

    async def test_the_single_item_tells_them(self, watched):
        data = await watched.user_data(watched.movie)
        assert (data["PlayCount"], data["LastPlayedDate"]) == (1, "2024-05-01T12:00:00.0000000Z")

    @pytest.mark.parametrize(
        ("field", "count", "has_date"), [("UserDataPlayCount", 1, False), ("UserDataLastPlayedDate", 0, True)]
    )
    async def test_each_can_be_asked_for(self, watched, field, count, has_date):
        data = (await watched.rows(Ids=watched.movie, Fields=field))[0]["UserData"]
        assert (data["PlayCount"], "LastPlayedDate" in data) == (count, has_date)

    async def test_a_server_may_take_no_notice_of_that(self, watched):
        watched.server.hides_plays_in_lists = True
        fields = "UserDataPlayCount,UserDataLastPlayedDate"
        data = (await watched.rows(Ids=watched.movie, Fields=fields))[0]["UserData"]
        assert (data["PlayCount"], "LastPlayedDate" in data) == (0, False)
        assert (await watched.user_data(watched.movie))["PlayCount"] == 1

    async def test_the_resume_list_is_no_better(self, home):
        home.server.start(home.alice, home.movie)
        home.server.stop(home.alice, home.movie, position_ms=2_700_000)
        row = (await home.get("/Users/{}/Items/Resume", MediaTypes="Video"))["Items"][0]
        assert row["UserData"] == {
            "PlayedPercentage": 50,
            "PlaybackPositionTicks": 27_000_000_000,
            "PlayCount": 0,
            "IsFavorite": False,
            "Played": False,
        }

    async def test_a_series_shows_what_is_left_of_it(self, home):
        home.server.watch(home.alice, home.episodes[0])
        data = (await home.rows(Ids=await home.series_id()))[0]["UserData"]
        assert (data["UnplayedItemCount"], data["Played"], "PlayedPercentage" in data) == (2, False, False)
        for each in home.episodes:
            home.server.watch(home.alice, each)
        data = (await home.rows(Ids=await home.series_id(), Fields="RecursiveItemCount"))[0]
        assert (data["UserData"]["Played"], data["RecursiveItemCount"]) == (True, 3)


class TestProviderIds:
    async def test_by_default_their_names_are_the_servers_own(self, home):
        assert (await home.detail(home.movie))["ProviderIds"] == {"Tmdb": "949", "Imdb": "tt0113277"}

    async def test_on_demand_there_is_chaos(self, home, heat):
        copies = [home.server.add(home.movies, heat) for _ in range(6)]
        home.server.odd_provider_ids = True
        found = [row["ProviderIds"] for row in await home.rows(Ids=",".join(copies), Fields="ProviderIds")]
        assert {name for ids in found for name in ids if name.lower() == "imdb"} == {"Imdb", "IMDB", "imdb"}
        assert {ids[name] for ids in found for name in ids if name.lower() == "imdb"} == {"tt0113277", "0113277"}
        assert all("Official Website" in ids for ids in found)

    async def test_tvmaze_is_spelt_apart_then(self, home, new_episode):
        copies = [home.server.add(home.shows, new_episode(9, ids={"tvmaze": "7"})) for _ in range(3)]
        home.server.odd_provider_ids = True
        found = [row["ProviderIds"] for row in await home.rows(Ids=",".join(copies), Fields="ProviderIds")]
        assert {name for ids in found for name in ids if "maze" in name.lower()} == {"TV Maze", "TvMaze", "tvmaze"}


class TestWhatIsFound:
    async def test_without_a_parent_there_are_the_libraries(self, home):
        assert names(await home.rows()) == ["Movies", "Shows"]

    async def test_recursively_there_is_everything_below(self, home):
        rows = await home.rows(Recursive="true", ParentId=home.shows)
        assert sorted({row["Type"] for row in rows}) == ["Episode", "Season", "Series"]

    @pytest.mark.parametrize("wanted", ["imdb.tt0113277", "IMDB.TT0113277", "tmdb.1,tmdb.949"])
    async def test_an_id_of_a_provider_finds(self, home, wanted):
        assert names(await home.rows(**FILES, AnyProviderIdEquals=wanted)) == ["Heat"]
        assert await home.rows(**FILES, AnyProviderIdEquals="tmdb.1") == []

    async def test_a_path_finds_exactly(self, home):
        path = (await home.detail(home.movie))["Path"]
        assert names(await home.rows(**FILES, Path=path)) == ["Heat"]
        assert await home.rows(**FILES, Path=path[:-1]) == []

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"Filters": "IsPlayed"}, ["Part 1"]),
            ({"IsPlayed": "false"}, ["Heat", "Part 2", "Part 3"]),
            ({"Filters": "IsResumable"}, ["Heat"]),
            ({"SearchTerm": "part"}, ["Part 1", "Part 2", "Part 3"]),
            ({"Years": "1995"}, ["Heat"]),
            ({"HasTmdbId": "true"}, ["Heat"]),
            ({"IsMissing": "true", "ExcludeLocationTypes": "Virtual"}, ["Heat", "Part 1", "Part 2", "Part 3"]),
            ({"Nonsense": "1", "Filters": "IsGood"}, ["Heat", "Part 1", "Part 2", "Part 3"]),
        ],
    )
    async def test_a_filter(self, home, query, found):
        home.server.watch(home.alice, home.episodes[0])
        home.server.stop(home.alice, home.movie, position_ms=2_700_000)
        assert sorted(names(await home.rows(**FILES, **query))) == found

    async def test_box_sets_take_the_place_of_their_movies_unless_that_is_forbidden(self, home):
        home.server.add_box_set("Mann", [home.movie])
        home.server.groups_movies = True
        query = {"Recursive": "true", "IncludeItemTypes": "Movie"}
        assert names(await home.rows(**query)) == ["Mann"]
        assert names(await home.rows(**query, GroupItemsIntoCollections="false")) == ["Heat"]

    async def test_a_library_that_the_user_may_not_see_is_not_there(self, home):
        carol = home.server.add_user("carol", libraries=frozenset({home.shows}))
        token, path = home.server.token_for(carol), f"/Users/{carol}/Items"
        seen = (await home.ask("GET", path, token=token, **FILES)).json()["Items"]
        assert names(seen) == ["Part 1", "Part 2", "Part 3"]
        assert (await home.ask("GET", f"{path}/{home.movie}", token=token)).status_code == 404
        assert (await home.ask("GET", path, token=token, ParentId=home.movies)).status_code == 404

    async def test_an_unknown_item_is_a_404_in_text(self, home):
        response = await home.ask("GET", "/Users/{}/Items/99999")
        assert (response.status_code, response.headers["content-type"]) == (404, "text/plain")

    async def test_a_show_has_seasons_and_episodes(self, home, new_episode):
        home.server.add(home.shows, new_episode(4, season=2))
        series = await home.series_id()
        assert names((await home.get(f"/Shows/{series}/Seasons", UserId=home.alice))["Items"]) == [
            "Season 1",
            "Season 2",
        ]
        path = f"/Shows/{series}/Episodes"
        assert len((await home.get(path, UserId=home.alice))["Items"]) == 4
        assert names((await home.get(path, UserId=home.alice, Season=2))["Items"]) == ["Part 4"]
        assert (await home.ask("GET", f"/Shows/{home.movie}/Episodes")).status_code == 404

    async def test_the_latest_are_a_bare_array_with_series_for_their_episodes(self, home):
        assert sorted(names(await home.get("/Users/{}/Items/Latest"))) == ["Heat", "One Piece"]
        apart = await home.get("/Users/{}/Items/Latest", GroupItems="false", Limit=3)
        assert len(apart) == 3


class TestPages:
    async def test_windows_fit_together(self, home):
        query = {**FILES, "SortBy": "DateCreated,SortName", "Limit": 3}
        pages = [await home.get("/Users/{}/Items", **query, StartIndex=start) for start in (0, 3)]
        assert [len(page["Items"]) for page in pages] == [3, 1]
        assert {page["TotalRecordCount"] for page in pages} == {4}

    async def test_a_limit_of_none_counts_only(self, home):
        assert await home.get("/Users/{}/Items", **FILES, Limit=0) == {"Items": [], "TotalRecordCount": 4}

    async def test_without_counting_the_total_is_no_total(self, home):
        assert (await home.get("/Users/{}/Items", **FILES, EnableTotalRecordCount="false"))["TotalRecordCount"] == 0

    @pytest.mark.parametrize("name", ["Limit", "StartIndex", "Recursive"])
    async def test_a_value_of_the_wrong_type_is_an_unhandled_error(self, home, name):
        response = await home.ask("GET", "/Users/{}/Items", **{name: "nope"})
        assert (response.status_code, response.text) == (500, "The input string 'nope' was not in a correct format.")

    async def test_a_broken_proxy_repeats_the_first_page(self, home):
        home.server.repeat_pages = True
        first, second = [await home.rows(**FILES, StartIndex=start, Limit=2) for start in (0, 2)]
        assert first == second

    async def test_a_short_page_lacks_a_row_that_the_total_counts(self, home):
        home.server.short_pages = True
        page = await home.get("/Users/{}/Items", **FILES)
        assert (len(page["Items"]), page["TotalRecordCount"]) == (3, 4)

    async def test_a_new_file_between_two_pages_moves_the_rows(self, home):
        home.server.shift_pages = 1
        query = {**FILES, "SortBy": "SortName", "Limit": 2}
        first, second = [await home.rows(**query, StartIndex=start) for start in (0, 2)]
        assert second[0] == first[-1]
