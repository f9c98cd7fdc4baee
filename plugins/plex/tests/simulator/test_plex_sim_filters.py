"""What can be filtered and sorted by (rule 4 of the protocol page, §23.3; §4.3, §4.4)."""

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MIDDLE, MOVIE, NOW, OLD, PAGE, episode

MOVIES, SHOWS = "/library/sections/1/all", "/library/sections/2/all"


@pytest.fixture
def full(home):
    """Heat is watched, Ronin half watched and newer, Zodiac untouched and newest."""
    home.ronin = home.server.add(home.movies, replace(MOVIE, title="Ronin", year=1998, ids={"tmdb": "8195"}))
    home.clock.pass_seconds(100)
    home.zodiac = home.server.add(home.movies, replace(MOVIE, title="The Zodiac", year=2007, ids={"tmdb": "1949"}))
    home.server.watch(home.owner, home.movie)
    home.clock.pass_seconds(100)
    home.server.start(home.owner, home.ronin)
    home.server.stop(home.owner, home.ronin, position_ms=1_800_000)
    return home


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Heat", "Ronin", "The Zodiac"]),
        ("unwatched=1", ["Ronin", "The Zodiac"]),
        ("unwatched=0", ["Heat"]),
        ("unwatched!=1", ["Heat"]),
        ("viewCount>>=0", ["Heat"]),
        ("viewCount=0", ["Ronin", "The Zodiac"]),
        ("inProgress=1", ["Ronin"]),
        ("viewOffset>>=0", ["Ronin"]),
        ("year=1995", ["Heat"]),
        ("year!=1995", ["Ronin", "The Zodiac"]),
        ("year=1995,1998", ["Heat", "Ronin"]),
        ("year>>=1998", ["The Zodiac"]),
        ("year>=1998", ["Ronin", "The Zodiac"]),
        ("year<<=1998", ["Heat"]),
        ("year<=1998", ["Heat", "Ronin"]),
        ("year%3E%3E=1998", ["The Zodiac"]),
        ("year>>=1990&unwatched=1", ["Ronin", "The Zodiac"]),
        ("title=ea", ["Heat"]),
        ("title=HEA", ["Heat"]),
        ("title!=ea", ["Ronin", "The Zodiac"]),
        ("title==heat", ["Heat"]),
        ("title==hea", []),
        ("title%3D=heat", ["Heat"]),
        ("title!==heat", ["Ronin", "The Zodiac"]),
        ("title<=ro", ["Ronin"]),
        ("title>=diac", ["The Zodiac"]),
        ("title=hea,ro", ["Heat", "Ronin"]),
        ("file=Ronin (1998).mkv", ["Ronin"]),
        ("trash=1", []),
        ("unmatched=1", []),
        ("watched=1", ["Heat", "Ronin", "The Zodiac"]),
        ("Year=1995", ["Heat", "Ronin", "The Zodiac"]),
        ("push=1&unwatched=0&or=1&inProgress=1&pop=1", ["Heat", "Ronin"]),
        ("push=1&unwatched=0&or=1&inProgress=1&pop=1&year=1998", ["Ronin"]),
        ("year=1998&push=1&unwatched=0&or=1&year>>=2000&pop=1", []),
        ("push=1&push=1&year=1995&title=heat&pop=1&or=1&year=2007&pop=1", ["Heat", "The Zodiac"]),
    ],
)
async def test_a_filter_finds(full, query, found):
    assert await full.titles(MOVIES, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"lastViewedAt>>={NOW + 99}", ["Heat", "Ronin"]),
        (f"lastViewedAt>>={NOW + 100}", ["Ronin"]),
        (f"lastViewedAt<<={NOW + 200}", ["Heat"]),
        (f"lastViewedAt>>={NOW + 200}", []),
        ("lastViewedAt>>=-3m", ["Heat", "Ronin"]),
        ("lastViewedAt>>=-1m", ["Ronin"]),
        ("lastViewedAt>>=2024-05-01", ["Heat", "Ronin"]),
        ("lastViewedAt>>=2024-05-02", []),
        (f"addedAt>>={NOW}", ["The Zodiac"]),
        (f"addedAt={NOW}", ["Heat", "Ronin"]),
        (f"updatedAt>>={NOW}", ["The Zodiac"]),
    ],
)
async def test_a_date_is_seconds_a_day_or_so_long_ago(full, query, found):
    assert await full.titles(MOVIES, query) == found


@pytest.mark.parametrize("query", ["viewCount>1", "year>>1998", "title!", "lastViewedAt>>"])
async def test_an_operator_needs_an_equals_sign(full, query):
    assert (await full.ask(f"{MOVIES}?{query}&{PAGE}")).status_code == 400


@pytest.mark.parametrize("query", ["year=old", "lastViewedAt>>=yesterday", "addedAt>>=2024-13-01", "type=movie"])
async def test_a_value_of_the_wrong_type_is_refused(full, query):
    assert (await full.ask(f"{MOVIES}?{query}&{PAGE}")).status_code == 400


async def test_an_unwatch_leaves_nothing_that_a_filter_could_find(full):
    full.server.unwatch(full.owner, full.movie)
    found = [await full.titles(MOVIES, f"{field}>>={NOW}") for field in ("lastViewedAt", "updatedAt")]
    assert found == [["Ronin"], ["The Zodiac"]]


async def test_a_guid_finds_every_item_that_has_it(full):
    again = full.server.add(full.server.add_library("Movies 4K", "movies"), MOVIE)
    guid = (await full.row(again))["guid"]
    assert [row["ratingKey"] for row in await full.rows("/library/all", f"type=1&guid={guid}")] == [full.movie, again]
    assert await full.titles(MOVIES, "guid=tmdb://949") == ["Heat"]
    assert await full.titles(MOVIES, "guid=tmdb://94") == []


@pytest.mark.parametrize(("version", "found"), [(OLD, []), (MIDDLE, ["Heat"])])
async def test_an_external_id_finds_items_on_newer_servers(make, version, found):
    assert await make(version).titles(MOVIES, "guid=imdb://tt0113277") == found


async def test_what_is_in_the_trash_is_listed_and_can_be_told(full):
    full.server.trash(full.movie)
    assert await full.titles(MOVIES, "trash=1") == ["Heat"]
    assert await full.titles(MOVIES) == ["Heat", "Ronin", "The Zodiac"]


class TestScopes:
    @pytest.fixture
    def shows(self, home):
        """Two shows, one of them with an episode that was watched."""
        other = {"show": "Other", "show_ids": {"tvdb": "2"}, "season": 0, "ids": {}}
        home.special = home.server.add(home.shows, episode(9, **other))
        home.server.watch(home.owner, home.episodes[1])
        return home

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("type=4", ["Part 9", "Part 1", "Part 2", "Part 3"]),
            ("type=4&show.title=other", ["Part 9"]),
            ("type=4&season.index=0", ["Part 9"]),
            ("type=4&episode.unwatched=0", ["Part 2"]),
            ("type=4&unwatched=0", ["Part 2"]),
            ("type=4&show.id={show}", ["Part 1", "Part 2", "Part 3"]),
            ("type=2", ["Other", "The Piece"]),
            ("", ["Other", "The Piece"]),
            ("type=2&episode.unwatched=0", ["The Piece"]),
            ("type=2&episode.title=Part 9", ["Other"]),
            ("type=2&unwatchedLeaves=1", ["Other", "The Piece"]),
            ("type=3", ["Specials", "Season 1"]),
            ("type=3&show.title=piece", ["Season 1"]),
            ("type=1", []),
            ("type=99", []),
        ],
    )
    async def test_a_field_may_belong_to_the_show_the_season_or_the_episode(self, shows, query, found):
        assert await shows.titles(SHOWS, query.format(show=shows.show)) == found

    async def test_a_show_is_filtered_by_its_own_row_and_not_by_its_episodes(self, home):
        assert await home.titles(SHOWS, "type=2&unwatched=0") == []
        await home.mark(home.show)
        show = (await home.rows(SHOWS, "type=2"))[0]
        assert (show["viewedLeafCount"], show["leafCount"], "lastViewedAt" in show) == (3, 3, False)
        assert await home.titles(SHOWS, "type=2&unwatched=0") == []
        assert await home.titles(SHOWS, "type=2&lastViewedAt>>=0") == []
        assert len(await home.titles(SHOWS, "type=4&unwatched=0")) == 3

    async def test_all_episodes_are_also_the_leaves_of_a_section(self, shows):
        path = f"/library/sections/{shows.shows}/allLeaves"
        assert await shows.titles(path) == await shows.titles(SHOWS, "type=4")


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("titleSort", ["Heat", "Ronin", "The Zodiac"]),
        ("titleSort:desc", ["The Zodiac", "Ronin", "Heat"]),
        ("year:desc", ["The Zodiac", "Ronin", "Heat"]),
        ("addedAt:desc,titleSort:desc", ["The Zodiac", "Ronin", "Heat"]),
        ("lastViewedAt", ["The Zodiac", "Heat", "Ronin"]),
        ("lastViewedAt:desc", ["Ronin", "Heat", "The Zodiac"]),
        ("id", ["Heat", "Ronin", "The Zodiac"]),
        ("nonsense", ["Heat", "Ronin", "The Zodiac"]),
        ("viewCount:desc:nullsLast", ["Heat", "Ronin", "The Zodiac"]),
    ],
)
async def test_an_order(full, sort, found):
    assert await full.titles(MOVIES, f"sort={sort}") == found


async def test_episodes_can_be_sorted_by_their_scope(home):
    order = "show.titleSort,season.index:desc,episode.index:desc"
    assert await home.titles(SHOWS, f"type=4&sort={order}") == ["Part 3", "Part 2", "Part 1"]


async def test_what_was_added_last_comes_first_in_the_list_of_new_things(full):
    assert (await full.titles("/library/sections/1/recentlyAdded"))[0] == "The Zodiac"


async def test_a_search_finds_titles_of_every_kind(full):
    hubs = (await full.get("/hubs/search?query=e&limit=2"))["Hub"]
    found = {hub["type"]: [row["title"] for row in hub.get("Metadata", [])] for hub in hubs}
    assert found == {"movie": ["Heat", "The Zodiac"], "show": ["The Piece"], "episode": []}
    assert hubs[0]["Metadata"][0]["librarySectionID"] == 1


async def test_a_search_needs_a_text_and_may_be_for_one_section(full):
    assert (await full.ask("/hubs/search")).status_code == 400
    hubs = (await full.get("/hubs/search?query=e&sectionId=1"))["Hub"]
    assert [hub["size"] for hub in hubs] == [2, 0, 0]


async def test_a_section_tells_what_it_can_be_filtered_by(home):
    answer = await home.get(f"{SHOWS}?includeMeta=1&type=4&X-Plex-Container-Start=0&X-Plex-Container-Size=0")
    types = {each["type"]: each for each in answer["Meta"]["Type"]}
    assert list(types) == ["show", "season", "episode"]
    assert [kind for kind, each in types.items() if each["active"]] == ["episode"]
    assert {"episode.unwatched", "episode.lastViewedAt"} <= {field["key"] for field in types["episode"]["Field"]}
    operators = {each["type"]: [one["key"] for one in each["Operator"]] for each in answer["Meta"]["FieldType"]}
    assert operators["date"] == ["<<=", ">>="]
