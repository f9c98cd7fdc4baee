"""Files that are named after several episodes: does one item stand for all of them, or has each its own?

Whoever reads only a part of a library has to ask for the other episodes of the show. A full scan sees them all by
itself, and gives such an item last, when nothing more can come.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from watchstate.api import Account, Http
from watchstate_plex.convert import file_of, range_of, show_key, to_key
from watchstate_plex.file_names import episodes_in
from watchstate_plex.listing import Listing, Page
from watchstate_plex.wire import Row


class Siblings:
    """Which items have which of these files."""

    def __init__(self) -> None:
        self._owners: defaultdict[str, set[str]] = defaultdict(set)
        self._kept_back: list[Page] = []

    def note(self, rows: Sequence[Row]) -> list[Row]:
        """Take notice of episodes; return those that may stand for several."""
        several = []
        for row in rows:
            file = file_of(row) if row.type == "episode" else None
            if file is not None and episodes_in(file) is not None:
                self._owners[file].add(to_key(row.rating_key))
                several.append(row)
        return [row for row in several if range_of(row)]

    def is_range(self, row: Row) -> bool:
        """Say whether an item stands for all the episodes that its file is named after."""
        owners = self._owners.get(file_of(row) or "") if self._owners else None
        return owners == {to_key(row.rating_key)} and bool(range_of(row))

    def keep_back(self, page: Page) -> list[Row]:
        """Take notice of a page of a whole library; return its rows without those about which nothing is sure yet."""
        unsure = self.note(page.rows)
        if not unsure:
            return page.rows
        self._kept_back.append(Page(unsure, page.answer))
        keys = {to_key(row.rating_key) for row in unsure}
        return [row for row in page.rows if to_key(row.rating_key) not in keys]

    def release(self) -> Iterator[Page]:
        """Yield what was kept back, when the library has been read to its end."""
        yield from self._kept_back


async def read_siblings(account: Account, http: Http, rows: Sequence[Row], siblings: Siblings) -> None:
    """Ask for all episodes of those shows of which one of these rows has such a file."""
    shows = {show_key(row) for row in siblings.note(rows)}
    for show in sorted(shows - {""}):
        listing = Listing(account, http, f"/library/metadata/{show}/allLeaves", "episode")
        while page := await listing.next_page():
            siblings.note(page.rows)
