"""Pages that move, repeat or fall short while they are read."""

import pytest
from plugins.plex.tests.canned import ACCOUNT, CannedHttp, container, movie, page, sections

from watchstate.api import BackendProtocolError, Everything
from watchstate.testing.world import Scan
from watchstate_plex.library import fetch
from watchstate_plex.listing import OVERLAP, PAGE_SIZE

ALL = "/library/sections/1/all"


def pages(*answers):
    return CannedHttp({"/library/sections": [sections("movie")], ALL: answers})


def rows(first, behind):
    return [movie(number) for number in range(first, behind)]


async def scan(http):
    return Scan(tuple([batch async for batch in fetch(ACCOUNT, http, Everything())]))


def starts(http):
    return [int(each.query["X-Plex-Container-Start"]) for each in http.asked if each.path == ALL]


async def test_pages_overlap_and_rows_are_given_once():
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(990, 1500), total=1500, start=990))
    result = await scan(http)
    assert [len(batch.facts) for batch in result.batches] == [1000, 500, 0]
    assert starts(http) == [0, PAGE_SIZE - OVERLAP]
    assert result.is_complete


async def test_a_page_is_never_larger_than_a_server_allows_and_both_numbers_are_sent():
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(990, 1500), total=1500, start=990))
    await scan(http)
    for asked in http.asked[2:]:
        assert asked.query["X-Plex-Container-Size"] == "1000"
        assert asked.query["sort"] == "id"
        assert asked.query["includeGuids"] == "1"


async def test_a_file_that_goes_away_takes_no_other_out_of_the_list():
    # Five of the first rows were deleted after the first page: the others moved forward.
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(995, 1500), total=1495, start=990))
    result = await scan(http)
    assert set(result.facts) == {str(number) for number in range(1500)}
    assert not result.is_complete


async def test_a_library_that_loses_more_than_pages_share_is_read_again():
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(1005, 1500), total=1485, start=990))
    with pytest.raises(BackendProtocolError, match="the library changed while it was read"):
        await scan(http)


async def test_a_library_that_grows_is_read_to_its_new_end():
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(990, 1501), total=1501, start=990))
    result = await scan(http)
    assert (result.total, result.is_complete) == (1501, True)


async def test_a_library_that_grows_at_its_beginning_gives_no_row_twice():
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(989, 1500), total=1501, start=990))
    result = await scan(http)
    listed = [fact.entry.entry_id for batch in result.batches for fact in batch.facts]
    assert (len(listed), len(set(listed)), result.is_complete) == (1500, 1500, False)


async def test_a_server_that_always_gives_the_first_page_is_found_out():
    with pytest.raises(BackendProtocolError, match="gave the page from 0 on when asked for the one from 990 on"):
        await scan(pages(page(*rows(0, 1000), total=1500)))


async def test_a_server_that_gives_the_first_page_under_another_name_is_found_out():
    again = [page(*rows(0, 1000), total=1500, start=start) for start in (990, 1000)]
    with pytest.raises(BackendProtocolError, match="repeats a page; 1500 rows were promised and 1000 were read"):
        await scan(pages(page(*rows(0, 1000), total=1500), *again))


async def test_a_server_that_promises_more_than_it_has_is_found_out():
    answers = [page(*rows(0, 9), total=10), page(*rows(0, 9), total=10), page(total=10, start=9)]
    with pytest.raises(BackendProtocolError, match="10 rows were promised and 9 were read"):
        await scan(pages(*answers))


async def test_short_pages_are_read_to_the_end():
    http = pages(
        page(*rows(0, 400), total=900),
        page(*rows(390, 700), total=900, start=390),
        page(*rows(690, 900), total=900, start=690),
    )
    result = await scan(http)
    assert (len(result.facts), result.is_complete) == (900, True)


async def test_a_page_that_ends_with_what_it_shares_is_asked_for_again_from_there():
    http = pages(
        page(*rows(0, 999), total=1000),
        page(*rows(989, 999), total=1000, start=989),
        page(*rows(999, 1000), total=1000, start=999),
    )
    result = await scan(http)
    assert (len(result.facts), result.is_complete) == (1000, True)
    assert starts(http) == [0, 989, 999]


async def test_a_list_that_shrank_to_nothing_ends_and_is_not_complete():
    result = await scan(pages(page(*rows(0, 1000), total=1500), page(total=0, start=990)))
    assert (result.total, result.is_complete) == (0, False)


async def test_a_total_in_the_header_will_do():
    http = pages(container(Metadata=rows(0, 3)))
    http.answers[ALL] = [container(Metadata=rows(0, 3))]
    real = http.get

    async def get(path, *, params=None, headers=None):
        answer = await real(path, params=params, headers=headers)
        answer_headers = {"x-plex-container-total-size": "3"}
        return type(answer)(
            **{name: getattr(answer, name) for name in answer.__struct_fields__} | {"headers": answer_headers}
        )

    http.get = get
    assert (await scan(http)).is_complete


async def test_without_a_total_everything_is_read_and_nothing_concluded():
    http = pages(container(Metadata=rows(0, 1000)), container(Metadata=rows(990, 1200)), container())
    result = await scan(http)
    assert (len(result.facts), result.total) == (1200, None)


async def test_a_server_that_knows_no_pages_is_not_asked_forever():
    http = pages(container(Metadata=rows(0, 1200)))
    assert len((await scan(http)).facts) == 1200
    assert len(starts(http)) <= 3


async def test_rows_of_something_else_are_no_answer():
    http = pages(page({"ratingKey": "1", "type": "clip", "title": "Trailer"}))
    with pytest.raises(BackendProtocolError, match="listed items of type clip when asked for type movie"):
        await scan(http)


@pytest.mark.parametrize("row", [{"deletedAt": 1_700_000_000}, {"live": 1}, {"live": "1"}, {"ratingKey": None}])
async def test_what_is_in_the_trash_or_on_television_is_left_out_and_does_not_count(row):
    result = await scan(pages(page(movie(1), movie(2, **row))))
    assert (set(result.facts), result.total, result.is_complete) == ({"1"}, 1, True)
