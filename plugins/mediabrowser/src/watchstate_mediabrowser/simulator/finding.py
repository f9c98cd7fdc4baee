"""Finding items: which ones a query means, in which order, and which of them are on a page."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, Generic, TypeVar

from watchstate_mediabrowser.simulator.query import SORT_KEYS, Paging, Query
from watchstate_mediabrowser.simulator.records import Item, User, UserData
from watchstate_mediabrowser.simulator.server import Server

_NO_STATE = UserData()

QueryT = TypeVar("QueryT", bound=Query)


class Finder(Generic[QueryT]):
    """Finds the items of a server; keeps the last result for the next page of it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._last: tuple[object, list[Item]] | None = None

    def page(self, query: QueryT, paging: Paging) -> tuple[list[Item], int]:
        """Return the items of a page and the number of all; the switches play their tricks here."""
        found, switches = self._found(query), self.server.switches
        begin = 0 if switches.repeat_pages else paging.start
        shown = found[begin:] if paging.limit is None else found[begin : begin + paging.limit]
        is_first_of_many = paging.start == 0 and 0 < len(shown) < len(found)
        if switches.short_pages:
            shown = shown[:-1]
        if switches.shift_pages and is_first_of_many:
            switches.shift_pages -= 1
            self.server.add_before(shown[0])
        return shown, len(found)

    def _found(self, query: QueryT) -> list[Item]:
        key = query, self.server.library.revision, self.server.states.revision
        if self._last is None or self._last[0] != key:
            self._last = key, self.find(query)
        return self._last[1]

    def find(self, query: QueryT) -> list[Item]:
        """Return all items that a query finds, in its order."""
        user = self.server.users.get(query.user_id or "")
        pool: Iterable[Item] = self._named(query) if query.ids else self._pool(query)
        found = [item for item in pool if self.fits(query, user, item)]
        if self._collapses(query, user):
            found = self._collapse(found)
        return self._sorted(query, user, found)

    def is_deep(self, query: QueryT, parent: Item | None) -> bool:
        """Say whether a query looks below the direct children."""
        del parent
        return bool(query.is_recursive)

    def lists_versions(self, query: QueryT) -> bool:
        """Say whether a query finds each file of a movie, and not only the first one."""
        del query
        return False

    def ranked_state(self, user: User, item: Item) -> UserData | None:
        """Return the state that an item is sorted by."""
        return self.server.states.stored(user, item)

    def is_played(self, query: QueryT, user: User, item: Item, state: UserData) -> bool:
        """Say whether an item counts as played for a filter."""
        if query.kinds == {"series"}:
            unplayed, total = self.server.states.count_unplayed(user, item)
            return unplayed < total
        return state.played

    def _named(self, query: QueryT) -> list[Item]:
        known = (self.server.library.items.get(item_id) for item_id in dict.fromkeys(query.ids))
        named = [item for item in known if item is not None]
        if query.parent_id is None:
            return named
        inside = {item.item_id for item in self._pool(query)}
        return [item for item in named if item.item_id in inside]

    def _pool(self, query: QueryT) -> Iterable[Item]:
        library = self.server.library
        parent = library.items.get(query.parent_id or "")
        is_deep = self.is_deep(query, parent)
        if parent is None:
            pool: Iterable[Item] = library.items.values() if is_deep else library.children(library.root_id)
        elif parent.kind == "BoxSet":
            pool = library.leaves(parent)
        elif is_deep:
            pool = self._below(parent)
        else:
            pool = library.children(parent.item_id)
        shows_libraries = not is_deep or "collectionfolder" in query.kinds
        return (
            item
            for item in pool
            if (item.version_of is None or self.lists_versions(query))
            and (shows_libraries or item.kind != "CollectionFolder")
        )

    def _below(self, parent: Item) -> list[Item]:
        found: list[Item] = []
        for child in self.server.library.children(parent.item_id):
            found.append(child)
            if child.is_folder:
                found += self._below(child)
        return found

    def fits(self, query: QueryT, user: User | None, item: Item) -> bool:
        """Say whether an item passes all filters."""
        return (
            (not query.kinds or item.kind.lower() in query.kinds)
            and item.kind.lower() not in query.excluded_kinds
            and item.item_id not in query.excluded_ids
            and query.is_folder in (None, item.is_folder)
            and query.is_video in (None, not item.is_folder)
            and _fits_virtual(query, item)
            and self.server.may_see(user, item)
            and _fits_metadata(query, item)
            and (user is None or self._fits_state(query, user, item))
        )

    def _fits_state(self, query: QueryT, user: User, item: Item) -> bool:
        if query.is_played is None and query.is_resumable is None and query.is_favorite is None:
            return True
        state = self.server.states.stored(user, item) or _NO_STATE
        return (
            (query.is_played is None or self.is_played(query, user, item, state) is query.is_played)
            and (not query.is_resumable or state.position_ticks > 0)
            and query.is_favorite in (None, state.is_favorite)
        )

    def _collapses(self, query: QueryT, user: User | None) -> bool:
        parent = self.server.library.items.get(query.parent_id or "")
        if (query.kinds and "movie" not in query.kinds) or (parent is not None and parent.kind in {"BoxSet", "Season"}):
            return False
        if query.collapses is None:
            return self.server.switches.groups_movies or user is None
        return query.collapses

    def _collapse(self, found: list[Item]) -> list[Item]:
        kept: dict[str, Item] = {}
        for item in found:
            shown = self.server.library.items[item.box_set_id] if item.box_set_id else item
            kept.setdefault(shown.item_id, shown)
        return list(kept.values())

    def _sorted(self, query: QueryT, user: User | None, found: list[Item]) -> list[Item]:
        order = query.order
        if not order:
            if query.ids:
                return found
            order = (("sortname", False),)
        if query.search is not None:
            order = (("sortname", False), *order)
        for key, is_descending in reversed(order):
            if key == "random":
                Random(self.server.states.revision).shuffle(found)  # noqa: S311 - an order, not a secret
            else:
                found.sort(key=self._rank(user, key), reverse=is_descending)
        return found

    def _rank(self, user: User | None, key: str) -> Callable[[Item], tuple[bool, Any]]:
        value = SORT_KEYS[key]

        def rank(item: Item) -> tuple[bool, Any]:
            state = self.ranked_state(user, item) if user is not None else None
            ranked = value(item, state or _NO_STATE)
            return ranked is not None, ranked

        return rank


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
