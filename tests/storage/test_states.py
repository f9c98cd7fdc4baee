import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import fields
from tests.storage.shelf import NOW, agreed
from tests.storage.values import AGREED, HUBS, INTENTS

from watchstate.states import Agreed, HubState, Intent, Interval, OwnWrite
from watchstate.storage import deliveries, states

# Each example overwrites the one before in the same row, which is what an upsert has to do.
in_one_row = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@in_one_row
@given(state=HUBS)
def test_a_hub_state_comes_back_as_it_was(shelf, state):
    item = states_item(shelf)
    states.save_hubs(shelf.conn, "main", {item: state})

    assert states.hubs(shelf.conn, "main", [item]) == {item: state}


@in_one_row
@given(state=AGREED)
def test_an_agreement_comes_back_as_it_was(shelf, state):
    row = states_row(shelf)
    states.save_agreed(shelf.conn, shelf.account_id, {row: state})

    assert states.agreed(shelf.conn, shelf.account_id, [row]) == {row: state}


@in_one_row
@given(intent=INTENTS)
def test_an_intent_comes_back_as_it_was(shelf, intent):
    row = states_row(shelf)
    deliveries.save_intents(shelf.conn, shelf.account_id, shelf.run_id, {row: intent})

    assert deliveries.intents(shelf.conn, shelf.account_id, [row]) == {row: intent}


def states_item(shelf):
    if not hasattr(shelf, "one_item"):
        shelf.one_item = shelf.item()
    return shelf.one_item


def states_row(shelf):
    if not hasattr(shelf, "one_row"):
        shelf.one_row = shelf.entry("one")
    return shelf.one_row


@pytest.mark.parametrize(
    ("struct", "strategy"), [(HubState, HUBS), (Agreed, AGREED), (Intent, INTENTS)], ids=["hub", "agreed", "intent"]
)
def test_the_round_trips_set_every_field(struct, strategy):
    assert set(strategy.wrapped_strategy.kwargs) == {field.name for field in fields(struct)}


def test_thousands_of_agreements_come_back(shelf):
    rows = [shelf.entry(f"entry {number}") for number in range(2100)]
    kept = {row: agreed(play_count=row) for row in rows}
    states.save_agreed(shelf.conn, shelf.account_id, kept)

    assert states.agreed(shelf.conn, shelf.account_id, rows) == kept


def test_identities_have_hub_states_of_their_own(shelf):
    item = shelf.item()
    states.save_hubs(shelf.conn, "main", {item: HubState(watched=True)})
    states.save_hubs(shelf.conn, "alice", {item: HubState(watched=False)})

    assert states.hubs(shelf.conn, "main", [item])[item].watched is True
    assert states.hubs_of_item(shelf.conn, item) == {"main": HubState(watched=True), "alice": HubState(watched=False)}


def test_accounts_have_agreements_of_their_own(shelf):
    row, alice = shelf.entry("one"), shelf.account("alice")
    shelf.agree(row)

    assert states.agreed(shelf.conn, alice, [row]) == {}


def own_write(sent_at):
    return OwnWrite(sent_at=sent_at, answered_at=sent_at + 5, watched=True)


def test_own_writes_are_those_of_all_the_accounts_entries_of_an_item_also_of_gone_ones(shelf):
    item = shelf.item()
    first, second, unwritten = (shelf.entry(name, item) for name in ("4k copy", "gone", "unwritten"))
    shelf.agree(first, write=own_write(1))
    shelf.agree(second, write=own_write(2), missed_scans=3)
    shelf.agree(unwritten)

    assert states.own_writes(shelf.conn, shelf.account_id, [item]) == {item: (own_write(1), own_write(2))}


def test_own_writes_of_another_account_are_not_ours(shelf):
    item = shelf.item()
    shelf.agree(shelf.entry("one", item), write=own_write(1), account_id=shelf.account("alice"))

    assert states.own_writes(shelf.conn, shelf.account_id, [item]) == {}


def test_an_entry_of_several_items_lends_its_own_write_to_each(shelf):
    items = [shelf.item(), shelf.item()]
    shelf.agree(shelf.entry("double episode", *items), write=own_write(1))

    assert states.own_writes(shelf.conn, shelf.account_id, items) == {item: (own_write(1),) for item in items}


def missed_scans(shelf, row):
    return states.agreed(shelf.conn, shelf.account_id, [row])[row].missed_scans


def test_an_entry_that_was_not_seen_missed_one_more_scan(shelf):
    seen, missing = shelf.entry("seen"), shelf.entry("missing")
    shelf.agree(seen)
    shelf.agree(missing, missed_scans=1)

    assert states.mark_missing(shelf.conn, shelf.account_id, {seen}) == [missing]
    assert (missed_scans(shelf, seen), missed_scans(shelf, missing)) == (0, 2)


def test_an_entry_that_is_gone_is_not_written_again(shelf):
    gone = shelf.entry("gone")
    shelf.agree(gone, missed_scans=3)

    assert states.mark_missing(shelf.conn, shelf.account_id, set()) == []
    assert missed_scans(shelf, gone) == 3


def test_a_forgotten_entry_cannot_miss_a_scan(shelf):
    shelf.agree(shelf.entry("forgotten"), watched=None)

    assert states.mark_missing(shelf.conn, shelf.account_id, set()) == []


def test_an_entry_of_another_account_cannot_miss_this_ones_scan(shelf):
    shelf.agree(shelf.entry("one"), account_id=shelf.account("alice"))

    assert states.mark_missing(shelf.conn, shelf.account_id, set()) == []


def test_watched_entries_are_counted_without_those_that_are_gone(shelf):
    shelf.agree(shelf.entry("watched"))
    shelf.agree(shelf.entry("watched again"), watched=False, is_rewatching=True)
    shelf.agree(shelf.entry("unwatched"), watched=False)
    shelf.agree(shelf.entry("gone"), missed_scans=3)
    shelf.agree(shelf.entry("of another account"), account_id=shelf.account("alice"))

    assert states.watched_count(shelf.conn, shelf.account_id) == 2


def test_a_hub_without_a_position_has_no_interval_for_it(shelf):
    item = shelf.item()
    states.save_hubs(shelf.conn, "main", {item: HubState(watched=True, changed=Interval(NOW, NOW))})

    assert states.hubs(shelf.conn, "main", [item])[item].position_changed is None
