"""Read an account's library and bring it into the hub: whole scans and targeted reads."""

from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

from sqlalchemy import Connection

from watchstate.api import Entries, Everything, LibraryBatch
from watchstate.clock import DAY
from watchstate.storage import accounts, deliveries, journal, states
from watchstate.sync.absorb import Absorbed, Reading, absorb, take
from watchstate.sync.brake import must_hold
from watchstate.sync.case import Seen
from watchstate.sync.work import AccountReport, AccountWork, Engine, Reporter

BATCH = 100
"""Entries in one targeted read."""


async def scan(engine: Engine, work: AccountWork, report: AccountReport, reporter: Reporter) -> None:
    """Read everything that an account shows (R0-R5).

    A failed page ends the scan with the backend's error: what was read stays read, and nothing is concluded from
    what was not. Un-marks wait for the last page, so that the brake sees all of them.
    """
    began = engine.clock()
    seen_rows: set[int] = set()
    waiting: list[Reading] = []
    total: int | None = None
    async with aclosing(engine.plugins.fetch_library(work.account, engine.http(work.server), Everything())) as batches:
        async for batch in batches:
            absorbed = await _absorb(engine, work, batch)
            seen_rows.update(absorbed.rows)
            waiting += absorbed.held_back
            total = batch.total if batch.total is not None else total
            _count(report, absorbed)
            report.read = len(seen_rows)
            reporter.reading(work.account, len(seen_rows), total)
            if absorbed.needs_detail:
                await reread(engine, work, absorbed.needs_detail, report)
    report.total = total
    report.is_complete = total is not None and len(seen_rows) == total
    await engine.storage.write(partial(_finish, engine, work, report, began, seen_rows, waiting))


async def reread(engine: Engine, work: AccountWork, entry_ids: Sequence[str], report: AccountReport) -> dict[str, Seen]:
    """Read some entries again, in batches, and bring them into the hub; return what those showed that were there."""
    there: dict[str, Seen] = {}
    for start in range(0, len(entry_ids), BATCH):
        scope = Entries(tuple(entry_ids[start : start + BATCH]))
        async with aclosing(engine.plugins.fetch_library(work.account, engine.http(work.server), scope)) as batches:
            async for batch in batches:
                absorbed = await engine.storage.write(partial(_absorb_reread, engine, work, batch))
                _count(report, absorbed)
                for fact in batch.facts:
                    there[fact.entry.entry_id] = Seen.of(fact, batch.read_from, batch.read_to)
    return there


async def _absorb(engine: Engine, work: AccountWork, batch: LibraryBatch) -> Absorbed:
    return await engine.storage.write(
        partial(
            absorb,
            work=work,
            batch=batch,
            now=engine.clock(),
            newest_reads=engine.newest_reads,
            holds_back=True,
        )
    )


def _absorb_reread(engine: Engine, work: AccountWork, batch: LibraryBatch, conn: Connection) -> Absorbed:
    """R5 for events: within a day, un-marks are applied up to the limit and held from there on."""
    now = engine.clock()
    absorbed = absorb(conn, work, batch, now=now, newest_reads=engine.newest_reads, holds_back=True)
    if absorbed.held_back:
        watched = states.watched_count(conn, work.account_id)
        titles = journal.unwatched_titles_since(conn, work.server.name, work.account.identity, now - DAY)
        for reading in absorbed.held_back:
            titles += _titles([reading])
            if must_hold(titles, watched, engine.brake):
                _hold(conn, work, [reading])
            else:
                take(conn, work, [reading], absorbed, now=now, holds_back=False)
    for row in absorbed.rows:
        key = (work.account_id, row)
        engine.newest_reads[key] = max(engine.newest_reads.get(key, 0), batch.read_from)
    return absorbed


def _finish(
    engine: Engine,
    work: AccountWork,
    report: AccountReport,
    began: int,
    seen_rows: set[int],
    waiting: Sequence[Reading],
    conn: Connection,
) -> None:
    """End a scan: decide about its un-marks, and conclude what a complete scan allows to be concluded."""
    fresh = [
        reading
        for reading in waiting
        if engine.newest_reads.get((work.account_id, reading.row.row), 0) <= reading.seen.read_from
    ]
    if must_hold(_titles(fresh), states.watched_count(conn, work.account_id), engine.brake):
        _hold(conn, work, fresh)
        report.held = len(fresh)
    else:
        absorbed = Absorbed()
        take(conn, work, fresh, absorbed, now=engine.clock(), holds_back=False)
        report.changed += absorbed.changed
    if report.is_complete:
        report.missing = len(states.mark_missing(conn, work.account_id, seen_rows))
        accounts.set_scan_began(conn, work.account_id, began)


def _hold(conn: Connection, work: AccountWork, readings: Sequence[Reading]) -> None:
    intervals = {reading.row.row: reading.unwatch for reading in readings if reading.unwatch is not None}
    deliveries.hold(conn, work.account_id, work.run_id, intervals)


def _titles(readings: Sequence[Reading]) -> list[str]:
    return [
        reading.row.show_title or reading.row.title
        for reading in readings
        for _ in range(max(1, len(reading.row.items)))
    ]


def _count(report: AccountReport, absorbed: Absorbed) -> None:
    report.new += absorbed.new
    report.changed += absorbed.changed
    report.unmatched += absorbed.unmatched
    report.ambiguous += absorbed.ambiguous
