"""What comes before the turns of a run: who answers at a server, and what each of its accounts acts with."""

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import BackendAuthError, Server, ServerInfo, WatchStateError
from watchstate.storage import accounts
from watchstate.sync.acting import Found, find_tokens
from watchstate.sync.machine import check_machine
from watchstate.sync.work import AccountReport, AccountWork, Engine, Member


class Job(Struct):
    """One account's part in a run."""

    member: Member
    report: AccountReport
    work: AccountWork | None = None
    """None until it is prepared, and where that failed."""
    was_read: bool = False


async def prepare_server(engine: Engine, jobs: Sequence[Job], *, run_id: int, owner: str, is_forced: bool) -> None:
    """Ask a server who it is and find its accounts' tokens; one without has the reason in its report.

    Raises:
        MachineChanged: another machine id than the configured or remembered one.
        BackendError: it doesn't say who it is.
    """
    server = jobs[0].member.account.server
    info = await identify(engine, server)
    tokens = await find_tokens(engine, server, info, [job.member.account for job in jobs])
    prepare = partial(
        _prepare_accounts,
        jobs=jobs,
        info=info,
        tokens=tokens,
        engine=engine,
        run_id=run_id,
        owner=owner,
        is_forced=is_forced,
    )
    await engine.storage.write(prepare)


async def identify(engine: Engine, server: Server) -> ServerInfo | None:
    """Ask who answers; refuse another installation than the one that is known (R4)."""
    info = await engine.plugins.identify_server(server, engine.http(server))
    row = await engine.storage.write(partial(accounts.ensure_server, name=server.name, type=server.type))
    if info is not None:
        check_machine(server.name, info, server.machine_id, row.machine_id)
        await engine.storage.write(
            partial(
                accounts.remember_server,
                server_id=row.server_id,
                machine_id=info.machine_id,
                version=info.version,
                clock_skew_ms=info.clock_skew_ms,
            )
        )
    return info


def _prepare_accounts(
    conn: Connection,
    *,
    jobs: Sequence[Job],
    info: ServerInfo | None,
    tokens: Found,
    engine: Engine,
    run_id: int,
    owner: str,
    is_forced: bool,
) -> None:
    server = jobs[0].member.account.server
    server_row = accounts.ensure_server(conn, server.name, server.type)
    server = replace(server, version=info.version if info else None, machine_id=server_row.machine_id)
    abilities = engine.plugins.capabilities(server.type, info)
    for job in jobs:
        member = job.member
        row = accounts.ensure_account(conn, server_row.server_id, member.account.identity, member.account.user_id)
        token = tokens.get(member.account.identity, member.account.token)
        if isinstance(token, WatchStateError):
            job.report.fail(token)
            if isinstance(token, BackendAuthError):
                accounts.pause_account(conn, row.account_id, str(token), engine.clock())
            continue
        job.work = AccountWork(
            account=replace(member.account, server=server, token=token),
            account_id=row.account_id,
            server_id=server_row.server_id,
            imports=member.imports,
            exports=member.exports,
            capabilities=abilities,
            skew_ms=(info.clock_skew_ms or 0) if info else 0,
            scan_began_at=row.scan_began_at,
            cursor=None,
            run_id=run_id,
            owner=owner,
            is_forced=is_forced,
        )
