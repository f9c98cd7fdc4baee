"""What may have changed since a moment, as far as a Jellyfin server can list it.

No list has everything. A server stamps the metadata that it saves, and not the play states: of those there is only the
date of the last play to sort by, and whether there is a position. What takes a state away leaves no trace in any list.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise

from watchstate_jellyfin.calls import ENTRIES
from watchstate_mediabrowser.catalogue import Catalogue, Kinds
from watchstate_mediabrowser.convert import to_date, to_ms
from watchstate_mediabrowser.listing import Listing, Order, Page
from watchstate_mediabrowser.wire import Item

LONGEST_PLAY_MS = 24 * 3_600_000
"""How long before a cursor a play may have begun that is listed after it.

A play is dated by its beginning, and watched from its end on: an evening with pauses, or one that goes on next day.
"""
SLOWEST_SAVE_MS = 10 * 60_000
"""How long the server may take between stamping an item and showing it: it saves what it has scanned in batches."""

PLAYED = Order("DatePlayed,SortName", "Descending", first_page=100)
"""What was played last comes first, what never was comes last. A page is more than most people watch in a day."""
HALF_WATCHED = Kinds(ENTRIES.types, f"{ENTRIES.fields},MediaSourceCount")


async def read_changes(catalogue: Catalogue, moment: int) -> AsyncGenerator[Page, None]:
    """Yield what may have changed since a moment (ms UTC, by the server's clock), each entry once.

    Raises:
        BackendError: a list can't be read to where it may end.
    """
    saved_since = to_date(max(moment - SLOWEST_SAVE_MS, 0))
    # The other parameter, without `ForUser`, fails with status 500 up to 10.10; both mean metadata in every version.
    saved = Listing(catalogue, catalogue.entries, minDateLastSavedForUser=saved_since)
    half_watched = Listing(catalogue, HALF_WATCHED, filters="IsResumable")
    # The list that can't be empty comes first: a cache that repeats it for the others hides nothing.
    lists = (_played_since(catalogue, moment - LONGEST_PLAY_MS), _all(saved), _all(half_watched))
    known: set[str] = set()
    for each in lists:
        async with aclosing(each) as pages:
            async for page in pages:
                rows = [row for row in page.rows if row.id not in known and _is_certain(row)]
                known.update(row.id for row in rows)
                if rows:
                    yield Page(rows, page.answer)


async def _all(listing: Listing) -> AsyncGenerator[Page, None]:
    while page := await listing.next_page():
        yield page


async def _played_since(catalogue: Catalogue, moment: int) -> AsyncGenerator[Page, None]:
    """Yield whole pages of what was played last, until one leaves no doubt that all that follows is older.

    The order is not always that of the dates in the rows: up to 10.10 a copy of a movie may show a state that it had
    before, and from 12.0 on a movie is sorted by the latest play of all its versions. One old row is no end, then, and
    a page out of order is none either.
    """
    listing = Listing(catalogue, catalogue.entries, PLAYED)
    last: int | None = None
    while page := await listing.next_page():
        yield page
        dates = [_played_at(row) for row in page.rows]
        is_in_order = all(later >= earlier for later, earlier in pairwise(dates if last is None else [last, *dates]))
        if is_in_order and all(date < moment for date in dates[len(dates) // 2 :]):
            return
        last = dates[-1] if dates else last


def _played_at(row: Item) -> int:
    date = None if row.user_data is None else row.user_data.last_played_date
    return 0 if date is None else to_ms(date) or 0


def _is_certain(row: Item) -> bool:
    """Say whether a row is the one that every list has for a movie.

    Of a movie with several files, from 12.0 on this list has the one that is half watched, and doesn't say which it is.
    """
    return row.media_source_count is None or row.media_source_count == 1
