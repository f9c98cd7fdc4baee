"""Pages that move, repeat or fall short while they are read."""

from contextlib import aclosing

import pytest
from plugins.jellyfin.tests.canned import ACCOUNT, CannedHttp, guid, movie, page

from watchstate.api import BackendProtocolError, Everything
from watchstate.testing.world import Scan
from watchstate_jellyfin.library import fetch
from watchstate_mediabrowser.listing import OVERLAP, PAGE_SIZE

NO_SHOWS = page()


def pages(*items):
    return CannedHttp(Items=[NO_SHOWS, *items])


def rows(first, behind):
    return [movie(number) for number in range(first, behind)]


async def scan(http):
    return Scan(tuple([batch async for batch in fetch(ACCOUNT, http, Everything())]))


async def scan_while(world, something_happens):
    """Scan, and let something happen after the first page."""
    batches = []
    async with aclosing(world.plugins.fetch_library(world.alice, world.http, Everything())) as pages:
        async for batch in pages:
            if not batches:
                something_happens(batch)
            batches.append(batch)
    return Scan(tuple(batches))


@pytest.fixture
def shelf(world):
    """A world with three pages of movies."""
    for number in range(1, 2 * PAGE_SIZE + 501):
        world.add_movie(number)
    return world


async def test_pages_overlap_and_rows_are_given_once(shelf):
    batches = (await shelf.everything()).batches
    assert [len(batch.facts) for batch in batches] == [PAGE_SIZE, PAGE_SIZE, 500]
    starts = [each.query.partition("startIndex=")[2].partition("&")[0] for each in shelf.simulator.requests[-3:]]
    assert starts == ["0", str(PAGE_SIZE - OVERLAP), str(2 * PAGE_SIZE - OVERLAP)]


async def test_a_file_that_goes_away_takes_no_other_out_of_the_list(shelf):
    gone = []

    def remove(batch):
        gone.append(batch.facts[5].entry.entry_id)
        shelf.simulator.remove(gone[0])

    result = await scan_while(shelf, remove)
    assert set(result.facts) == {*shelf.simulator.entry_ids(), *gone}
    assert not result.is_complete


async def test_a_replaced_file_takes_no_other_out_of_the_list_and_the_scan_is_not_complete(shelf):
    gone = []

    def remove_and_add(batch):
        gone.append(batch.facts[5].entry.entry_id)
        shelf.simulator.remove(gone[0])
        shelf.clock.advance(1_000)
        shelf.add_movie(9_999)

    result = await scan_while(shelf, remove_and_add)
    assert set(result.facts) == {*shelf.simulator.entry_ids(), *gone}
    assert not result.is_complete


async def test_a_file_that_is_added_before_makes_the_scan_not_complete(shelf):
    shelf.simulator.shift_pages = 1
    result = await shelf.everything()
    assert not result.is_complete
    assert len(result.facts) == len(shelf.simulator.entry_ids()) - 1


async def test_a_library_that_loses_more_than_pages_share_is_read_again(shelf):
    def remove_many(batch):
        for fact in batch.facts[: OVERLAP + 5]:
            shelf.simulator.remove(fact.entry.entry_id)

    with pytest.raises(BackendProtocolError, match="the library changed while it was read"):
        await scan_while(shelf, remove_many)


async def test_a_server_that_always_gives_the_first_page_is_found_out(shelf):
    shelf.simulator.repeat_pages = True
    with pytest.raises(BackendProtocolError, match="repeats a page"):
        await shelf.everything()


async def test_a_page_from_elsewhere_is_found_out():
    http = pages(page(*rows(0, 10), total=20), page(*rows(10, 20), total=20, start=3))
    with pytest.raises(BackendProtocolError, match="gave the page from 3 on"):
        await scan(http)


async def test_a_server_that_promises_more_than_it_has_is_found_out(shelf):
    shelf.simulator.short_pages = True
    with pytest.raises(BackendProtocolError, match="2500 rows were promised and 2499 were read"):
        await shelf.everything()


async def test_short_pages_are_read_to_the_end():
    http = pages(
        page(*rows(0, 400), total=900),
        page(*rows(390, 700), total=900, start=390),
        page(*rows(690, 900), total=900, start=690),
    )
    result = await scan(http)
    assert (len(result.facts), result.total) == (900, 900)


async def test_a_list_that_shrank_to_nothing_ends_and_is_not_complete():
    http = pages(page(*rows(0, 1000), total=1500), page(total=0, start=990))
    result = await scan(http)
    assert (result.total, result.is_complete) == (0, False)


async def test_a_list_that_grows_is_read_to_its_new_end():
    http = pages(page(*rows(0, 1000), total=1500), page(*rows(990, 1501), total=1501, start=990))
    result = await scan(http)
    assert (result.total, result.is_complete) == (1501, True)


async def test_series_are_read_page_by_page():
    series = [{"Id": guid(number), "Type": "Series", "ProviderIds": {"Tvdb": str(number)}} for number in range(1500)]
    http = CannedHttp(
        Items=[
            page(*series[:1000], total=1500),
            page(*series[990:], total=1500, start=990),
            page(movie(5000, Type="Episode", SeriesId=guid(1234))),
        ]
    )
    (fact,) = (await scan(http)).facts.values()
    assert fact.entry.show_ids[0].value == "1234"
