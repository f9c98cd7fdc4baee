import pytest
from tests.storage.shelf import NOW, agreed

from watchstate.api import UsageError
from watchstate.states import HubState, Intent, Interval, OwnWrite
from watchstate.storage import accounts, deliveries, journal, states
from watchstate.storage.accounts import AccountRow, ServerRow
from watchstate.storage.deliveries import Attempt
from watchstate.storage.journal import JournalLine

WRITE = OwnWrite(
    sent_at=NOW - 9,
    answered_at=NOW - 8,
    watched=True,
    position_ms=0,
    raw_date_sent=NOW - 10,
    count_before=2,
    raw_date_before=NOW - 99,
    is_filled_in=True,
)


def test_a_server_is_created_once(conn):
    first = accounts.ensure_server(conn, "attic", "jellyfin")

    assert accounts.ensure_server(conn, "attic", "jellyfin") == first
    assert accounts.servers(conn) == [ServerRow(server_id=first.server_id, name="attic", type="jellyfin")]


def test_a_servers_type_follows_the_configuration(conn):
    accounts.ensure_server(conn, "attic", "emby")

    assert accounts.ensure_server(conn, "attic", "jellyfin").type == "jellyfin"


def test_what_a_server_said_of_itself_is_kept(conn):
    known = accounts.ensure_server(conn, "attic", "jellyfin")
    accounts.remember_server(conn, known.server_id, machine_id="m", version="10.10.7", clock_skew_ms=-1500)

    assert accounts.ensure_server(conn, "attic", "jellyfin") == ServerRow(
        server_id=known.server_id, name="attic", type="jellyfin", machine_id="m", version="10.10.7", clock_skew_ms=-1500
    )


def test_a_renamed_server_keeps_its_number(conn):
    known = accounts.ensure_server(conn, "attic", "jellyfin")
    accounts.rename_server(conn, "attic", "cellar")

    assert accounts.ensure_server(conn, "cellar", "jellyfin").server_id == known.server_id


def test_the_hub_and_the_journal_follow_a_renamed_server(shelf):
    ours, others = shelf.item(), shelf.item()
    states.save_hubs(shelf.conn, "main", {ours: HubState(origin="attic"), others: HubState(origin="shed")})
    journal.append(
        shelf.conn,
        [
            JournalLine(at=NOW, identity="main", server=server, event="watched", rule="R3", before={}, after={})
            for server in ("attic", "shed")
        ],
    )
    accounts.rename_server(shelf.conn, "attic", "cellar")

    assert [hub.origin for hub in states.hubs(shelf.conn, "main", [ours, others]).values()] == ["cellar", "shed"]
    assert [line.server for _, line in journal.lines(shelf.conn)] == ["shed", "cellar"]


def test_a_name_that_is_taken_is_refused(conn):
    accounts.ensure_server(conn, "attic", "jellyfin")
    accounts.ensure_server(conn, "cellar", "jellyfin")

    with pytest.raises(UsageError, match="a server named cellar is known already"):
        accounts.rename_server(conn, "attic", "cellar")


def test_a_server_that_has_the_new_name_already_is_known_by_its_machine_id(conn):
    attic = accounts.ensure_server(conn, "attic", "jellyfin")
    accounts.remember_server(conn, attic.server_id, machine_id="m", version=None, clock_skew_ms=None)
    accounts.rename_server(conn, "attic", "cellar", machine_id="m")
    accounts.rename_server(conn, "attic", "cellar", machine_id="m")

    assert [server.name for server in accounts.servers(conn)] == ["cellar"]
    for machine_id in ("other", None):
        with pytest.raises(UsageError, match="a server named cellar is known already"):
            accounts.rename_server(conn, "attic", "cellar", machine_id=machine_id)


def test_renaming_a_server_that_was_never_seen_does_nothing(conn):
    accounts.rename_server(conn, "attic", "cellar")

    assert accounts.servers(conn) == []


def test_an_account_is_created_once(shelf):
    first = accounts.ensure_account(shelf.conn, shelf.server_id, "alice", "a")

    assert accounts.ensure_account(shelf.conn, shelf.server_id, "alice", "a") == first
    assert first in accounts.accounts(shelf.conn)


def test_another_user_of_the_same_identity_is_another_account(shelf):
    first, second = (accounts.ensure_account(shelf.conn, shelf.server_id, "alice", user) for user in "ab")

    assert first.account_id != second.account_id


def test_what_is_known_of_an_account_comes_back(shelf):
    known = accounts.ensure_account(shelf.conn, shelf.server_id, "alice", "a")
    accounts.set_imports(shelf.conn, known.account_id, True)
    accounts.set_scan_began(shelf.conn, known.account_id, NOW)
    accounts.pause_account(shelf.conn, known.account_id, "401", NOW + 1)

    assert accounts.ensure_account(shelf.conn, shelf.server_id, "alice", "a") == AccountRow(
        account_id=known.account_id,
        server_id=shelf.server_id,
        identity="alice",
        user_id="a",
        imports=True,
        scan_began_at=NOW,
        paused_reason="401",
        paused_at=NOW + 1,
    )


def test_a_resumed_account_has_no_reason_any_more(shelf):
    accounts.pause_account(shelf.conn, shelf.account_id, "401", NOW)
    accounts.resume_account(shelf.conn, shelf.account_id)

    (account,) = accounts.accounts(shelf.conn)
    assert (account.paused_reason, account.paused_at) == (None, None)


def test_only_the_account_that_is_meant_changes(shelf):
    alice = shelf.account("alice")
    accounts.set_scan_began(shelf.conn, alice, NOW)

    assert [account.scan_began_at for account in accounts.accounts(shelf.conn)] == [None, NOW]


def test_a_cursor_is_replaced(shelf):
    assert accounts.cursor(shelf.conn, shelf.account_id) is None

    accounts.set_cursor(shelf.conn, shelf.account_id, "first", NOW)
    accounts.set_cursor(shelf.conn, shelf.account_id, "second", NOW + 1)

    assert accounts.cursor(shelf.conn, shelf.account_id) == "second"


def fill(shelf, account_id):
    """Give an account everything that it can have; return the row that it is about."""
    item = shelf.item()
    row = shelf.entry(f"entry of {item}", item)
    shelf.agree(
        row,
        account_id=account_id,
        position_ms=5,
        play_count=3,
        raw_watched_at=NOW - 7,
        is_rewatching=True,
        added_at=NOW - 99,
        items=(item,),
        missed_scans=1,
        write=WRITE,
        unkept_position_ms=4,
    )
    intent = Intent(
        watched=True,
        position_ms=None,
        raw_date_sent=None,
        sent_at=NOW,
        before_watched=False,
        before_position_ms=0,
        before_count=0,
        before_raw_date=0,
    )
    deliveries.save_intents(shelf.conn, account_id, shelf.run_id, {row: intent})
    deliveries.save_attempts(shelf.conn, account_id, {row: Attempt(1, NOW, "busy")})
    deliveries.hold(shelf.conn, account_id, shelf.run_id, {row: Interval(NOW, NOW)})
    accounts.set_scan_began(shelf.conn, account_id, NOW)
    accounts.set_cursor(shelf.conn, account_id, "here", NOW)
    return row


def test_forgotten_agreements_remember_our_own_writes_and_nothing_else(shelf):
    row = fill(shelf, shelf.account_id)
    accounts.forget_agreements(shelf.conn, shelf.account_id)

    assert states.agreed(shelf.conn, shelf.account_id, [row]) == {row: agreed(watched=None, write=WRITE)}


def test_what_was_under_way_is_forgotten_with_the_agreements(shelf):
    row = fill(shelf, shelf.account_id)
    accounts.forget_agreements(shelf.conn, shelf.account_id)

    assert deliveries.intents(shelf.conn, shelf.account_id, [row]) == {}
    assert deliveries.attempts(shelf.conn, shelf.account_id, None) == {}
    assert deliveries.held(shelf.conn, shelf.account_id, None) == {}
    assert accounts.cursor(shelf.conn, shelf.account_id) is None
    assert accounts.accounts(shelf.conn)[0].scan_began_at is None


def everything(shelf, account_id, row):
    return (
        states.agreed(shelf.conn, account_id, [row]),
        deliveries.intents(shelf.conn, account_id, [row]),
        deliveries.attempts(shelf.conn, account_id, None),
        deliveries.held(shelf.conn, account_id, None),
        accounts.cursor(shelf.conn, account_id),
        [account for account in accounts.accounts(shelf.conn) if account.account_id == account_id],
    )


def test_another_accounts_agreements_are_not_forgotten(shelf):
    alice = shelf.account("alice")
    row = fill(shelf, alice)
    before = everything(shelf, alice, row)
    accounts.forget_agreements(shelf.conn, shelf.account_id)

    assert everything(shelf, alice, row) == before
