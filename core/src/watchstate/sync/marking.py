"""A change made in watchstate itself: a point in time, now (R3)."""

from functools import partial

from sqlalchemy import Connection

from watchstate.states import UNKNOWN_HUB
from watchstate.storage import journal, runs, states
from watchstate.storage.catalogue import ItemRow
from watchstate.sync.change import mark
from watchstate.sync.lease import owner_name
from watchstate.sync.work import Engine


async def mark_item(engine: Engine, item: ItemRow, identity: str, *, watched: bool) -> bool:
    """Mark an item watched or unwatched in the hub; the next export delivers it. False: it was so already."""
    return await engine.storage.write(partial(_mark, engine, item, identity, watched))


def _mark(engine: Engine, item: ItemRow, identity: str, watched: bool, conn: Connection) -> bool:
    now = engine.clock()
    before = states.hubs(conn, identity, [item.item_id]).get(item.item_id, UNKNOWN_HUB)
    if before.watched is watched:
        return False
    after = mark(before, watched=watched, at=now)
    run_id = runs.begin_run(conn, "items mark", owner_name("items mark"), now)
    states.save_hubs(conn, identity, {item.item_id: after})
    line = journal.hub_line(
        at=now,
        identity=identity,
        item_id=item.item_id,
        event="marked watched" if watched else "marked unwatched",
        rule="R3",
        before=before,
        after=after,
        run_id=run_id,
    )
    journal.append(conn, [line])
    runs.end_run(conn, run_id, now, "done", {})
    return True
