"""Looking items and entries up by what a person may know of them."""

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Executable, or_, select

from watchstate.storage import catalogue, tables
from watchstate.storage.bulk import BATCH
from watchstate.storage.catalogue import EntryRow, ItemRow

if TYPE_CHECKING:
    from collections.abc import Sequence

_item = tables.item
_entry = tables.entry
_link = tables.entry_item
_key = tables.entry_key

_LOOSE = (
    select(_entry.c.server_id, _entry.c.id, _entry.c.title, _entry.c.show_title, _entry.c.path)
    .where(_entry.c.match != "matched")
    .order_by(_entry.c.id)
    .execution_options(yield_per=BATCH)
)


def items_by_path(conn: Connection, text: str, limit: int) -> list[ItemRow]:
    """Return items of whose files a path contains a text, in any case."""
    having = _entry.c.path.icontains(text, autoescape=True)
    of_paths = select(_link.c.item_id).join(_entry, _entry.c.id == _link.c.entry_row).where(having)
    return _items(conn, select(_item.c.id).where(_item.c.id.in_(of_paths)).order_by(_item.c.id).limit(limit))


def items_by_key(conn: Connection, provider_id: str) -> list[ItemRow]:
    """Return the items of a provider id such as ``imdb:tt0133093``: a movie's, an episode's or a whole show's."""
    is_meant = or_(
        _key.c.key.in_([f"movie:{provider_id}", f"episode:{provider_id}"]),
        _key.c.key.startswith(f"show:{provider_id}:", autoescape=True),
    )
    of_keys = select(_link.c.item_id).join(_key, _key.c.entry_row == _link.c.entry_row).where(is_meant)
    return _items(conn, select(_item.c.id).where(_item.c.id.in_(of_keys)).order_by(_item.c.id))


def loose_entries(conn: Connection, text: str, limit: int) -> list[tuple[int, EntryRow]]:
    """Return (server id, entry) of entries that stand for no item and whose title or path contains a text."""
    wanted = text.casefold()
    fitting = (
        (server_id, row)
        for server_id, row, *texts in conn.execute(_LOOSE)
        if any(wanted in one.casefold() for one in texts if one)
    )
    found = list(islice(fitting, limit))
    rows = catalogue.entries_by_row(conn, [row for _, row in found])
    return [(server_id, rows[row]) for server_id, row in found]


def _items(conn: Connection, ids: Executable) -> list[ItemRow]:
    wanted: Sequence[int] = conn.execute(ids).scalars().all()
    known = catalogue.items(conn, wanted)
    return [known[item_id] for item_id in wanted]
