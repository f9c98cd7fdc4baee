"""The inbox: what servers told, from the moment it was accepted until it is dealt with, and a while longer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import msgspec
from sqlalchemy import Connection, bindparam, select

from watchstate.storage import tables
from watchstate.storage.bulk import batches

State = Literal["new", "done", "ignored", "parked"]


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a server told, as it came: one for each server that it concerns."""

    backend: str
    headers: Mapping[str, str]
    """Without those that may hold a secret."""
    body: bytes
    server: str | None = None
    """None: it could not be read, so nobody knows."""
    identity: str | None = None
    """Whose account it concerns; None: everybody's on that server."""
    entry_id: str | None = None
    kind: str | None = None
    state: State = "new"
    error: str | None = None
    result: str | None = None


class Kept(Arrival, frozen=True, kw_only=True):
    """An arrival in the inbox, and what has become of it."""

    event_id: int
    received_at: int
    tries: int = 0
    next_try_at: int | None = None
    """When it is tried again; None: as soon as may be."""


_event = tables.event
_next = _event.c.next_try_at
_DUE = (
    select(_event)
    .where(_event.c.state == "new", _event.c.id > bindparam("after"))
    .where(_next.is_(None) | (_next <= bindparam("now")) | (_next > bindparam("latest")))
    .order_by(_event.c.id)
)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, str])


def add(conn: Connection, arrivals: Sequence[Arrival], at: int) -> list[int]:
    """Keep arrivals; return their numbers, in the same order."""
    numbers = []
    for one in arrivals:
        values = msgspec.structs.asdict(one) | {"headers": _encoder.encode(one.headers).decode()}
        done = conn.execute(_event.insert(), values | {"received_at": at, "tries": 0})
        numbers.append(cast("tuple[int]", done.inserted_primary_key)[0])
    return numbers


def kept(arrival: Arrival, event_id: int, received_at: int) -> Kept:
    """Return an arrival as the inbox has it now that it was added."""
    return Kept(**msgspec.structs.asdict(arrival), event_id=event_id, received_at=received_at)


def events(
    conn: Connection,
    *,
    states: Collection[State] = (),
    numbers: Collection[int] | None = None,
    limit: int | None = None,
) -> list[Kept]:
    """Return what is kept, the newest first: of these states (of all if there are none), with these numbers."""
    wanted = select(_event).order_by(_event.c.id.desc()).limit(limit)
    if states:
        wanted = wanted.where(_event.c.state.in_(states))
    if numbers is not None:
        wanted = wanted.where(_event.c.id.in_(numbers))
    return [_kept(row) for row in conn.execute(wanted).mappings()]


def due(conn: Connection, now: int, latest: int, *, after: int, limit: int) -> list[Kept]:
    """Return the new events beyond a number that wait for nothing, the oldest first.

    None waits beyond `latest`: if it says so, this machine's clock was set back meanwhile.
    """
    wanted = _DUE.limit(limit)
    asked = {"now": now, "latest": latest, "after": after}
    return [_kept(row) for row in conn.execute(wanted, asked).mappings()]


def count_restart(conn: Connection, now: int) -> None:
    """Count the start of a process as a failed try of what is due: one of them may be what ended the last process.

    What waits for its next try wasn't under way, and is left alone.
    """
    is_due = _event.c.next_try_at.is_(None) | (_event.c.next_try_at <= now)
    tried = _event.update().where(_event.c.state == "new", is_due)
    conn.execute(tried.values(tries=_event.c.tries + 1))


def finish(conn: Connection, results: Mapping[int, str], state: Literal["done", "ignored"]) -> None:
    """End events, each with what it came to. Their bodies have served their purpose."""
    for number, result in results.items():
        ended = {"state": state, "result": result, "body": b"", "error": None, "next_try_at": None}
        conn.execute(_event.update().where(_event.c.id == number), ended)


def put_off(conn: Connection, number: int, tries: int, next_try_at: int, error: str) -> None:
    """Try an event again later."""
    conn.execute(
        _event.update().where(_event.c.id == number), {"tries": tries, "next_try_at": next_try_at, "error": error}
    )


def park(conn: Connection, number: int, tries: int, error: str) -> None:
    """Leave an event to a person, with its error."""
    parked = {"state": "parked", "tries": tries, "next_try_at": None, "error": error}
    conn.execute(_event.update().where(_event.c.id == number), parked)


def retry(conn: Connection, numbers: Collection[int] | None) -> list[int]:
    """Make parked events new again, all of them or these; return which."""
    chosen = _numbers(conn, numbers, ("parked",))
    for batch in batches(chosen):
        fresh = {"state": "new", "tries": 0, "next_try_at": None, "error": None}
        conn.execute(_event.update().where(_event.c.id.in_(batch)), fresh)
    return chosen


def drop(conn: Connection, numbers: Collection[int] | None) -> list[int]:
    """Forget events: these, whatever became of them, or all that are parked; return which."""
    chosen = _numbers(conn, numbers, ("parked",) if numbers is None else ())
    for batch in batches(chosen):
        conn.execute(_event.delete().where(_event.c.id.in_(batch)))
    return chosen


def prune(conn: Connection, before: int) -> int:
    """Forget what was dealt with and came before a moment; return how much it was. Parked events stay."""
    old = _event.delete().where(_event.c.state.in_(("done", "ignored")), _event.c.received_at < before)
    return conn.execute(old).rowcount


def _numbers(conn: Connection, numbers: Collection[int] | None, states: Iterable[State]) -> list[int]:
    wanted = select(_event.c.id).order_by(_event.c.id)
    if numbers is not None:
        wanted = wanted.where(_event.c.id.in_(numbers))
    among = list(states)
    if among:
        wanted = wanted.where(_event.c.state.in_(among))
    return list(conn.execute(wanted).scalars())


def _kept(row: Mapping[Any, Any]) -> Kept:
    values = dict(row)
    return Kept(**values | {"event_id": values.pop("id"), "headers": _decoder.decode(values["headers"])})
