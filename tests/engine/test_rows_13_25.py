"""Counter-examples 13 to 25 on real storage, real backends and simulated servers; see `test_rows_01_12`."""

import pytest
from tests.engine.home import DAY
from tests.engine.stage import (
    ALL,
    DATES_START,
    KEEPS_FLAG,
    LAST_OF_A_MARK,
    MARK,
    PARTNER,
    PLEX,
    Stage,
    on,
    read_everything,
    read_hint,
)

from watchstate.sync.reviewing import decide
from watchstate.testing import FaultKind

HOLDS_EVERYTHING = {"WS_BRAKE_ITEMS": "0", "WS_BRAKE_PERCENT": "0", "WS_BRAKE_TITLES": "0"}


@pytest.fixture
def pair(tmp_path):
    """Make a household of A, which is of the kind that is asked for, and B, which is of another."""
    return lambda kind: Stage(tmp_path, a=kind, b=PARTNER[kind])


@on(ALL)
async def test_row_13_a_watch_that_equals_a_write_that_never_left_is_the_persons(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.wait()
    home.unmark("b")
    home.wait(1)
    home.fail("a", FaultKind.DROP_BEFORE, MARK)
    assert await home.deliver("a") == 0
    home.wait(30)
    home.watch("a")
    await home.scan("b")
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_14_our_own_stamp_is_not_a_persons_watch_because_a_play_followed(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.fail("a", FaultKind.DROP_AFTER, MARK)
    assert await home.deliver("a") == 0
    assert home["a"].is_watched(home.film["a"])
    home.wait()
    await home.unwatch_is_seen("b")
    home.wait()
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is False


@on(ALL)
async def test_row_15_an_open_write_is_not_forgotten_when_nothing_is_to_be_delivered(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.fail("a", FaultKind.DROP_AFTER, MARK)
    await home.deliver("a")
    home.wait()
    await home.unwatch_is_seen("b")
    home.wait()
    await home.scan("a")
    assert (await home.hub()).watched is False
    assert await home.settles(watched=False)


@on(ALL)
async def test_row_15_an_open_write_is_read_even_if_nothing_is_to_be_delivered(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.fail("a", FaultKind.DROP_AFTER, MARK)
    await home.deliver("a")
    home.wait()
    await home.unwatch_is_seen("b")
    await home.deliver("a")
    assert not home["a"].is_watched(home.film["a"])
    assert (await home.view("a")).intent is None


@on(ALL)
async def test_row_16_an_un_watch_has_no_moment_but_the_time_between_two_looks(pair, kind):
    home = pair(kind)
    await home.all_watched("b")
    home.unmark("b")
    home.wait()
    home.watch("a")
    await home.scan("a")
    home.wait(5)
    await home.hint("b")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


@on(DATES_START)
async def test_row_17_a_watch_dated_by_its_start_ends_later(tmp_path, kind):
    home = Stage(tmp_path, a=PLEX, b=kind)
    await home.round()
    home.start("b")
    home.wait(5)
    home.mark("a")
    home.wait(1)
    await home.scan("a")
    home.wait(54)
    home.unmark("a")
    home.wait(1)
    await home.scan("a")
    assert (await home.hub()).watched is False
    home.wait(59)
    home.stop("b", None)
    await home.scan("b")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_18_the_time_of_commit_plays_no_part(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")

    async def meanwhile(*_):
        home.unmark("b")
        home.wait(0.5)
        home.watch("a")
        home.wait(2)

    await home.scan_with_delay("b", meanwhile)
    await home.scan("a")
    home.wait(5)
    await home.scan("b")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_19_an_old_page_is_stale_after_a_read_that_changed_nothing(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("a")

    async def meanwhile(services, work):
        home.unmark("a")
        home.wait(1)
        await read_hint(services, work, home.film["a"])

    await home.scan_with_delay("a", meanwhile)
    assert (await home.hub()).watched is None
    assert await home.deliver("b") == 0


async def test_row_20_an_incremental_run_is_no_look_at_what_it_does_not_list(pair):
    home = pair(PLEX)
    await home.all_watched("a")
    await home.look("a")
    home.wait(90)
    home.unmark("a")
    home.wait(5)
    home.watch("b")
    await home.scan("b")
    home.wait(15)
    [report] = await home.look("a")
    assert report.read == 0
    home.wait(40)
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_21_a_scan_whose_fact_was_dropped_is_no_look(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.wait(1)

    async def meanwhile():
        home.wait(1)
        home.unmark("a")
        home.wait(1)
        home.watch("b")
        await home.scan("b")
        home.wait(5)
        async with home.working_on("a", "export") as (services, work):
            await read_everything(services, work)
        home.wait(1)

    home.fail("a", FaultKind.LATE, LAST_OF_A_MARK, meanwhile=meanwhile)
    assert await home.deliver("a") == 1
    home.wait(5)
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_22_after_a_write_the_time_of_sending_orders(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.wait(1)

    async def meanwhile():
        home.wait(1)
        home.unmark("a")
        home.wait(1)
        home.watch("b")
        await home.scan("b")
        home.wait(5)

    home.fail("a", FaultKind.LATE, LAST_OF_A_MARK, meanwhile=meanwhile)
    assert await home.deliver("a") == 1
    home.wait(5)
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)


async def accept_held(home):
    async with home.services() as services:
        return await decide(services.engine, services.household().members, "accept")


@on(ALL)
async def test_row_23_a_held_un_watch_keeps_the_interval_of_its_first_sighting(pair, kind):
    home = pair(kind)
    home.environ |= HOLDS_EVERYTHING
    await home.all_watched("b")
    await home.scan("a")
    home.wait()
    home.unmark("a")
    home.wait(1)
    [report] = await home.scan("a")
    assert ((await home.hub()).watched, report.held) == (True, 1)
    home.wait()
    home.watch("b")
    await home.scan("b")
    home.wait(60)
    assert await accept_held(home) == 1
    await home.scan("a")
    assert (await home.hub()).watched is True


@on(ALL)
async def test_row_23_an_accepted_un_watch_un_watches(pair, kind):
    home = pair(kind)
    home.environ |= HOLDS_EVERYTHING
    await home.all_watched("b")
    home.unmark("a")
    home.wait(1)
    await home.scan("a")
    home.wait(60)
    await home.scan("a")
    assert await accept_held(home) == 1
    await home.look("a")
    assert (await home.hub()).watched is False
    assert (await home.view("a")).held is None


@on(ALL)
async def test_row_23_a_held_interval_is_not_lent_to_a_later_watch(pair, kind):
    home = pair(kind)
    home.environ |= HOLDS_EVERYTHING
    await home.all_watched("b")
    home.unmark("a")
    home.wait(1)
    await home.scan("a")
    assert (await home.view("a")).held is not None
    home.wait(30)
    home.watch("a")
    home.wait(1)
    await home.scan("a")
    assert (await home.view("a")).held is None
    assert await home.settles(watched=True)
    assert await home.unwatches_written() == []


@on(KEEPS_FLAG)
async def test_row_24_a_play_of_an_entry_that_we_never_saw_is_no_watch(pair, kind):
    home = pair(kind)
    home.mark("b")
    await home.scan("b")
    home.wait(60)
    home.unmark("b")
    home.wait(1)
    await home.scan("b")
    home.mark("a")
    home.clock.pass_time(DAY)
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is False


@on(ALL)
async def test_row_24_a_date_that_we_stamped_moves_nothing_after_a_rebuild(pair, kind):
    home = pair(kind)
    home.mark("b")
    await home.scan("b")
    home.clock.pass_time(DAY)
    await home.scan("a")
    assert await home.deliver("a") == 1
    before = await home.hub("b")
    simulator = home["a"].simulator
    simulator.remove(home.film["a"])
    home.film["a"] = simulator.restore(home.film["a"], keeps_state=True)
    assert home["a"].is_watched(home.film["a"])
    home.wait(60)
    await home.scan("a")
    assert await home.hub("b") == before


@on(ALL)
async def test_row_25_every_write_is_preceded_by_a_read(pair, kind):
    home = pair(kind)
    await home.round()

    async def meanwhile(*_):
        home.mark("a")
        home.mark("b")
        await home.hint("b")

    await home.scan_with_delay("a", meanwhile)
    writes = home.writes()
    assert await home.deliver("a") == 0
    assert home.writes() == writes
    assert home["a"].shows_state(home.film["a"]).play_count == 1
