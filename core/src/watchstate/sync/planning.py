"""What would be written now, from what is stored: no server is asked (W1)."""

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import ServerInfo
from watchstate.storage import accounts, catalogue, deliveries, states
from watchstate.storage.accounts import AccountRow, ServerRow
from watchstate.storage.catalogue import EntryRow
from watchstate.storage.deliveries import Attempt
from watchstate.sync.target import Entrant, Target, target
from watchstate.sync.work import AccountWork, Engine, Member

END_OF_TIME = 2**62
"""A moment at which nothing waits any more."""


class Planned(Struct, frozen=True, kw_only=True):
    """One entry that differs from what the hub wants, and what to do about it."""

    row: EntryRow
    target: Target
    attempt: Attempt | None = None
    """It was tried before, and waits for its next try."""


async def plan_household(engine: Engine, members: Sequence[Member]) -> dict[str, list[Planned]]:
    """Return, per account that is exported to, what differs and what would be written."""
    return await engine.storage.read(partial(_plan, engine, members))


def _plan(engine: Engine, members: Sequence[Member], conn: Connection) -> dict[str, list[Planned]]:
    planned = {}
    for work in known_work(engine, members, conn):
        if work.exports:
            planned[work.label] = plan_all(conn, work)
    return planned


def plan(conn: Connection, work: AccountWork, rows: Sequence[int]) -> list[Planned]:
    """Return what these entries need, including differences that are left alone and why."""
    entries = catalogue.entries_by_row(conn, rows)
    agreed = states.agreed(conn, work.account_id, rows)
    items = {item for entry in entries.values() for item in entry.items}
    hubs = states.hubs(conn, work.account.identity, items)
    planned = []
    for number, entry in entries.items():
        if number not in agreed:
            continue
        wanted = target(
            Entrant(items=entry.items, runtime_ms=entry.runtime_ms, resume_limit=work.server.options.resume_limit),
            hubs,
            agreed[number],
            work.capabilities,
            skew_ms=work.skew_ms,
            is_forced=work.is_forced,
        )
        planned.append(Planned(row=entry, target=wanted))
    return planned


def plan_all(conn: Connection, work: AccountWork) -> list[Planned]:
    """Return everything that an account needs, from what is stored: nothing is read from the server."""
    planned: list[Planned] = []
    waiting = deliveries.attempts(conn, work.account_id, None)
    after = 0
    while rows := states.due(conn, work.account_id, END_OF_TIME, after_row=after, limit=1000):
        after = rows[-1]
        planned += [
            replace(one, attempt=waiting.get(one.row.row))
            for one in plan(conn, work, rows)
            if one.target.is_write or one.target.reason
        ]
    return planned


def known_work(engine: Engine, members: Sequence[Member], conn: Connection) -> list[AccountWork]:
    """Return the accounts that the database knows, as they were last seen."""
    server_rows = {row.name: row for row in accounts.servers(conn)}
    account_rows = {(row.server_id, row.identity, row.user_id): row for row in accounts.accounts(conn)}
    works = []
    for member in members:
        server_row = server_rows.get(member.account.server.name)
        if server_row is None:
            continue
        row = account_rows.get((server_row.server_id, member.account.identity, member.account.user_id))
        if row is not None:
            works.append(_work(engine, member, server_row, row))
    return works


def _work(engine: Engine, member: Member, server_row: ServerRow, row: AccountRow) -> AccountWork:
    info = None
    if server_row.machine_id is not None:
        info = ServerInfo(
            machine_id=server_row.machine_id, name=server_row.name, version=server_row.version or "", clock_skew_ms=None
        )
    return AccountWork(
        account=member.account,
        account_id=row.account_id,
        server_id=server_row.server_id,
        imports=member.imports,
        exports=member.exports,
        capabilities=engine.plugins.capabilities(member.account.server.type, info),
        skew_ms=server_row.clock_skew_ms or 0,
        scan_began_at=row.scan_began_at,
        cursor=None,
        run_id=0,
        owner="",
    )
