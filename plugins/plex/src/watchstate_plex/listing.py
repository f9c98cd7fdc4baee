"""Lists of titles, read page by page, and reads of some titles by their ids."""

from collections.abc import AsyncGenerator, Sequence

import msgspec

from watchstate.api import Account, BackendProtocolError, Http, HttpResponse
from watchstate_plex.calls import Query, acting_as, address, expect_success, read
from watchstate_plex.convert import is_set, to_key
from watchstate_plex.wire import ROWS, Row, Rows

PAGE_SIZE = 1000
"""Rows that may be asked for at once; newer servers refuse more."""
IDS_PER_REQUEST = 100
OVERLAP = 10
"""Rows that a page shares with the one before it.

Paging is by offset and counted anew for each request. Where files go away between two pages, the rows behind them move
forward: without an overlap they would be missed, and if as many were added elsewhere the total would not tell.
"""

TYPES = {"movie": 1, "show": 2, "episode": 4}

TRIMMED: Query = (
    ("includeGuids", 1),
    (
        "excludeElements",
        "Country,Director,Extras,Genre,Image,Producer,Rating,Review,Role,Similar,UltraBlurColors,Writer",
    ),
    ("excludeFields", "summary,tagline"),
)
"""External ids, which lists don't have unasked, and without what takes the most room."""


class Page(msgspec.Struct, frozen=True):
    """The rows that an answer has and the page before it had not."""

    rows: list[Row]
    answer: HttpResponse


def is_there(row: Row) -> bool:
    """Say whether a row is a title with a file: not one in the trash, and not what is on television now."""
    return bool(to_key(row.rating_key)) and row.deleted_at is None and not is_set(row.live)


class Listing:
    """A list of titles of one type, in the order of their ids: what is added comes last."""

    def __init__(
        self, account: Account, http: Http, path: str, row_type: str, query: Query = (), *, page_size: int = PAGE_SIZE
    ) -> None:
        self._account = account
        self._http = http
        self._path = path
        self._row_type = row_type
        self._query = (("type", TYPES[row_type]), *query, ("sort", "id"), *TRIMMED)
        self._page_size = page_size
        self._end = 0
        self._known: frozenset[str] = frozenset()
        self._promised: int | None = None
        self._is_over = False
        self._left_out = 0

    @property
    def total(self) -> int | None:
        """How many rows the whole list gives, as its latest page says; None before the first, or if none says it."""
        return None if self._promised is None else self._promised - self._left_out

    async def next_page(self) -> Page | None:
        """Read on; None when everything is read.

        Raises:
            BackendError: no answer, pages that repeat, or pages that moved on by more rows than two of them share.
        """
        if self._is_over:
            return None
        start = max(self._end - OVERLAP, 0)
        rows, answer = await self._ask(start)
        if start < self._end <= start + len(rows) and not self._new(rows) and not self._is_whole():
            # A server may give fewer rows than it was asked for: here, none behind those that pages share.
            start = self._end
            rows, answer = await self._ask(start)
        new = self._new(rows)
        if start < self._end and len(new) == len(rows) > 0:
            raise self._lost(answer, "the library changed while it was read")
        if not new and self._promised is not None and self._end < self._promised:
            reason = f"repeats a page; {self._promised} rows were promised and {self._end} were read"
            raise self._lost(answer, reason)
        self._known = frozenset(to_key(row.rating_key) for row in rows)
        self._end = start + len(rows)
        self._is_over = self._is_whole() or not new
        kept = [row for row in new if is_there(row)]
        self._left_out += len(new) - len(kept)
        return Page(kept, answer)

    async def _ask(self, start: int) -> tuple[list[Row], HttpResponse]:
        size = min(self._page_size, PAGE_SIZE)
        query = (*self._query, ("X-Plex-Container-Start", start), ("X-Plex-Container-Size", size))
        answered, answer = await read(self._http, self._path, ROWS, query=query, headers=acting_as(self._account))
        page = answered.container
        if page.offset not in {None, start}:
            raise self._lost(answer, f"gave the page from {page.offset} on when asked for the one from {start} on")
        strangers = {row.type or "nothing" for row in page.rows}.difference({self._row_type})
        if strangers:
            reason = f"listed items of type {min(strangers)} when asked for type {self._row_type}"
            raise BackendProtocolError(answer.server, answer.operation, reason, "a proxy may be repeating old answers")
        self._promised = _total(page, answer)
        return page.rows, answer

    def _new(self, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if to_key(row.rating_key) not in self._known]

    def _is_whole(self) -> bool:
        return self._promised is not None and self._end >= self._promised

    def _lost(self, answer: HttpResponse, reason: str) -> BackendProtocolError:
        return BackendProtocolError(answer.server, answer.operation, reason, "nothing is concluded from it; try again")


async def read_some(account: Account, http: Http, ids: Sequence[str]) -> AsyncGenerator[Page, None]:
    """Yield titles in full detail, a hundred at a time; those that are gone, or in the trash, are not in it.

    Some versions answer 404 as soon as one of several ids is unknown: then each half is asked for.

    Raises:
        BackendError: no answer, or one that is none.
    """
    for first in range(0, len(ids), IDS_PER_REQUEST):
        waiting = [list(ids[first : first + IDS_PER_REQUEST])]
        while waiting:
            asked = waiting.pop()
            answer = await _ask_for(account, http, asked)
            if answer.status != 404:
                yield Page(_asked_rows(answer, asked), answer)
            elif len(asked) > 1:
                half = len(asked) // 2
                waiting += [asked[half:], asked[:half]]


async def _ask_for(account: Account, http: Http, ids: Sequence[str]) -> HttpResponse:
    query = (*TRIMMED, ("skipRefresh", 1), ("X-Plex-Container-Start", 0), ("X-Plex-Container-Size", len(ids)))
    answer = await http.get(address(f"/library/metadata/{','.join(ids)}", query), headers=acting_as(account))
    if answer.status != 404:
        expect_success(answer)
    return answer


def _asked_rows(answer: HttpResponse, asked: Sequence[str]) -> list[Row]:
    page, wanted = answer.decode(ROWS).container, frozenset(asked)
    section = page.library_section_id
    return [
        row if row.library_section_id is not None else msgspec.structs.replace(row, library_section_id=section)
        for row in page.rows
        if to_key(row.rating_key) in wanted and row.type in TYPES and is_there(row)
    ]


def _total(page: Rows, answer: HttpResponse) -> int | None:
    if page.total_size is not None:
        return page.total_size
    told = answer.headers.get("x-plex-container-total-size", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
