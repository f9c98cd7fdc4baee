"""Which item, or which entry that is no item, a person means."""

from functools import partial

from msgspec import Struct
from sqlalchemy import Connection

from watchstate.storage import accounts, catalogue, finding
from watchstate.storage.catalogue import EntryRow, ItemRow
from watchstate.sync.titles import item_title
from watchstate.sync.work import Engine

MOST_FOUND = 20
LONGEST_ID = 19
"""Digits of the largest number that a database holds."""


class LooseEntry(Struct, frozen=True, kw_only=True):
    """One server's record that stands for no item, because it is ambiguous or carries no id (M3)."""

    server: str
    entry: EntryRow
    keys: tuple[str, ...]
    """By which it could be recognised."""
    candidates: tuple[ItemRow, ...]
    """The items that it could be, if it is ambiguous."""


class Found(Struct, frozen=True, kw_only=True):
    """What a person can mean."""

    items: tuple[ItemRow, ...] = ()
    loose: tuple[LooseEntry, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.items) + len(self.loose)


async def find(engine: Engine, wanted: str) -> Found:
    """Return what a person can mean by an item id, a provider id (``imdb:tt0133093``), a title, or a path.

    ``SERVER:ENTRY`` means the entry of a server.
    """
    return await engine.storage.read(partial(_find, wanted=wanted.strip()))


def _find(conn: Connection, wanted: str) -> Found:
    if wanted.isdecimal() and len(wanted) < LONGEST_ID:
        by_id = catalogue.items(conn, [int(wanted)])
        if by_id:
            return Found(items=tuple(by_id.values()))
    named = _by_name(conn, wanted)
    if named.count:
        return named
    if not wanted:
        return Found()
    if "/" in wanted or "\\" in wanted:
        by_path = finding.items_by_path(conn, wanted, MOST_FOUND)
        return Found(items=tuple(by_path), loose=_loose(conn, wanted))
    exact, others = _by_title(conn, wanted)
    if len(exact) == 1:
        return Found(items=tuple(exact))
    return Found(items=tuple([*exact, *others][:MOST_FOUND]), loose=_loose(conn, wanted))


def _by_title(conn: Connection, wanted: str) -> tuple[list[ItemRow], list[ItemRow]]:
    """Return items that are called so, and some whose titles contain it, on any server, in any case and any script."""
    folded = wanted.casefold()
    exact: list[ItemRow] = []
    others: list[ItemRow] = []
    # Databases disagree about the case of anything but ASCII, so the titles are compared here.
    for item, names in finding.titles(conn):
        shown = item_title(item).casefold()
        if folded in {item.title.casefold(), shown}:
            exact.append(item)
        elif len(others) < MOST_FOUND and (folded in shown or any(folded in name.casefold() for name in names)):
            others.append(item)
    return exact, others


def _by_name(conn: Connection, wanted: str) -> Found:
    """Find by ``PROVIDER:ID`` or ``SERVER:ENTRY``."""
    before, separator, after = wanted.partition(":")
    if not separator or not after or " " in after:
        return Found()
    if before.isalnum():
        by_key = finding.items_by_key(conn, f"{before.lower()}:{after}")
        if by_key:
            return Found(items=tuple(by_key))
    server = next((server for server in accounts.servers(conn) if server.name == before), None)
    entry = catalogue.entries(conn, server.server_id, [after]).get(after) if server is not None else None
    if entry is None:
        return Found()
    if entry.items:
        return Found(items=tuple(catalogue.items(conn, entry.items).values()))
    return Found(loose=(_looked_at(conn, before, entry),))


def _loose(conn: Connection, wanted: str) -> tuple[LooseEntry, ...]:
    names = {server.server_id: server.name for server in accounts.servers(conn)}
    found = finding.loose_entries(conn, wanted, MOST_FOUND)
    return tuple(_looked_at(conn, names[server_id], entry) for server_id, entry in found)


def _looked_at(conn: Connection, server: str, entry: EntryRow) -> LooseEntry:
    candidates = catalogue.items(conn, entry.candidates)
    keys = tuple(catalogue.keys_of(conn, entry.row))
    return LooseEntry(server=server, entry=entry, keys=keys, candidates=tuple(candidates.values()))
