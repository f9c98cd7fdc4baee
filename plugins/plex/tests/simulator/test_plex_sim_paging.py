"""Pages of listings (rule 3 of the protocol page, §23.3; §4.2)."""

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MIDDLE, MOVIE, NEW, OLD

START, SIZE = "X-Plex-Container-Start", "X-Plex-Container-Size"


@pytest.fixture
def full(home):
    """A household with six movies, called 0 to 4 and Heat."""
    for number in range(5):
        home.server.add(home.movies, replace(MOVIE, title=str(number), ids={"tmdb": str(number + 1)}))
    return home


def page(start, size):
    return f"/library/sections/1/all?sort=titleSort&{START}={start}&{SIZE}={size}"


async def titles(home, path, **headers):
    return [row["title"] for row in (await home.get(path, **headers)).get("Metadata", [])]


async def test_a_page_has_its_rows_and_says_where_it_is(full):
    answer = await full.get(page(2, 3))
    assert [row["title"] for row in answer["Metadata"]] == ["2", "3", "4"]
    assert (answer["size"], answer["offset"], answer["totalSize"]) == (3, 2, 6)
    headers = (await full.ask(page(2, 3))).headers
    assert (headers["x-plex-container-start"], headers["x-plex-container-total-size"]) == ("2", "6")


async def test_the_last_page_is_shorter_and_what_is_beyond_is_empty(full):
    assert await titles(full, page(4, 4)) == ["4", "Heat"]
    assert await titles(full, page(6, 4)) == []


async def test_a_page_may_be_asked_for_in_headers(full):
    headers = {"X_Plex_Container_Start": "1", "X_Plex_Container_Size": "2"}
    assert await titles(full, "/library/sections/1/all", **headers) == ["1", "2"]


async def test_a_size_of_zero_asks_for_the_total(full):
    answer = await full.get(f"/library/sections/1/all?{SIZE}=0")
    assert (answer["size"], answer["totalSize"], "Metadata" in answer) == (0, 6, False)


async def test_a_size_alone_is_no_page(full):
    answer = await full.get(f"/library/sections/1/all?{SIZE}=2")
    assert (answer["size"], "totalSize" in answer, "offset" in answer) == (6, False, False)


@pytest.mark.parametrize(("version", "status"), [(OLD, 200), (MIDDLE, 200), (NEW, 400)])
async def test_a_listing_without_a_size_is_refused_by_the_newest_only(make, version, status):
    home = make(version)
    for path in ("/library/sections/1/all", "/library/all", f"/library/metadata/{home.season}/children"):
        assert (await home.ask(path)).status_code == status
        assert (await home.ask(f"{path}?{START}=0")).status_code == status


async def test_a_whole_listing_tells_no_total_in_its_body(make):
    home = make(OLD)
    answer = await home.get("/library/sections/2/all?type=4")
    assert (answer["size"], "totalSize" in answer) == (3, False)


async def test_single_items_sections_and_history_need_no_size(home):
    for path in (f"/library/metadata/{home.movie}", "/library/sections", "/status/sessions/history/all"):
        assert (await home.ask(path)).status_code == 200


@pytest.mark.parametrize(("version", "status"), [(OLD, 200), (MIDDLE, 200), (NEW, 400)])
async def test_a_page_of_more_than_a_thousand_is_refused_by_the_newest_only(make, version, status):
    home = make(version)
    assert (await home.ask(page(0, 1_000))).status_code == 200
    assert (await home.ask(page(0, 1_001))).status_code == status


@pytest.mark.parametrize("wrong", [f"{START}=0&{SIZE}=many", f"{START}=-1&{SIZE}=5", f"{START}=0&{SIZE}=-5"])
async def test_a_page_that_makes_no_sense_is_refused(home, wrong):
    assert (await home.ask(f"/library/sections/1/all?{wrong}")).status_code == 400


async def test_a_limit_caps_the_result_and_its_total(full):
    answer = await full.get(f"{page(0, 10)}&limit=4")
    assert (answer["size"], answer["totalSize"]) == (4, 4)


async def test_children_are_paged_too(home):
    answer = await home.get(f"/library/metadata/{home.season}/children?{START}=1&{SIZE}=1")
    assert ([row["title"] for row in answer["Metadata"]], answer["totalSize"]) == (["Part 2"], 3)


# What a test can turn on


async def test_requirements_can_be_changed(full):
    full.server.requires_size, full.server.size_limit = False, 2
    assert (await full.ask("/library/sections/1/all")).status_code == 200
    assert (await full.ask(page(0, 3))).status_code == 400


async def test_a_large_page_may_be_cut_instead_of_refused(full):
    full.server.size_limit, full.server.cuts_large_pages = 2, True
    answer = await full.get(page(0, 1_000))
    assert (answer["size"], answer["totalSize"]) == (2, 6)


async def test_repeated_pages_say_that_they_are_others(full):
    full.server.repeat_pages = True
    answer = await full.get(page(2, 2))
    assert ([row["title"] for row in answer["Metadata"]], answer["offset"]) == (["0", "1"], 2)


async def test_short_pages_leave_their_last_row_to_the_next(full):
    full.server.short_pages = True
    assert [await titles(full, page(start, 3)) for start in (0, 2, 4, 5)] == [["0", "1"], ["2", "3"], ["4"], ["Heat"]]


async def test_a_total_may_be_missing_everywhere(full):
    full.server.omits_total = True
    answer, headers = await full.get(page(0, 2)), (await full.ask(page(0, 2))).headers
    assert ("totalSize" in answer, "x-plex-container-total-size" in headers) == (False, False)


@pytest.mark.parametrize("order", ["titleSort", "addedAt", "year"])
async def test_a_new_file_shifts_the_rows_after_the_first_page(full, order):
    full.server.shift_pages = 1
    pages = [page(start, 3).replace("titleSort", order) for start in (0, 3, 6)]
    found = [title for path in pages for title in await titles(full, path)]
    assert found == ["0", "1", "2", "2", "3", "4", "Heat"] if order == "titleSort" else len(found) == 7
    assert len(set(found)) == 6, "one row comes twice, and none is missing"


async def test_only_so_many_listings_are_shifted_and_only_those_of_several_pages(full):
    full.server.shift_pages = 1
    await full.get(page(0, 10))
    assert full.server.shift_pages == 1
    for _ in range(2):
        await full.get(page(0, 3))
    assert (full.server.shift_pages, len(full.server.entry_ids())) == (0, 10)


async def test_new_episodes_shift_pages_as_well(home):
    home.server.shift_pages = 1
    path = f"/library/sections/2/all?type=4&{SIZE}=2&{START}="
    first, second = await titles(home, f"{path}0"), await titles(home, f"{path}2")
    assert (first, second) == (["Part 1", "Part 2"], ["Part 2", "Part 3"])
