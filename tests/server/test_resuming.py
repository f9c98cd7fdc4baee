"""What was accepted is done, whatever comes between: a killed process, a server that is down, a plugin that fails."""

from functools import partial

import pytest
from tests.engine.home import DAY, HOUR, MINUTE, movie
from tests.server.house import House, jellyfin

from watchstate.api import Entries, hookimpl
from watchstate.clock import SECOND
from watchstate.storage import accounts
from watchstate.sync.pending import KEPT, MOST_TRIES, PAUSES
from watchstate.testing import Fault, FaultKind
from watchstate_jellyfin.backend import JellyfinBackend


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path, one="jellyfin", two="jellyfin")
    await house.sync()
    house["one"].watch(house.film["one"])
    return house


def marked(house):
    return jellyfin(house, "one", house.film["one"], Played=True, SaveReason="TogglePlayed")


async def states(door):
    return [(event.state, event.tries) for event in await door.events()]


async def sweep(door):
    await door.hearing.sweep()
    await door.hearing.settle()


@pytest.mark.parametrize("is_killed", [True, False])
async def test_what_was_accepted_by_a_process_that_ended_is_done_by_the_next(house, is_killed):
    async with house.listening(is_killed=is_killed) as door:
        await door.tell("one", marked(house))
    assert not house["two"].is_watched(house.film["two"])
    async with house.listening() as door:
        await door.hearing.settle()
        assert house["two"].is_watched(house.film["two"])
        assert [event.state for event in await door.events()] == ["done"]


async def test_a_failing_server_is_asked_again_with_growing_pauses_and_then_left_to_a_person(house):
    house.down.add("http://one.test")
    async with house.listening() as door:
        await door.tell_and_settle("one", marked(house))
        waited = []
        while (event := (await door.events())[0]).state == "new":
            waited.append(event.next_try_at - house.clock())
            house.clock.pass_time(event.next_try_at - house.clock() - 1)
            await sweep(door)
            assert (await door.events())[0] == event, "it is too early"
            house.clock.pass_time(1)
            await sweep(door)
        assert waited == list(PAUSES)
        assert (event.state, event.tries) == ("parked", MOST_TRIES)
        assert event.error.startswith("one: ")
    house.down.clear()
    async with house.listening() as door:
        await door.hearing.settle()
        assert not house["two"].is_watched(house.film["two"]), "it waits for a person"
        await door.retry()
        await door.hearing.settle()
        assert house["two"].is_watched(house.film["two"])


async def test_a_write_that_fails_is_tried_again(house):
    async with house.listening() as door:
        house["two"].simulator.starting = True
        await door.tell_and_settle("one", marked(house))
        assert await states(door) == [("new", 1)]
        house["two"].simulator.starting = False
        house.clock.pass_time(PAUSES[0])
        await sweep(door)
        assert house["two"].is_watched(house.film["two"])
        assert await states(door) == [("done", 1)]


async def test_an_event_of_which_only_the_writes_are_missing_is_done_in_the_end_and_the_next_run_makes_them(house):
    async with house.listening() as door:
        house["two"].simulator.starting = True
        await door.tell_and_settle("one", marked(house))
        for pause in PAUSES:
            house.clock.pass_time(pause)
            await sweep(door)
        (event,) = await door.events()
        assert event.state == "done"
        assert event.result.endswith("the next state sync writes it")
    house["two"].simulator.starting = False
    await house.sync()
    assert house["two"].is_watched(house.film["two"])


async def test_a_write_without_an_answer_is_looked_into_when_it_may_be(house):
    async with house.listening() as door:
        house["two"].simulator.faults.plan(Fault(kind=FaultKind.DROP_BEFORE, path="/UserData"))
        await door.tell_and_settle("one", marked(house))
        assert not house["two"].is_watched(house.film["two"])
        (event,) = await door.events()
        assert (event.state, event.tries) == ("new", 1)
        assert event.error.startswith("two: 1 writes failed (")
        for pause in PAUSES[:3]:
            house.clock.pass_time(pause)
            await sweep(door)
        assert house["two"].is_watched(house.film["two"])
        assert [event.state for event in await door.events()] == ["done"]


async def test_an_event_whose_own_server_refuses_to_write_a_copy_is_not_parked(house):
    copy = house["one"].add(
        movie(1, path="/films/4k/Film 1.mkv"), library=house["one"].simulator.add_library("4K", "movies")
    )
    house["one"].unwatch(house.film["one"])
    await house.sync()
    house["one"].watch(house.film["one"])
    house["one"].simulator.faults.plan(Fault(kind=FaultKind.DROP_BEFORE, path="/UserData", times=9))
    async with house.listening() as door:
        await door.tell_and_settle("one", marked(house))
        for pause in PAUSES:
            house.clock.pass_time(pause)
            await sweep(door)
        (event,) = await door.events()
        assert not house["one"].is_watched(copy)
        assert event.state == "done"
        assert event.result.endswith("the next state sync writes it")
        assert house["two"].is_watched(house.film["two"])


class Poisoned(JellyfinBackend):
    """Trips over one entry."""

    poison = ""

    @hookimpl
    async def fetch_library(self, account, http, scope):
        if isinstance(scope, Entries) and self.poison in scope.entry_ids:
            raise ZeroDivisionError
        async for batch in super().fetch_library(account, http, scope):
            yield batch


async def test_a_poison_event_is_parked_with_its_error_and_others_go_on(house):
    backend = Poisoned()
    backend.poison = "0" * 32
    async with house.listening(backend) as door:
        await door.tell_and_settle(
            "one", jellyfin(house, "one", backend.poison, Played=True, SaveReason="TogglePlayed")
        )
        for pause in PAUSES:
            house.clock.pass_time(pause)
            await sweep(door)
        (event,) = await door.events()
        assert (event.state, event.tries) == ("parked", MOST_TRIES)
        assert "ZeroDivisionError" in event.error
        await door.tell_and_settle("one", marked(house))
        assert house["two"].is_watched(house.film["two"])


async def test_an_event_that_ends_the_process_each_time_is_parked_in_the_end(house):
    async with house.listening(is_killed=True) as door:
        await door.tell("one", marked(house))
    for _ in range(MOST_TRIES - 1):
        async with house.listening(is_killed=True) as door:
            assert [event.state for event in await door.events()] == ["new"]
    async with house.listening() as door:
        (event,) = await door.events()
        assert (event.state, event.error) == ("parked", "the process ended each time while it was handled")


async def test_stopping_it_in_good_order_counts_as_no_try(house):
    async with house.listening() as door:
        await door.tell("one", marked(house))
    for _ in range(MOST_TRIES + 1):
        async with house.listening() as door:
            assert await states(door) == [("new", 0)]


async def test_an_account_that_another_process_holds_is_waited_for_and_does_not_count_as_a_try(house):
    async with house.listening() as door:
        row = (await door.services.storage.read(accounts.accounts))[0]
        hold = partial(accounts.take_lease, account_id=row.account_id, owner="another", now=house.clock())
        await door.services.storage.write(partial(hold, until=house.clock() + HOUR))
        await door.tell_and_settle("one", marked(house))
        assert await states(door) == [("new", 0)]
        assert "another is still working on it" in (await door.events())[0].error
        house.clock.pass_time(HOUR)
        await sweep(door)
        assert house["two"].is_watched(house.film["two"])


async def test_an_event_of_an_account_that_was_removed_is_ignored(house):
    async with house.listening() as door:
        await door.tell("one", marked(house))
    del house.configs["one"]
    async with house.listening() as door:
        (event,) = await door.events()
        assert (event.state, event.result) == ("ignored", "it concerns no account that is configured now")


async def test_while_the_inbox_cannot_be_written_an_event_stays_to_be_handled_again(house):
    async with house.listening() as door:
        await door.tell("one", marked(house))
        finish = "CREATE TRIGGER stuck BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'no'); END"
        await door.services.storage.write(lambda conn: conn.exec_driver_sql(finish) and None)
        await door.hearing.settle()
        assert house["two"].is_watched(house.film["two"])
        assert await states(door) == [("new", 0)]
        await door.services.storage.write(lambda conn: conn.exec_driver_sql("DROP TRIGGER stuck") and None)
        house.clock.pass_time(3 * SECOND)
        await sweep(door)
        assert await states(door) == [("done", 0)]


async def test_what_is_done_is_forgotten_after_a_week(house):
    async with house.listening() as door:
        await door.tell_and_settle("one", marked(house))
        house.clock.pass_time(KEPT - MINUTE)
        await door.hearing.sweep()
        assert len(await door.events()) == 1
        house.clock.pass_time(HOUR + MINUTE)
        await door.hearing.sweep()
        assert await door.events() == []


async def test_a_clock_that_was_set_back_keeps_no_event_waiting(house):
    async with house.listening() as door:
        house["two"].simulator.starting = True
        await door.tell_and_settle("one", marked(house))
        house["two"].simulator.starting = False
        house.clock.pass_time(-DAY)
        await sweep(door)
        assert [event.state for event in await door.events()] == ["done"]


async def test_what_was_accepted_is_known_before_the_next_look_into_the_inbox(house):
    async with house.listening() as door:
        await door.tell("one", marked(house))
        await door.hearing.sweep()
        await door.hearing.settle()
        reads = [one for one in house["one"].simulator.requests if "ids=" in one.query]
        assert len(reads) == 1
        assert await states(door) == [("done", 0)]


async def test_a_batch_with_one_event_that_cannot_be_kept_loses_no_other(house):
    refuse = (
        "CREATE TRIGGER picky BEFORE INSERT ON event WHEN NEW.entry_id = 'ffffffffffffffffffffffffffffffff' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    async with house.listening() as door:
        await door.services.storage.write(lambda conn: conn.exec_driver_sql(refuse) and None)
        answers = await door.post_at_once("one", marked(house), jellyfin(house, "one", "f" * 32), marked(house))
        assert sorted(answers) == [200, 200, 503]
        assert len(await door.events()) == 2
