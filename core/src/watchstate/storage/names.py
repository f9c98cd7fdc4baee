"""What items are called, in the household and on each server."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from watchstate.api.models import Kind
from watchstate.storage import tables
from watchstate.storage.number_list import from_text


class Name(NamedTuple):
    """What an item is called."""

    item_id: int
    kind: Kind
    title: str
    show_title: str
    year: int | None
    season: int | None
    episodes: tuple[int, ...]


_entry = tables.entry
_link = tables.entry_item
_item = tables.item

_ITEM_NAMES = select(
    _item.c.id, _item.c.kind, _item.c.title, _item.c.show_title, _item.c.year, _item.c.season, _item.c.episode
).order_by(_item.c.id)
_ENTRY_NAMES = (
    select(
        _link.c.item_id,
        _entry.c.kind,
        _entry.c.title,
        _entry.c.show_title,
        _entry.c.year,
        _entry.c.season,
        _entry.c.episodes,
    )
    .join(_entry, _entry.c.id == _link.c.entry_row)
    .order_by(_link.c.item_id)
)


def names(conn: Connection) -> Iterator[Name]:
    """Yield what every item is called, first in the household, then on each server."""
    for item_id, kind, title, show_title, year, season, episode in conn.execute(_ITEM_NAMES):
        episodes = () if episode is None else (episode,)
        yield Name(item_id, kind, title, show_title, year, season, episodes)
    for item_id, kind, title, show_title, year, season, listed in conn.execute(_ENTRY_NAMES):
        yield Name(item_id, kind, title, show_title, year, season, from_text(listed))
