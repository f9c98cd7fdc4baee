"""What would be written now, from what is stored: no server is asked."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from watchstate.api import ServerInfo
from watchstate.storage import accounts
from watchstate.storage.accounts import AccountRow, ServerRow
from watchstate.sync.delivering import Planned, plan_all
from watchstate.sync.work import AccountWork, Engine, Member


async def plan_household(engine: Engine, members: Sequence[Member]) -> dict[str, list[Planned]]:
    """Return, per account that is exported to, what differs and what would be written."""
    return await engine.storage.read(partial(_plan, engine, members))


def _plan(engine: Engine, members: Sequence[Member], conn: Connection) -> dict[str, list[Planned]]:
    planned = {}
    for work in known_work(engine, members, conn):
        if work.exports:
            planned[work.label] = plan_all(conn, work)
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
    )
