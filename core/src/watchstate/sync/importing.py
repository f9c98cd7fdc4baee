"""Read an account's library and bring it into the hub: whole scans and targeted reads."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import BackendProtocolError, ChangedSince, Entries, Everything, LibraryBatch
from watchstate.clock import DAY, duration_ms
from watchstate.storage import accounts, catalogue, deliveries, journal, states
from watchstate.storage.catalogue import EntryRow
from watchstate.sync.absorb import Absorbed, Reading, absorb, take
from watchstate.sync.brake import must_hold
from watchstate.sync.case import Seen
from watchstate.sync.lease import write_as_holder
from watchstate.sync.row_set import RowSet
from watchstate.sync.work import AccountReport, AccountWork, Engine, Reporter

BATCH = 100
"""Entries in one targeted read."""


class _Scan(Struct):
    """What a scan has come to so far."""

    began: int
    rows: RowSet = field(default_factory=RowSet)
    waiting: list[Reading] = field(default_factory=list)
    """Un-marks that wait for its end (R5)."""
    total: int | None = None
    cursor: str | None = None


async def read_account(
    engine: Engine, work: AccountWork, report: AccountReport, reporter: Reporter, *, is_full: bool
) -> None:
    """Read what may have changed since the last time, or everything: when asked to, when it is due, or when in doubt.

    Un-watches and vanished entries may show only in a full scan, so one is due every `CommonOptions.full_scan`. That
    something was watched again may show only in a list of changes, where rows lack count and date: there a full scan
    begins with one.
    """
    is_due = is_full or work.cursor is None or _is_scan_due(work, engine.clock())
    if work.cursor is not None and (not is_due or not work.capabilities.batch_reads_complete):
        try:
            await scan(engine, work, ChangedSince(work.cursor), report, reporter)
            await _read_accepted(engine, work, report)
        except BackendProtocolError as error:
            reporter.line(f"{work.label}: its list of changes can't be used, so everything is read ({error.reason})")
            is_due = True
    if is_due:
        report.held = report.unmatched = report.ambiguous = 0  # everything has them again
        await scan(engine, work, Everything(), report, reporter)


async def _read_accepted(engine: Engine, work: AccountWork, report: AccountReport) -> None:
    """R5: apply held un-marks that a person accepted and that a list of changes doesn't show again."""
    entry_ids = await engine.storage.read(partial(_accepted, work=work))
    if entry_ids:
        await reread(engine, work, entry_ids, report)


def _accepted(conn: Connection, work: AccountWork) -> list[str]:
    held = deliveries.held(conn, work.account_id, None)
    rows = [row for row, one in held.items() if one.decision == "accepted"]
    return [entry.entry_id for entry in catalogue.entries_by_row(conn, rows).values()]


def _is_scan_due(work: AccountWork, now: int) -> bool:
    every = duration_ms(work.server.options.full_scan)
    return work.scan_began_at is None or (every > 0 and now >= work.scan_began_at + every)


async def scan(
    engine: Engine, work: AccountWork, scope: Everything | ChangedSince, report: AccountReport, reporter: Reporter
) -> None:
    """Read a scope to its end and bring it into the hub (R0-R5).

    A failed page ends the scan with the backend's error: what was read stays read, and nothing is concluded from
    what was not. Un-marks wait for the last page, so that the brake sees all of them. The cursor is stored last.
    """
    state = _Scan(engine.clock())
    async with aclosing(engine.plugins.fetch_library(work.account, engine.http(work.server), scope)) as batches:
        async for batch in batches:
            absorbed = await _absorb(engine, work, batch, is_list_of_changes=isinstance(scope, ChangedSince))
            state.rows.update(absorbed.rows.values())
            state.waiting += absorbed.held_back
            state.total = batch.total if batch.total is not None else state.total
            state.cursor = batch.cursor if batch.cursor is not None else state.cursor
            _count(report, absorbed)
            report.read = len(state.rows)
            reporter.reading(work.account, len(state.rows), state.total)
            state.waiting += await _read_details(engine, work, absorbed.needs_detail, report)
    report.total = state.total
    is_whole = isinstance(scope, Everything)
    report.is_complete = not is_whole or (state.total is not None and len(state.rows) == state.total)
    await write_as_holder(engine, work, partial(_finish, engine, work, report, state, is_whole))


async def _read_details(
    engine: Engine, work: AccountWork, entry_ids: Sequence[str], report: AccountReport
) -> list[Reading]:
    """R6: read entries whose rows in a listing can't be judged; return their un-marks, which wait like the others."""
    waiting: list[Reading] = []
    async with aclosing(_entries(engine, work, entry_ids)) as batches:
        async for batch in batches:
            absorbed = await _absorb(engine, work, batch)
            _count(report, absorbed)
            waiting += absorbed.held_back
    return waiting


async def _entries(engine: Engine, work: AccountWork, entry_ids: Sequence[str]) -> AsyncGenerator[LibraryBatch, None]:
    for start in range(0, len(entry_ids), BATCH):
        scope = Entries(tuple(entry_ids[start : start + BATCH]))
        async with aclosing(engine.plugins.fetch_library(work.account, engine.http(work.server), scope)) as batches:
            async for batch in batches:
                yield replace(batch, facts=tuple(replace(fact, is_detailed=True) for fact in batch.facts))


class Answer(Struct):
    """What a targeted read came to."""

    there: set[str] = field(default_factory=set)
    """Entries that were in the answer."""
    shown: dict[str, Seen] = field(default_factory=dict)
    """What they showed; without those whose fact came too late to count (R0)."""


async def reread(engine: Engine, work: AccountWork, entry_ids: Sequence[str], report: AccountReport) -> Answer:
    """Read some entries again, in batches, and bring them into the hub."""
    answer = Answer()
    async with aclosing(_entries(engine, work, entry_ids)) as batches:
        async for batch in batches:
            absorbed = await write_as_holder(engine, work, partial(_absorb_reread, engine, work, batch))
            _count(report, absorbed)
            for fact in batch.facts:
                answer.there.add(fact.entry.entry_id)
                if fact.entry.entry_id not in absorbed.stale:
                    answer.shown[fact.entry.entry_id] = Seen.of(fact, batch.read_from, batch.read_to)
    return answer


async def _absorb(
    engine: Engine, work: AccountWork, batch: LibraryBatch, *, is_list_of_changes: bool = False
) -> Absorbed:
    job = partial(
        absorb,
        work=work,
        batch=batch,
        now=engine.clock(),
        newest_reads=engine.newest_reads,
        holds_back=True,
        is_list_of_changes=is_list_of_changes,
    )
    return await write_as_holder(engine, work, job)


def _absorb_reread(engine: Engine, work: AccountWork, batch: LibraryBatch, conn: Connection) -> Absorbed:
    """R5 for events: within a day, un-marks are applied up to the limit and held from there on."""
    now = engine.clock()
    absorbed = absorb(conn, work, batch, now=now, newest_reads=engine.newest_reads, holds_back=True)
    if absorbed.held_back:
        watched = states.watched_count(conn, work.account_id)
        titles = _titles_of_the_day(engine, work, conn)
        rows = [reading.row.row for reading in absorbed.held_back]
        entries, held = catalogue.entries_by_row(conn, rows), deliveries.held(conn, work.account_id, rows)
        for reading in absorbed.held_back:
            titles += _titles([entries[reading.row.row]])
            if reading.row.row in held or must_hold(titles, watched, engine.brake):
                _hold(conn, work, [reading])
                absorbed.held += 1
            else:
                take(conn, work, [reading], absorbed, now=now, holds_back=False)
    for row in absorbed.rows.values():
        key = (work.account_id, row)
        if row in absorbed.stale.values():
            continue
        engine.newest_reads[key] = max(engine.newest_reads.get(key, 0), batch.read_from)
    return absorbed


def _finish(
    engine: Engine, work: AccountWork, report: AccountReport, state: _Scan, is_whole: bool, conn: Connection
) -> None:
    """End a scan: decide about its un-marks, and conclude what a complete scan of everything allows to be concluded."""
    # Items may have been joined since.
    entries = catalogue.entries_by_row(conn, [reading.row.row for reading in state.waiting])
    fresh = [
        replace(reading, row=entries[reading.row.row])
        for reading in state.waiting
        if engine.newest_reads.get((work.account_id, reading.row.row), 0) <= reading.seen.read_from
    ]
    titles = _titles([entries[reading.row.row] for reading in fresh])
    if not is_whole:
        titles += _titles_of_the_day(engine, work, conn)
    if fresh:
        is_too_much = must_hold(titles, states.watched_count(conn, work.account_id), engine.brake)
        _hold_or_take(engine, work, report, fresh, is_too_much, conn)
    if is_whole and report.is_complete:
        report.missing = len(states.mark_missing(conn, work.account_id, state.rows))
        accounts.set_scan_began(conn, work.account_id, state.began)
    if report.is_complete and state.cursor is not None:
        accounts.set_cursor(conn, work.account_id, state.cursor, state.began)


def _hold_or_take(
    engine: Engine,
    work: AccountWork,
    report: AccountReport,
    readings: Sequence[Reading],
    is_too_much: bool,
    conn: Connection,
) -> None:
    """R5: hold a scan's un-marks, or apply them; what is held already waits for a person, however little is left."""
    held = deliveries.held(conn, work.account_id, [reading.row.row for reading in readings])
    waiting = [reading for reading in readings if is_too_much or reading.row.row in held]
    others = [reading for reading in readings if not is_too_much and reading.row.row not in held]
    _hold(conn, work, waiting)
    report.held += len(waiting)
    absorbed = Absorbed()
    take(conn, work, others, absorbed, now=engine.clock(), holds_back=False)
    report.changed += absorbed.changed


def _titles_of_the_day(engine: Engine, work: AccountWork, conn: Connection) -> list[str]:
    return journal.unwatched_titles_since(conn, work.server.name, work.account.identity, engine.clock() - DAY)


def _hold(conn: Connection, work: AccountWork, readings: Sequence[Reading]) -> None:
    intervals = {reading.row.row: reading.unwatch for reading in readings if reading.unwatch is not None}
    deliveries.hold(conn, work.account_id, work.run_id, intervals)


def _titles(entries: Sequence[EntryRow]) -> list[str]:
    return [entry.show_title or entry.title for entry in entries for _ in range(max(1, len(entry.items)))]


def _count(report: AccountReport, absorbed: Absorbed) -> None:
    report.new += absorbed.new
    report.changed += absorbed.changed
    report.unmatched += absorbed.unmatched
    report.ambiguous += absorbed.ambiguous
    report.held += absorbed.held
