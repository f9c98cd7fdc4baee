"""Entries as the servers describe them, and the items they stand for: shared by all identities."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import BindParameter, Column, Connection, Executable, Select, bindparam, or_, select

from watchstate.api.models import Kind
from watchstate.storage import tables
from watchstate.storage.bulk import batches, upsert
from watchstate.storage.number_list import from_text, replaced, to_text

Match = Literal["matched", "ambiguous", "unmatched"]


class KnownEntry(Struct, frozen=True, kw_only=True, gc=False):
    """What a scan needs of each entry: whether it is still the same, and what it stands for."""

    row: int = 0
    """Its number in the database; 0 before it is saved."""
    entry_id: str
    fingerprint: int
    """A signed 64-bit number that changes when any catalogue value of the entry changes."""
    match: Match = "unmatched"
    items: tuple[int, ...] = ()
    """The items that it stands for, in the order of its episodes (M5). Saved by `link`, not by `save_entries`."""


class EntryRow(KnownEntry, frozen=True, kw_only=True, gc=False):
    """One server's record of an item, as it was last read."""

    kind: Kind
    title: str = ""
    show_title: str = ""
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    runtime_ms: int | None = None
    path: str | None = None
    library_id: str | None = None
    candidates: tuple[int, ...] = ()
    """The items that it could be, if it is ambiguous (M3)."""


class ItemRow(Struct, frozen=True, kw_only=True):
    """A movie or an episode, as the household knows it."""

    item_id: int = 0
    """0 before it is created."""
    kind: Kind
    title: str = ""
    show_title: str = ""
    year: int | None = None
    season: int | None = None
    episode: int | None = None


_entry = tables.entry
_link = tables.entry_item
_key = tables.entry_key
_item = tables.item

_ENTRY_COLUMNS = (
    _entry.c.id,
    _entry.c.entry_id,
    _entry.c.fingerprint,
    _entry.c.kind,
    _entry.c.title,
    _entry.c.show_title,
    _entry.c.year,
    _entry.c.season,
    _entry.c.episodes,
    _entry.c.runtime_ms,
    _entry.c.path,
    _entry.c.library_id,
    _entry.c.match,
    _entry.c.candidates,
)
_ROWS: BindParameter[Sequence[int]] = bindparam("rows", expanding=True)
_ITEMS: BindParameter[Sequence[int]] = bindparam("items", expanding=True)
_THESE = (_entry.c.server_id == bindparam("server_id"), _entry.c.entry_id.in_(bindparam("ids", expanding=True)))


def _with_items(*columns: Column[Any]) -> Select[Any]:
    """Select entries, each once for every item that it stands for, and once if it stands for none."""
    joined = select(*columns, _link.c.item_id).join(_link, _link.c.entry_row == _entry.c.id, isouter=True)
    return joined.order_by(_entry.c.id, _link.c.position)


_KNOWN = _with_items(_entry.c.id, _entry.c.entry_id, _entry.c.fingerprint, _entry.c.match).where(*_THESE)
_ENTRIES = _with_items(*_ENTRY_COLUMNS).where(*_THESE)
_ENTRIES_BY_ROW = _with_items(*_ENTRY_COLUMNS).where(_entry.c.id.in_(_ROWS))
_ROW_OF_ENTRY = select(_entry.c.entry_id, _entry.c.id).where(*_THESE)
_UNLINK = _link.delete().where(_link.c.entry_row == bindparam("row"))
_DROP_KEYS = _key.delete().where(_key.c.entry_row == bindparam("row"))
_CANDIDATES = (
    select(_key.c.key, _link.c.item_id, _key.c.entry_row)
    .join(_link, _link.c.entry_row == _key.c.entry_row)
    .where(_key.c.key.in_(bindparam("keys", expanding=True)))
)
_ITEM_KEYS = (
    select(_link.c.item_id, _key.c.key)
    .join(_key, _key.c.entry_row == _link.c.entry_row)
    .where(_link.c.item_id.in_(_ITEMS))
)
_OWN_KEYS = (
    select(_link.c.item_id, _key.c.key)
    .join(_key, _key.c.entry_row == _link.c.entry_row)
    .where(_link.c.item_id.in_(_ITEMS), or_(_link.c.position == 0, _key.c.key.startswith("show:")))
)
_ENTRIES_OF_ITEMS = (
    select(_link.c.item_id, _entry.c.server_id, _entry.c.id)
    .join(_entry, _entry.c.id == _link.c.entry_row)
    .where(_link.c.item_id.in_(_ITEMS))
    .order_by(_entry.c.server_id, _entry.c.id)
)
_ITEM = select(
    _item.c.id.label("item_id"),
    _item.c.kind,
    _item.c.title,
    _item.c.show_title,
    _item.c.year,
    _item.c.season,
    _item.c.episode,
)


def known_entries(conn: Connection, server_id: int, entry_ids: Iterable[str]) -> dict[str, KnownEntry]:
    """Return, by entry id, those entries of a server that are known: of each what a scan compares."""
    known: dict[str, KnownEntry] = {}
    for ids in batches(entry_ids):
        for row, entry_id, mark, match, item_id in conn.execute(_KNOWN, {"server_id": server_id, "ids": ids}).all():
            items = () if item_id is None else (item_id,)
            if entry_id in known:
                items = known[entry_id].items + items
            known[entry_id] = KnownEntry(row=row, entry_id=entry_id, fingerprint=mark, match=match, items=items)
    return known


def entries(conn: Connection, server_id: int, entry_ids: Iterable[str]) -> dict[str, EntryRow]:
    """Return those entries of a server that are known, by entry id."""
    asked = ({"server_id": server_id, "ids": ids} for ids in batches(entry_ids))
    return {entry.entry_id: entry for entry in _read_entries(conn, _ENTRIES, asked).values()}


def entries_by_row(conn: Connection, rows: Iterable[int]) -> dict[int, EntryRow]:
    """Return entries by their number in the database."""
    return _read_entries(conn, _ENTRIES_BY_ROW, ({"rows": batch} for batch in batches(rows)))


def _read_entries(
    conn: Connection, statement: Executable, asked: Iterable[Mapping[str, object]]
) -> dict[int, EntryRow]:
    found: dict[int, EntryRow] = {}
    for (
        row,
        entry_id,
        fingerprint,
        kind,
        title,
        show_title,
        year,
        season,
        episodes,
        runtime_ms,
        path,
        library_id,
        match,
        candidates,
        item_id,
    ) in (line for parameters in asked for line in conn.execute(statement, parameters).all()):
        if row in found:
            found[row] = replace(found[row], items=(*found[row].items, item_id))
            continue
        found[row] = EntryRow(
            row=row,
            entry_id=entry_id,
            fingerprint=fingerprint,
            kind=kind,
            title=title,
            show_title=show_title,
            year=year,
            season=season,
            episodes=from_text(episodes),
            runtime_ms=runtime_ms,
            path=path,
            library_id=library_id,
            match=match,
            candidates=from_text(candidates),
            items=() if item_id is None else (item_id,),
        )
    return found


def save_entries(conn: Connection, server_id: int, entries: Sequence[EntryRow]) -> dict[str, int]:
    """Insert or update entries of a server; return their numbers in the database by entry id."""
    upsert(
        conn,
        _entry,
        (
            {
                "server_id": server_id,
                "entry_id": entry.entry_id,
                "fingerprint": entry.fingerprint,
                "kind": entry.kind,
                "title": entry.title,
                "show_title": entry.show_title,
                "year": entry.year,
                "season": entry.season,
                "episodes": to_text(entry.episodes),
                "runtime_ms": entry.runtime_ms,
                "path": entry.path,
                "library_id": entry.library_id,
                "match": entry.match,
                "candidates": to_text(entry.candidates),
            }
            for entry in entries
        ),
        key=("server_id", "entry_id"),
    )
    rows = {entry.entry_id: entry.row for entry in entries if entry.row}
    for ids in batches(entry.entry_id for entry in entries if not entry.row):
        rows.update((row[0], row[1]) for row in conn.execute(_ROW_OF_ENTRY, {"server_id": server_id, "ids": ids}))
    return rows


def save_keys(conn: Connection, keys: Mapping[int, Collection[str]]) -> None:
    """Replace the keys of entries, by row."""
    for batch in batches(keys):
        conn.execute(_DROP_KEYS, [{"row": row} for row in batch])
    for rows in batches({"entry_row": row, "key": key} for row, of_entry in keys.items() for key in set(of_entry)):
        conn.execute(_key.insert(), rows)


def link(conn: Connection, items: Mapping[int, Sequence[int]]) -> None:
    """Replace the items that entries stand for, by row; item ids in the order of the entry's episodes."""
    for batch in batches(items):
        conn.execute(_UNLINK, [{"row": row} for row in batch])
    for links in batches(
        {"entry_row": row, "position": position, "item_id": item_id}
        for row, of_entry in items.items()
        for position, item_id in enumerate(of_entry)
    ):
        conn.execute(_link.insert(), links)


def create_items(conn: Connection, items: Sequence[ItemRow], created_at: int) -> list[int]:
    """Create items and return their ids in the same order."""
    created: list[int] = []
    insert = _item.insert().returning(_item.c.id, sort_by_parameter_order=True)
    for batch in batches(items):
        rows = [
            {
                "kind": item.kind,
                "title": item.title,
                "show_title": item.show_title,
                "year": item.year,
                "season": item.season,
                "episode": item.episode,
                "created_at": created_at,
            }
            for item in batch
        ]
        created.extend(conn.execute(insert, rows).scalars())
    return created


def items(conn: Connection, ids: Iterable[int]) -> dict[int, ItemRow]:
    """Return items by id."""
    return {
        row["item_id"]: ItemRow(**row)
        for batch in batches(ids)
        for row in conn.execute(_ITEM.where(_item.c.id.in_(_ITEMS)), {"items": batch}).mappings()
    }


def item_candidates(conn: Connection, keys: Iterable[str]) -> list[tuple[str, int, int]]:
    """Return (key, item id, row) for every entry that carries one of the keys and is linked to an item."""
    return [
        (key, item_id, row)
        for batch in batches(keys)
        for key, item_id, row in conn.execute(_CANDIDATES, {"keys": batch})
    ]


def item_keys(
    conn: Connection, item_ids: Iterable[int], *, without_row: int | None = None
) -> dict[int, frozenset[str]]:
    """Return the union of the keys of each item's entries (M2), or of all but one entry. Items without are left out."""
    statement = _ITEM_KEYS if without_row is None else _ITEM_KEYS.where(_link.c.entry_row != without_row)
    return _grouped(conn, statement, "items", item_ids)


def own_keys(conn: Connection, item_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return the keys that say which item it is: without those of the other episodes that share a file with it."""
    ids = list(item_ids)
    keys = _grouped(conn, _OWN_KEYS, "items", ids)
    return {
        item_id: frozenset(key for key in keys.get(item_id, ()) if _is_of(key, item))
        for item_id, item in items(conn, ids).items()
    }


def _is_of(key: str, item: ItemRow) -> bool:
    return not key.startswith("show:") or key.endswith(f":{item.season}:{item.episode}")


def _grouped(conn: Connection, statement: Executable, name: str, ids: Iterable[int]) -> dict[int, frozenset[str]]:
    keys: defaultdict[int, set[str]] = defaultdict(set)
    for batch in batches(ids):
        for number, key in conn.execute(statement, {name: batch}):
            keys[number].add(key)
    return {number: frozenset(of_one) for number, of_one in keys.items()}


def entries_of_items(conn: Connection, item_ids: Iterable[int]) -> dict[int, list[tuple[int, EntryRow]]]:
    """Return (server id, entry) for every entry of each item."""
    of_items: dict[int, list[tuple[int, EntryRow]]] = {item_id: [] for item_id in item_ids}
    found = [row for batch in batches(of_items) for row in conn.execute(_ENTRIES_OF_ITEMS, {"items": batch})]
    known = entries_by_row(conn, {row for _, _, row in found})
    for item_id, server_id, row in found:
        of_items[item_id].append((server_id, known[row]))
    return of_items


def keys_of(conn: Connection, row: int) -> list[str]:
    """Return the keys that an entry carries, ascending."""
    return list(conn.execute(select(_key.c.key).where(_key.c.entry_row == row).order_by(_key.c.key)).scalars())


def replace_items(conn: Connection, joined: Mapping[int, int]) -> None:
    """Let everything that stood for some items stand for others, and delete the first with their hub states (M7).

    Many at a time: all lists of items are looked through once, and not once for each.
    """
    for old, new in joined.items():
        _relink(conn, old, new)
    for lists in (tables.agreed.c["items"], _entry.c.candidates):
        _replace_in_lists(conn, lists, joined)
    for olds in batches(joined):
        conn.execute(tables.hub_state.delete().where(tables.hub_state.c.item_id.in_(olds)))
        conn.execute(_item.delete().where(_item.c.id.in_(olds)))


def _relink(conn: Connection, old: int, new: int) -> None:
    rows_of_old, rows_of_new = (
        set(conn.execute(select(_link.c.entry_row).where(_link.c.item_id == item_id)).scalars())
        for item_id in (old, new)
    )
    for both in batches(rows_of_old & rows_of_new):
        conn.execute(_link.delete().where(_link.c.item_id == old, _link.c.entry_row.in_(both)))
    conn.execute(_link.update().where(_link.c.item_id == old), {"item_id": new})


def _replace_in_lists(conn: Connection, lists: Column[str], joined: Mapping[int, int]) -> None:
    of_row = list(lists.table.primary_key.columns)
    for olds in batches(joined):
        may_have_one = or_(lists.in_([str(old) for old in olds]), lists.contains(","))
        found = conn.execute(select(lists, *of_row).where(may_have_one)).all()
        changed = [
            (replaced(text, joined), *row) for text, *row in found if not joined.keys().isdisjoint(from_text(text))
        ]
        names = ["after", *(f"of_{column.name}" for column in of_row)]
        this_row = [column == bindparam(f"of_{column.name}") for column in of_row]
        change = lists.table.update().where(*this_row).values({lists.name: bindparam("after")})
        for rows in batches(changed):
            conn.execute(change, [dict(zip(names, row, strict=True)) for row in rows])
