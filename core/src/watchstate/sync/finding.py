"""Which item, or which entry that is no item, a person means."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection

from watchstate.storage import accounts, catalogue, finding
from watchstate.storage.catalogue import EntryRow, ItemRow
from watchstate.storage.names import names
from watchstate.sync.titles import entry_title
from watchstate.sync.work import Engine

MOST_FOUND = 20
LONGEST_ID = 19
"""Digits of the largest number that a database holds."""
_IMDB: Final = re.compile(r"tt[0-9]{7,9}", re.IGNORECASE)


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

    ``SERVER:ENTRY`` means the entry of a server, ``item:ID`` an item though a film may be called so (*1917*).
    """
    return await engine.storage.read(partial(_find, wanted=wanted.strip()))


def _find(conn: Connection, wanted: str) -> Found:
    named = _by_name(conn, wanted)
    if named.count:
        return named
    if not wanted:
        return Found()
    exact, having = _by_title(conn, wanted)
    by_id = catalogue.items(conn, [int(wanted)]) if wanted.isdecimal() and len(wanted) < LONGEST_ID else {}
    if by_id or len(exact) == 1:
        return Found(items=_items(conn, [*by_id, *exact]))
    if not exact and ("/" in wanted or "\\" in wanted):
        having += [item.item_id for item in finding.items_by_path(conn, wanted, MOST_FOUND)]
    return Found(items=_items(conn, exact or having), loose=_loose(conn, wanted))


def _items(conn: Connection, ids: Sequence[int]) -> tuple[ItemRow, ...]:
    chosen = list(dict.fromkeys(ids))[:MOST_FOUND]
    found = catalogue.items(conn, chosen)
    return tuple(found[item_id] for item_id in chosen)


def _by_title(conn: Connection, wanted: str) -> tuple[list[int], list[int]]:
    """Return the items that are called so, and those with it as a part of their name, in any case and any script.

    Databases disagree about the case of anything but ASCII, so names are compared here.
    """
    text = _plain(wanted)
    exact: dict[int, None] = {}
    having: dict[int, None] = {}
    for name in names(conn):
        whole = _plain(entry_title(name))
        if text in {whole, _plain(name.title)}:
            exact[name.item_id] = None
        elif text in whole or text in _plain(name.show_title):
            having[name.item_id] = None
    return list(exact), list(having)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _by_name(conn: Connection, wanted: str) -> Found:
    """Find by ``item:ID``, ``PROVIDER:ID``, an id of imdb alone, or ``SERVER:ENTRY``."""
    if _IMDB.fullmatch(wanted):
        wanted = f"imdb:{wanted}"
    before, separator, after = wanted.partition(":")
    if not separator or not after or " " in after:
        return Found()
    if before == "item" and after.isdecimal() and len(after) < LONGEST_ID:
        return Found(items=tuple(catalogue.items(conn, [int(after)]).values()))
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
