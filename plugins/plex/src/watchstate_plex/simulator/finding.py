"""Finding items: which ones a query means, in which order."""

from collections.abc import Callable, Iterable
from typing import Any

from watchstate_plex.simulator.fields import FIELDS, fits
from watchstate_plex.simulator.query import Condition, Group, Order, Query
from watchstate_plex.simulator.records import Account, Item
from watchstate_plex.simulator.server import Server

_DEPTH = {"show": 0, "season": 1, "episode": 2}
_DEFAULT_ORDER = {
    "episode": (Order("show", "titleSort", False), Order("season", "index", False), Order("", "index", False)),
    "season": (Order("show", "titleSort", False), Order("", "index", False)),
}


def find(server: Server, account: Account, query: Query) -> list[Item]:
    """Return all items that a query finds for an account, in its order."""
    key = account.account_id, query, server.library.revision, server.states.revision
    if server.last_found is None or server.last_found[0] != key:
        server.last_found = key, _find(server, account, query)
    return server.last_found[1]


def _find(server: Server, account: Account, query: Query) -> list[Item]:
    found = [
        item
        for item in server.library.items.values()
        if item.kind == query.kind
        and item.extra_of is None
        and query.section_key in (None, item.section_key)
        and server.may_see(account, item)
        and _fits_group(server, account, item, query.filters)
    ]
    order = query.order or _DEFAULT_ORDER.get(query.kind, (Order("", "titleSort", False),))
    for each in reversed(order):
        found.sort(key=_sort_key(server, account, each), reverse=each.is_descending)
    return found if query.limit is None else found[: max(query.limit, 0)]


def _fits_group(server: Server, account: Account, item: Item, group: Group) -> bool:
    def fits_one(each: Condition | Group) -> bool:
        if isinstance(each, Group):
            return _fits_group(server, account, item, each)
        return _fits(server, account, item, each)

    return any(all(map(fits_one, alternative)) for alternative in group.alternatives)


def _fits(server: Server, account: Account, item: Item, condition: Condition) -> bool:
    field = FIELDS[condition.field]
    return any(
        fits(server, field, field.read(server, account, each), condition.operator, list(condition.wanted))
        for each in _in_scope(server, item, condition.scope)
    )


def _in_scope(server: Server, item: Item, scope: str) -> Iterable[Item]:
    """Return the item itself, the one above it or those below it that a field's scope means."""
    if scope in {"", item.kind} or scope not in _DEPTH or item.kind not in _DEPTH:
        return [item] if scope in {"", item.kind} else []
    if _DEPTH[scope] < _DEPTH[item.kind]:
        return [each for each in server.library.ancestors(item) if each.kind == scope]
    below = server.library.children(item.rating_key)
    return [found for child in below for found in _in_scope(server, child, scope)]


def _sort_key(server: Server, account: Account, order: Order) -> Callable[[Item], tuple[bool, Any]]:
    read = FIELDS[order.field].read

    def rank(item: Item) -> tuple[bool, Any]:
        sources = list(_in_scope(server, item, order.scope))
        value = read(server, account, sources[0]) if sources else None
        return value is not None, value

    return rank
