"""Emby's listings may lack counts and dates: what is read in detail for it, and what that costs."""

import pytest
from msgspec.structs import replace
from tests.engine.home import movie
from tests.engine.stage import EMBY, EMBY_IN_PART, JELLYFIN_10, PLEX, Stage, on

from watchstate.api import Fact, hookimpl
from watchstate_jellyfin.backend import JellyfinBackend

FILMS = 5


def details_read(home):
    """Count the reads of single items."""
    path = f"/Users/{home['a'].user}/Items/"
    return sum(request.path.startswith(path) for request in home["a"].simulator.requests)


async def a_watched_library(tmp_path, kind):
    home = Stage(tmp_path, None, a=kind, b=PLEX)
    for number in range(FILMS):
        home.mark("a", home["a"].add(movie(number)))
    home["a"].add(movie(FILMS))
    home.wait()  # a list of changes begins some seconds before the last read
    return home


async def test_a_watched_row_without_a_date_costs_one_read_on_first_contact_and_none_later(tmp_path):
    home = await a_watched_library(tmp_path, EMBY_IN_PART)
    await home.scan("a")
    assert details_read(home) == FILMS
    home.wait()
    await home.scan("a")
    home.wait()
    await home.look("a")
    assert details_read(home) == FILMS


async def test_rows_that_have_everything_cost_no_read_of_their_own(tmp_path):
    home = await a_watched_library(tmp_path, EMBY)
    await home.scan("a")
    home.wait()
    await home.scan("a")
    assert details_read(home) == 0


async def test_where_nothing_is_imported_no_date_is_asked_for_until_it_is(tmp_path):
    home = await a_watched_library(tmp_path, EMBY_IN_PART)
    home.configs["a"] = home["a"].config(**{"import": {"enabled": False}})
    await home.deliver("a")
    home.wait()
    await home.deliver("a")
    assert details_read(home) == 0
    home.wait()
    home.configs["a"] = home["a"].config()
    await home.scan("a")
    assert details_read(home) == FILMS


@on((EMBY, EMBY_IN_PART))
@pytest.mark.parametrize("is_full", [False, True])
async def test_a_second_watch_of_a_watched_film_is_noticed(tmp_path, kind, is_full):
    home = Stage(tmp_path, a=kind, b=PLEX)
    await home.all_watched("a")
    before = await home.hub()
    home.watch("a")
    home.wait(1)
    await (home.scan if is_full else home.look)("a")
    after = await home.hub()
    assert after.watched_at is not None
    assert before.watched_at is not None
    assert after.watched_at > before.watched_at
    assert await home.round() == 0


async def test_a_full_scan_tells_once_what_its_list_of_changes_has_told(tmp_path):
    home = Stage(tmp_path, a=EMBY_IN_PART, b=PLEX)
    home["a"].add(movie(7, ids={}))
    home.environ |= {"WS_BRAKE_ITEMS": "0", "WS_BRAKE_PERCENT": "0", "WS_BRAKE_TITLES": "0"}
    await home.round()
    home.mark("a")
    await home.round()
    home.wait(60)
    home.unmark("a")
    home.wait(1)
    [report] = await home.scan("a")
    assert (report.held, report.unmatched) == (1, 1)


class SaysNothingOfDetails(JellyfinBackend):
    """It knows no dates and no counts, and doesn't say that nobody does."""

    @hookimpl
    async def fetch_library(self, account, http, scope):
        async for batch in super().fetch_library(account, http, scope):
            facts = [
                Fact(entry=fact.entry, state=replace(fact.state, play_count=None, watched_at=None))
                for fact in batch.facts
            ]
            yield replace(batch, facts=tuple(facts))


async def test_what_a_read_in_detail_lacks_is_not_waited_for(tmp_path):
    home = Stage(tmp_path, a=JELLYFIN_10, b=PLEX)
    home.mark("a")
    await home.run("sync", backend=SaysNothingOfDetails())
    assert home["b"].is_watched(home.film["b"])
    home.unmark("b")
    await home.run("sync", backend=SaysNothingOfDetails(), is_full=True)
    assert not home["a"].is_watched(home.film["a"])
