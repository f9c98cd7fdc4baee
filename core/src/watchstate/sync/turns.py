"""An account's turn in a run: nobody else works on it meanwhile, and what was under way is given up first."""

from collections.abc import Awaitable, Callable
from functools import partial

from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import BackendAuthError, BusyError, WatchStateError
from watchstate.storage import accounts, deliveries, people, states
from watchstate.sync.forgetting import forget_account
from watchstate.sync.lease import lease, write_as_holder
from watchstate.sync.preparing import Job
from watchstate.sync.work import AccountWork, Engine, Reporter


async def take_turn(
    engine: Engine,
    job: Job,
    work: AccountWork,
    reporter: Reporter,
    step: Callable[[Job, AccountWork], Awaitable[None]],
    *,
    tries_all: bool,
    checks_clock: bool = True,
) -> None:
    """Do one step of a run with an account, which is ours meanwhile (W7); an error of the server is in its report.

    `tries_all`: also what waits for its next try is to be written now. `checks_clock`: look whether this machine's
    clock was set back since anything was stored, which looks at all that is stored.
    """
    try:
        async with lease(engine, work, reporter):
            work, moved = await write_as_holder(
                engine, work, partial(_begin_turn, engine, work, tries_all, checks_clock)
            )
            if moved:
                reporter.line(f"{work.label}: the clock of this machine was set back; what is stored follows it")
            await step(job, work)
            await engine.storage.write(partial(accounts.resume_account, account_id=work.account_id))
    except BackendAuthError as error:
        is_handed_out = work.account.token != job.member.account.token
        await engine.storage.write(partial(_pause, work, str(error), engine.clock(), is_handed_out=is_handed_out))
        job.report.fail(error)
    except WatchStateError as error:
        job.report.fail(error)


def _pause(work: AccountWork, reason: str, at: int, conn: Connection, *, is_handed_out: bool) -> None:
    """Pause an account (W5). A token that the server handed out may have expired: the next run asks for another."""
    accounts.pause_account(conn, work.account_id, reason, at)
    if is_handed_out:
        people.forget_token(conn, work.server_id, work.account.user_id, work.account.token)


def _begin_turn(
    engine: Engine, work: AccountWork, tries_all: bool, checks_clock: bool, conn: Connection
) -> tuple[AccountWork, int]:
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
    if tries_all:
        waiting = deliveries.attempts(conn, work.account_id, None)
        open_rows = deliveries.intents(conn, work.account_id, None)
        deliveries.clear_attempts(conn, work.account_id, [row for row in waiting if row not in open_rows])
    moved = states.forget_the_future(conn, work.account_id, work.account.identity, now) if checks_clock else 0
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
