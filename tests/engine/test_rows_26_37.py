"""Counter-examples 26 to 37 on real storage, real backends and simulated servers; see `test_rows_01_12`."""

import pytest
from tests.engine.home import MINUTE, episode, movie
from tests.engine.stage import (
    ALL,
    CLEARS_FLAG,
    DATES_START,
    EMBY_IN_PART,
    JELLYFIN_12,
    MARK,
    PARTNER,
    PLEX,
    UNMARK,
    Stage,
    on,
)

from watchstate.sync.reviewing import decide
from watchstate.testing import FaultKind

FILMS = 25
"""More than the brake lets through at once."""


@pytest.fixture
def pair(tmp_path):
    """Make a household of A, which is of the kind that is asked for, and B, which is of another."""
    return lambda kind: Stage(tmp_path, a=kind, b=PARTNER[kind])


@on(CLEARS_FLAG)
async def test_row_26_the_second_fact_of_a_re_watch_is_the_same_re_watch(pair, kind):
    home = pair(kind)
    await home.all_watched("a")
    home.play_until("a", 30)
    await home.scan("a")
    home.wait()
    await home.scan("a")
    assert (await home.agreed("a")).is_rewatching
    assert (await home.hub()).watched is True


@on(CLEARS_FLAG)
async def test_row_27_an_un_mark_of_a_re_watch_without_a_position_is_seen(pair, kind):
    home = pair(kind)
    await home.all_watched("a")
    home.play_until("a", 0.5)
    await home.scan("a")
    assert (await home.agreed("a")).is_rewatching
    home.unmark("a")
    home.wait(1)
    await home.scan("a")
    assert (await home.hub()).watched is False


async def test_row_28_a_second_play_after_our_write_is_the_persons_watch(pair):
    home = pair(PLEX)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    assert await home.deliver("a") == 1
    home.wait(5)
    await home.unwatch_is_seen("b")
    home.wait(5)
    home.watch("a")
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is True


@on(DATES_START)
async def test_row_29_an_un_watch_takes_the_old_position_away(pair, kind):
    home = pair(kind)
    await home.round()
    home.play_until("a", 40)
    await home.round()
    await home.round()
    assert home["b"].shows_state(home.film["b"]).position_ms == 40 * MINUTE
    home.mark("a")
    home.wait(1)
    await home.scan("a")
    home.unmark("a")
    home.wait(1)
    assert await home.settles(watched=False)
    assert (await home.hub()).position_ms == 0
    assert [home[name].shows_state(entry).position_ms for name, entry in home.film.items()] == [0, 0]


@on(ALL)
async def test_row_30_a_position_travels_between_unwatched_accounts(pair, kind):
    home = pair(kind)
    await home.round()
    home.play_until("b", 40)
    await home.round()
    await home.round()
    assert home["a"].shows_state(home.film["a"]).position_ms == 40 * MINUTE
    assert await home.round() == 0


@on(ALL)
async def test_row_31_a_watch_made_while_import_was_off_counts_once_it_is_on(pair, kind):
    home = pair(kind)
    await home.round()
    home.configs["a"] = home["a"].config(**{"import": {"enabled": False}})
    home.wait()
    home.watch("a")
    await home.deliver("a")
    assert (await home.agreed("a")).watched
    assert (await home.hub()).watched is None
    home.wait()
    home.configs["a"] = home["a"].config()
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_31_an_import_switched_on_un_watches_nothing(pair, kind):
    home = pair(kind)
    await home.all_watched("b")
    off = {"enabled": False}
    home.configs["a"] = home["a"].config(**{"import": off, "export": off})
    await home.round()
    home.unmark("a")
    home.wait()
    await home.round()
    home.configs["a"] = home["a"].config()
    assert await home.settles(watched=True)
    assert await home.unwatches_written() == []


async def a_library(tmp_path, kind):
    """Return a household in which many films are watched, and all agree."""
    home = Stage(tmp_path, None, a=kind, b=PARTNER[kind])
    for number in range(FILMS):
        home.mark("b", home["b"].add(movie(number)))
        home["a"].add(movie(number))
    await home.round()
    await home.round()
    assert home.everywhere() == {True}
    home.wait(60)
    return home


def unmark_films(home, count=FILMS):
    for entry_id in home["a"].simulator.entry_ids()[:count]:
        home.unmark("a", entry_id)
    home.wait(5)


def watched_on(home, name):
    return sum(home[name].is_watched(entry_id) for entry_id in home[name].simulator.entry_ids())


@on(ALL)
async def test_row_32_rejected_un_watches_are_marked_again(tmp_path, kind):
    home = await a_library(tmp_path, kind)
    unmark_films(home)
    [report] = await home.scan("a")
    assert report.held == FILMS
    assert await home.deliver("a") == 0
    async with home.services() as services:
        assert await decide(services.engine, services.household().members, "reject") == FILMS
    assert await home.deliver("a") == FILMS
    assert await home.settles(watched=True)
    assert await home.unwatches_written() == []


@pytest.fixture
def _small_pages(monkeypatch):
    for module in ("watchstate_plex", "watchstate_mediabrowser"):
        monkeypatch.setattr(f"{module}.listing.PAGE_SIZE", 10)


@pytest.mark.usefixtures("_small_pages")
@on(ALL)
async def test_row_33_un_watches_over_several_pages_are_held_together(tmp_path, kind):
    home = await a_library(tmp_path, kind)
    unmark_films(home)
    [report] = await home.scan("a")
    assert report.held == FILMS
    assert await home.deliver("b") == 0
    assert watched_on(home, "b") == FILMS


@pytest.mark.usefixtures("_small_pages")
@on(ALL)
async def test_row_33_few_un_watches_over_several_pages_are_applied(tmp_path, kind):
    home = await a_library(tmp_path, kind)
    unmark_films(home, 20)
    [report] = await home.scan("a")
    assert report.held == 0
    assert await home.deliver("b") == 20
    assert watched_on(home, "b") == FILMS - 20


@on((JELLYFIN_12, EMBY_IN_PART))
async def test_row_33_un_watches_that_arrive_one_by_one_are_held_from_the_limit_on(tmp_path, kind):
    home = await a_library(tmp_path, kind)
    unmark_films(home)
    for entry_id in home["a"].simulator.entry_ids():
        await home.hint("a", entry_id)
        home.wait(1)
    assert await home.deliver("b") == 20
    assert watched_on(home, "b") == FILMS - 20


async def test_row_34_a_mere_start_of_a_watched_film_is_no_second_watch(pair):
    home = pair(JELLYFIN_12)
    await home.all_watched("a")
    before = await home.hub()
    home.start("a")
    home.wait(0.5)
    await home.scan("a")
    assert await home.hub() == before


async def test_row_34_a_mere_start_does_not_undo_an_un_watch_elsewhere(pair):
    home = pair(JELLYFIN_12)
    await home.all_watched("a")
    await home.unwatch_is_seen("b")
    home.play_until("a", 30)
    await home.scan("a")
    await home.deliver("a")
    assert (await home.hub()).watched is False
    assert not home["a"].is_watched(home.film["a"])


async def test_row_35_a_listing_row_without_count_and_date_is_not_cleared(pair):
    home = pair(EMBY_IN_PART)
    await home.all_watched("a")
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert (await home.agreed("a")).is_rewatching


@on(ALL)
async def test_row_36_a_404_at_a_write_does_not_make_the_next_un_mark_first_contact(tmp_path, kind):
    home = Stage(tmp_path, None, a=kind, b=PARTNER[kind])
    home.film["a"] = home["a"].add(episode(1, 1, episodes=(1, 2), path="/shows/Show/Show S01E01-E02.mkv"))
    one, two = (home["b"].add(episode(1, number)) for number in (1, 2))
    home.mark("b", one)
    home.mark("b", two)
    await home.round()
    await home.round()
    assert home["a"].is_watched(home.film["a"])
    home.wait(60)
    home.unmark("b", two)
    home.wait(1)
    await home.scan("b")
    home.fail("a", FaultKind.STATUS, UNMARK, status=404, times=2)
    assert await home.deliver("a") == 0
    home["a"].simulator.faults.clear()
    assert home["a"].is_watched(home.film["a"])
    home.wait(5)
    home.unmark("a")
    home.wait(1)
    await home.scan("a")
    assert (await home.hub("b", one)).watched is False


@on(ALL)
async def test_row_37_a_write_without_an_answer_that_was_applied_is_not_written_again(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.fail("a", FaultKind.DROP_AFTER, MARK)
    assert await home.deliver("a") == 0
    writes = home.writes()
    assert await home.settles(watched=True)
    assert home.writes() == writes
    assert home["a"].shows_state(home.film["a"]).play_count in {0, 1}


@pytest.mark.parametrize(
    ("fault", "status"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.STATUS, 400), (FaultKind.STATUS, 404)]
)
@on(ALL)
async def test_row_37_a_write_that_was_not_applied_is_written_later(pair, kind, fault, status):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.fail("a", fault, MARK, status=status, times=2 if status == 404 else 1)
    assert await home.deliver("a") == 0
    home["a"].simulator.faults.clear()
    assert await home.deliver("a") == 0
    assert not home["a"].is_watched(home.film["a"])
    home.wait(2)
    assert await home.settles(watched=True)
    assert home["a"].shows_state(home.film["a"]).play_count in {0, 1}
