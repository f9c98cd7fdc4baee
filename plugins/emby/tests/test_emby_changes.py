"""Incremental reads: what was saved for a user since a cursor."""

import re

import pytest
from plugins.emby.tests.canned import ACCOUNT, CannedHttp, movie, page

from watchstate.api import BackendProtocolError, BackendUnavailable, Change, ChangedSince, Everything
from watchstate.clock import DAY, HOUR, SECOND
from watchstate.testing import Fault, FaultKind
from watchstate_emby.library import fetch
from watchstate_mediabrowser.changes import OVERLAP_MS


def cursor_of(scan):
    """Return the cursor of a scan: on its last batch, and on no other."""
    assert [batch.cursor for batch in scan.batches[:-1]] == [None] * (len(scan.batches) - 1)
    return scan.batches[-1].cursor


async def begin(world):
    """Read everything, long after and long before anything else happens; return the cursor."""
    world.clock.advance(HOUR)
    cursor = cursor_of(await world.everything())
    world.clock.advance(HOUR)
    return cursor


async def changed(world, cursor, account=None):
    return await world.fetch(ChangedSince(cursor), account)


async def test_nothing_changed_is_nothing_read_in_two_requests(any_world):
    any_world.add_movie()
    cursor = await begin(any_world)
    any_world.front.arrivals.clear()
    assert not (await changed(any_world, cursor)).facts
    assert len(any_world.front.arrivals) == 2


async def test_marks_unmarks_positions_and_new_files_are_listed(any_world):
    marked, unmarked, halfway, untouched = (any_world.add_movie(number) for number in range(1, 5))
    who, simulator = any_world.alice.user_id, any_world.simulator
    simulator.watch(who, unmarked)
    cursor = await begin(any_world)
    simulator.watch(who, marked)
    simulator.unwatch(who, unmarked)
    simulator.start(who, halfway)
    simulator.stop(who, halfway, position_ms=3_000 * SECOND)
    added = any_world.add_movie(9)
    facts = (await changed(any_world, cursor)).facts
    assert set(facts) == {marked, unmarked, halfway, added}
    assert untouched not in facts
    assert (facts[marked].state.watched, facts[unmarked].state.watched) == (True, False)
    assert facts[halfway].state.position_ms == 3_000 * SECOND


async def test_a_changed_match_is_listed(any_world):
    entry_id = any_world.add_movie()
    cursor = await begin(any_world)
    any_world.simulator.reidentify(entry_id, {"imdb": "tt0000099"})
    assert set((await changed(any_world, cursor)).facts) == {entry_id}


async def test_what_others_did_is_not_listed(any_world):
    entry_id = any_world.add_movie()
    cursor = await begin(any_world)
    any_world.simulator.watch(any_world.bob.user_id, entry_id)
    assert not (await changed(any_world, cursor)).facts


async def test_our_own_writes_are_listed_like_anybodys(any_world):
    entry_id = any_world.add_movie()
    cursor = await begin(any_world)
    await any_world.push(Change(entry_id=entry_id, watched=True))
    assert set((await changed(any_world, cursor)).facts) == {entry_id}


async def test_an_episode_brings_the_ids_of_its_show(any_world):
    entry_id = any_world.add_episode(show=4)
    cursor = await begin(any_world)
    any_world.simulator.watch(any_world.alice.user_id, entry_id)
    (fact,) = (await changed(any_world, cursor)).facts.values()
    assert [each.value for each in fact.entry.show_ids] == ["4"]


async def test_a_chain_of_cursors_loses_nothing(any_world):
    """Each cursor was taken before its own read: what happens while it is read shows up in the next one."""
    entry_ids = [any_world.add_movie(number) for number in range(1, 6)]
    any_world.clock.advance(HOUR)
    cursor = cursor_of(await any_world.everything())
    for entry_id in entry_ids:
        any_world.simulator.watch(any_world.alice.user_id, entry_id)
        scan = await changed(any_world, cursor)
        assert entry_id in scan.facts
        cursor = cursor_of(scan)


async def test_a_change_during_the_scan_is_read_again(world):
    entry_id = world.add_movie()

    async def mark():
        world.simulator.watch(world.alice.user_id, entry_id)

    world.simulator.faults.plan(Fault(kind=FaultKind.LATE, path="/Items", after=1, meanwhile=mark))
    scan = await world.everything()
    assert not scan.facts[entry_id].state.watched
    world.clock.advance(HOUR)
    assert (await changed(world, cursor_of(scan))).facts[entry_id].state.watched


@pytest.mark.parametrize("skew_ms", [-HOUR, -OVERLAP_MS, 0, 400, OVERLAP_MS, HOUR])
async def test_a_server_whose_clock_is_off_loses_nothing(any_world, skew_ms):
    any_world.simulator.skew_ms = skew_ms
    first, later = any_world.add_movie(1), any_world.add_movie(2)
    any_world.clock.advance(HOUR)
    cursor = cursor_of(await any_world.everything())
    any_world.simulator.watch(any_world.alice.user_id, first)
    assert first in (await changed(any_world, cursor)).facts
    any_world.clock.advance(DAY)
    any_world.simulator.watch(any_world.alice.user_id, later)
    assert later in (await changed(any_world, cursor)).facts


@pytest.mark.parametrize("by", [-HOUR, HOUR])
async def test_a_clock_that_was_changed_meanwhile_asks_for_a_full_scan(world, by):
    world.add_movie()
    cursor = await begin(world)
    world.simulator.skew_ms = by
    with pytest.raises(BackendProtocolError, match="the clock was changed"):
        await changed(world, cursor)


async def test_a_clock_put_back_by_seconds_loses_nothing(world):
    entry_id = world.add_movie()
    world.clock.advance(HOUR)
    cursor = cursor_of(await world.everything())
    world.simulator.skew_ms = -8 * SECOND
    world.simulator.watch(world.alice.user_id, entry_id)
    assert entry_id in (await changed(world, cursor)).facts


async def test_a_server_that_fails_to_list_changes_asks_for_a_full_scan(world):
    world.add_movie()
    cursor = await begin(world)
    text = b"SQLitePCL.pretty.SQLiteException: Error"
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, path="/Items", body=text, times=9))
    with pytest.raises(BackendProtocolError, match="fails to list what changed; read everything instead"):
        await changed(world, cursor)


async def test_a_server_that_is_busy_is_asked_again_and_not_for_everything(world):
    world.add_movie()
    cursor = await begin(world)
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=503, path="/Items", times=9))
    with pytest.raises(BackendUnavailable):
        await changed(world, cursor)


@pytest.mark.parametrize("cursor", ["", "2024-01-01", "{}", '{"at": "x"}'])
async def test_a_cursor_that_is_none_asks_for_a_full_scan(world, cursor):
    with pytest.raises(BackendProtocolError, match="the cursor can't be read"):
        await changed(world, cursor)


async def test_without_a_date_in_the_answers_there_is_no_cursor():
    http = CannedHttp(Items=[page(), page(movie(1))])
    assert [batch.cursor async for batch in fetch(ACCOUNT, http, Everything())] == [None]


async def test_an_empty_server_has_a_cursor(any_world):
    assert cursor_of(await any_world.everything())


async def test_a_scan_of_nothing_but_ignored_libraries_has_a_cursor(world):
    account = world.account(world.alice.user_id, ignore=(world.movies, world.shows))
    assert cursor_of(await world.everything(account))


async def test_ignored_libraries_are_left_out(world):
    movie_id, episode_id = world.add_movie(), world.add_episode()
    cursor = await begin(world)
    for entry_id in (movie_id, episode_id):
        world.simulator.watch(world.alice.user_id, entry_id)
    account = world.account(world.alice.user_id, ignore=(world.movies,))
    assert set((await changed(world, cursor, account)).facts) == {episode_id}


async def test_the_date_to_ask_for_is_of_whole_seconds_in_utc(world):
    world.clock.now = 1_784_566_799_900
    cursor = cursor_of(await world.everything())
    await changed(world, cursor)
    assert re.search(r"minDateLastSavedForUser=2026-07-20T16%3A59%3A4\dZ$", world.simulator.requests[-1].query)
