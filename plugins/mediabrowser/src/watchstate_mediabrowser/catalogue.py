"""Questions about an account's libraries and items: the same for both servers but for paths and a few parameters."""

from collections.abc import Iterator, Sequence

import msgspec

from watchstate.api import BackendProtocolError, Http, HttpResponse
from watchstate.api.http import Params
from watchstate_mediabrowser.calls import read
from watchstate_mediabrowser.wire import ITEMS, VIEWS, Item, Items, View

IDS_PER_REQUEST = 100


def batched(ids: Sequence[str]) -> Iterator[list[str]]:
    """Yield as many ids at a time as one request takes."""
    for first in range(0, len(ids), IDS_PER_REQUEST):
        yield list(ids[first : first + IDS_PER_REQUEST])


class Kinds(msgspec.Struct, frozen=True):
    """Types of items to ask for, and the fields that their rows don't carry unasked."""

    types: tuple[str, ...]
    fields: str


SERIES = Kinds(("Series",), "ProviderIds")


class Route(msgspec.Struct, frozen=True):
    """Where a server answers a question, and what it has to be told each time."""

    path: str
    params: Params


class Catalogue:
    """What one account may ask. Lives as long as one hook."""

    def __init__(self, http: Http, headers: dict[str, str], *, items: Route, views: Route, entries: Kinds) -> None:
        self.http = http
        self.headers = headers
        self.entries = entries
        self._items = items
        self._views = views

    async def query(self, kinds: Kinds, **more: str | int) -> tuple[Items, HttpResponse]:
        """Ask for items as this account sees them. Names of parameters are case-insensitive on both servers.

        Raises:
            BackendError: no answer, or one that is not about such items (a proxy repeats another page).
        """
        params: dict[str, str | int | bool] = {
            "recursive": True,
            "includeItemTypes": ",".join(kinds.types),
            "fields": kinds.fields,
            "excludeLocationTypes": "Virtual",
            "enableImages": False,
            **self._items.params,
            **more,
        }
        items, answer = await read(self.http, self._items.path, ITEMS, params=params, headers=self.headers)
        strangers = {row.type for row in items.items}.difference(kinds.types)
        if strangers:
            reason = f"listed items of type {min(strangers)} when asked for {' and '.join(kinds.types)}"
            raise BackendProtocolError(answer.server, answer.operation, reason, "a proxy may be repeating old answers")
        return items, answer

    async def query_entries(self, ids: list[str], **more: str) -> tuple[list[Item], HttpResponse]:
        """Ask for up to a hundred entries, as a list shows them."""
        items, answer = await self.query(self.entries, ids=",".join(ids), limit=len(ids), **more)
        return items.items, answer

    async def read_views(self) -> tuple[list[View], HttpResponse]:
        """Return the libraries that this account sees."""
        views, answer = await read(self.http, self._views.path, VIEWS, params=self._views.params, headers=self.headers)
        return views.items, answer

    async def read_ignored(self, ignored: tuple[str, ...]) -> list[str]:
        """Return the ignored libraries that this account sees; inside others it may not even ask (401)."""
        if not ignored:
            return []
        views, _ = await self.read_views()
        return [view.id for view in views if view.id in ignored]

    async def without_ignored(self, ids: Sequence[str], ignored: list[str]) -> set[str]:
        """Return those of some ids that are in none of the ignored libraries."""
        kept = set(ids)
        for library_id in ignored:
            for some in batched(ids):
                theirs, _ = await self.query_entries(some, parentId=library_id)
                kept.difference_update(row.id for row in theirs)
        return kept
