"""How a person knows an item, an entry or an account."""

from collections.abc import Sequence

from watchstate.config.servers import MAIN
from watchstate.storage.catalogue import EntryRow, ItemRow
from watchstate.storage.names import Name


def entry_title(entry: EntryRow | Name) -> str:
    """Return «Show 1x02 Title» or «Title (year)» for one server's record."""
    return _title(entry.kind, entry.title, entry.year, entry.show_title, entry.season, entry.episodes)


def item_title(item: ItemRow) -> str:
    """Return «Show 1x02 Title» or «Title (year)» for an item of the household."""
    episodes = () if item.episode is None else (item.episode,)
    return _title(item.kind, item.title, item.year, item.show_title, item.season, episodes)


def account_title(server: str, identity: str) -> str:
    """Return the server's name, with the identity if it isn't the main one."""
    return server if identity == MAIN else f"{server} ({identity})"


def _title(kind: str, title: str, year: int | None, show: str, season: int | None, episodes: Sequence[int]) -> str:
    if kind != "episode":
        return f"{title} ({year})" if year else title
    numbers = "-".join(f"{number:02d}" for number in episodes) or "?"
    return f"{show} {'?' if season is None else season}x{numbers} {title}".strip()
