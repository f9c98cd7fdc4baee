"""Un-marks that the brake holds (R5): list them, let them through, or put the watched marks back."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.states import Interval
from watchstate.storage import catalogue, deliveries, states
from watchstate.storage.catalogue import EntryRow
from watchstate.storage.deliveries import Held
from watchstate.sync.planning import known_work
from watchstate.sync.work import Engine, Member

Decision = Literal["accept", "reject"]


class HeldChange(Struct, frozen=True, kw_only=True):
    """One un-mark that waits for a person's decision."""

    server: str
    identity: str
    entry: EntryRow
    seen: Interval
    """When it was made, as far as is known."""
    decision: str | None = None
    """«accepted» until the next import applies it."""


class HeldAccount(Struct, frozen=True, kw_only=True):
    """What is held for one account, and how much that is of what it has watched."""

    server: str
    identity: str
    changes: tuple[HeldChange, ...]
    watched: int
    """Entries that are agreed to be watched."""


async def list_held(engine: Engine, members: Sequence[Member]) -> list[HeldAccount]:
    """Return what is held, by account; accounts of which nothing is held are left out."""
    return await engine.storage.read(partial(_list, engine, members))


async def decide(
    engine: Engine, members: Sequence[Member], decision: Decision, items: frozenset[int] | None = None
) -> int:
    """Decide about what is held for these accounts; return how many changes it was.

    All that is not decided yet, or what is held of some items.

    Accepted, they are applied by the next import if the server still shows them. Rejected, what the server shows is
    taken note of, so that the next export writes the watched marks again.
    """
    return await engine.storage.write(partial(_decide, engine, members, decision, items))


def _list(engine: Engine, members: Sequence[Member], conn: Connection) -> list[HeldAccount]:
    found = []
    for work in known_work(engine, members, conn):
        held = deliveries.held(conn, work.account_id, None)
        entries = catalogue.entries_by_row(conn, held)
        changes = tuple(
            HeldChange(
                server=work.server.name,
                identity=work.account.identity,
                entry=entries[row],
                seen=one.interval,
                decision=one.decision,
            )
            for row, one in held.items()
        )
        if changes:
            watched = states.watched_count(conn, work.account_id)
            found.append(
                HeldAccount(server=work.server.name, identity=work.account.identity, changes=changes, watched=watched)
            )
    return found


def _decide(
    engine: Engine, members: Sequence[Member], decision: Decision, items: frozenset[int] | None, conn: Connection
) -> int:
    decided = 0
    for work in known_work(engine, members, conn):
        held = deliveries.held(conn, work.account_id, None)
        entries = catalogue.entries_by_row(conn, held)
        rows = [row for row, one in held.items() if _is_meant(one, entries[row], items)]
        decided += len(rows)
        if decision == "accept":
            deliveries.decide_held(conn, work.account_id, rows, "accepted")
            continue
        agreed = states.agreed(conn, work.account_id, rows)
        shown = {
            row: replace(one, watched=False, is_rewatching=False, play_count=None, raw_watched_at=None)
            for row, one in agreed.items()
        }
        states.save_agreed(conn, work.account_id, shown)
        deliveries.release_held(conn, work.account_id, rows)
    return decided


def _is_meant(held: Held, entry: EntryRow, items: frozenset[int] | None) -> bool:
    return held.decision is None if items is None else bool(items & set(entry.items))
