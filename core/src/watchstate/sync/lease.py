"""W7: an account is worked on by one process at a time."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from watchstate.api import BusyError, StorageError
from watchstate.clock import SECOND
from watchstate.storage import accounts
from watchstate.sync.work import AccountWork, Engine, Reporter

T = TypeVar("T")

LEASE = 60 * SECOND
"""How long a lease lasts if its owner dies without a word."""
RENEWAL = 20.0
"""Seconds between renewals."""
PATIENCE = 90
"""How many times a second's wait is taken for another process to finish, before giving up."""


def owner_name(command: str) -> str:
    """Return how this process signs its leases, for a person to recognise it."""
    return f"watchstate {command}, process {os.getpid()} on {socket.gethostname()}"


@asynccontextmanager
async def lease(engine: Engine, work: AccountWork, reporter: Reporter) -> AsyncIterator[None]:
    """Hold an account; wait for another process that holds it.

    Raises:
        BusyError: it did not finish in time; or this process stood still (a suspended machine) for so long that another
            one has taken over, and the block was cancelled.
    """
    await _take(engine, work, reporter)
    holder = asyncio.current_task()
    assert holder is not None  # noqa: S101 - this is a coroutine
    lost: list[str] = []
    renewal = asyncio.create_task(_renew(engine, work, holder, lost))
    try:
        yield
    except asyncio.CancelledError:
        if not lost:
            raise
        holder.uncancel()
        raise BusyError(f"{work.label}: {lost[0]} has taken over; what was done so far is kept") from None
    finally:
        renewal.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await renewal
        finally:
            release = partial(accounts.release_lease, account_id=work.account_id, owner=work.owner)
            await engine.storage.write(release)


async def write_as_holder(engine: Engine, work: AccountWork, job: Callable[[Connection], T]) -> T:
    """Do a transaction for an account, if the account is still held by us.

    Raises:
        BusyError: another process has taken over; nothing was written.
    """
    return await engine.storage.write(partial(_as_holder, work, job))


def _as_holder(work: AccountWork, job: Callable[[Connection], T], conn: Connection) -> T:
    holder = accounts.lease_owner(conn, work.account_id, 0)
    if holder != work.owner:
        raise BusyError(f"{work.label}: {holder or 'another process'} has taken over; what was done so far is kept")
    return job(conn)


async def _take(engine: Engine, work: AccountWork, reporter: Reporter) -> None:
    for attempt in range(PATIENCE):
        other = await _try(engine, work)
        if other is None:
            return
        if attempt == 0:
            reporter.line(f"{work.label}: waiting for {other}")
        await engine.pause(1.0)
    raise BusyError(f"{work.label}: {other} is still working on it; try again when it has finished")


async def _try(engine: Engine, work: AccountWork) -> str | None:
    now = engine.clock()
    take = partial(accounts.take_lease, account_id=work.account_id, owner=work.owner, now=now, until=now + LEASE)
    other = await engine.storage.write(take)
    if other is None or not _is_dead(other):
        return other
    await engine.storage.write(partial(accounts.release_lease, account_id=work.account_id, owner=other))
    return await engine.storage.write(take)


async def _renew(engine: Engine, work: AccountWork, holder: asyncio.Task[object], lost: list[str]) -> None:
    while True:
        await engine.pause(RENEWAL)
        now = engine.clock()
        take = partial(accounts.take_lease, account_id=work.account_id, owner=work.owner, now=now, until=now + LEASE)
        try:
            other = await engine.storage.write(take)
        except StorageError:
            continue  # the next renewal is still in time, and the work itself meets the same trouble
        if other is not None:
            lost.append(other)
            holder.cancel()
            return


def _is_dead(owner: str) -> bool:
    """Say whether the owner was a process of this machine that no longer runs."""
    told, _, host = owner.rpartition(" on ")
    number = told.rpartition("process ")[2]
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
