"""What a row says about an item (rules 5 and 6 of the protocol page, §23.3; §5, §8, §20)."""

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MIDDLE, MOVIE, NEW, NOW, OLD, PAGE, RUNTIME, episode


class TestGuids:
    async def test_a_listing_has_external_ids_only_when_asked(self, any_home):
        path = f"/library/sections/{any_home.movies}/all"
        plain, asked = [(await any_home.rows(path, query))[0] for query in ("", "includeGuids=1")]
        assert "Guid" not in plain
        assert asked["Guid"] == [{"id": "imdb://tt0113277"}, {"id": "tmdb://949"}]

    async def test_a_single_item_has_them_always(self, home):
        assert len((await home.row(home.movie))["Guid"]) == 2

    async def test_an_episode_has_its_own_and_its_show_has_the_shows(self, home):
        row = (await home.rows(f"/library/sections/{home.shows}/all", "type=4&includeGuids=1"))[0]
        show = (await home.rows(f"/library/sections/{home.shows}/all", "type=2&includeGuids=1"))[0]
        assert row["Guid"] == [{"id": "tvdb://9001"}]
        assert show["Guid"] == [{"id": "imdb://tt0388629"}, {"id": "tvdb://81797"}]
        assert (row["grandparentGuid"], row["grandparentRatingKey"]) == (show["guid"], show["ratingKey"])

    async def test_a_legacy_library_has_none(self, home):
        legacy = home.server.add_library("Old films", "movies", agent="com.plexapp.agents.imdb")
        row = await home.row(home.server.add(legacy, MOVIE))
        assert (row["guid"], "Guid" in row) == ("com.plexapp.agents.imdb://tt0113277?lang=en", False)

    async def test_an_item_without_any_id_is_local(self, home):
        entry_id = home.server.add(home.movies, replace(MOVIE, title="Holiday", ids={}))
        row = await home.row(entry_id)
        assert (row["guid"], "Guid" in row) == (f"local://{entry_id}", False)

    async def test_a_matched_item_may_have_no_external_id(self, home):
        ids = {"plex": "5d776827eb5d26001f1ddab7"}
        row = await home.row(home.server.add(home.movies, replace(MOVIE, title="Obscure", ids=ids)))
        assert (row["guid"], "Guid" in row) == ("plex://movie/5d776827eb5d26001f1ddab7", False)

    async def test_an_item_may_have_two_ids_of_one_kind(self, home):
        home.server.library.items[home.movie].external_ids = ("tmdb://949", "tmdb://12")
        assert (await home.row(home.movie))["Guid"] == [{"id": "tmdb://949"}, {"id": "tmdb://12"}]


class TestMovies:
    async def test_a_listed_movie_leaves_its_section_to_the_container(self, home):
        answer = await home.get(f"/library/sections/{home.movies}/all?{PAGE}")
        section = {"librarySectionID", "librarySectionTitle"}
        assert section.isdisjoint(answer["Metadata"][0])
        assert (answer["librarySectionID"], answer["librarySectionTitle"], answer["viewGroup"]) == (
            1,
            "Movies",
            "movie",
        )

    async def test_a_single_movie_names_its_section(self, home):
        row = await home.row(home.movie)
        assert (row["librarySectionID"], row["librarySectionKey"]) == (1, "/library/sections/1")

    async def test_a_listing_across_sections_names_them_in_each_row(self, home):
        assert (await home.rows("/library/all", "type=4"))[0]["librarySectionTitle"] == "Shows"

    async def test_a_movie_has_its_file(self, home):
        row = await home.row(home.movie)
        assert (row["duration"], row["addedAt"], row["year"]) == (RUNTIME, NOW, 1995)
        assert row["Media"][0]["Part"][0]["file"] == "/media/Movies/Heat (1995)/Heat (1995).mkv"

    async def test_several_versions_and_discs_are_one_item(self, home):
        item = home.server.library.items[home.movie]
        home.server.library.add_version(item, "/4k/Heat.mkv")
        home.server.library.add_disc(item, "/media/Heat cd2.mkv")
        media = (await home.row(home.movie))["Media"]
        files = [[part["file"] for part in each["Part"]] for each in media]
        assert files == [["/media/Movies/Heat (1995)/Heat (1995).mkv", "/media/Heat cd2.mkv"], ["/4k/Heat.mkv"]]
        assert len(await home.rows(f"/library/sections/{home.movies}/all")) == 1

    async def test_an_edition_is_an_item_of_its_own_with_the_same_guid(self, home):
        other = home.server.add(home.movies, MOVIE, edition="Director's Cut")
        one, two = await home.row(home.movie), await home.row(other)
        assert (one["guid"], "editionTitle" in one, two["editionTitle"]) == (two["guid"], False, "Director's Cut")
        assert one["Media"][0]["Part"][0]["file"] != two["Media"][0]["Part"][0]["file"]

    async def test_the_same_title_in_two_libraries_is_two_items_with_states_of_their_own(self, home):
        other = home.server.add(home.server.add_library("4K", "movies"), MOVIE)
        await home.mark(home.movie)
        assert (await home.row(home.movie))["guid"] == (await home.row(other))["guid"]
        assert await home.shown(other) == {}

    async def test_items_of_one_guid_may_share_their_state(self, home):
        home.server.shares_state_by_guid = True
        other = home.server.add(home.server.add_library("4K", "movies"), MOVIE)
        await home.mark(home.movie)
        assert (await home.shown(other))["viewCount"] == 1

    async def test_an_item_that_was_not_analysed_has_no_duration(self, home):
        row = await home.row(home.server.add(home.movies, replace(MOVIE, title="New", runtime_ms=0)))
        assert ("duration" in row, "duration" in row["Media"][0]) == (False, False)

    async def test_an_item_in_the_trash_says_since_when(self, home):
        home.server.watch(home.owner, home.movie)
        home.clock.pass_seconds(60)
        home.server.trash(home.movie)
        row = (await home.rows(f"/library/sections/{home.movies}/all"))[0]
        assert (row["deletedAt"], row["viewCount"]) == (NOW + 60, 1)
        home.server.untrash(home.movie)
        assert "deletedAt" not in await home.row(home.movie)

    @pytest.mark.parametrize("added", [None, 0, NOW + 1_000_000])
    async def test_an_added_date_may_be_odd(self, home, added):
        home.server.library.items[home.movie].added_at = added
        assert (await home.row(home.movie)).get("addedAt") == added

    @pytest.mark.parametrize(("version", "is_there"), [(OLD, False), (MIDDLE, True), (NEW, True)])
    async def test_newer_servers_decorate_rows(self, make, version, is_there):
        home = make(version)
        row = await home.row(home.movie)
        assert {name in row for name in ("slug", "Image", "UltraBlurColors")} == {is_there}

    async def test_a_title_with_an_article_is_sorted_without(self, home):
        row = await home.row(home.show)
        assert (row["title"], row["titleSort"]) == ("The Piece", "Piece")
        assert "titleSort" not in await home.row(home.movie)

    async def test_what_is_not_wanted_is_left_out(self, home):
        query = "excludeElements=Media,Image&excludeFields=summary,thumb"
        row = (await home.rows(f"/library/sections/{home.movies}/all", query))[0]
        assert {"Media", "Image", "summary", "thumb"}.isdisjoint(row)
        assert {"UltraBlurColors", "title", "art"} <= set(row)


class TestShows:
    async def test_an_episode_names_its_season_and_show(self, home):
        row = (await home.rows(f"/library/sections/{home.shows}/all", "type=4"))[1]
        assert (row["index"], row["parentIndex"]) == (2, 1)
        assert (row["grandparentTitle"], row["parentTitle"]) == ("The Piece", "Season 1")
        assert (row["parentRatingKey"], row["grandparentRatingKey"]) == (home.season, home.show)
        assert row["grandparentKey"] == f"/library/metadata/{home.show}"

    async def test_a_show_counts_its_episodes(self, home):
        home.server.watch(home.owner, home.episodes[0])
        row = (await home.rows(f"/library/sections/{home.shows}/all"))[0]
        assert (row["key"], row["index"]) == (f"/library/metadata/{home.show}/children", 1)
        assert (row["leafCount"], row["viewedLeafCount"], row["childCount"]) == (3, 1, 1)
        assert "Media" not in row
        assert "Location" not in row
        assert (await home.row(home.show))["Location"] == [{"path": "/media/Shows/The Piece"}]

    async def test_a_season_counts_too(self, home):
        row = (await home.rows(f"/library/sections/{home.shows}/all", "type=3"))[0]
        assert (row["leafCount"], row["viewedLeafCount"], row["parentRatingKey"]) == (3, 0, home.show)

    async def test_specials_are_season_zero(self, home):
        row = await home.row(home.server.add(home.shows, episode(1, season=0)))
        assert (row["parentIndex"], row["parentTitle"]) == (0, "Specials")

    async def test_an_episode_may_lack_its_numbers(self, home):
        row = await home.row(home.server.add(home.shows, episode(7, season=None, episodes=())))
        assert {"index", "parentIndex"}.isdisjoint(row)

    async def test_a_file_of_several_episodes_may_be_one_item_with_a_range_in_its_name(self, home):
        row = await home.row(home.server.add(home.shows, episode(4, episodes=(4, 5))))
        assert row["index"] == 4
        assert row["Media"][0]["Part"][0]["file"].endswith("/The Piece - S01E04-E05.mkv")

    async def test_a_file_of_several_episodes_may_be_an_item_for_each(self, home):
        keys = home.server.add_shared_file(home.shows, [episode(4), episode(5)], "/tv/S01E04-E05.mkv")
        rows = [await home.row(key) for key in keys]
        assert [row["index"] for row in rows] == [4, 5]
        assert {row["Media"][0]["Part"][0]["file"] for row in rows} == {"/tv/S01E04-E05.mkv"}
        await home.mark(keys[0])
        assert await home.shown(keys[1]) == {}

    async def test_hidden_seasons_leave_no_trace_but_a_number(self, home):
        home.server.hides_seasons = True
        row = (await home.rows(f"/library/sections/{home.shows}/all", "type=4"))[0]
        gone = {"parentRatingKey", "parentKey", "parentTitle", "parentThumb", "parentGuid"}
        assert gone.isdisjoint(row)
        assert (row["skipParent"], row["parentIndex"], row["grandparentRatingKey"]) == (True, 1, home.show)

    async def test_the_key_of_the_show_may_be_missing_where_its_path_is_not(self, home):
        home.server.omits_show_keys = True
        row = (await home.rows(f"/library/sections/{home.shows}/all", "type=4"))[0]
        assert ("grandparentRatingKey" in row, row["grandparentKey"]) == (False, f"/library/metadata/{home.show}")


class TestFamilies:
    async def test_the_children_of_a_show_begin_with_all_of_its_episodes(self, home):
        answer = await home.get(f"/library/metadata/{home.show}/children?{PAGE}")
        assert answer["Directory"][0]["key"] == f"/library/metadata/{home.show}/allLeaves"
        assert "ratingKey" not in answer["Directory"][0]
        assert (answer["size"], [row["title"] for row in answer["Metadata"]]) == (2, ["Season 1"])
        assert (answer["parentIndex"], answer["key"]) == (1, home.show)

    async def test_that_row_can_be_left_out_and_a_season_be_chosen(self, home):
        home.server.add(home.shows, episode(1, season=2))
        path = f"/library/metadata/{home.show}/children?excludeAllLeaves=1&index=2&{PAGE}"
        answer = await home.get(path)
        assert ("Directory" in answer, [row["index"] for row in answer["Metadata"]]) == (False, [2])

    async def test_the_children_of_a_season_are_its_episodes(self, home):
        answer = await home.get(f"/library/metadata/{home.season}/children?{PAGE}")
        assert [row["index"] for row in answer["Metadata"]] == [1, 2, 3]
        assert (answer["grandparentTitle"], answer["parentIndex"], answer["parentTitle"]) == (
            "The Piece",
            1,
            "Season 1",
        )

    @pytest.mark.parametrize("place", ["allLeaves", "grandchildren"])
    async def test_the_leaves_of_a_show_are_its_episodes(self, home, place):
        home.server.add(home.shows, episode(1, season=2, title="Later"))
        assert await home.titles(f"/library/metadata/{home.show}/{place}") == ["Part 1", "Part 2", "Part 3", "Later"]

    async def test_rows_may_leave_to_the_container_what_they_have_in_common(self, home):
        home.server.hoists_rows = True
        answer = await home.get(f"/library/metadata/{home.season}/children?{PAGE}")
        common = {"grandparentRatingKey", "grandparentTitle", "parentIndex", "parentTitle"}
        assert common.isdisjoint(answer["Metadata"][0])
        assert common <= set(answer)
        assert "grandparentTitle" in (await home.rows(f"/library/sections/{home.shows}/all", "type=4"))[0]

    async def test_a_trailer_is_listed_with_its_movie_and_nowhere_else(self, home):
        clip = home.server.library.add_clip(home.server.library.items[home.movie], "Teaser")
        extras = (await home.get(f"/library/metadata/{home.movie}?includeExtras=1"))["Metadata"][0]["Extras"]
        assert [row["title"] for row in extras["Metadata"]] == ["Teaser"]
        assert await home.titles(f"/library/metadata/{home.movie}/extras") == ["Teaser"]
        assert await home.titles("/library/all", "type=12") == []
        row = await home.row(clip.rating_key)
        assert (row["type"], row["subtype"], row["guid"][:6]) == ("clip", "trailer", "iva://")
        assert "librarySectionID" not in row
        assert clip.rating_key not in home.server.entry_ids()

    async def test_several_items_are_read_at_once_and_unknown_ones_left_out(self, home):
        path = f"/library/metadata/{home.movie},999999,{home.episodes[0]},{home.movie}"
        assert [row["ratingKey"] for row in (await home.get(path))["Metadata"]] == [home.movie, home.episodes[0]]

    async def test_unknown_ids_may_spoil_the_others(self, home):
        home.server.refuses_partial_batches = True
        assert (await home.ask(f"/library/metadata/{home.movie},999999")).status_code == 404
        assert (await home.ask(f"/library/metadata/{home.movie},{home.episodes[0]}")).status_code == 200


class TestOtherSections:
    async def test_music_photos_and_home_videos_have_sections_of_their_own(self, home):
        for name, kind in (("Music", "music"), ("Photos", "photos"), ("Videos", "videos")):
            home.server.add_library(name, kind)
        sections = (await home.get("/library/sections"))["Directory"]
        shown = {each["title"]: (each["type"], each["agent"]) for each in sections}
        assert shown == {
            "Movies": ("movie", "tv.plex.agents.movie"),
            "Shows": ("show", "tv.plex.agents.series"),
            "Music": ("artist", "tv.plex.agents.music"),
            "Photos": ("photo", "com.plexapp.agents.none"),
            "Videos": ("movie", "com.plexapp.agents.none"),
        }

    async def test_music_and_photos_are_no_entries(self, home):
        sections, library = home.server.library.sections, home.server.library
        before = home.server.entry_ids()
        music, photos = home.server.add_library("Music", "music"), home.server.add_library("Photos", "photos")
        library.add_track(sections[music], "Band", "Album", "Song")
        library.add_photo(sections[photos], "Sea")
        assert home.server.entry_ids() == before
        found = [await home.titles(f"/library/sections/{key}/all") for key in (music, photos)]
        assert found == [["Band"], ["Sea"]]
        assert await home.titles(f"/library/sections/{music}/all", "type=10") == ["Song"]

    async def test_a_home_video_has_no_usable_id(self, home):
        videos = home.server.add_library("Videos", "videos")
        row = await home.row(home.server.add(videos, MOVIE))
        assert row["guid"].startswith("com.plexapp.agents.none://")

    async def test_a_show_of_home_videos_has_none_either(self, home):
        videos = home.server.add_library("Home", "shows", agent="tv.plex.agents.none")
        row = await home.row(home.server.add(videos, episode(1, season=None, episodes=())))
        guids = (row["guid"], row["parentGuid"], row["grandparentGuid"])
        assert all(guid.startswith("tv.plex.agents.none://") for guid in guids)

    async def test_a_recording_is_matched_without_external_ids(self, home):
        section = home.server.library.sections[home.movies]
        item = home.server.library.add_recording(section, replace(MOVIE, title="Late Film"))
        row = await home.row(item.rating_key)
        assert (row["guid"][:13], row["oneShot"], "Guid" in row) == ("plex://movie/", "1", False)
        assert row["Channel"]

    @pytest.mark.parametrize(("version", "is_there"), [(OLD, False), (MIDDLE, False), (NEW, True)])
    async def test_a_section_names_its_group_of_providers_from_1_43_on(self, make, version, is_there):
        section = (await make(version).get("/library/sections"))["Directory"][0]
        assert ("metadataAgentProviderGroupId" in section) is is_there

    async def test_a_hidden_section_says_so_and_is_listed(self, home):
        home.server.add_library("Secret", "movies", hidden=2)
        assert [each["hidden"] for each in (await home.get("/library/sections"))["Directory"]] == [0, 0, 2]

    def test_a_server_has_no_mixed_sections(self, home):
        with pytest.raises(ValueError, match="mixed"):
            home.server.add_library("Both", "mixed")


@pytest.mark.parametrize(("version", "api"), [(OLD, None), (MIDDLE, None), (NEW, "1.2.0")])
async def test_a_server_tells_its_version_and_that_of_its_api(make, version, api):
    home = make(version)
    for path in ("/", "/identity"):
        told = await home.get(path)
        assert (told["version"], told.get("apiVersion")) == (version, api)


@pytest.mark.parametrize(("version", "is_there"), [(OLD, False), (MIDDLE, True), (NEW, True)])
async def test_the_watched_point_can_be_set_on_newer_servers(make, version, is_there):
    settings = {each["id"]: each["value"] for each in (await make(version).get("/:/prefs"))["Setting"]}
    assert ("LibraryVideoPlayedThreshold" in settings) is is_there
    assert settings["MinimumProgressTime"] == 60_000


async def test_the_accounts_are_those_of_the_server(home):
    found = {each["id"]: each["name"] for each in (await home.get("/accounts"))["Account"]}
    assert found == {0: "", 1: "owner", int(home.alice): "alice", int(home.friend): "friend"}
