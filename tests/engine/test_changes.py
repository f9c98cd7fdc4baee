"""Imports that read only what a server lists as changed, in libraries that are larger than such a list."""

import asyncio

import pytest
from tests.engine.home import DAY, HOUR, START, Home, Lines, movie

from watchstate.api import ChangedSince, hookimpl
from watchstate.storage import accounts
from watchstate.sync.runs import Request, run
from watchstate.testing import Fault, FaultKind
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator

SIZE = 160
FILM = 7
"""One that was watched on both servers, so long ago that no list of what was played last has it."""


class Shelves(Home):
    """Two servers with the same movies, watched on both and agreed about, the later ones more lately."""

    async def fill(self):
        self.pairs = [tuple(place.add(movie(number)) for place in self.places.values()) for number in range(SIZE)]
        for number, (first, _) in enumerate(self.pairs):
            self["one"].watch(first, at=START - (SIZE + 10 - number) * DAY)
        self.clock.pass_time(HOUR)
        await self.sync()
        self.clock.pass_time(HOUR)
        assert await self.is_silent()

    async def cursor(self, account_id=1):
        async with self.services() as services:
            return await services.storage.read(lambda conn: accounts.cursor(conn, account_id))

    async def set_cursor(self, value, account_id=1):
        async with self.services() as services:
            now = self.clock()
            await services.storage.write(lambda conn: accounts.set_cursor(conn, account_id, value, now))


@pytest.fixture
def empty(tmp_path):
    return Shelves(tmp_path, "one", "two")


@pytest.fixture
async def home(empty):
    """Two servers that agree about everything."""
    await empty.fill()
    return empty


@pytest.fixture(params=JellyfinSimulator.versions)
def any_empty(request, tmp_path):
    return Shelves(tmp_path, "one", "two", versions={"one": request.param})


@pytest.fixture
async def any_home(any_empty):
    """The same, with each version of the first server."""
    await any_empty.fill()
    return any_empty


def rewatch(home, film):
    """Watch a film on the first server once more, from the beginning to the end."""
    home["one"].play(film, None)


async def test_a_watch_is_found_in_the_next_list_of_changes(any_home):
    new = any_home["one"].add(movie(1_000)), any_home["two"].add(movie(1_000))
    any_home["one"].watch(new[0])
    done = await any_home.sync()
    assert any_home["two"].is_watched(new[1])
    assert done["one"].read < SIZE
    assert await any_home.is_silent()


async def test_an_unwatch_is_found_by_the_next_full_scan_and_not_before(any_home):
    first, second = any_home.pairs[FILM]
    any_home["one"].unwatch(first)
    done = await any_home.sync()
    assert any_home["two"].is_watched(second), "no list shows it"
    assert done["one"].read < SIZE
    any_home.clock.pass_time(6 * HOUR)
    await any_home.sync()
    assert not any_home["two"].is_watched(second)
    assert not any_home["one"].is_watched(first)
    assert await any_home.is_silent()


async def test_an_unwatch_is_found_at_once_when_everything_is_asked_for(home):
    first, second = home.pairs[FILM]
    home["one"].unwatch(first)
    await home.run("sync", is_full=True)
    assert not home["two"].is_watched(second)


async def test_a_film_that_was_begun_before_a_run_and_ended_after_it_is_found(any_home):
    new = any_home["one"].add(movie(1_000)), any_home["two"].add(movie(1_000))
    any_home["one"].simulator.start(any_home["one"].user, new[0])
    any_home.clock.pass_time(HOUR)
    for pair in any_home.pairs[20:150]:
        rewatch(any_home, pair[0])
    any_home["one"].simulator.start(any_home["one"].user, new[0])
    any_home.clock.pass_time(HOUR)
    await any_home.sync()
    any_home["one"].simulator.stop(any_home["one"].user, new[0], position_ms=None)
    done = await any_home.sync()
    assert any_home["two"].is_watched(new[1])
    assert done["one"].total is None, "a list of changes is not counted"


async def test_a_cursor_that_goes_backwards_loses_nothing(home):
    older = await home.cursor()
    new = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in (1_000, 1_001)]
    home["one"].watch(new[0][0])
    await home.sync()
    assert await home.cursor() != older
    home["one"].watch(new[1][0])
    await home.set_cursor(older)
    await home.sync()
    assert [home["two"].is_watched(second) for _, second in new] == [True, True]
    assert await home.is_silent()


@pytest.mark.parametrize("skew_ms", [-HOUR, HOUR])
async def test_a_server_whose_clock_is_an_hour_off_loses_nothing(home, skew_ms):
    home["one"].simulator.skew_ms = skew_ms
    await home.sync()
    assert any("the clock was changed" in line for line in home.lines.told)
    home.lines = Lines()
    for number in range(1_000, 1_003):
        new = home["one"].add(movie(number)), home["two"].add(movie(number))
        home["one"].watch(new[0])
        done = await home.sync()
        assert home["two"].is_watched(new[1])
        assert done["one"].read < SIZE
    assert home.lines.told == []
    assert await home.is_silent()


@pytest.mark.parametrize("by", [-HOUR, HOUR])
async def test_a_watch_and_an_unwatch_while_a_servers_clock_is_changed_are_found(home, by):
    first, second = home.pairs[FILM]
    new = home["one"].add(movie(1_000)), home["two"].add(movie(1_000))
    home["one"].watch(new[0])
    home["one"].unwatch(first)
    home["one"].simulator.skew_ms = by
    done = await home.sync()
    assert done["one"].read == SIZE + 1
    assert home["two"].is_watched(new[1])
    assert not home["two"].is_watched(second)


@pytest.mark.parametrize("number", range(4))
async def test_a_run_that_fails_in_the_middle_of_a_list_is_made_up_for_by_the_next(home, number):
    new = home["one"].add(movie(1_000)), home["two"].add(movie(1_000))
    home["one"].watch(new[0])
    before = await home.cursor()
    home["one"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=503, after=number + 1, times=99))
    outcome = await home.run("import", "one")
    assert outcome.report.accounts[0].error
    assert await home.cursor() == before
    home["one"].simulator.faults.clear()
    await home.sync()
    assert home["two"].is_watched(new[1])


async def test_a_process_that_dies_in_the_middle_of_a_list_loses_nothing(home):
    new = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in range(1_000, 1_150)]
    for first, _ in new:
        home["one"].watch(first)
    reached = asyncio.Event()

    class DiesAfterAPage(JellyfinBackend):
        @hookimpl
        async def fetch_library(self, account, http, scope):
            async for batch in super().fetch_library(account, http, scope):
                yield batch
                if isinstance(scope, ChangedSince):
                    reached.set()
                    await asyncio.Event().wait()

    async with home.services(DiesAfterAPage()) as services:
        asked = Request(command="import")
        dying = asyncio.create_task(run(services.engine, services.household(["one"]), asked, home.lines))
        await reached.wait()
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
    await home.sync()
    assert all(home["two"].is_watched(second) for _, second in new)
    assert await home.is_silent()
