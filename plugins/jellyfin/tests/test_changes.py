"""Incremental reads: what was played, saved or is half watched since a cursor."""

from contextlib import aclosing

import msgspec
import pytest
from plugins.jellyfin.tests.canned import ACCOUNT, CannedHttp, movie, page

from watchstate.api import BackendProtocolError, BackendUnavailable, Change, ChangedSince, Everything
from watchstate.clock import DAY, HOUR, MINUTE, SECOND
from watchstate.testing import Fault, FaultKind, Title
from watchstate.testing.world import Scan, open_world
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.changes import LONGEST_PLAY_MS, PLAYED, SLOWEST_SAVE_MS
from watchstate_jellyfin.library import fetch
from watchstate_jellyfin.simulator import JellyfinSimulator
from watchstate_mediabrowser.changes import Cursor
from watchstate_mediabrowser.convert import to_date
from watchstate_mediabrowser.listing import OVERLAP
from watchstate_mediabrowser.simulator.states import Patch

NOW = 1_700_000_000_000
OLD = NOW - 30 * DAY


def cursor_of(scan):
    """Return the cursor of a scan: on its last batch, and on no other."""
    assert [batch.cursor for batch in scan.batches[:-1]] == [None] * (len(scan.batches) - 1)
    return scan.batches[-1].cursor


async def begin(world):
    """Read everything, long after and long before anything else happens; return the cursor."""
    world.clock.advance(2 * DAY)
    cursor = cursor_of(await world.everything())
    world.clock.advance(HOUR)
    return cursor


async def changed(world, cursor, account=None):
    return await world.fetch(ChangedSince(cursor), account)


async def listed(world, cursor, account=None):
    return set((await changed(world, cursor, account)).facts)


def shelve(world, number=400):
    """Put movies on the server that alice watched long ago, the first one last; return their ids."""
    entry_ids = [world.add_movie(1_000 + each) for each in range(number)]
    for each, entry_id in enumerate(entry_ids):
        world.simulator.watch(world.alice.user_id, entry_id, at=world.clock.now - (30 + each) * DAY)
    return entry_ids


@pytest.fixture
def shelf(any_world):
    """Movies that fill more than the first page."""
    return shelve(any_world)


@pytest.fixture
async def shelved_12():
    """The same on 12.0."""
    async with open_world(JellyfinBackend(), lambda clock: JellyfinSimulator(clock=clock, version="12.0.0")) as world:
        yield world, shelve(world)


# What is listed


async def test_nothing_changed_costs_four_requests_and_one_for_shows(any_world):
    any_world.add_movie()
    any_world.add_episode()
    cursor = await begin(any_world)
    any_world.front.arrivals.clear()
    await changed(any_world, cursor)
    assert [each.path for each in any_world.front.arrivals] == ["/Sessions", *["/Items"] * 4]


async def test_a_mark_a_play_a_position_and_a_new_file_are_listed(any_world, shelf):
    marked, played, halfway = shelf[300], shelf[301], shelf[302]
    who, simulator = any_world.alice.user_id, any_world.simulator
    cursor = await begin(any_world)
    simulator.watch(who, marked, at=any_world.clock.now)
    for entry_id, position in ((played, None), (halfway, 3_000 * SECOND)):
        simulator.start(who, entry_id)
        simulator.stop(who, entry_id, position_ms=position)
    added = any_world.add_movie(9)
    facts = (await changed(any_world, cursor)).facts
    assert {marked, played, halfway, added} <= set(facts)
    assert (facts[played].state.watched, facts[halfway].state.position_ms) == (True, 3_000 * SECOND)


async def test_a_start_that_takes_the_watched_flag_away_is_listed(any_world, shelf):
    cursor = await begin(any_world)
    any_world.simulator.start(any_world.alice.user_id, shelf[300])
    facts = (await changed(any_world, cursor)).facts
    assert facts[shelf[300]].is_playing
    assert facts[shelf[300]].state.play_count == 2


async def test_a_position_without_a_date_is_listed(any_world, shelf):
    cursor = await begin(any_world)
    await any_world.push(Change(entry_id=shelf[300], position_ms=3_000 * SECOND))
    assert shelf[300] in await listed(any_world, cursor)


async def test_a_changed_match_is_listed(any_world, shelf):
    cursor = await begin(any_world)
    any_world.simulator.reidentify(shelf[300], {"imdb": "tt0000099"})
    assert shelf[300] in await listed(any_world, cursor)


async def test_a_file_whose_date_is_that_of_its_making_is_listed(any_world, shelf):
    """Where the library takes dates from the files, the list by added date hides new ones."""
    cursor = await begin(any_world)
    entry_id = any_world.add_movie(9)
    any_world.simulator.redate(entry_id, any_world.clock.now - 1_000 * DAY)
    assert entry_id in await listed(any_world, cursor)


async def test_a_file_that_was_stamped_minutes_before_the_read_is_listed(any_world, shelf):
    """The server stamps what it has scanned before it shows it."""
    entry_id = any_world.add_movie(9)
    any_world.clock.advance(SLOWEST_SAVE_MS - MINUTE)
    cursor = cursor_of(await any_world.everything())
    assert entry_id in await listed(any_world, cursor)


async def test_an_unmark_in_a_large_library_is_not_listed(any_world, shelf):
    cursor = await begin(any_world)
    any_world.simulator.unwatch(any_world.alice.user_id, shelf[0])
    assert shelf[0] not in await listed(any_world, cursor)


async def test_a_mark_with_a_date_long_past_is_not_listed_in_a_large_library(any_world, shelf):
    late = any_world.add_movie(9)
    cursor = await begin(any_world)
    any_world.simulator.watch(any_world.alice.user_id, late, at=any_world.clock.now - 1_000 * DAY)
    assert late not in await listed(any_world, cursor)


async def test_most_of_a_large_library_is_not_read(any_world, shelf):
    cursor = await begin(any_world)
    assert len(await listed(any_world, cursor)) == PLAYED.first_page


async def test_a_series_that_is_marked_lists_all_its_episodes(any_world, shelf):
    episodes = {any_world.add_episode(episodes=(number,)) for number in range(1, 251)}
    cursor = await begin(any_world)
    for each in episodes:
        any_world.simulator.watch(any_world.alice.user_id, each)
    facts = (await changed(any_world, cursor)).facts
    assert episodes <= set(facts)
    assert {each.value for entry_id in episodes for each in facts[entry_id].entry.show_ids} == {"1"}


async def test_an_entry_is_listed_once(any_world):
    entry_id = any_world.add_movie()
    cursor = await begin(any_world)
    any_world.simulator.reidentify(entry_id, {"imdb": "tt0000099"})
    any_world.simulator.start(any_world.alice.user_id, entry_id)
    any_world.simulator.stop(any_world.alice.user_id, entry_id, position_ms=3_000 * SECOND)
    scan = await changed(any_world, cursor)
    assert [fact.entry.entry_id for batch in scan.batches for fact in batch.facts] == [entry_id]


async def test_a_play_that_began_almost_a_day_before_the_read_is_listed(any_world, shelf):
    any_world.clock.advance(2 * DAY)
    any_world.simulator.start(any_world.alice.user_id, shelf[300])
    any_world.clock.advance(LONGEST_PLAY_MS - HOUR - MINUTE)
    later = [any_world.add_movie(each) for each in range(PLAYED.first_page)]
    for each in later:
        any_world.simulator.watch(any_world.alice.user_id, each)
    any_world.clock.advance(HOUR)
    cursor = cursor_of(await any_world.everything())
    any_world.simulator.stop(any_world.alice.user_id, shelf[300], position_ms=None)
    assert (await changed(any_world, cursor)).facts[shelf[300]].state.watched


# Movies with several files


async def test_another_file_of_a_movie_is_no_entry_though_it_is_half_watched(any_world, shelf):
    other = any_world.simulator.add_version(shelf[300], "/media/Movies/Movie 1300 - 4K.mkv")
    cursor = await begin(any_world)
    any_world.simulator.set_state(any_world.alice.user_id, other, Patch(position_ticks=30_000_000_000))
    facts = await listed(any_world, cursor)
    assert facts <= set(any_world.simulator.entry_ids())


async def test_a_movie_of_which_another_file_was_watched_is_listed(shelved_12):
    world, shelf = shelved_12
    other = world.simulator.add_version(shelf[300], "/media/Movies/Movie 1300 - 4K.mkv")
    world.simulator.unwatch(world.alice.user_id, shelf[300])
    cursor = await begin(world)
    world.simulator.watch(world.alice.user_id, other)
    assert (await changed(world, cursor)).facts[shelf[300]].state.watched


# Order and pages


def played(at, number=0):
    return movie(number, UserData={"Played": True, "LastPlayedDate": to_date(at)})


def rows(*dates):
    return [played(at, number) for number, at in enumerate(dates)]


async def read_played(*pages):
    """Read lists of which only that of what was played has rows; return the ids, and how often it was asked for."""
    http = CannedHttp(skew_ms=0, Items=[*pages, page()])
    cursor = msgspec.json.encode(Cursor(NOW, 0)).decode()
    scan = Scan(tuple([batch async for batch in fetch(ACCOUNT, http, ChangedSince(cursor))]))
    return set(scan.facts), sum("DatePlayed" in said["sortBy"] for _, path, said in http.asked if path == "/Items")


async def test_a_page_whose_second_half_is_old_is_the_last():
    found, asked = await read_played(page(*rows(*[NOW] * 50, *[OLD] * 50), total=500))
    assert (len(found), asked) == (100, 1)


async def test_a_page_whose_second_half_is_not_all_old_is_not_the_last():
    first = rows(*[NOW] * 51, *[OLD] * 49)
    more = [*first[90:], *[played(OLD, number) for number in range(100, 500)]]
    found, asked = await read_played(page(*first, total=500), page(*more, total=500, start=90))
    assert (len(found), asked) == (500, 2)


async def test_a_page_out_of_order_is_not_the_last():
    first = rows(*[OLD] * 98, OLD + DAY, OLD)
    more = [*first[90:], *[played(OLD - 1, number) for number in range(100, 300)]]
    found, asked = await read_played(page(*first, total=500), page(*more, total=500, start=90))
    assert (len(found), asked) == (300, 2)


async def test_a_page_that_begins_later_than_the_one_before_ended_is_not_the_last():
    first = rows(*[NOW] * 60, *[NOW - HOUR] * 20, *[OLD] * 20)
    second = [*first[90:], *[played(OLD + DAY, number) for number in range(100, 200)]]
    third = [*second[100:], *[played(OLD + DAY, number) for number in range(200, 300)]]
    found, asked = await read_played(
        page(*first, total=900), page(*second, total=900, start=90), page(*third, total=900, start=190)
    )
    assert (len(found), asked) == (300, 3)


async def test_rows_that_show_no_date_or_an_old_one_hide_nothing_behind_them():
    found, _ = await read_played(page(movie(7), played(OLD, 8), played(NOW, 9)))
    assert len(found) == 3


async def test_a_list_in_any_order_is_read_to_its_end():
    dates = [OLD + number * 7_919 % 1_000 * HOUR for number in range(1_000)]
    everything = rows(*dates)
    found, asked = await read_played(page(*everything[:100], total=1000), page(*everything[90:], total=1000, start=90))
    assert (len(found), asked) == (1000, 2)


async def test_what_was_never_played_ends_the_list():
    found, asked = await read_played(page(played(NOW, 200), *[movie(number) for number in range(99)], total=500))
    assert (len(found), asked) == (100, 1)


async def read_while(world, cursor, something_happens):
    """Read changes, and let something happen after the first page."""
    batches = []
    async with aclosing(world.plugins.fetch_library(world.alice, world.http, ChangedSince(cursor))) as pages:
        async for batch in pages:
            if not batches:
                something_happens(batch)
            batches.append(batch)
    return Scan(tuple(batches))


async def many_changes(world):
    """Let alice watch more than two pages; return what she watched and the cursor before it."""
    entry_ids = [world.add_movie(each) for each in range(2_000)]
    cursor = await begin(world)
    for entry_id in entry_ids[:1_500]:
        world.simulator.watch(world.alice.user_id, entry_id)
    return set(entry_ids[:1_500]), cursor


async def test_an_unmark_between_two_pages_takes_no_other_out_of_the_list(world):
    watched, cursor = await many_changes(world)

    def unmark(batch):
        world.simulator.unwatch(world.alice.user_id, batch.facts[5].entry.entry_id)

    assert watched <= set((await read_while(world, cursor, unmark)).facts)


async def test_a_play_between_two_pages_takes_no_other_out_of_the_list(world):
    watched, cursor = await many_changes(world)
    last = min(watched, key=lambda each: world.state(each).watched_at)
    scan = await read_while(world, cursor, lambda _: world.simulator.start(world.alice.user_id, last))
    assert watched - {last} <= set(scan.facts)
    assert last in await listed(world, cursor_of(scan))


async def test_more_unmarks_than_pages_share_make_no_list(world):
    _, cursor = await many_changes(world)

    def unmark_many(batch):
        for fact in batch.facts[: OVERLAP + 5]:
            world.simulator.unwatch(world.alice.user_id, fact.entry.entry_id)

    with pytest.raises(BackendProtocolError, match="the library changed while it was read"):
        await read_while(world, cursor, unmark_many)


async def test_a_server_that_always_gives_the_first_page_makes_no_list(world):
    _, cursor = await many_changes(world)
    world.simulator.repeat_pages = True
    with pytest.raises(BackendProtocolError, match="were promised"):
        await changed(world, cursor)


async def test_short_pages_are_read_on(world):
    watched, cursor = await many_changes(world)
    world.simulator.short_pages = True
    assert watched <= await listed(world, cursor)


async def test_a_short_list_of_what_is_half_watched_is_none(world):
    entry_id = world.add_movie()
    cursor = await begin(world)
    await world.push(Change(entry_id=entry_id, position_ms=3_000 * SECOND))
    world.simulator.short_pages = True
    with pytest.raises(BackendProtocolError, match="1 rows were promised and 0 were read"):
        await changed(world, cursor)


# Cursors


async def test_a_change_during_the_scan_is_read_again(world):
    shelf = shelve(world)

    async def mark():
        world.simulator.watch(world.alice.user_id, shelf[300], at=world.clock.now)

    world.clock.advance(2 * DAY)
    world.simulator.faults.plan(Fault(kind=FaultKind.LATE, path="/Items", after=1, meanwhile=mark))
    scan = await world.everything()
    world.clock.advance(HOUR)
    assert (await changed(world, cursor_of(scan))).facts[shelf[300]].state.play_count == 2


@pytest.mark.parametrize("skew_ms", [-HOUR, 0, HOUR])
async def test_a_server_whose_clock_is_off_loses_nothing(any_world, shelf, skew_ms):
    any_world.simulator.skew_ms = skew_ms
    cursor = await begin(any_world)
    any_world.simulator.watch(any_world.alice.user_id, any_world.add_movie(9))
    any_world.simulator.start(any_world.alice.user_id, shelf[300])
    new = set(any_world.simulator.entry_ids()) - set(shelf)
    assert {*new, shelf[300]} <= await listed(any_world, cursor)


@pytest.mark.parametrize("by", [-HOUR, HOUR])
async def test_a_clock_that_was_changed_meanwhile_asks_for_a_full_scan(world, by):
    cursor = await begin(world)
    world.simulator.skew_ms = by
    with pytest.raises(BackendProtocolError, match="the clock was changed"):
        await changed(world, cursor)


@pytest.mark.parametrize("cursor", ["", "2024-01-01", "{}", '{"at": "x"}'])
async def test_a_cursor_that_is_none_asks_for_a_full_scan(world, cursor):
    with pytest.raises(BackendProtocolError, match="the cursor can't be read"):
        await changed(world, cursor)


async def test_an_older_cursor_lists_no_less(any_world, shelf):
    older = await begin(any_world)
    any_world.simulator.start(any_world.alice.user_id, shelf[300])
    newer = cursor_of(await changed(any_world, older))
    any_world.simulator.start(any_world.alice.user_id, shelf[301])
    assert await listed(any_world, newer) <= await listed(any_world, older)


async def test_without_a_date_in_the_answers_there_is_no_cursor():
    http = CannedHttp(Items=[page(), page(movie(1))])
    assert [batch.cursor async for batch in fetch(ACCOUNT, http, Everything())] == [None]


# Failures and ignored libraries


async def test_a_server_that_fails_to_list_changes_asks_for_a_full_scan(world):
    cursor = await begin(world)
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, path="/Items", times=9))
    with pytest.raises(BackendProtocolError, match="fails to list what changed; read everything instead"):
        await changed(world, cursor)


async def test_a_server_that_is_busy_is_asked_again_and_not_for_everything(world):
    cursor = await begin(world)
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=503, path="/Items", times=9))
    with pytest.raises(BackendUnavailable):
        await changed(world, cursor)


async def test_ignored_libraries_are_left_out(any_world):
    attic = any_world.simulator.add_library("Attic", "movies")
    hidden = {
        any_world.simulator.add(attic, Title(kind="movie", title=f"Old {number}", path=f"/attic/{number}.mkv"))
        for number in range(150)
    }
    seen = {any_world.add_movie(), any_world.add_episode()}
    cursor = await begin(any_world)
    for entry_id in hidden | seen:
        any_world.simulator.watch(any_world.alice.user_id, entry_id)
    account = any_world.account(any_world.alice.user_id, ignore=(attic,))
    assert await listed(any_world, cursor, account) == seen


async def test_missing_episodes_are_left_out(any_world):
    there = any_world.add_episode()
    lost = Title(kind="episode", title="Lost", show="Show 1", season=1, episodes=(9,))
    any_world.simulator.add_virtual_episode(any_world.shows, lost)
    cursor = cursor_of(await any_world.everything())
    assert await listed(any_world, cursor) == {there}
