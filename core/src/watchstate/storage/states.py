"""Hub states and agreements: the values of `watchstate.states`, kept."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import BindParameter, Connection, and_, bindparam, exists, func, or_, select, true

from watchstate.states import GONE_AFTER, Agreed, HubState, Interval, OwnWrite
from watchstate.storage import tables
from watchstate.storage.bulk import BATCH, batches, upsert
from watchstate.storage.number_list import from_text, to_text

_hub = tables.hub_state
_agreed = tables.agreed
_link = tables.entry_item
_account = tables.account
_intent = tables.intent
_attempt = tables.attempt

_ACCOUNT: BindParameter[int] = bindparam("account_id")
_HUBS = select(
    _hub.c.item_id,
    _hub.c.watched,
    _hub.c.changed_begins,
    _hub.c.changed_ends,
    _hub.c.watched_at,
    _hub.c.position_ms,
    _hub.c.position_begins,
    _hub.c.position_ends,
    _hub.c.position_runtime_ms,
    _hub.c.origin,
).where(_hub.c.identity == bindparam("identity"), _hub.c.item_id.in_(bindparam("items", expanding=True)))
_WRITE_COLUMNS = (
    _agreed.c.write_sent_at,
    _agreed.c.write_answered_at,
    _agreed.c.write_watched,
    _agreed.c.write_position_ms,
    _agreed.c.write_raw_date_sent,
    _agreed.c.write_count_before,
    _agreed.c.write_raw_date_before,
    _agreed.c.write_is_filled_in,
)
_AGREED = select(
    _agreed.c.entry_row,
    _agreed.c.watched,
    _agreed.c.position_ms,
    _agreed.c.play_count,
    _agreed.c.raw_watched_at,
    _agreed.c.read_from,
    _agreed.c.read_to,
    _agreed.c.is_rewatching,
    _agreed.c.added_at,
    _agreed.c["items"],
    _agreed.c.missed_scans,
    _agreed.c.unkept_position_ms,
    *_WRITE_COLUMNS,
).where(_agreed.c.account_id == _ACCOUNT)
_AGREED_OF = _AGREED.where(_agreed.c.entry_row.in_(bindparam("rows", expanding=True)))
_AGREED_AMONG = _AGREED.where(_agreed.c.entry_row.between(bindparam("first"), bindparam("last")))
_OWN_WRITES = (
    select(_link.c.item_id, *_WRITE_COLUMNS)
    .join(_agreed, _agreed.c.entry_row == _link.c.entry_row)
    .where(
        _agreed.c.account_id == _ACCOUNT,
        _agreed.c.write_sent_at.is_not(None),
        _link.c.item_id.in_(bindparam("items", expanding=True)),
    )
    .order_by(_agreed.c.entry_row)
)
_MAY_BE_MISSING = select(_agreed.c.entry_row).where(
    _agreed.c.account_id == _ACCOUNT, _agreed.c.watched.is_not(None), _agreed.c.missed_scans < GONE_AFTER
)
_MISSED_AGAIN = (
    _agreed.update()
    .where(_agreed.c.account_id == bindparam("whose"), _agreed.c.entry_row == bindparam("row"))
    .values(missed_scans=_agreed.c.missed_scans + 1)
)
_WATCHED_COUNT = (
    select(func.count())
    .select_from(_agreed)
    .where(
        _agreed.c.account_id == _ACCOUNT,
        or_(_agreed.c.watched.is_(True), _agreed.c.is_rewatching.is_(True)),
        _agreed.c.missed_scans < GONE_AFTER,
    )
)
_MUST_WAIT = select(_attempt.c.entry_row).where(
    _attempt.c.account_id == _ACCOUNT, _attempt.c.next_try_at > bindparam("now")
)
_DIFFERS = or_(
    and_(_hub.c.watched.is_not(None), _hub.c.watched != _agreed.c.watched),
    and_(
        _hub.c.watched.is_not(true()),
        _hub.c.position_begins.is_not(None),
        _hub.c.position_ms != func.coalesce(_agreed.c.position_ms, 0),
    ),
)
_DIFFERENT = (
    select(_agreed.c.entry_row)
    .where(
        _agreed.c.account_id == _ACCOUNT,
        _agreed.c.entry_row > bindparam("after_row"),
        _agreed.c.watched.is_not(None),
        _agreed.c.missed_scans < GONE_AFTER,
        exists().where(
            _link.c.entry_row == _agreed.c.entry_row,
            _hub.c.item_id == _link.c.item_id,
            _hub.c.identity == select(_account.c.identity).where(_account.c.id == _ACCOUNT).scalar_subquery(),
            _DIFFERS,
        ),
        ~_MUST_WAIT.where(_attempt.c.entry_row == _agreed.c.entry_row).exists(),
    )
    .order_by(_agreed.c.entry_row)
    .limit(bindparam("limit"))
)
_UNRESOLVED = (
    select(_intent.c.entry_row)
    .where(
        _intent.c.account_id == _ACCOUNT,
        _intent.c.entry_row > bindparam("after_row"),
        ~_MUST_WAIT.where(_attempt.c.entry_row == _intent.c.entry_row).exists(),
    )
    .order_by(_intent.c.entry_row)
    .limit(bindparam("limit"))
)


def hubs(conn: Connection, identity: str, item_ids: Iterable[int]) -> dict[int, HubState]:
    """Return an identity's hub states by item. Items of which nothing is known are left out."""
    return {
        item_id: HubState(
            watched=watched,
            changed=_interval(changed_begins, changed_ends),
            watched_at=watched_at,
            position_ms=position_ms,
            position_changed=_interval(position_begins, position_ends),
            position_runtime_ms=position_runtime_ms,
            origin=origin,
        )
        for batch in batches(item_ids)
        for (
            item_id,
            watched,
            changed_begins,
            changed_ends,
            watched_at,
            position_ms,
            position_begins,
            position_ends,
            position_runtime_ms,
            origin,
        ) in conn.execute(_HUBS, {"identity": identity, "items": batch})
    }


def hubs_of_item(conn: Connection, item_id: int) -> dict[str, HubState]:
    """Return an item's hub states by identity."""
    identities = conn.execute(select(_hub.c.identity).where(_hub.c.item_id == item_id)).scalars().all()
    return {identity: hubs(conn, identity, [item_id])[item_id] for identity in identities}


def items_with_hubs(conn: Connection, identity: str) -> list[int]:
    """Return the items of which an identity's hub knows something, ascending."""
    wanted = select(_hub.c.item_id).where(_hub.c.identity == identity).order_by(_hub.c.item_id)
    return list(conn.execute(wanted).scalars())


def identities(conn: Connection) -> list[str]:
    """Return every identity that the hub knows something about."""
    return sorted(conn.execute(select(_hub.c.identity).distinct()).scalars())


def save_hubs(conn: Connection, identity: str, states: Mapping[int, HubState]) -> None:
    """Insert or update an identity's hub states, by item."""
    upsert(
        conn,
        _hub,
        (
            {
                "item_id": item_id,
                "identity": identity,
                "watched": state.watched,
                "changed_begins": state.changed.begins if state.changed else None,
                "changed_ends": state.changed.ends if state.changed else None,
                "watched_at": state.watched_at,
                "position_ms": state.position_ms,
                "position_begins": state.position_changed.begins if state.position_changed else None,
                "position_ends": state.position_changed.ends if state.position_changed else None,
                "position_runtime_ms": state.position_runtime_ms,
                "origin": state.origin,
            }
            for item_id, state in states.items()
        ),
    )


def agreed(conn: Connection, account_id: int, rows: Iterable[int]) -> dict[int, Agreed]:
    """Return what an account's entries last showed, by row. Entries never agreed on are left out."""
    return {
        row: Agreed(
            watched=watched,
            position_ms=position_ms,
            play_count=play_count,
            raw_watched_at=raw_watched_at,
            read_from=read_from,
            read_to=read_to,
            is_rewatching=is_rewatching,
            added_at=added_at,
            items=from_text(items),
            missed_scans=missed_scans,
            unkept_position_ms=unkept_position_ms,
            write=_own_write(*write),
        )
        for batch in batches(rows)
        for (
            row,
            watched,
            position_ms,
            play_count,
            raw_watched_at,
            read_from,
            read_to,
            is_rewatching,
            added_at,
            items,
            missed_scans,
            unkept_position_ms,
            *write,
        ) in _agreed_among(conn, account_id, batch)
    }


def _agreed_among(conn: Connection, account_id: int, rows: Sequence[int]) -> Sequence[Sequence[Any]]:
    """Return what is agreed about some rows. A page of a scan is a range, which costs less than a list of numbers."""
    first, last = min(rows), max(rows)
    if last - first >= 2 * len(rows):
        return conn.execute(_AGREED_OF, {"account_id": account_id, "rows": rows}).all()
    wanted = frozenset(rows)
    found = conn.execute(_AGREED_AMONG, {"account_id": account_id, "first": first, "last": last}).all()
    return [row for row in found if row[0] in wanted]


def save_agreed(conn: Connection, account_id: int, states: Mapping[int, Agreed]) -> None:
    """Insert or update what an account's entries last showed, by row."""
    upsert(
        conn,
        _agreed,
        (
            {
                "account_id": account_id,
                "entry_row": row,
                "watched": state.watched,
                "position_ms": state.position_ms,
                "play_count": state.play_count,
                "raw_watched_at": state.raw_watched_at,
                "read_from": state.read_from,
                "read_to": state.read_to,
                "is_rewatching": state.is_rewatching,
                "added_at": state.added_at,
                "items": to_text(state.items),
                "missed_scans": state.missed_scans,
                "unkept_position_ms": state.unkept_position_ms,
                **(_NO_WRITE if state.write is None else _write_columns(state.write)),
            }
            for row, state in states.items()
        ),
    )


def own_writes(conn: Connection, account_id: int, item_ids: Iterable[int]) -> dict[int, tuple[OwnWrite, ...]]:
    """Return our last write to each of an account's entries of an item, by item; gone entries included (R2)."""
    writes: defaultdict[int, list[OwnWrite]] = defaultdict(list)
    for batch in batches(item_ids):
        for item_id, *columns in conn.execute(_OWN_WRITES, {"account_id": account_id, "items": batch}):
            if write := _own_write(*columns):
                writes[item_id].append(write)
    return {item_id: tuple(of_item) for item_id, of_item in writes.items()}


def mark_missing(conn: Connection, account_id: int, seen_rows: Container[int]) -> list[int]:
    """Count one more complete scan without them for an account's entries that were not seen; return their rows.

    Those that count as gone already are left alone, so that a scan in which nothing changed writes nothing.
    """
    known = conn.execute(_MAY_BE_MISSING, {"account_id": account_id}).scalars()
    missing = [row for part in known.partitions(BATCH) for row in part if row not in seen_rows]
    for batch in batches(missing):
        conn.execute(_MISSED_AGAIN, [{"whose": account_id, "row": row} for row in batch])
    return missing


def watched_count(conn: Connection, account_id: int) -> int:
    """Return how many of an account's entries are agreed to be watched (being watched again counts)."""
    return conn.execute(_WATCHED_COUNT, {"account_id": account_id}).scalar_one()


def forget_the_future(conn: Connection, account_id: int, identity: str, now: int) -> int:
    """Bring stored moments that lie in the future to now, after this machine's clock was set back.

    Otherwise whatever is read until that future comes would be taken for older than what is known (R0). Return how
    many rows were touched.
    """
    touched = 0
    for column in (_agreed.c.read_from, _agreed.c.read_to, _agreed.c.write_sent_at, _agreed.c.write_answered_at):
        ahead = _agreed.update().where(_agreed.c.account_id == account_id, column > now)
        touched += conn.execute(ahead.values({column.name: now})).rowcount
    for column in (_hub.c.changed_begins, _hub.c.changed_ends, _hub.c.position_begins, _hub.c.position_ends):
        ahead = _hub.update().where(_hub.c.identity == identity, column > now)
        touched += conn.execute(ahead.values({column.name: now})).rowcount
    began = _account.update().where(_account.c.id == account_id, _account.c.scan_began_at > now)
    return touched + conn.execute(began.values(scan_began_at=now)).rowcount


def due(conn: Connection, account_id: int, now: int, *, after_row: int, limit: int) -> list[int]:
    """Return the first rows after `after_row`, ascending, of entries that may need a delivery (W1).

    Those with an open intent, and those whose hub differs in any way; the exact target is for the caller to tell.
    """
    asked = {"account_id": account_id, "now": now, "after_row": after_row, "limit": limit}
    rows = {*conn.execute(_DIFFERENT, asked).scalars(), *conn.execute(_UNRESOLVED, asked).scalars()}
    return sorted(rows)[:limit]


def _interval(begins: int | None, ends: int | None) -> Interval | None:
    return None if begins is None or ends is None else Interval(begins, ends)


def _own_write(
    sent_at: int | None,
    answered_at: int | None,
    watched: bool | None,
    position_ms: int | None,
    raw_date_sent: int | None,
    count_before: int | None,
    raw_date_before: int | None,
    is_filled_in: bool | None,
) -> OwnWrite | None:
    if sent_at is None or answered_at is None:
        return None
    return OwnWrite(
        sent_at=sent_at,
        answered_at=answered_at,
        watched=watched,
        position_ms=position_ms,
        raw_date_sent=raw_date_sent,
        count_before=count_before,
        raw_date_before=raw_date_before,
        is_filled_in=bool(is_filled_in),
    )


def _write_columns(write: OwnWrite) -> dict[str, Any]:
    return {f"write_{name}": value for name, value in asdict(write).items()}


_NO_WRITE = {column.name: None for column in _WRITE_COLUMNS}
