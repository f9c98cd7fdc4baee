"""R4, R5: what is not a person's un-watch must not become one."""

import pytest
from msgspec.structs import replace
from tests.engine.home import HOUR, Home, episode, movie

from watchstate.api import Everything, hookimpl
from watchstate.testing import Fault, FaultKind
from watchstate_jellyfin.backend import JellyfinBackend


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, "one", "two")


async def both_watched(home, count=1):
    pairs = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in range(count)]
    for first, _ in pairs:
        home["one"].watch(first)
    await home.sync()
    return pairs


async def test_r4_a_recreated_entry_gets_its_mark_back(home):
    [(first, second)] = await both_watched(home)
    home["two"].simulator.remove(second)
    again = home["two"].simulator.restore(second)
    await home.sync()
    assert again != second
    assert home["two"].is_watched(again)
    assert home["one"].is_watched(first)
    assert await home.is_silent()


async def test_r4_a_replaced_file_gets_its_mark_back(home):
    [(first, second)] = await both_watched(home)
    home["two"].simulator.replace_file(second)
    assert not home["two"].is_watched(second)
    await home.sync()
    assert home["two"].is_watched(second)
    assert home["one"].is_watched(first)


async def test_r4_an_entry_that_was_missing_for_a_scan_says_nothing_by_coming_back_unwatched(home):
    [(first, second)] = await both_watched(home)
    home["two"].simulator.remove(second)
    await home.sync()
    assert home["two"].add(movie(0)) == second, "the same path has the same id here"
    await home.sync()
    assert home["two"].is_watched(second)
    assert home["one"].is_watched(first)


async def test_r4_a_short_page_concludes_nothing(home):
    pairs = await both_watched(home, 5)
    home["two"].simulator.short_pages = True
    done = await home.sync()
    assert not done["two"].is_complete
    assert "5" in done["two"].error
    home["two"].simulator.short_pages = False
    for _, second in pairs[-2:]:
        home["two"].unwatch(second)
    await home.sync()
    assert [home["one"].is_watched(first) for first, _ in pairs] == [True, True, True, False, False]


async def test_r4_a_list_with_fewer_entries_than_it_says_proves_nothing_missing(home):
    pairs = await both_watched(home, 3)

    class Forgets(JellyfinBackend):
        """Leaves an entry out, and says nothing about it."""

        @hookimpl
        async def fetch_library(self, account, http, scope):
            async for batch in super().fetch_library(account, http, scope):
                yield replace(batch, facts=batch.facts[1:]) if isinstance(scope, Everything) else batch

    outcome = await home.run("import", "two", backend=Forgets(), is_full=True)
    assert (outcome.report.exit_code, outcome.report.accounts[0].is_complete) == (3, False)
    for _, second in pairs:
        home["two"].unwatch(second)
    await home.run("sync", is_full=True)
    assert [home["one"].is_watched(first) for first, _ in pairs] == [False, False, False]


async def test_r4_another_machine_behind_the_url_is_refused_until_it_is_accepted(home):
    [(first, second)] = await both_watched(home)
    two = home["two"].simulator
    two.change_machine()
    two.unwatch(home["two"].user, second)
    requests = len(two.requests)
    done = await home.sync()
    assert "--accept-new-machine" in done["two"].error
    assert [request.path for request in two.requests[requests:]] == ["/System/Info/Public"]
    assert home["one"].is_watched(first)
    assert done["one"].error == ""


async def test_a_failed_page_keeps_what_was_read_and_concludes_nothing(home):
    for number in range(1200):
        home["one"].add(movie(number))
    entries = home["one"].simulator.entry_ids()
    for entry in entries:
        home["one"].watch(entry)
    seconds = [home["two"].add(movie(number)) for number in range(1200)]
    home["one"].simulator.faults.plan(Fault(kind=FaultKind.RESET_MID_BODY, path="/Items", after=2, times=3))
    done = await home.sync()
    assert "one" in done["one"].error
    assert done["one"].read == 1000
    await home.sync()
    assert all(home["two"].is_watched(entry) for entry in seconds)
    assert await home.is_silent()


async def test_r5_a_rebuilt_library_trips_the_brake_and_can_be_rejected(home):
    pairs = await both_watched(home, 40)
    for _, second in pairs:
        home["two"].unwatch(second)
    outcome = await home.run("sync")
    assert outcome.report.exit_code == 4
    assert outcome.report.accounts[1].held == 40
    assert all(home["one"].is_watched(first) for first, _ in pairs)
    assert await home.is_silent(), "a held change is written nowhere, and held only once"


async def test_r5_what_is_held_waits_for_a_decision_also_when_it_gets_less(home):
    pairs = await both_watched(home, 40)
    for _, second in pairs:
        home["two"].unwatch(second)
    await home.run("sync")
    home.clock.pass_time(HOUR)
    for _, second in pairs[:25]:
        home["two"].watch(second)
    await home.run("sync", is_full=True)
    assert all(home["one"].is_watched(first) for first, _ in pairs)
    home.clock.pass_time(HOUR)
    await home.run("sync", is_full=True)
    assert [home["two"].is_watched(second) for _, second in pairs] == [True] * 25 + [False] * 15
    assert all(home["one"].is_watched(first) for first, _ in pairs)


async def test_r5_twenty_five_episodes_of_one_show_go_through(home):
    pairs = [(home["one"].add(episode(1, number)), home["two"].add(episode(1, number))) for number in range(1, 41)]
    for first, _ in pairs:
        home["one"].watch(first)
    await home.sync()
    for _, second in pairs[:25]:
        home["two"].unwatch(second)
    outcome = await home.run("sync")
    assert outcome.report.exit_code == 0
    assert [home["one"].is_watched(first) for first, _ in pairs] == [False] * 25 + [True] * 15


async def test_r6_watching_again_is_no_unwatch_and_is_left_alone_until_it_ends(home):
    [(first, second)] = await both_watched(home)
    home["two"].play(second, 30 * 60_000)
    assert not home["two"].is_watched(second), "this server clears the flag when a play starts"
    await home.sync()
    assert home["one"].is_watched(first)
    assert home["two"].shows_state(second).position_ms == 30 * 60_000
    assert await home.is_silent()
    home.clock.pass_time(HOUR)
    home["two"].play(second, None)
    await home.sync()
    assert home["two"].is_watched(second)
    assert await home.is_silent()
