"""Write what an account still needs: read, compare, write ahead, send, settle (W1-W6)."""

import random
from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import BackendAuthError, Change, Outcome, PushOutcome
from watchstate.clock import HOUR, MINUTE
from watchstate.states import Agreed, HubState, Intent
from watchstate.storage import catalogue, deliveries, journal, states
from watchstate.storage.catalogue import EntryRow
from watchstate.storage.deliveries import Attempt
from watchstate.storage.journal import JournalLine
from watchstate.sync.case import Seen
from watchstate.sync.echo import as_written
from watchstate.sync.importing import BATCH, reread
from watchstate.sync.intervals import is_open
from watchstate.sync.target import Entrant, Target, target
from watchstate.sync.work import AccountReport, AccountWork, Engine, Reporter

LONGEST_WAIT = 6 * HOUR
END_OF_TIME = 2**62
"""A moment at which nothing waits any more."""


class Planned(Struct, frozen=True, kw_only=True):
    """One entry that differs from what the hub wants, and what to do about it."""

    row: EntryRow
    target: Target
    agreed: Agreed
    hubs: tuple[HubState, ...]
    attempt: Attempt | None = None
    """It was tried before, and waits for its next try."""


class _Sending(Struct, frozen=True):
    planned: Planned
    intent: Intent


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
        own = tuple(hubs[item] for item in entry.items if item in hubs)
        planned.append(Planned(row=entry, target=wanted, agreed=agreed[number], hubs=own))
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


async def deliver(
    engine: Engine, work: AccountWork, report: AccountReport, reporter: Reporter, *, is_rehearsal: bool
) -> list[Planned]:
    """Bring an account up to what the hub holds; return what was (or, in a rehearsal, would be) written."""
    made: list[Planned] = []
    after = 0
    while True:
        rows = await engine.storage.read(
            partial(states.due, account_id=work.account_id, now=engine.clock(), after_row=after, limit=BATCH)
        )
        if not rows:
            break
        after = rows[-1]
        made += await _deliver_batch(engine, work, rows, report, is_rehearsal=is_rehearsal)
        reporter.writing(work.account, report.written + report.already, len(made))
    report.waiting = len(await engine.storage.read(partial(deliveries.attempts, account_id=work.account_id, rows=None)))
    return made


async def _deliver_batch(
    engine: Engine, work: AccountWork, rows: Sequence[int], report: AccountReport, *, is_rehearsal: bool
) -> list[Planned]:
    needed = await engine.storage.read(partial(_needed, work=work, rows=rows))
    if not needed:
        return []
    there = await reread(engine, work, [entry.entry_id for entry in needed.values()], report)
    gone = [row for row, entry in needed.items() if entry.entry_id not in there]
    found = {row: there[entry.entry_id] for row, entry in needed.items() if entry.entry_id in there}
    if is_rehearsal:
        planned = await engine.storage.read(partial(plan, work=work, rows=list(found)))
        return [one for one in planned if one.target.is_write]
    sending = await engine.storage.write(partial(_write_ahead, engine, work, found, gone))
    if sending:
        await _send(engine, work, sending, report)
    return [one.planned for one in sending.values()]


def _needed(conn: Connection, work: AccountWork, rows: Sequence[int]) -> dict[int, EntryRow]:
    """W1: an open intent always needs a read, even if nothing is to be delivered."""
    intents = deliveries.intents(conn, work.account_id, rows)
    planned = {one.row.row: one.row for one in plan(conn, work, rows) if one.target.is_write}
    return planned | catalogue.entries_by_row(conn, [row for row in intents if row not in planned])


def _write_ahead(
    engine: Engine, work: AccountWork, found: Mapping[int, Seen], gone: Sequence[int], conn: Connection
) -> dict[str, _Sending]:
    """W2, W3: compare once more, with the facts just read, and commit the intents before anything is sent."""
    now = engine.clock()
    rows = list(found)
    deliveries.drop_intents(conn, work.account_id, gone)
    _put_off(conn, work, dict.fromkeys(gone, "the server does not show it"), now)
    waiting = deliveries.attempts(conn, work.account_id, rows)
    unsettled = deliveries.intents(conn, work.account_id, rows)
    sending = {
        one.row.entry_id: _Sending(one, _intent(one, found[one.row.row], now))
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


async def _send(engine: Engine, work: AccountWork, sending: Mapping[str, _Sending], report: AccountReport) -> None:
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
        await engine.storage.write(partial(_give_up, engine, work, sending))
        raise
    await engine.storage.write(partial(_settle, engine, work, sending, outcomes, report))
    positions = [
        outcome.entry_id
        for outcome in outcomes
        if outcome.outcome is Outcome.APPLIED and is_open(sending[outcome.entry_id].intent.position_ms)
    ]
    if positions:
        await reread(engine, work, positions, report)
    refused = next((outcome for outcome in outcomes if outcome.outcome is Outcome.REFUSED), None)
    if refused is not None:
        raise BackendAuthError(
            work.server.name,
            "writing a play state",
            refused.detail or "refused",
            "check the token and the user's rights",
        )


def _give_up(engine: Engine, work: AccountWork, sending: Mapping[str, _Sending], conn: Connection) -> None:
    now = engine.clock()
    rows = {one.planned.row.row: replace(one.intent, gave_up_at=now) for one in sending.values()}
    deliveries.save_intents(conn, work.account_id, work.run_id, rows)
    _put_off(conn, work, dict.fromkeys(rows, "the write ended without an answer"), now)


def _settle(
    engine: Engine,
    work: AccountWork,
    sending: Mapping[str, _Sending],
    outcomes: Sequence[PushOutcome],
    report: AccountReport,
    conn: Connection,
) -> None:
    """W3, W5: a success is agreed, an unknown outcome keeps its intent, a failure is tried again later."""
    now = engine.clock()
    agreed: dict[int, Agreed] = {}
    unknown: dict[int, Intent] = {}
    put_off: dict[int, str] = {}
    not_before: dict[int, int] = {}
    lines: list[JournalLine] = []
    for outcome in outcomes:
        one = sending[outcome.entry_id]
        row = one.planned.row.row
        match outcome.outcome:
            case Outcome.APPLIED:
                written = as_written(
                    one.planned.agreed, one.intent, outcome.sent_at or one.intent.sent_at, outcome.answered_at or now
                )
                agreed[row] = written
                lines += _lines(work, one, written, now)
                report.written += 1
            case Outcome.ALREADY:
                report.already += 1
            case Outcome.UNKNOWN:
                unknown[row] = replace(one.intent, gave_up_at=outcome.answered_at or now)
                put_off[row] = outcome.detail or "no answer came"
            case _:
                put_off[row] = outcome.detail or str(outcome.outcome)
                if outcome.outcome is Outcome.BUSY:
                    not_before[row] = now + MINUTE
                elif outcome.retry_after_ms is not None:
                    not_before[row] = now + outcome.retry_after_ms
    states.save_agreed(conn, work.account_id, agreed)
    rows = [one.planned.row.row for one in sending.values()]
    deliveries.drop_intents(conn, work.account_id, [row for row in rows if row not in unknown])
    deliveries.save_intents(conn, work.account_id, work.run_id, unknown)
    deliveries.clear_attempts(conn, work.account_id, [row for row in rows if row not in put_off])
    _put_off(conn, work, put_off, now, not_before)
    journal.append(conn, lines)


def _put_off(
    conn: Connection,
    work: AccountWork,
    reasons: Mapping[int, str],
    now: int,
    not_before: Mapping[int, int] | None = None,
) -> None:
    """W5: try again later, each time later, and not all at once."""
    earlier = deliveries.attempts(conn, work.account_id, list(reasons))
    attempts = {}
    for row, reason in reasons.items():
        tries = earlier[row].tries + 1 if row in earlier else 1
        wait = min(MINUTE * 2 ** min(tries - 1, 16), LONGEST_WAIT)
        jittered = wait + random.randrange(wait // 4)  # noqa: S311 - spreads load, hides nothing
        next_try = (not_before or {}).get(row, now + jittered)
        attempts[row] = Attempt(tries=tries, next_try_at=next_try, reason=reason)
    deliveries.save_attempts(conn, work.account_id, attempts)


def _lines(work: AccountWork, one: _Sending, written: Agreed, now: int) -> list[JournalLine]:
    event = {True: "wrote watched", False: "wrote unwatched", None: "wrote position"}[one.intent.watched]
    return [
        JournalLine(
            at=now,
            identity=work.account.identity,
            item_id=item,
            server=work.server.name,
            entry_id=one.planned.row.entry_id,
            event=event,
            rule="W1",
            before={"watched": one.intent.before_watched, "position_ms": one.intent.before_position_ms},
            after=msgspec.to_builtins(
                {"watched": written.watched, "position_ms": written.position_ms, "raw_date": one.intent.raw_date_sent}
            ),
            run_id=work.run_id,
        )
        for item in one.planned.row.items
    ]
