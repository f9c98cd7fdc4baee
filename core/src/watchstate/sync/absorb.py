"""Take one batch of facts in: catalogue, merge, journal, in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import Fact, LibraryBatch
from watchstate.states import Agreed, HubState, Intent, Interval
from watchstate.storage import catalogue, deliveries, journal, states
from watchstate.storage.catalogue import KnownEntry
from watchstate.storage.deliveries import Attempt, Held
from watchstate.storage.journal import JournalLine
from watchstate.sync.case import Case, Context, Merged, Seen, Verdict
from watchstate.sync.comparing import is_untouched
from watchstate.sync.identify import fingerprint, identify
from watchstate.sync.keys import slots
from watchstate.sync.merge import merge
from watchstate.sync.work import AccountWork


class Reading(Struct, frozen=True, gc=False):
    """A fact about an entry of the catalogue, with what was known in memory when it was read."""

    row: KnownEntry
    seen: Seen
    newest_read_from: int | None
    is_list_of_changes: bool = False
    unwatch: Interval | None = None
    """It is an un-mark that waits for the brake's decision (R5), made in this interval."""


class Absorbed(Struct):
    """What a batch came to."""

    rows: dict[str, int] = field(default_factory=dict)
    """Entry id → row, of all entries of the batch."""
    stale: dict[str, int] = field(default_factory=dict)
    """Those whose fact came too late to count (R0)."""
    new: int = 0
    changed: int = 0
    unmatched: int = 0
    ambiguous: int = 0
    held_back: list[Reading] = field(default_factory=list)
    needs_detail: list[str] = field(default_factory=list)
    held: int = 0
    """Un-marks that the brake holds."""


class _Known(Struct):
    """What the database knows about a batch, kept current while its facts are merged one after the other."""

    agreed: dict[int, Agreed]
    intents: dict[int, Intent]
    held: dict[int, Held]
    hubs: dict[int, HubState]


class _Changes(Struct):
    """What is to be written at the end of the transaction."""

    hubs: dict[int, HubState] = field(default_factory=dict)
    agreed: dict[int, Agreed] = field(default_factory=dict)
    closed_intents: list[int] = field(default_factory=list)
    retries: dict[int, int] = field(default_factory=dict)
    """When at the earliest a write that did not arrive may be tried again."""
    released: list[int] = field(default_factory=list)
    lines: list[JournalLine] = field(default_factory=list)


def absorb(
    conn: Connection,
    work: AccountWork,
    batch: LibraryBatch,
    *,
    now: int,
    newest_reads: Mapping[tuple[int, int], int],
    holds_back: bool,
    is_list_of_changes: bool = False,
) -> Absorbed:
    """Bring a batch into the database; un-marks that would un-watch something are only reported if `holds_back`."""
    rows = _rows(conn, work, batch.facts, now)
    absorbed = Absorbed(rows={entry_id: row.row for entry_id, row in rows.items()})
    seen = [
        Reading(
            rows[fact.entry.entry_id],
            Seen.of(fact, batch.read_from, batch.read_to),
            newest_reads.get((work.account_id, rows[fact.entry.entry_id].row)),
            is_list_of_changes=is_list_of_changes,
        )
        for fact in batch.facts
    ]
    matches = Counter([row.match for row in rows.values()])
    absorbed.unmatched, absorbed.ambiguous = matches["unmatched"], matches["ambiguous"]
    take(conn, work, seen, absorbed, now=now, holds_back=holds_back)
    return absorbed


def take(
    conn: Connection, work: AccountWork, readings: Sequence[Reading], absorbed: Absorbed, *, now: int, holds_back: bool
) -> None:
    """Merge facts about entries that are in the catalogue, and store what they change."""
    numbers = [reading.row.row for reading in readings]
    agreed = states.agreed(conn, work.account_id, numbers)
    intents = deliveries.intents(conn, work.account_id, numbers)
    held = deliveries.held(conn, work.account_id, numbers)
    open_readings = [
        reading
        for reading in readings
        if reading.row.row in intents
        or reading.row.row in held
        or not is_untouched(
            agreed.get(reading.row.row),
            reading.seen,
            reading.row.items,
            is_list_of_changes=reading.is_list_of_changes,
        )
    ]
    if not open_readings:
        return
    items = {item for reading in open_readings for item in reading.row.items}
    known = _Known(agreed, intents, held, states.hubs(conn, work.account.identity, items))
    own_writes = states.own_writes(conn, work.account_id, items)
    changes = _Changes()
    for reading in open_readings:
        context = Context(
            capabilities=work.capabilities,
            server=work.server.name,
            skew_ms=work.skew_ms,
            scan_began_at=work.scan_began_at,
            newest_read_from=reading.newest_read_from,
            imports=work.imports and not work.is_forced,
            is_forced=work.is_forced,
            own_writes=own_writes,
            held=_held_interval(held.get(reading.row.row)),
            holds_back=holds_back and not _is_accepted(held.get(reading.row.row)),
            resume_limit=work.server.options.resume_limit,
            is_list_of_changes=reading.is_list_of_changes,
        )
        case = Case(
            items=reading.row.items,
            hubs=known.hubs,
            agreed=known.agreed.get(reading.row.row),
            intent=known.intents.get(reading.row.row),
            seen=reading.seen,
            context=context,
        )
        _note_outcome(work, reading, case, merge(case), known, changes, absorbed, now)
    _save(conn, work, changes)


def _rows(conn: Connection, work: AccountWork, facts: Sequence[Fact], now: int) -> dict[str, KnownEntry]:
    """Return the catalogue's row of every fact's entry, matching those that are new or have changed."""
    options = work.server.options
    known = catalogue.known_entries(conn, work.server_id, [fact.entry.entry_id for fact in facts])
    rows: dict[str, KnownEntry] = {}
    unknown: dict[str, tuple[Fact, int]] = {}
    for fact in facts:
        row = known.get(fact.entry.entry_id)
        mark = fingerprint(fact.entry, options)
        if row is not None and row.fingerprint == mark and row.match != "ambiguous":
            rows[fact.entry.entry_id] = row
        else:
            unknown[fact.entry.entry_id] = (fact, mark)
    if not unknown:
        return rows
    identified = identify(
        conn,
        server_id=work.server_id,
        server=work.server.name,
        identity=work.account.identity,
        entries=[(fact.entry, mark) for fact, mark in unknown.values()],
        wanted={
            entry_id: slots(fact.entry, path_segments=options.match_paths, rewrite=options.rewrite_paths)
            for entry_id, (fact, _) in unknown.items()
        },
        known=catalogue.entries(conn, work.server_id, unknown),
        now=now,
        run_id=work.run_id,
    )
    if any(item > 0 for item in identified.joined):
        rows |= catalogue.known_entries(conn, work.server_id, rows)
    return rows | identified.rows


def _held_interval(held: Held | None) -> Interval | None:
    return held.interval if held is not None else None


def _is_accepted(held: Held | None) -> bool:
    return held is not None and held.decision == "accepted"


def _note_outcome(
    work: AccountWork,
    reading: Reading,
    case: Case,
    merged: Merged,
    known: _Known,
    changes: _Changes,
    absorbed: Absorbed,
    now: int,
) -> None:
    row = reading.row.row
    if merged.verdict is Verdict.NEEDS_DETAIL:
        absorbed.needs_detail.append(reading.row.entry_id)
        return
    if merged.verdict is Verdict.STALE:
        absorbed.stale[reading.row.entry_id] = row
        return
    if merged.verdict is Verdict.HELD:
        absorbed.held_back.append(replace(reading, unwatch=merged.unwatch))
    elif row in known.held:
        changes.released.append(row)
    absorbed.new += merged.verdict is Verdict.FIRST_CONTACT and case.agreed is None
    absorbed.changed += len(merged.hubs)
    known.hubs.update(merged.hubs)
    changes.hubs.update(merged.hubs)
    if merged.agreed is not None:
        known.agreed[row] = changes.agreed[row] = merged.agreed
    if merged.closes_intent:
        known.intents.pop(row, None)
        changes.closed_intents.append(row)
    if merged.retry_at is not None:
        changes.retries[row] = merged.retry_at
    changes.lines += _lines(work, reading, merged, now)


def _lines(work: AccountWork, reading: Reading, merged: Merged, now: int) -> Iterable[JournalLine]:
    return [
        journal.hub_line(
            at=now,
            identity=work.account.identity,
            item_id=note.item,
            server=work.server.name,
            entry_id=reading.row.entry_id,
            event=note.event,
            rule=note.rule,
            before=note.before,
            after=note.after,
            run_id=work.run_id,
        )
        for note in merged.notes
    ]


def _save(conn: Connection, work: AccountWork, changes: _Changes) -> None:
    account_id = work.account_id
    states.save_hubs(conn, work.account.identity, changes.hubs)
    states.save_agreed(conn, account_id, changes.agreed)
    deliveries.drop_intents(conn, account_id, changes.closed_intents)
    deliveries.clear_attempts(conn, account_id, [row for row in changes.closed_intents if row not in changes.retries])
    tried = deliveries.attempts(conn, account_id, list(changes.retries))
    retries = {
        row: Attempt(tries=tried[row].tries if row in tried else 1, next_try_at=at, reason="the write did not arrive")
        for row, at in changes.retries.items()
    }
    deliveries.save_attempts(conn, account_id, retries)
    deliveries.release_held(conn, account_id, changes.released)
    journal.append(conn, changes.lines)
