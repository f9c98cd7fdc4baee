from types import MappingProxyType

import pytest
from msgspec.structs import replace

ALWAYS = {
    "Name", "ServerId", "Id", "ChannelId", "IsFolder", "Type", "UserData", "ImageTags", "BackdropImageTags",
    "ImageBlurHashes", "LocationType", "MediaType",
}  # fmt: skip
FILES = {"recursive": "true", "includeItemTypes": "Movie,Episode"}


def names(rows):
    return [row["Name"] for row in rows]


class TestRows:
    async def test_a_movie_row_without_fields(self, home):
        row = (await home.rows(ids=home.movie))[0]
        more = {"ProductionYear", "RunTimeTicks", "Container", "HasSubtitles", "VideoType"}
        assert set(row) == ALWAYS | more
        assert row["ChannelId"] is None
        assert (row["RunTimeTicks"], row["ProductionYear"]) == (54_000_000_000, 1995)

    async def test_an_episode_row_names_its_place(self, home):
        row = (await home.rows(ids=home.episodes[1]))[0]
        place = {"SeriesName": "One Piece", "SeasonName": "Season 1", "IndexNumber": 2, "ParentIndexNumber": 1}
        assert {name: row[name] for name in place} == place
        assert {"SeriesId", "SeasonId"} <= set(row)
        assert "IndexNumberEnd" not in row

    async def test_an_episode_carries_its_own_ids_and_the_series_its_own(self, home):
        rows = await home.rows(recursive="true", includeItemTypes="Episode,Series", fields="ProviderIds", limit=2)
        assert [row["ProviderIds"] for row in rows] == [{"Tvdb": "9001"}, {"Tvdb": "9002"}]
        series = await home.rows(recursive="true", includeItemTypes="Series", fields="ProviderIds")
        assert series[0]["ProviderIds"] == {"Tvdb": "81797"}

    @pytest.mark.parametrize(
        "field", ["ProviderIds", "Path", "DateCreated", "ParentId", "MediaSources", "SortName", "Etag"]
    )
    async def test_a_field_is_there_when_it_is_asked_for(self, home, field):
        plain, asked = (await home.rows(ids=home.movie))[0], (await home.rows(ids=home.movie, fields=field))[0]
        assert set(asked) - set(plain) == {field}

    async def test_a_single_item_carries_every_field(self, home):
        item = await home.get(f"/Items/{home.movie}")
        assert {"ProviderIds", "Path", "DateCreated", "ParentId", "MediaSources", "SortName", "Etag"} <= set(item)

    async def test_user_data_can_be_left_out(self, home):
        assert "UserData" not in (await home.rows(ids=home.movie, enableUserData="false"))[0]

    async def test_images_can_be_left_out(self, home):
        row = (await home.rows(ids=home.movie, enableImages="false"))[0]
        assert {"ImageTags", "BackdropImageTags"}.isdisjoint(row)

    async def test_a_file_of_several_episodes_has_a_last_number(self, home, new_episode):
        entry_id = home.server.add(home.shows, new_episode(5, episodes=(5, 6, 7)))
        row = (await home.rows(ids=entry_id))[0]
        assert (row["IndexNumber"], row["IndexNumberEnd"]) == (5, 7)

    async def test_an_episode_may_lack_its_number(self, home, new_episode):
        row = (await home.rows(ids=home.server.add(home.shows, new_episode(5, episodes=()))))[0]
        assert {"IndexNumber", "IndexNumberEnd"}.isdisjoint(row)

    async def test_the_date_of_a_file_is_when_it_was_added_by_the_servers_clock(self, home, heat):
        home.server.skew_ms = 5_000
        entry_id = home.server.add(home.movies, replace(heat, title="Ronin"))
        row = (await home.rows(ids=entry_id, fields="DateCreated"))[0]
        assert row["DateCreated"] == "2024-05-01T12:00:05.25Z"

    async def test_only_the_main_version_is_listed_and_holds_the_others(self, home):
        other = home.server.add_version(home.movie, "/media/Movies/Heat 4K.mkv")
        rows = await home.rows(recursive="true", includeItemTypes="Movie", fields="MediaSources")
        assert [source["Id"] for source in rows[0]["MediaSources"]] == [home.movie, other]
        assert len(rows) == 1


class TestWhatIsFound:
    async def test_without_a_parent_there_are_the_libraries(self, home):
        rows = await home.rows()
        assert [(row["Name"], row["Type"]) for row in rows] == [
            ("Movies", "CollectionFolder"),
            ("Shows", "CollectionFolder"),
        ]

    async def test_recursively_there_is_everything_below(self, home):
        rows = await home.rows(recursive="true")
        assert sorted({row["Type"] for row in rows}) == ["Episode", "Movie", "Season", "Series"]

    async def test_a_parent_alone_shows_its_children(self, home):
        assert names(await home.rows(parentId=home.shows)) == ["One Piece"]

    @pytest.mark.parametrize(("version", "count"), [("10.11.8", 0), ("12.0.0", 3)])
    async def test_a_library_with_types_is_searched_deep_from_12_on(self, make, version, count):
        home = make(version)
        query = {"parentId": home.shows, "includeItemTypes": "Episode"}
        assert len(await home.rows(**query)) == count
        assert await home.rows(**query, recursive="false") == []

    async def test_ids_keep_their_order(self, home):
        ids = [home.episodes[2], home.movie, home.episodes[0]]
        assert [row["Id"] for row in await home.rows(ids=",".join(ids))] == ids

    async def test_unknown_and_broken_ids_are_left_out(self, home):
        assert [row["Id"] for row in await home.rows(ids=f"{'1' * 32},none,{home.movie}")] == [home.movie]

    @pytest.mark.parametrize("recursive", ["true", "false"])
    async def test_ids_are_looked_for_only_below_the_parent(self, home, recursive):
        query = {"ids": f"{home.movie},{home.episodes[0]}", "recursive": recursive}
        assert names(await home.rows(**query, parentId=home.movies)) == ["Heat"]

    async def test_ids_do_not_reach_libraries_that_the_user_may_not_see(self, home):
        carol = home.server.add_user("carol", libraries=frozenset({home.shows}))
        response = await home.ask("GET", "/Items", token=home.server.token_for(carol), ids=home.movie)
        assert response.json()["Items"] == []

    async def test_a_search_finds_part_of_a_name(self, home):
        assert sorted(names(await home.rows(recursive="true", searchTerm="EA"))) == ["Heat", "Season 1"]

    async def test_an_unknown_parent_is_refused_in_text(self, home):
        response = await home.ask("GET", "/Items", parentId="1" * 32)
        assert (response.status_code, response.text) == (400, "Error processing request.")

    async def test_filters_by_state(self, home):
        home.server.watch(home.alice, home.movie)
        home.server.stop(home.alice, home.episodes[0], position_ms=1_800_000)
        played = names(await home.rows(**FILES, filters="IsPlayed"))
        unplayed = names(await home.rows(**FILES, isPlayed="false"))
        resumable = names(await home.rows(**FILES, filters="IsResumable"))
        assert (played, unplayed, resumable) == (["Heat"], ["Part 1", "Part 2", "Part 3"], ["Part 1"])

    async def test_folders_can_be_told_from_files(self, home):
        assert len(await home.rows(recursive="true", filters="IsNotFolder")) == 4
        assert len(await home.rows(recursive="true", filters="IsFolder")) == 2

    @pytest.mark.parametrize(("version", "found"), [("10.11.8", ["One Piece"]), ("12.0.0", [])])
    async def test_what_a_played_series_is(self, make, version, found):
        home = make(version)
        home.server.watch(home.alice, home.episodes[0])
        assert names(await home.rows(recursive="true", includeItemTypes="Series", isPlayed="true")) == found

    async def test_filters_by_the_presence_of_an_id(self, home):
        assert names(await home.rows(recursive="true", hasTmdbId="true")) == ["Heat"]

    async def test_filters_by_year(self, home):
        assert names(await home.rows(recursive="true", years="1995,1996")) == ["Heat"]

    @pytest.mark.parametrize("query", [{"excludeLocationTypes": "Virtual"}, {"isMissing": "false"}])
    async def test_missing_episodes_can_be_left_out(self, home, new_episode, query):
        missing = home.server.add_virtual_episode(home.shows, new_episode(9))
        everything = await home.rows(**FILES)
        assert {row["Id"]: row["LocationType"] for row in everything}[missing] == "Virtual"
        assert len(everything) - len(await home.rows(**FILES, **query)) == 1

    async def test_resume_lists_what_was_begun_the_latest_first(self, home):
        for entry_id in (home.episodes[0], home.movie):
            home.clock.now += 1000
            home.server.start(home.alice, entry_id)
            home.server.stop(home.alice, entry_id, position_ms=1_800_000)
        assert names((await home.get("/UserItems/Resume"))["Items"]) == ["Heat", "Part 1"]

    async def test_resume_can_leave_out_what_is_being_played(self, home):
        home.server.progress(home.alice, home.movie, position_ms=1_800_000)
        assert names((await home.get("/UserItems/Resume"))["Items"]) == ["Heat"]
        assert (await home.get("/UserItems/Resume", excludeActiveSessions="true"))["Items"] == []

    async def test_a_missing_episode_is_not_resumed(self, home, new_episode):
        missing = home.server.add_virtual_episode(home.shows, new_episode(9))
        position = {"PlaybackPositionTicks": 18_000_000_000}
        assert (await home.ask("POST", f"/UserItems/{missing}/UserData", json=position)).status_code == 200
        assert await home.rows(**FILES, filters="IsResumable") == []


class TestMetadataDates:
    LATER = "2024-05-01T12:00:00.251Z"

    async def test_marks_do_not_move_the_date_that_is_filtered_by(self, home):
        home.clock.now += 10_000
        home.server.watch(home.alice, home.movie)
        assert await home.rows(**FILES, minDateLastSavedForUser=self.LATER) == []

    async def test_a_re_match_does(self, home):
        home.clock.now += 10_000
        home.server.reidentify(home.movie, {"tmdb": "1"})
        assert names(await home.rows(**FILES, minDateLastSavedForUser=self.LATER)) == ["Heat"]

    @pytest.mark.parametrize(("version", "status"), [("10.10.7", 500), ("10.11.8", 200), ("12.0.0", 200)])
    async def test_the_plain_one_alone_is_an_internal_error_up_to_10_10(self, make, version, status):
        response = await make(version).ask("GET", "/Items", **FILES, minDateLastSaved=self.LATER)
        assert response.status_code == status

    async def test_with_its_companion_it_is_none(self, make):
        query = {"minDateLastSaved": self.LATER, "minDateLastSavedForUser": self.LATER}
        assert (await make("10.10.7").ask("GET", "/Items", **FILES, **query)).status_code == 200


class TestBoxSets:
    @pytest.fixture
    def collected(self, home):
        home.server.add_box_set("Mann", [home.movie])
        home.server.groups_movies = True
        return home

    async def test_they_swallow_their_movies_when_nothing_forbids_it(self, collected):
        assert names(await collected.rows(parentId=collected.movies)) == ["Mann"]

    async def test_they_do_not_when_the_query_forbids_it(self, collected):
        assert names(await collected.rows(parentId=collected.movies, collapseBoxSetItems="false")) == ["Heat"]

    async def test_they_do_not_unless_the_server_is_set_so(self, collected):
        collected.server.groups_movies = False
        assert names(await collected.rows(parentId=collected.movies)) == ["Heat"]

    @pytest.mark.parametrize("query", [{"searchTerm": "Heat"}, {"includeItemTypes": "Episode,Movie", "ids": "movie"}])
    async def test_they_do_not_in_searches_and_by_ids(self, collected, query):
        query = {name: collected.movie if value == "movie" else value for name, value in query.items()}
        assert names(await collected.rows(recursive="true", **query)) == ["Heat"]

    async def test_they_always_do_for_nobody_in_particular(self, collected):
        collected.server.groups_movies = False
        query = {"parentId": collected.movies, "token": collected.server.admin_token}
        assert names((await collected.ask("GET", "/Items", **query)).json()["Items"]) == ["Mann"]

    async def test_their_children_are_their_movies(self, collected):
        box_set = (await collected.rows(recursive="true", includeItemTypes="BoxSet"))[0]
        assert names(await collected.rows(parentId=box_set["Id"])) == ["Heat"]
        assert box_set["UserData"]["UnplayedItemCount"] == 1


class TestOrder:
    @pytest.mark.parametrize(
        ("query", "order"),
        [
            ({}, ["Part 1", "Part 2", "Part 3", "Heat"]),
            ({"sortBy": "SortName", "sortOrder": "Descending"}, ["Heat", "Part 3", "Part 2", "Part 1"]),
            ({"sortBy": "Name"}, ["Heat", "Part 1", "Part 2", "Part 3"]),
            ({"sortBy": "IsPlayed,Name", "sortOrder": "Descending,Ascending"}, ["Part 2", "Heat", "Part 1", "Part 3"]),
            ({"sortBy": "DatePlayed,Name", "sortOrder": "Descending"}, ["Part 2", "Part 3", "Part 1", "Heat"]),
            ({"sortBy": "Beauty,Name"}, ["Heat", "Part 1", "Part 2", "Part 3"]),
        ],
    )
    async def test_rows_come_in_the_order_that_was_asked_for(self, home, query, order):
        home.server.watch(home.alice, home.episodes[1])
        assert names(await home.rows(**FILES, **query)) == order


class TestPages:
    PAGE = MappingProxyType({**FILES, "sortBy": "DateCreated,SortName"})

    async def test_pages_follow_each_other(self, home):
        pages = [await home.get("/Items", **self.PAGE, startIndex=start, limit=3) for start in (0, 3, 6)]
        ids = [row["Id"] for page in pages for row in page["Items"]]
        assert sorted(ids) == sorted([home.movie, *home.episodes])
        assert [(page["TotalRecordCount"], page["StartIndex"]) for page in pages] == [(4, 0), (4, 3), (4, 6)]

    async def test_a_limit_of_none_counts(self, home):
        page = await home.get("/Items", **self.PAGE, limit=0)
        assert (page["Items"], page["TotalRecordCount"]) == ([], 4)

    async def test_the_total_is_the_pages_when_nobody_wants_it(self, home):
        page = await home.get("/Items", **self.PAGE, limit=3, enableTotalRecordCount="false")
        assert page["TotalRecordCount"] == 3

    async def test_a_mark_between_two_pages_shows(self, home):
        await home.get("/Items", **self.PAGE, limit=3)
        home.server.watch(home.alice, home.episodes[2])
        page = await home.get("/Items", **self.PAGE, startIndex=1)
        assert [row["Id"] for row in page["Items"] if row["UserData"]["Played"]] == [home.episodes[2]]

    async def test_a_mark_between_two_pages_moves_what_is_filtered_by_it(self, home):
        query = {**self.PAGE, "filters": "IsUnplayed", "limit": 2}
        await home.get("/Items", **query)
        home.server.watch(home.alice, home.movie)
        page = await home.get("/Items", **query, startIndex=2)
        assert (names(page["Items"]), page["TotalRecordCount"]) == (["Part 3"], 3)

    async def test_pages_can_repeat(self, home):
        home.server.repeat_pages = True
        pages = [await home.get("/Items", **self.PAGE, startIndex=start, limit=2) for start in (0, 2)]
        assert pages[0]["Items"] == pages[1]["Items"]

    async def test_pages_can_be_short_of_a_row(self, home):
        home.server.short_pages = True
        page = await home.get("/Items", **self.PAGE)
        assert (len(page["Items"]), page["TotalRecordCount"]) == (3, 4)

    @pytest.mark.parametrize("kind", ["Movie", "Episode"])
    async def test_a_file_can_arrive_between_two_pages(self, home, heat, kind):
        home.server.add(home.movies, replace(heat, title="Ronin"))
        home.server.shift_pages = 1
        query = {**self.PAGE, "includeItemTypes": kind, "limit": 1}
        first, second = [await home.get("/Items", **query, startIndex=start) for start in (0, 1)]
        assert first["Items"] == second["Items"]
        assert second["TotalRecordCount"] - first["TotalRecordCount"] == 1
