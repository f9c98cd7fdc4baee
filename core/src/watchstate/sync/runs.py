"""A run: import, export, or both, over the accounts of a household; one server's trouble stays its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection

from watchstate.api import UsageError, WatchStateError
from watchstate.config.servers import MAIN
from watchstate.storage import runs
from watchstate.sync.delivering import deliver
from watchstate.sync.importing import read_account
from watchstate.sync.lease import owner_name
from watchstate.sync.planning import Planned
from watchstate.sync.preparing import Job, prepare_server
from watchstate.sync.turns import take_turn
from watchstate.sync.work import AccountReport, AccountWork, Engine, Household, Reporter, RunReport

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

    @property
    def tries_all(self) -> bool:
        """Writes that wait for their next try (W5) are tried now."""
        return self.command != "import" and self.is_full


class Outcome(Struct, frozen=True):
    """A run's report, and what it wrote (or, in a rehearsal, would have written) per account."""

    report: RunReport
    planned: dict[str, list[Planned]]


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
        Job(member, AccountReport(server=member.account.server.name, identity=member.account.identity))
        for member in household.members
    ]
    planned: dict[str, list[Planned]] = {}
    prepare = partial(prepare_server, engine, run_id=run_id, owner=owner, is_forced=request.is_forced)
    await _each_server(jobs, prepare)
    if request.command != "export":
        await _each_account(engine, jobs, request, reporter, partial(_import, engine, request, reporter))
    if request.command != "import":
        await _each_account(engine, jobs, request, reporter, partial(_export, engine, request, reporter, planned))
    broken = [
        AccountReport(server=name, identity=MAIN, error=str(error), exit_code=error.exit_code)
        for name, error in household.broken.items()
    ]
    report = RunReport(run_id=run_id, command=request.command, accounts=[*broken, *(job.report for job in jobs)])
    await engine.storage.write(partial(_end, engine, report))
    return Outcome(report, planned)


def _end(engine: Engine, report: RunReport, conn: Connection) -> None:
    counts = {name: sum(getattr(one, name) for one in report.accounts) for name in _COUNTED}
    outcome = {0: "done", 3: "partly failed", 4: "held for review", 5: "busy"}.get(report.exit_code, "failed")
    runs.end_run(conn, report.run_id, engine.clock(), outcome, counts)


async def _each_server(jobs: Sequence[Job], step: Callable[[list[Job]], Awaitable[None]]) -> None:
    by_server: dict[str, list[Job]] = {}
    for job in jobs:
        by_server.setdefault(job.report.server, []).append(job)
    _raise_mistakes(
        await asyncio.gather(*(guarded(own, step(own)) for own in by_server.values()), return_exceptions=True)
    )


async def guarded(jobs: Sequence[Job], step: Awaitable[None]) -> None:
    """Do something for a server; its error goes into the report of each of its accounts."""
    try:
        await step
    except WatchStateError as error:
        for job in jobs:
            job.report.fail(error)


def _raise_mistakes(results: Sequence[BaseException | None]) -> None:
    """A programmer's mistake traces back, after the other servers have had their turn."""
    for result in results:
        if result is not None:
            raise result


async def _each_account(
    engine: Engine,
    jobs: Sequence[Job],
    request: Request,
    reporter: Reporter,
    step: Callable[[Job, AccountWork], Awaitable[None]],
) -> None:
    """Accounts of one server follow each other, servers run side by side."""

    async def own_turns(own: list[Job]) -> None:
        for job in own:
            if job.work is not None and not job.report.error:
                await take_turn(engine, job, job.work, reporter, step, tries_all=request.tries_all)

    await _each_server(jobs, own_turns)


async def _import(engine: Engine, request: Request, reporter: Reporter, job: Job, work: AccountWork) -> None:
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
    job: Job,
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
