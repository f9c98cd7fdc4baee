"""The journal: every change of a hub state, and every write to a server."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, select

from watchstate.states import UNKNOWN_HUB, HubState
from watchstate.storage import tables
from watchstate.storage.bulk import BATCH, batches


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `before` and `after` are what changed, as JSON can hold it."""

    at: int
    identity: str
    item_id: int | None = None
    server: str | None = None
    """The server that it came from or went to; None for a change made in watchstate itself."""
    entry_id: str | None = None
    event: str
    rule: str
    """Which of the sync rules decided, such as ``R3``; those that begin with W are writes."""
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    run_id: int | None = None


def hub_line(
    *,
    at: int,
    identity: str,
    item_id: int,
    event: str,
    rule: str,
    before: HubState,
    after: HubState,
    run_id: int,
    server: str | None = None,
    entry_id: str | None = None,
) -> JournalLine:
    """Return the line of a hub state's change."""
    return JournalLine(
        at=at,
        identity=identity,
        item_id=item_id,
        server=server,
        entry_id=entry_id,
        event=event,
        rule=rule,
        before=_told(before),
        after=_told(after),
        run_id=run_id,
    )


def _told(hub: HubState) -> dict[str, Any]:
    """Return a hub state as a line holds it: of one that is unknown there is nothing to tell."""
    return {} if hub == UNKNOWN_HUB else msgspec.to_builtins(hub)


_journal = tables.journal
_LINES = select(_journal).order_by(_journal.c.id.desc())
_LINES_OF = select(_journal).where(
    _journal.c.identity == bindparam("identity"), _journal.c.item_id.in_(bindparam("items", expanding=True))
)
_item = tables.item
_CHANGES_OF = (
    select(_journal.c.item_id, _journal.c.before, _journal.c.after, _item.c.title, _item.c.show_title)
    .join(_item, _item.c.id == _journal.c.item_id)
    .where(
        _journal.c.at >= bindparam("at"),
        _journal.c.server == bindparam("server"),
        _journal.c.identity == bindparam("identity"),
        _journal.c.event == "unwatched",
    )
)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


def append(conn: Connection, lines: Iterable[JournalLine]) -> None:
    """Write lines to the end of the journal."""
    for batch in batches(lines):
        conn.execute(
            _journal.insert(),
            [
                {
                    "at": line.at,
                    "identity": line.identity,
                    "item_id": line.item_id,
                    "server": line.server,
                    "entry_id": line.entry_id,
                    "event": line.event,
                    "rule": line.rule,
                    "before": _encoder.encode(line.before).decode(),
                    "after": _encoder.encode(line.after).decode(),
                    "run_id": line.run_id,
                }
                for line in batch
            ],
        )


def lines(
    conn: Connection,
    *,
    number: int | None = None,
    item_id: int | None = None,
    run_id: int | None = None,
    since: int | None = None,
    identity: str | None = None,
    limit: int | None = None,
) -> list[tuple[int, JournalLine]]:
    """Return (number, line) of those to which all applies that is given; the newest first."""
    wanted = _LINES.where(*_asked(number=number, item_id=item_id, run_id=run_id, since=since, identity=identity))
    return [(row.id, _line(row)) for row in conn.execute(wanted.limit(limit))]


def with_later(
    conn: Connection, *, number: int | None = None, run_id: int | None = None, since: int | None = None
) -> Iterator[tuple[bool, JournalLine]]:
    """Yield the lines to which all applies that is given, and all that were written after the first of them.

    The oldest first; with each, whether it is one of those that were asked for. They are read while they are used.
    """
    asked = and_(*_asked(number=number, run_id=run_id, since=since))
    first = select(func.min(_journal.c.id)).where(asked).scalar_subquery()
    found = select(_journal, asked.label("is_asked")).where(_journal.c.id >= first)
    for row in conn.execute(found.order_by(_journal.c.id), execution_options={"yield_per": BATCH}):
        yield bool(row.is_asked), _line(row)


def _asked(
    *,
    number: int | None = None,
    item_id: int | None = None,
    run_id: int | None = None,
    since: int | None = None,
    identity: str | None = None,
) -> Sequence[ColumnElement[bool]]:
    exact = (
        (_journal.c.id, number),
        (_journal.c.item_id, item_id),
        (_journal.c.run_id, run_id),
        (_journal.c.identity, identity),
    )
    conditions = [column == value for column, value in exact if value is not None]
    return conditions if since is None else [*conditions, _journal.c.at >= since]


def lines_of_items(conn: Connection, identity: str, items: Iterable[int]) -> Iterator[JournalLine]:
    """Yield an identity's lines about any of these items, in no order."""
    for batch in batches(items):
        for row in conn.execute(_LINES_OF, {"identity": identity, "items": batch}):
            yield _line(row)


def _line(row: Row[Any]) -> JournalLine:
    return JournalLine(
        at=row.at,
        identity=row.identity,
        item_id=row.item_id,
        server=row.server,
        entry_id=row.entry_id,
        event=row.event,
        rule=row.rule,
        before=_decoder.decode(row.before),
        after=_decoder.decode(row.after),
        run_id=row.run_id,
    )


def count(conn: Connection) -> int:
    """Return how many lines there are."""
    return conn.execute(select(func.count()).select_from(_journal)).scalar_one()


def unwatched_titles_since(conn: Connection, server: str, identity: str, at: int) -> list[str]:
    """Return the movie's or show's title of every item that an account has un-watched in the hub since then (R5).

    A line counts that says so and whose `before` wasn't unwatched already.
    """
    changes = conn.execute(_CHANGES_OF, {"server": server, "identity": identity, "at": at})
    titles = {
        item_id: show_title or title
        for item_id, before, after, title, show_title in changes
        if _is_unwatched(after) and not _is_unwatched(before)
    }
    return list(titles.values())


def _is_unwatched(state: str) -> bool:
    return _decoder.decode(state).get("watched") is False
