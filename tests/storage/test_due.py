"""W1: a pre-filter that may ask too much, but never too little."""

import pytest
from tests.storage.shelf import NOW

from watchstate.states import HubState, Intent, Interval
from watchstate.storage import deliveries, states
from watchstate.storage.deliveries import Attempt

WATCHED = HubState(watched=True, changed=Interval(NOW, NOW))
UNWATCHED = HubState(watched=False, changed=Interval(NOW, NOW))
UNKNOWN = HubState()
INTENT = Intent(
    watched=True,
    position_ms=None,
    raw_date_sent=None,
    sent_at=NOW,
    before_watched=False,
    before_position_ms=None,
    before_count=None,
    before_raw_date=None,
)


def position(position_ms, **changes):
    return HubState(**{"position_ms": position_ms, "position_changed": Interval(NOW, NOW)} | changes)


def due(shelf, *, now=NOW, after_row=0, limit=100, account_id=None):
    return states.due(shelf.conn, account_id or shelf.account_id, now, after_row=after_row, limit=limit)


def entry(shelf, hub, *, identity="main", **agreed):
    """Add an entry of one item with this hub state; agree on the rest."""
    item = shelf.item()
    row = shelf.entry(f"entry of {item}", item)
    if hub is not None:
        states.save_hubs(shelf.conn, identity, {item: hub})
    shelf.agree(row, **agreed)
    return row


@pytest.mark.parametrize(
    ("hub", "agreed"),
    [
        (WATCHED, {"watched": False}),
        (UNWATCHED, {"watched": True}),
        (position(60_000), {"watched": False}),
        (position(60_000), {"watched": True}),
        (position(60_000, watched=False), {"watched": False, "position_ms": 50_000}),
        (position(0, watched=False), {"watched": False, "position_ms": 50_000}),
        (WATCHED, {"watched": False, "missed_scans": 2}),
    ],
)
def test_an_entry_that_differs_from_the_hub_is_due(shelf, hub, agreed):
    row = entry(shelf, hub, **agreed)

    assert due(shelf) == [row]


@pytest.mark.parametrize(
    ("hub", "agreed"),
    [
        (WATCHED, {"watched": True}),
        (WATCHED, {"watched": True, "position_ms": 50_000}),
        (UNWATCHED, {"watched": False}),
        (UNKNOWN, {"watched": True}),
        (UNKNOWN, {"watched": False, "position_ms": 50_000}),
        (None, {"watched": True}),
        (position(60_000), {"watched": False, "position_ms": 60_000}),
        (position(0), {"watched": False, "position_ms": None}),
        (position(60_000, watched=True), {"watched": True}),
        (WATCHED, {"watched": None}),
        (position(60_000), {"watched": None}),
        (WATCHED, {"watched": False, "missed_scans": 3}),
    ],
)
def test_an_entry_that_agrees_is_unknown_or_is_gone_is_not_due(shelf, hub, agreed):
    entry(shelf, hub, **agreed)

    assert due(shelf) == []


def test_an_entry_never_agreed_on_is_not_due(shelf):
    item = shelf.item()
    shelf.entry("new", item)
    states.save_hubs(shelf.conn, "main", {item: WATCHED})

    assert due(shelf) == []


def test_an_entry_is_due_once_however_many_of_its_items_differ(shelf):
    items = [shelf.item(), shelf.item()]
    row = shelf.entry("double episode", *items)
    states.save_hubs(shelf.conn, "main", dict.fromkeys(items, WATCHED))
    shelf.agree(row, watched=False)

    assert due(shelf) == [row]


def test_one_unwatched_item_of_several_makes_an_entry_due(shelf):
    items = [shelf.item(), shelf.item()]
    row = shelf.entry("double episode", *items)
    states.save_hubs(shelf.conn, "main", {items[0]: WATCHED, items[1]: UNWATCHED})
    shelf.agree(row, watched=True)

    assert due(shelf) == [row]


def test_every_entry_of_an_item_is_due(shelf):
    item = shelf.item()
    rows = [shelf.entry(name, item) for name in ("hd", "4k")]
    states.save_hubs(shelf.conn, "main", {item: WATCHED})
    for row in rows:
        shelf.agree(row, watched=False)

    assert due(shelf) == rows


def test_only_the_hub_of_the_accounts_own_identity_counts(shelf):
    entry(shelf, WATCHED, identity="alice", watched=False)

    assert due(shelf) == []


def test_only_the_accounts_own_agreements_count(shelf):
    entry(shelf, WATCHED, watched=False, account_id=shelf.account("alice"))

    assert due(shelf) == []


def test_a_delivery_waits_for_its_next_try(shelf):
    row = entry(shelf, WATCHED, watched=False)
    deliveries.save_attempts(shelf.conn, shelf.account_id, {row: Attempt(1, NOW + 1, "busy")})

    assert due(shelf) == []
    assert due(shelf, now=NOW + 1) == [row]


def test_another_accounts_attempt_delays_nothing(shelf):
    row = entry(shelf, WATCHED, watched=False)
    deliveries.save_attempts(shelf.conn, shelf.account("alice"), {row: Attempt(1, NOW + 1, "busy")})

    assert due(shelf) == [row]


@pytest.mark.parametrize("agreed", [{"watched": True}, {"watched": None}, {"watched": True, "missed_scans": 3}])
def test_an_open_intent_is_always_due(shelf, agreed):
    row = entry(shelf, WATCHED, **agreed)
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {row: INTENT})

    assert due(shelf) == [row]


def test_an_open_intent_of_an_entry_that_stands_for_nothing_is_due(shelf):
    row = shelf.entry("re-matched away")
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {row: INTENT})

    assert due(shelf) == [row]


def test_an_open_intent_waits_for_its_next_try(shelf):
    row = entry(shelf, WATCHED)
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {row: INTENT})
    deliveries.save_attempts(shelf.conn, shelf.account_id, {row: Attempt(1, NOW + 60_000, "no answer")})

    assert due(shelf) == []


def test_an_open_intent_that_differs_as_well_is_due_once(shelf):
    row = entry(shelf, WATCHED, watched=False)
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {row: INTENT})

    assert due(shelf) == [row]


def test_pages_follow_each_other_without_gaps(shelf):
    rows = [entry(shelf, WATCHED, watched=False) for _ in range(4)]
    asked = entry(shelf, WATCHED)
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {asked: INTENT, rows[1]: INTENT})

    assert due(shelf, limit=2) == rows[:2]
    assert due(shelf, after_row=rows[1], limit=2) == rows[2:]
    assert due(shelf, after_row=rows[3], limit=2) == [asked]
    assert due(shelf, after_row=asked, limit=2) == []
