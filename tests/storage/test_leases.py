import asyncio
from functools import partial

from tests.storage.shelf import NOW

from watchstate.storage import accounts, open_storage


def take(shelf, owner, *, now=NOW, until=NOW + 60_000):
    return accounts.take_lease(shelf.conn, shelf.account_id, owner, now, until)


def test_a_free_account_can_be_taken(shelf):
    assert take(shelf, "serve") is None
    assert accounts.lease_owner(shelf.conn, shelf.account_id, NOW) == "serve"


def test_an_account_that_somebody_has_names_the_owner(shelf):
    take(shelf, "serve")

    assert take(shelf, "state import", now=NOW + 59_999) == "serve"
    assert accounts.lease_owner(shelf.conn, shelf.account_id, NOW) == "serve"


def test_the_owner_can_renew(shelf):
    take(shelf, "serve")

    assert take(shelf, "serve", now=NOW + 1, until=NOW + 120_000) is None
    assert take(shelf, "state import", now=NOW + 60_000) == "serve"


def test_a_lease_that_has_run_out_is_taken_over(shelf):
    take(shelf, "killed")

    assert take(shelf, "state import", now=NOW + 60_000, until=NOW + 120_000) is None
    assert accounts.lease_owner(shelf.conn, shelf.account_id, NOW + 60_000) == "state import"


def test_a_lease_that_has_run_out_has_no_owner(shelf):
    take(shelf, "killed")

    assert accounts.lease_owner(shelf.conn, shelf.account_id, NOW + 60_000) is None


def test_a_released_account_is_free(shelf):
    take(shelf, "serve")
    accounts.release_lease(shelf.conn, shelf.account_id, "serve")

    assert accounts.lease_owner(shelf.conn, shelf.account_id, NOW) is None


def test_nobody_releases_somebody_elses_lease(shelf):
    take(shelf, "serve")
    accounts.release_lease(shelf.conn, shelf.account_id, "state import")

    assert accounts.lease_owner(shelf.conn, shelf.account_id, NOW) == "serve"


def test_leases_of_accounts_are_independent(shelf):
    take(shelf, "serve")

    assert accounts.take_lease(shelf.conn, shelf.account("alice"), "state import", NOW, NOW + 1) is None


async def test_of_two_processes_that_reach_for_an_account_one_gets_it(url):
    storages = [open_storage(url, clock=lambda: NOW) for _ in range(2)]
    server = await storages[0].write(partial(accounts.ensure_server, name="attic", type="jellyfin"))
    account = await storages[0].write(
        partial(accounts.ensure_account, server_id=server.server_id, identity="main", user_id="u")
    )

    answers = await asyncio.gather(
        *(
            storage.write(
                partial(
                    accounts.take_lease,
                    account_id=account.account_id,
                    owner=f"process {number}",
                    now=NOW,
                    until=NOW + 1,
                )
            )
            for number, storage in enumerate(storages)
        )
    )

    assert answers in [[None, "process 0"], ["process 1", None]]
    for storage in storages:
        await storage.close()
