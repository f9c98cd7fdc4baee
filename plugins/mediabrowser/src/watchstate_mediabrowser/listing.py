"""Queries for items, read page by page."""

import msgspec

from watchstate.api import BackendProtocolError, HttpResponse
from watchstate_mediabrowser.catalogue import Catalogue, Kinds
from watchstate_mediabrowser.wire import Item

PAGE_SIZE = 1000
OVERLAP = 10
"""Rows that a page shares with the one before it.

Paging is by offset and counted anew for each request. Where files go away between two pages, the rows behind them move
forward: without an overlap they would be missed, and if as many were added elsewhere the total would not tell.
"""


class Page(msgspec.Struct, frozen=True):
    """The rows that an answer has and the page before it had not."""

    rows: list[Item]
    answer: HttpResponse


class Order(msgspec.Struct, frozen=True):
    """What a query is sorted by, and how many of its rows to ask for at first; a list that goes on has large pages."""

    by: str
    direction: str
    first_page: int = PAGE_SIZE


STEADY = Order("DateCreated,SortName", "Ascending")
"""What is added comes last, and nothing that is watched moves."""


class Listing:
    """A query for items, read page by page."""

    def __init__(self, catalogue: Catalogue, kinds: Kinds, order: Order = STEADY, /, **more: str | int) -> None:
        self._catalogue = catalogue
        self._kinds = kinds
        self._order = order
        self._more = more
        self._start = 0
        self._end = 0
        self._first: str | None = None
        self._known: frozenset[str] = frozenset()
        self._promised: int | None = None

    @property
    def promised(self) -> int | None:
        """How many rows there are, as the latest page says; None before the first."""
        return self._promised

    @property
    def is_read(self) -> bool:
        """Whether everything has been read."""
        return self._promised is not None and self._end >= self._promised

    async def next_page(self) -> Page | None:
        """Read on; None when everything is read.

        Raises:
            BackendError: no answer, pages that repeat, or pages that moved on by more rows than two of them share.
        """
        if self.is_read:
            return None
        start = max(self._end - OVERLAP, 0)
        items, answer = await self._catalogue.query(
            self._kinds,
            sortBy=self._order.by,
            sortOrder=self._order.direction,
            startIndex=start,
            limit=PAGE_SIZE + self._end - start if self._end else self._order.first_page,
            **self._more,
        )
        rows, end, promised = items.items, start + len(items.items), items.total_record_count
        new = [row for row in rows if row.id not in self._known]
        first = rows[0].id if rows else None
        if items.start_index not in {None, start}:
            raise _lost(answer, f"gave the page from {items.start_index} on when asked for the one from {start} on")
        # A server that takes no notice of where to start still has news: a later page asks for more rows.
        is_first_again = start > self._start and first is not None and first == self._first
        if self._end < promised and (not new or end <= self._end or is_first_again):
            raise _lost(answer, f"repeats a page; {promised} rows were promised and {self._end} were read")
        if self._known and len(new) == len(rows) > 0:
            raise _lost(answer, "the library changed while it was read")
        self._known = frozenset(row.id for row in rows)
        self._first, self._start, self._end, self._promised = first, start, end, promised
        return Page(new, answer)


def _lost(answer: HttpResponse, reason: str) -> BackendProtocolError:
    return BackendProtocolError(answer.server, answer.operation, reason, "nothing is concluded from it; try again")
