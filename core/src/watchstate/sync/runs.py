"""A run: import, export, or both, over the accounts of a household; one server's trouble stays its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import (
    BackendAuthError,
    BusyError,
    Server,
    ServerInfo,
    UsageError,
    WatchStateError,
)
from watchstate.storage import accounts, deliveries, people, runs, states
from watchstate.sync.acting import Found, find_tokens
from watchstate.sync.delivering import deliver
from watchstate.sync.forgetting import forget_account
from watchstate.sync.importing import read_account
from watchstate.sync.lease import lease, owner_name, write_as_holder
from watchstate.sync.machine import check_machine
from watchstate.sync.planning import Planned
from watchstate.sync.work import AccountReport, AccountWork, Engine, Household, Member, Reporter, RunReport

_COUNTED = ("read", "new", "changed", "written", "waiting", "held")

Command = Literal["import", "export", "sync"]


class Request(Struct, frozen=True, kw_only=True):
    """What a run is asked to do."""

    command: Command
    is_full: bool = False
    """`--force-full`."""
    ignores_date: bool = False
    """`--ignore-date`: with `is_full`, a forced export (W8)."""
    is_rehearsal: bool = False
    """`--dry-run`: the caller gives a storage that is thrown away; nothing is sent."""

    @property
    def is_forced(self) -> bool:
        """W8: the hub wins over every fact."""
        return self.command == "export" and self.is_full and self.ignores_date


class Outcome(Struct, frozen=True):
    """A run's report, and what it wrote (or, in a rehearsal, would have written) per account."""

    report: RunReport
    planned: dict[str, list[Planned]]


class _Job(Struct):
    member: Member
    report: AccountReport
    work: AccountWork | None = None
    was_read: bool = False


async def run(engine: Engine, household: Household, request: Request, reporter: Reporter) -> Outcome:
    """Do a run; errors of a server are in its account's report, not raised.

    Raises:
        UsageError: `--ignore-date` without `--force-full`.
    """
    if request.ignores_date and not request.is_full:
        raise UsageError("--ignore-date works only together with --force-full: it lets the hub win over every server")
    owner = owner_name(f"state {request.command}")
    run_id = await engine.storage.write(
        partial(runs.begin_run, command=request.command, owner=owner, at=engine.clock())
    )
    jobs = [
        _Job(member, AccountReport(server=member.account.server.name, identity=member.account.identity))
        for member in household.members
    ]
    planned: dict[str, list[Planned]] = {}
    await _each_server(jobs, partial(_prepare_server, engine, run_id, request, owner))
    if request.command != "export":
        await _each_account(engine, jobs, request, reporter, partial(_import, engine, request, reporter))
    if request.command != "import":
        await _each_account(engine, jobs, request, reporter, partial(_export, engine, request, reporter, planned))
    broken = [
        AccountReport(server=name, identity="main", error=str(error), exit_code=error.exit_code)
        for name, error in household.broken.items()
    ]
    report = RunReport(run_id=run_id, command=request.command, accounts=[*broken, *(job.report for job in jobs)])
    await engine.storage.write(partial(_end, engine, report))
    return Outcome(report, planned)


def _end(engine: Engine, report: RunReport, conn: Connection) -> None:
    counts = {name: sum(getattr(one, name) for one in report.accounts) for name in _COUNTED}
    outcome = {0: "done", 3: "partly failed", 4: "held for review", 5: "busy"}.get(report.exit_code, "failed")
    runs.end_run(conn, report.run_id, engine.clock(), outcome, counts)


async def _each_server(jobs: Sequence[_Job], step: Callable[[list[_Job]], Awaitable[None]]) -> None:
    by_server: dict[str, list[_Job]] = {}
    for job in jobs:
        by_server.setdefault(job.report.server, []).append(job)
    _raise_mistakes(
        await asyncio.gather(*(_guarded(own, step(own)) for own in by_server.values()), return_exceptions=True)
    )


async def _guarded(jobs: Sequence[_Job], step: Awaitable[None]) -> None:
    try:
        await step
    except WatchStateError as error:
        for job in jobs:
            job.report.error, job.report.exit_code = str(error), error.exit_code


def _raise_mistakes(results: Sequence[BaseException | None]) -> None:
    """A programmer's mistake traces back, after the other servers have had their turn."""
    for result in results:
        if result is not None:
            raise result


async def _each_account(
    engine: Engine,
    jobs: Sequence[_Job],
    request: Request,
    reporter: Reporter,
    step: Callable[[_Job, AccountWork], Awaitable[None]],
) -> None:
    """Accounts of one server follow each other, servers run side by side."""

    async def own_turns(own: list[_Job]) -> None:
        for job in own:
            if job.work is not None and not job.report.error:
                await _turn(engine, job, job.work, request, reporter, step)

    await _each_server(jobs, own_turns)


async def _turn(
    engine: Engine,
    job: _Job,
    work: AccountWork,
    request: Request,
    reporter: Reporter,
    step: Callable[[_Job, AccountWork], Awaitable[None]],
) -> None:
    try:
        async with lease(engine, work, reporter):
            work, moved = await write_as_holder(engine, work, partial(_begin_turn, engine, work, request))
            if moved:
                reporter.line(f"{work.label}: the clock of this machine was set back; what is stored follows it")
            await step(job, work)
            await engine.storage.write(partial(accounts.resume_account, account_id=work.account_id))
    except BackendAuthError as error:
        is_handed_out = work.account.token != job.member.account.token
        await engine.storage.write(partial(_pause, work, str(error), engine.clock(), is_handed_out=is_handed_out))
        job.report.error, job.report.exit_code = str(error), error.exit_code
    except WatchStateError as error:
        job.report.error, job.report.exit_code = str(error), error.exit_code


def _pause(work: AccountWork, reason: str, at: int, conn: Connection, *, is_handed_out: bool) -> None:
    """Pause an account (W5). A token that the server handed out may have expired: the next run asks for another."""
    accounts.pause_account(conn, work.account_id, reason, at)
    if is_handed_out:
        people.forget_token(conn, work.server_id, work.account.user_id, work.account.token)


def _begin_turn(engine: Engine, work: AccountWork, request: Request, conn: Connection) -> tuple[AccountWork, int]:
    """Give up what was in flight (R0), and follow a switch of import (R8).

    Return the work as it stands now, and how many stored moments a set-back clock had to move.
    """
    now = engine.clock()
    _check_same_server(conn, work)
    deliveries.give_up_intents(conn, work.account_id, now)
    row = accounts.account(conn, work.account_id)
    if row.imports is False and work.imports:
        forget_account(conn, work.account_id)
    if row.imports is not work.imports:
        accounts.set_imports(conn, work.account_id, work.imports)
    if request.is_full and request.command != "import":
        waiting = deliveries.attempts(conn, work.account_id, None)
        open_rows = deliveries.intents(conn, work.account_id, None)
        deliveries.clear_attempts(conn, work.account_id, [row for row in waiting if row not in open_rows])
    moved = states.forget_the_future(conn, work.account_id, work.account.identity, now)
    row = accounts.account(conn, work.account_id)
    cursor = accounts.cursor(conn, work.account_id) if work.capabilities.lists_changes else None
    return replace(work, scan_began_at=row.scan_began_at, cursor=cursor), moved


def _check_same_server(conn: Connection, work: AccountWork) -> None:
    """Stop a run whose server was renamed, or whose machine was replaced, since the run asked who it is.

    Raises:
        BusyError: it was.
    """
    row = accounts.server(conn, work.server_id)
    if (row.name, row.machine_id) != (work.server.name, work.server.machine_id):
        raise BusyError(f"{work.label}: was renamed or replaced while this run was under way; run it again")


async def _import(engine: Engine, request: Request, reporter: Reporter, job: _Job, work: AccountWork) -> None:
    if not work.imports:
        return
    await read_account(engine, work, job.report, reporter, is_full=request.is_full)
    job.was_read = True
    _judge_scan(job.report)


async def _export(
    engine: Engine,
    request: Request,
    reporter: Reporter,
    planned: dict[str, list[Planned]],
    job: _Job,
    work: AccountWork,
) -> None:
    if not work.exports:
        return
    is_unread = work.scan_began_at is None and not job.was_read
    if (request.command == "export" and request.is_full) or is_unread or not work.imports:
        await read_account(engine, work, job.report, reporter, is_full=request.is_full)
        _judge_scan(job.report)
    planned[work.label] = await deliver(engine, work, job.report, reporter, is_rehearsal=request.is_rehearsal)


def _judge_scan(report: AccountReport) -> None:
    if report.is_complete:
        return
    of = "an unknown number" if report.total is None else str(report.total)
    report.note = f"listed {report.read} of {of} entries: nothing is concluded from those that are missing"


async def _prepare_server(engine: Engine, run_id: int, request: Request, owner: str, jobs: list[_Job]) -> None:
    server = jobs[0].member.account.server
    info = await identify(engine, server)
    tokens = await find_tokens(engine, server, info, [job.member.account for job in jobs])
    await engine.storage.write(partial(_prepare_accounts, engine, run_id, request, owner, info, tokens, jobs))


async def identify(engine: Engine, server: Server) -> ServerInfo | None:
    """Ask who answers; refuse another installation than the one that is known (R4).

    Raises:
        MachineChanged: another machine id than the configured or remembered one.
    """
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
    engine: Engine,
    run_id: int,
    request: Request,
    owner: str,
    info: ServerInfo | None,
    tokens: Found,
    jobs: Sequence[_Job],
    conn: Connection,
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
            job.report.error, job.report.exit_code = str(token), token.exit_code
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
            is_forced=request.is_forced,
        )
