"""What the database is told when a server is renamed or replaced."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import User
from watchstate.cli.progress import progress
from watchstate.storage import accounts, people
from watchstate.sync.acting import keep_answer
from watchstate.sync.forgetting import forget_account
from watchstate.sync.lease import lease, owner_name
from watchstate.sync.planning import known_work

if TYPE_CHECKING:
    from watchstate.app import Services


@asynccontextmanager
async def holding(services: "Services", name: str, command: str) -> AsyncIterator[None]:
    """Keep runs away from a server while what they rely on is changed (W7); wait for one that is at work there.

    Raises:
        BusyError: it did not finish in time.
    """
    engine, members = services.engine, services.household([name]).members
    works = await services.storage.read(partial(known_work, engine, members))
    async with AsyncExitStack() as stack:
        reporter = stack.enter_context(progress())
        for work in works:
            await stack.enter_async_context(lease(engine, replace(work, owner=owner_name(command)), reporter))
        yield


async def rename_records(services: "Services", old: str, new: str, machine_id: str | None = None) -> None:
    """Give a server another name in the database. With its machine id, it may have it already, from a killed command.

    Raises:
        UsageError: the database knows another server of that name.
    """
    await services.storage.write(partial(accounts.rename_server, old=old, new=new, machine_id=machine_id))


async def import_switched_off(services: "Services", name: str) -> None:
    """Remember at once that a server's import is off, so that switching it on again is first contact (R8)."""

    def switch(conn: Connection) -> None:
        ids = {server.server_id for server in accounts.servers(conn) if server.name == name}
        for account in accounts.accounts(conn):
            if account.server_id in ids:
                accounts.set_imports(conn, account.account_id, imports=False)

    await services.storage.write(switch)


async def remember_people(services: "Services", name: str, users: Sequence[User]) -> None:
    """Keep who is on a server, with the tokens to act as each."""
    answer = partial(keep_answer, server=services.server(name), users=users, asked_at=services.clock())
    await services.storage.write(answer)


async def forget_tokens(services: "Services", name: str) -> None:
    """Forget the people of a server that is gone, with their tokens."""

    def forget(conn: Connection) -> None:
        for server in accounts.servers(conn):
            if server.name == name:
                people.forget_people(conn, server.server_id)

    await services.storage.write(forget)


async def accept_machine(services: "Services", name: str, machine_id: str | None) -> None:
    """Take another machine for a known server: all its entries become first contact, our own writes stay known (R4)."""

    def accept(conn: Connection) -> None:
        for server in accounts.servers(conn):
            if server.name != name or server.machine_id == machine_id:
                continue
            accounts.remember_server(conn, server.server_id, machine_id=machine_id, version=None, clock_skew_ms=None)
            people.forget_people(conn, server.server_id)
            for account in accounts.accounts(conn):
                if account.server_id == server.server_id:
                    forget_account(conn, account.account_id)

    async with holding(services, name, "servers manage"):
        await services.storage.write(accept)
