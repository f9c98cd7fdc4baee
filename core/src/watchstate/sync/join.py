"""M7: items that new entries prove to be one."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from watchstate.states import UNKNOWN_HUB
from watchstate.storage import catalogue, journal, states
from watchstate.storage.journal import JournalLine
from watchstate.sync.change import merge_hubs


def join_items(
    conn: Connection, joined: Mapping[int, int], *, at: int, server: str, identity: str, run_id: int
) -> None:
    """Join items to those that are kept, which take their entries; hub states merge as two changes would.

    The journal keeps the other item and its hub states, so that the step can be taken back: a line for every identity
    that has one, and for the one whose account showed it.
    """
    for other, kept in joined.items():
        lines = _merge_hubs(conn, kept, other, at=at, server=server, identity=identity, run_id=run_id)
        journal.append(conn, lines)
    catalogue.replace_items(conn, joined)


def _merge_hubs(
    conn: Connection, kept: int, other: int, *, at: int, server: str, identity: str, run_id: int
) -> list[JournalLine]:
    ones = states.hubs_of_item(conn, kept)
    others = states.hubs_of_item(conn, other)
    gone = catalogue.items(conn, [other])[other]
    entries = [row.row for _, row in catalogue.entries_of_items(conn, [other])[other]]
    lines: list[JournalLine] = []
    for whose in {identity, *others}:
        before, hub = ones.get(whose, UNKNOWN_HUB), others.get(whose, UNKNOWN_HUB)
        after = merge_hubs(before, hub)
        if after not in (before, UNKNOWN_HUB):
            states.save_hubs(conn, whose, {kept: after})
        lines.append(
            JournalLine(
                at=at,
                identity=whose,
                item_id=kept,
                server=server,
                entry_id=None,
                event="items joined",
                rule="M7",
                before={
                    "hub": msgspec.to_builtins(before),
                    "other_item": msgspec.to_builtins(gone),
                    "other_hub": msgspec.to_builtins(hub),
                    "other_entries": entries,
                },
                after={"hub": msgspec.to_builtins(after)},
                run_id=run_id,
            )
        )
    return lines
