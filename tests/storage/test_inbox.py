import pytest
from tests.storage.shelf import NOW

from watchstate.storage import accounts, inbox
from watchstate.storage.inbox import Arrival, Kept

BODY = b'{"what": "\xff\x00"}'
ARRIVAL = Arrival(
    backend="jellyfin",
    headers={"user-agent": "Jellyfin-Server/10.11.8"},
    body=BODY,
    server="attic",
    identity="main",
    entry_id="e1",
    kind="state",
)


def add(conn, count=1, **changes):
    one = Arrival(**{name: getattr(ARRIVAL, name) for name in ARRIVAL.__struct_fields__} | changes)
    return inbox.add(conn, [one] * count, NOW)


def states(conn):
    return {one.event_id: one.state for one in inbox.events(conn)}


def due(conn, now=NOW):
    return [one.event_id for one in inbox.due(conn, now, now + 1000, after=0, limit=10)]


def test_what_arrived_is_kept_as_it_came(conn):
    (number,) = add(conn)

    assert inbox.events(conn) == [inbox.kept(ARRIVAL, number, NOW)]


def test_numbers_come_in_the_order_of_arrival_and_the_newest_is_listed_first(conn):
    numbers = add(conn, 3)

    assert numbers == sorted(numbers)
    assert [one.event_id for one in inbox.events(conn, limit=2)] == [numbers[2], numbers[1]]


def test_a_number_is_never_given_twice(conn):
    first = add(conn)
    inbox.drop(conn, first)

    assert add(conn) > first


def test_what_was_dealt_with_has_no_body_any_more(conn):
    (number,) = add(conn)
    inbox.finish(conn, {number: "nothing new"}, "done")

    (one,) = inbox.events(conn)
    assert (one.state, one.body, one.result) == ("done", b"", "nothing new")


def test_what_is_put_off_is_due_at_its_time(conn):
    (number,) = add(conn)
    inbox.put_off(conn, number, 1, NOW + 500, "no answer")

    assert (due(conn), due(conn, NOW + 500)) == ([], [number])
    assert [(one.tries, one.error, one.body) for one in inbox.events(conn)] == [(1, "no answer", BODY)]


def test_nothing_waits_longer_than_it_may_even_if_the_clock_was_set_back(conn):
    (number,) = add(conn)
    inbox.put_off(conn, number, 1, NOW + 500, "no answer")

    assert due(conn, NOW - 10_000) == [number]


def test_a_restart_counts_as_a_try_of_what_was_due(conn):
    waiting, under_way = add(conn, 2)
    inbox.put_off(conn, waiting, 1, NOW + 500, "no answer")
    inbox.count_restart(conn, NOW)

    assert {one.event_id: one.tries for one in inbox.events(conn)} == {waiting: 1, under_way: 1}


def test_what_is_parked_is_not_due_until_a_person_says_so(conn):
    (number,) = add(conn)
    inbox.park(conn, number, 5, "it always fails")
    assert due(conn) == []

    assert inbox.retry(conn, None) == [number]
    assert due(conn) == [number]
    assert [(one.tries, one.error) for one in inbox.events(conn)] == [(0, None)]


def test_only_what_is_parked_can_be_tried_again(conn):
    numbers = add(conn, 2)
    inbox.finish(conn, {numbers[0]: ""}, "done")

    assert inbox.retry(conn, numbers) == []


def test_all_that_is_parked_is_dropped_or_what_is_named(conn):
    new, parked, done = add(conn, 3)
    inbox.park(conn, parked, 5, "it always fails")
    inbox.finish(conn, {done: ""}, "done")

    assert inbox.drop(conn, None) == [parked]
    assert inbox.drop(conn, [done, 77]) == [done]
    assert states(conn) == {new: "new"}


def test_only_what_was_dealt_with_grows_too_old(conn):
    new, parked, done, ignored = add(conn, 4)
    inbox.park(conn, parked, 5, "it always fails")
    inbox.finish(conn, {done: ""}, "done")
    inbox.finish(conn, {ignored: ""}, "ignored")

    assert inbox.prune(conn, NOW) == 0
    assert inbox.prune(conn, NOW + 1) == 2
    assert states(conn) == {new: "new", parked: "parked"}


def test_events_are_found_by_state_and_number(conn):
    new, parked = add(conn, 2)
    inbox.park(conn, parked, 5, "it always fails")

    assert [one.event_id for one in inbox.events(conn, states=["parked", "done"])] == [parked]
    assert [one.event_id for one in inbox.events(conn, numbers=[new])] == [new]


def test_events_follow_a_renamed_server(conn):
    accounts.ensure_server(conn, "attic", "jellyfin")
    add(conn)
    accounts.rename_server(conn, "attic", "cellar")

    assert [one.server for one in inbox.events(conn)] == ["cellar"]


@pytest.mark.parametrize("size", [0, 65_536, 4 * 1024 * 1024])
def test_a_body_may_be_as_long_as_one_that_is_accepted(conn, size):
    add(conn, body=b"\xfe" * size)

    assert [len(one.body) for one in inbox.events(conn)] == [size]


def test_what_is_kept_is_an_arrival_with_a_number():
    kept = inbox.kept(ARRIVAL, 7, NOW)
    assert isinstance(kept, Kept)
    assert (kept.event_id, kept.entry_id, kept.tries) == (7, "e1", 0)
