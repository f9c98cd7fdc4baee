"""Finding items: which ones a query means, in which order."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from watchstate_jellyfin.simulator.asgi import refuse_text
from watchstate_jellyfin.simulator.query import SORT_KEYS, Query
from watchstate_jellyfin.simulator.records import Item, User, UserData
from watchstate_jellyfin.simulator.server import Server

_NO_STATE = UserData(key="")


def find(server: Server, query: Query) -> list[Item]:
    """Return all items that a query finds, in its order."""
    user = server.users.get(query.user_id or "")
    if user is None and (query.is_played, query.is_resumable, query.is_favorite) != (None, None, None):
        refuse_text(500)
    pool: Iterable[Item] = _named(server, query) if query.ids else _pool(server, query)
    found = [item for item in pool if _fits(server, query, user, item)]
    if _collapses(server, query, user):
        found = _collapse(server, found)
    return _sorted(server, query, user, found)


def _named(server: Server, query: Query) -> list[Item]:
    known = (server.library.items.get(item_id) for item_id in dict.fromkeys(query.ids))
    named = [item for item in known if item is not None]
    if query.parent_id is None:
        return named
    inside = {item.item_id for item in _pool(server, query)}
    return [item for item in named if item.item_id in inside]


def _pool(server: Server, query: Query) -> Iterable[Item]:
    library = server.library
    parent = library.items.get(query.parent_id or "")
    is_deep = query.is_recursive
    if is_deep is None and server.rules.lists_typed_children_deep and query.kinds:
        is_deep = parent is not None and parent.kind == "CollectionFolder"
    if parent is None:
        pool: Iterable[Item] = library.items.values() if is_deep else library.children(library.root_id)
    elif parent.kind == "BoxSet":
        pool = library.leaves(parent)
    elif is_deep:
        pool = _below(server, parent)
    else:
        pool = library.children(parent.item_id)
    shows_libraries = not is_deep or "collectionfolder" in query.kinds
    return (item for item in pool if item.version_of is None and (shows_libraries or item.kind != "CollectionFolder"))


def _below(server: Server, parent: Item) -> list[Item]:
    found: list[Item] = []
    for child in server.library.children(parent.item_id):
        found.append(child)
        if child.is_folder:
            found += _below(server, child)
    return found


def _fits(server: Server, query: Query, user: User | None, item: Item) -> bool:
    return (
        (not query.kinds or item.kind.lower() in query.kinds)
        and item.kind.lower() not in query.excluded_kinds
        and item.item_id not in query.excluded_ids
        and query.is_folder in (None, item.is_folder)
        and query.is_video in (None, not item.is_folder)
        and _fits_virtual(query, item)
        and server.may_see(user, item)
        and _fits_metadata(query, item)
        and (user is None or _fits_state(server, query, user, item))
    )


def _fits_virtual(query: Query, item: Item) -> bool:
    if query.is_resumable:
        return not item.is_virtual
    return query.is_virtual in (None, item.is_virtual)


def _fits_metadata(query: Query, item: Item) -> bool:
    return (
        (not query.years or item.year in query.years)
        and (query.search is None or query.search.lower() in item.name.lower())
        and (query.saved_since is None or item.date_saved >= query.saved_since)
        and (query.premiered_since is None or (item.premiere or 0) >= query.premiered_since)
        and all((name in item.provider_ids) is wanted for name, wanted in query.provider_tests)
    )


def _fits_state(server: Server, query: Query, user: User, item: Item) -> bool:
    if query.is_played is None and query.is_resumable is None and query.is_favorite is None:
        return True
    state = server.states.stored(user, item) or _NO_STATE
    return (
        (query.is_played is None or _is_played(server, query, user, item, state) is query.is_played)
        and (not query.is_resumable or state.position_ticks > 0)
        and query.is_favorite in (None, state.is_favorite)
    )


def _is_played(server: Server, query: Query, user: User, item: Item, state: UserData) -> bool:
    if server.rules.filters_folders_by_files and item.kind in {"Series", "Season", "BoxSet"}:
        return server.states.count_unplayed(user, item)[0] == 0
    if query.kinds == {"series"}:
        unplayed, total = server.states.count_unplayed(user, item)
        return unplayed < total
    return state.played


def _collapses(server: Server, query: Query, user: User | None) -> bool:
    parent = server.library.items.get(query.parent_id or "")
    if (query.kinds and "movie" not in query.kinds) or (parent is not None and parent.kind in {"BoxSet", "Season"}):
        return False
    if query.collapses is None:
        return server.switches.groups_movies or user is None
    return query.collapses


def _collapse(server: Server, found: list[Item]) -> list[Item]:
    kept: dict[str, Item] = {}
    for item in found:
        shown = server.library.items[item.box_set_id] if item.box_set_id else item
        kept.setdefault(shown.item_id, shown)
    return list(kept.values())


def _sorted(server: Server, query: Query, user: User | None, found: list[Item]) -> list[Item]:
    order = query.order
    if not order:
        if query.ids:
            return found
        order = (("sortname", False),)
    if query.search is not None:
        order = (("sortname", False), *order)
    for key, is_descending in reversed(order):
        if key == "random":
            Random(server.states.revision).shuffle(found)  # noqa: S311 - an order, not a secret
        else:
            found.sort(key=_rank(server, user, key), reverse=is_descending)
    return found


def _rank(server: Server, user: User | None, key: str) -> Callable[[Item], tuple[bool, Any]]:
    value = SORT_KEYS[key]

    def rank(item: Item) -> tuple[bool, Any]:
        state = server.states.stored(user, item) if user is not None else None
        ranked = value(item, state or _NO_STATE)
        return ranked is not None, ranked

    return rank
