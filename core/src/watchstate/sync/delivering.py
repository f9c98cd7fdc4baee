"""Write what an account still needs: read, compare, write ahead, send (W1-W6)."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from sqlalchemy import Connection

from watchstate.api import BackendAuthError, Change, Outcome
from watchstate.states import Intent
from watchstate.storage import catalogue, deliveries, states
from watchstate.storage.catalogue import EntryRow
from watchstate.sync.case import Seen
from watchstate.sync.importing import BATCH, reread
from watchstate.sync.intervals import is_open
from watchstate.sync.lease import write_as_holder
from watchstate.sync.planning import Planned, plan
from watchstate.sync.settling import Sending, give_up, put_off, settle_outcomes
from watchstate.sync.work import AccountReport, AccountWork, Engine, Reporter

_PAGE = 1000
"""Rows that may need a delivery, looked at together."""


async def deliver(
    engine: Engine, work: AccountWork, report: AccountReport, reporter: Reporter, *, is_rehearsal: bool
) -> list[Planned]:
    """Bring an account up to what the hub holds; return what was (or, in a rehearsal, would be) written."""
    made: list[Planned] = []
    async with aclosing(_batches(engine, work)) as batches:
        async for needed in batches:
            made += await _deliver_batch(engine, work, needed, report, is_rehearsal=is_rehearsal)
            reporter.writing(work.account, report.written + report.already, len(made))
    report.waiting = len(await engine.storage.read(partial(deliveries.attempts, account_id=work.account_id, rows=None)))
    return made


async def deliver_items(engine: Engine, work: AccountWork, items: Collection[int], report: AccountReport) -> None:
    """Bring an account's entries of some items up to what the hub holds."""
    needed = await engine.storage.read(partial(_needed_for, work=work, items=items))
    rows = list(needed)
    for start in range(0, len(rows), BATCH):
        batch = {row: needed[row] for row in rows[start : start + BATCH]}
        await _deliver_batch(engine, work, batch, report, is_rehearsal=False)
    report.waiting = len(await engine.storage.read(partial(deliveries.attempts, account_id=work.account_id, rows=rows)))


async def _batches(engine: Engine, work: AccountWork) -> AsyncGenerator[dict[int, EntryRow], None]:
    """Yield entries that need a write or a read, a hundred at a time, out of the many that may."""
    needed: dict[int, EntryRow] = {}
    after = 0
    while True:
        due = partial(states.due, account_id=work.account_id, now=engine.clock(), after_row=after, limit=_PAGE)
        rows = await engine.storage.read(due)
        if rows:
            after = rows[-1]
            needed |= await engine.storage.read(partial(_needed, work=work, rows=rows))
        while len(needed) >= BATCH or (needed and not rows):
            batch = dict(list(needed.items())[:BATCH])
            needed = {row: entry for row, entry in needed.items() if row not in batch}
            yield batch
        if not rows:
            return


async def _deliver_batch(
    engine: Engine, work: AccountWork, needed: Mapping[int, EntryRow], report: AccountReport, *, is_rehearsal: bool
) -> list[Planned]:
    answer = await reread(engine, work, [entry.entry_id for entry in needed.values()], report)
    gone = [row for row, entry in needed.items() if entry.entry_id not in answer.there]
    found = {row: answer.shown[entry.entry_id] for row, entry in needed.items() if entry.entry_id in answer.shown}
    if is_rehearsal:
        planned = await engine.storage.read(partial(plan, work=work, rows=list(found)))
        return [one for one in planned if one.target.is_write]
    sending = await write_as_holder(engine, work, partial(_write_ahead, engine, work, found, gone))
    if sending:
        await _send(engine, work, sending, report)
    return [one.planned for one in sending.values()]


def _needed(conn: Connection, work: AccountWork, rows: Sequence[int]) -> dict[int, EntryRow]:
    """W1: an open intent always needs a read, even if nothing is to be delivered."""
    intents = deliveries.intents(conn, work.account_id, rows)
    planned = {one.row.row: one.row for one in plan(conn, work, rows) if one.target.is_write}
    return planned | catalogue.entries_by_row(conn, [row for row in intents if row not in planned])


def _needed_for(conn: Connection, work: AccountWork, items: Collection[int]) -> dict[int, EntryRow]:
    found = catalogue.entries_of_items(conn, items)
    rows = {entry.row for entries in found.values() for server_id, entry in entries if server_id == work.server_id}
    return _needed(conn, work, sorted(rows))


def _write_ahead(
    engine: Engine, work: AccountWork, found: Mapping[int, Seen], gone: Sequence[int], conn: Connection
) -> dict[str, Sending]:
    """W2, W3: compare once more, with the facts just read, and commit the intents before anything is sent."""
    now = engine.clock()
    rows = list(found)
    put_off(conn, work, dict.fromkeys(gone, "the server does not show it"), now)
    waiting = deliveries.attempts(conn, work.account_id, rows)
    unsettled = deliveries.intents(conn, work.account_id, rows)
    sending = {
        one.row.entry_id: Sending(one, _intent(one, found[one.row.row], now))
        for one in plan(conn, work, rows)
        if one.target.is_write
        and one.row.row not in unsettled
        and (one.row.row not in waiting or waiting[one.row.row].next_try_at <= now)
    }
    deliveries.save_intents(
        conn, work.account_id, work.run_id, {one.planned.row.row: one.intent for one in sending.values()}
    )
    return sending


def _intent(planned: Planned, seen: Seen, now: int) -> Intent:
    return Intent(
        watched=planned.target.watched,
        position_ms=planned.target.position_ms,
        raw_date_sent=planned.target.raw_date,
        sent_at=now,
        before_watched=seen.watched,
        before_position_ms=seen.position_ms,
        before_count=seen.play_count,
        before_raw_date=seen.raw_watched_at,
    )


async def _send(engine: Engine, work: AccountWork, sending: Mapping[str, Sending], report: AccountReport) -> None:
    changes = [
        Change(
            entry_id=entry_id,
            watched=one.intent.watched,
            watched_at=one.intent.raw_date_sent,
            position_ms=one.intent.position_ms,
            runtime_ms=one.planned.row.runtime_ms,
        )
        for entry_id, one in sending.items()
    ]
    try:
        outcomes = await engine.plugins.push_state(work.account, engine.http(work.server), changes)
    except BaseException:
        abandon = partial(give_up, work=work, sending=sending, now=engine.clock())
        await write_as_holder(engine, work, abandon)
        raise
    settle = partial(settle_outcomes, work=work, sending=sending, outcomes=outcomes, report=report, now=engine.clock())
    await write_as_holder(engine, work, settle)
    positions = [
        outcome.entry_id
        for outcome in outcomes
        if outcome.outcome is Outcome.APPLIED and is_open(sending[outcome.entry_id].intent.position_ms)
    ]
    if positions:
        await reread(engine, work, positions, report)
    if all(outcome.outcome is Outcome.REFUSED for outcome in outcomes):
        raise BackendAuthError(
            work.server.name,
            "writing a play state",
            outcomes[0].detail or "refused",
            "check the token and the user's rights",
        )
