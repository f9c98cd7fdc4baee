from msgspec.structs import replace
from tests.storage.shelf import NOW

from watchstate.states import Intent, Interval
from watchstate.storage import deliveries
from watchstate.storage.deliveries import Attempt, Held

INTENT = Intent(
    watched=True,
    position_ms=None,
    raw_date_sent=NOW,
    sent_at=NOW,
    before_watched=False,
    before_position_ms=0,
    before_count=None,
    before_raw_date=None,
)


def test_dropped_intents_are_gone_and_others_stay(shelf):
    dropped, kept = shelf.entry("dropped"), shelf.entry("kept")
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {dropped: INTENT, kept: INTENT})
    deliveries.drop_intents(shelf.conn, shelf.account_id, [dropped])

    assert deliveries.intents(shelf.conn, shelf.account_id, [dropped, kept]) == {kept: INTENT}


def test_another_accounts_intents_are_not_dropped(shelf):
    row, alice = shelf.entry("one"), shelf.account("alice")
    deliveries.save_intents(shelf.conn, alice, shelf.run_id, {row: INTENT})
    deliveries.drop_intents(shelf.conn, shelf.account_id, [row])

    assert deliveries.intents(shelf.conn, alice, [row]) == {row: INTENT}


def test_giving_up_keeps_the_moment_of_those_given_up_before(shelf):
    waiting, given_up = shelf.entry("waiting"), shelf.entry("given up")
    earlier = replace(INTENT, gave_up_at=NOW + 1)
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {waiting: INTENT, given_up: earlier})
    deliveries.give_up_intents(shelf.conn, shelf.account_id, NOW + 9)

    assert deliveries.intents(shelf.conn, shelf.account_id, [waiting, given_up]) == {
        waiting: replace(INTENT, gave_up_at=NOW + 9),
        given_up: earlier,
    }


def test_giving_up_concerns_one_account(shelf):
    row, alice = shelf.entry("one"), shelf.account("alice")
    deliveries.save_intents(shelf.conn, alice, shelf.run_id, {row: INTENT})
    deliveries.give_up_intents(shelf.conn, shelf.account_id, NOW)

    assert deliveries.intents(shelf.conn, alice, [row]) == {row: INTENT}


def test_an_attempt_is_replaced_by_the_next(shelf):
    row = shelf.entry("one")
    deliveries.save_attempts(shelf.conn, shelf.account_id, {row: Attempt(1, NOW, "busy")})
    deliveries.save_attempts(shelf.conn, shelf.account_id, {row: Attempt(2, NOW + 1, "no answer")})

    assert deliveries.attempts(shelf.conn, shelf.account_id, [row]) == {row: Attempt(2, NOW + 1, "no answer")}


def test_attempts_are_asked_for_by_row_or_all_at_once(shelf):
    one, two = shelf.entry("one"), shelf.entry("two")
    tried = {row: Attempt(row, NOW, "busy") for row in (one, two)}
    deliveries.save_attempts(shelf.conn, shelf.account_id, tried)

    assert deliveries.attempts(shelf.conn, shelf.account_id, [two]) == {two: tried[two]}
    assert deliveries.attempts(shelf.conn, shelf.account_id, None) == tried
    assert deliveries.attempts(shelf.conn, shelf.account("alice"), None) == {}


def test_cleared_attempts_are_gone_and_others_stay(shelf):
    cleared, kept = shelf.entry("cleared"), shelf.entry("kept")
    deliveries.save_attempts(shelf.conn, shelf.account_id, dict.fromkeys([cleared, kept], Attempt(1, NOW, "busy")))
    deliveries.clear_attempts(shelf.conn, shelf.account_id, [cleared])

    assert deliveries.attempts(shelf.conn, shelf.account_id, None).keys() == {kept}


def test_a_held_change_keeps_the_interval_of_its_first_sighting(shelf):
    row = shelf.entry("one")
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, {row: Interval(1, 2)})
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, {row: Interval(3, 4)})

    assert deliveries.held(shelf.conn, shelf.account_id, [row]) == {row: Held(Interval(1, 2), shelf.run_id)}


def test_a_held_change_stays_decided_when_it_is_seen_again(shelf):
    row = shelf.entry("one")
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, {row: Interval(1, 2)})
    deliveries.decide_held(shelf.conn, shelf.account_id, [row], "accepted")
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, {row: Interval(3, 4)})

    assert deliveries.held(shelf.conn, shelf.account_id, None)[row].decision == "accepted"


def test_deciding_concerns_the_named_rows(shelf):
    decided, open_one = shelf.entry("decided"), shelf.entry("open")
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, {decided: Interval(1, 2), open_one: Interval(3, 4)})
    deliveries.decide_held(shelf.conn, shelf.account_id, [decided], "accepted")

    assert deliveries.held(shelf.conn, shelf.account_id, None) == {
        decided: Held(Interval(1, 2), shelf.run_id, "accepted"),
        open_one: Held(Interval(3, 4), shelf.run_id),
    }


def test_released_changes_are_gone_and_others_stay(shelf):
    released, kept = shelf.entry("released"), shelf.entry("kept")
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, dict.fromkeys([released, kept], Interval(1, 2)))
    deliveries.release_held(shelf.conn, shelf.account_id, [released])

    assert deliveries.held(shelf.conn, shelf.account_id, None).keys() == {kept}


def test_thousands_of_rows_are_dealt_with_at_once(shelf):
    rows = [shelf.entry(f"entry {number}") for number in range(2100)]
    deliveries.hold(shelf.conn, shelf.account_id, shelf.run_id, dict.fromkeys(rows, Interval(1, 2)))
    assert len(deliveries.held(shelf.conn, shelf.account_id, rows)) == 2100

    deliveries.release_held(shelf.conn, shelf.account_id, rows)
    assert deliveries.held(shelf.conn, shelf.account_id, None) == {}
