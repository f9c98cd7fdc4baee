"""Queries for items: one page, or all of them."""

from collections.abc import Sequence

import msgspec

from watchstate.api import Account, BackendProtocolError, Http, HttpResponse
from watchstate_jellyfin.calls import acting_as, read
from watchstate_jellyfin.wire import ITEMS, Item, Items

PAGE_SIZE = 1000
IDS_PER_REQUEST = 100
OVERLAP = 10
"""Rows that a page shares with the one before it.

Paging is by offset and counted anew for each request. Where files go away between two pages, the rows behind them move
forward: without an overlap they would be missed, and if as many were added elsewhere the total would not tell.
"""


class Kinds(msgspec.Struct, frozen=True):
    """Types of items to ask for, and the fields that their rows don't carry unasked."""

    types: tuple[str, ...]
    fields: str


ENTRIES = Kinds(("Movie", "Episode"), "ProviderIds,DateCreated,Path")
SERIES = Kinds(("Series",), "ProviderIds")


async def query(account: Account, http: Http, kinds: Kinds, **more: str | int) -> tuple[Items, HttpResponse]:
    """Ask for items as this account sees them.

    Raises:
        BackendError: no answer, or one that is not about such items (a proxy repeats another page).
    """
    params: dict[str, str | int | bool] = {
        "userId": account.user_id,
        "recursive": True,
        "includeItemTypes": ",".join(kinds.types),
        "fields": kinds.fields,
        "excludeLocationTypes": "Virtual",
        "collapseBoxSetItems": False,
        "enableImages": False,
        **more,
    }
    items, answer = await read(http, "/Items", ITEMS, params=params, headers=acting_as(account))
    strangers = {row.type for row in items.items}.difference(kinds.types)
    if strangers:
        reason = f"listed items of type {min(strangers)} when asked for {' and '.join(kinds.types)}"
        raise BackendProtocolError(answer.server, answer.operation, reason, "a proxy may be repeating old answers")
    return items, answer


def files(rows: Sequence[Item]) -> list[Item]:
    """Return the rows that have a file; the others stand for missing and unaired episodes."""
    return [row for row in rows if row.location_type != "Virtual"]


class Page(msgspec.Struct, frozen=True):
    """The rows that an answer has and the page before it had not."""

    rows: list[Item]
    answer: HttpResponse


class Listing:
    """A query for items, read page by page."""

    def __init__(self, account: Account, http: Http, kinds: Kinds, **more: str | int) -> None:
        self._account = account
        self._http = http
        self._kinds = kinds
        self._more = more
        self._end = 0
        self._known: frozenset[str] = frozenset()
        self._promised: int | None = None
        self._left_out = 0

    @property
    def total(self) -> int | None:
        """How many rows the whole listing gives, as its latest page says; None before the first."""
        return None if self._promised is None else self._promised - self._left_out

    async def next_page(self) -> Page | None:
        """Read on; None when everything is read.

        Raises:
            BackendError: no answer, pages that repeat, or pages that moved on by more rows than two of them share.
        """
        if self._promised is not None and self._end >= self._promised:
            return None
        start = max(self._end - OVERLAP, 0)
        items, answer = await query(
            self._account,
            self._http,
            self._kinds,
            sortBy="DateCreated,SortName",
            startIndex=start,
            limit=PAGE_SIZE + self._end - start,
            **self._more,
        )
        rows, end, promised = items.items, start + len(items.items), items.total_record_count
        new = [row for row in rows if row.id not in self._known]
        if items.start_index not in {None, start}:
            raise self._lost(
                answer, f"gave the page from {items.start_index} on when asked for the one from {start} on"
            )
        if self._end < promised and (not new or end <= self._end):
            raise self._lost(answer, f"repeats a page; {promised} rows were promised and {self._end} were read")
        if self._known and len(new) == len(rows) > 0:
            raise self._lost(answer, "the library changed while it was read")
        self._known = frozenset(row.id for row in rows)
        self._end, self._promised = end, promised
        kept = files(new)
        self._left_out += len(new) - len(kept)
        return Page(kept, answer)

    def _lost(self, answer: HttpResponse, reason: str) -> BackendProtocolError:
        return BackendProtocolError(answer.server, answer.operation, reason, "nothing is concluded from it; try again")
