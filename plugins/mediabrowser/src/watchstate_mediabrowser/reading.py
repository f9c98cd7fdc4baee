"""From the rows of lists to batches of facts: whole scans, searches, and single pages."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

from watchstate.api import BackendProtocolError, Fact, HttpResponse, LibraryBatch, PlayState
from watchstate_mediabrowser.catalogue import Catalogue
from watchstate_mediabrowser.convert import to_entry, to_state
from watchstate_mediabrowser.listing import Listing
from watchstate_mediabrowser.shows import Shows
from watchstate_mediabrowser.wire import Item, UserData

ReadState = Callable[[UserData], tuple[PlayState, bool]]
"""Returns the play state in a row, and whether it is all that the server knows."""

_WITHOUT_ENTRIES = frozenset({"boxsets", "playlists", "music", "musicvideos", "books", "photos", "livetv"})
"""Collection types of views that have no movie or episode of their own."""


def complete(data: UserData) -> tuple[PlayState, bool]:
    """Return the play state of a row that has everything."""
    return to_state(data), True


class Reader:
    """Makes facts of what the catalogue shows. Lives as long as one `fetch_library`.

    `playing` has the ids of what the account plays now; `has_file` tells files from missing and unaired episodes.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        playing: frozenset[str],
        *,
        has_file: Callable[[Item], bool],
        read_state: ReadState = complete,
    ) -> None:
        self.shows = Shows(catalogue)
        self._catalogue = catalogue
        self._playing = playing
        self._has_file = has_file
        self._read_state = read_state

    def files(self, rows: Sequence[Item]) -> list[Item]:
        """Return the rows that have a file."""
        return [row for row in rows if self._has_file(row)]

    async def facts(
        self, answer: HttpResponse, rows: Sequence[Item], read_state: ReadState | None = None
    ) -> tuple[Fact, ...]:
        """Return the facts in some rows of an answer, after asking for the shows that are not known yet.

        Raises:
            BackendError: the shows can't be read, or the rows are nobody's.
        """
        await self.shows.learn(rows)
        return tuple(self._facts(answer, rows, read_state or self._read_state))

    async def page(
        self, answer: HttpResponse, rows: Sequence[Item], *, total: int | None = None, cursor: str | None = None
    ) -> LibraryBatch:
        """Return the facts in some rows of an answer, with the window in which it came."""
        facts = await self.facts(answer, rows)
        return LibraryBatch(facts=facts, read_from=answer.began_at, read_to=answer.ended_at, total=total, cursor=cursor)

    async def scan(
        self, ignored: tuple[str, ...], *, cursor: str | None = None, **more: str
    ) -> AsyncGenerator[LibraryBatch, None]:
        """Yield all entries outside the ignored libraries, a page a batch; `more` narrows the query.

        The total is told as soon as it is known: on the first page of the last listing.
        """
        listings, views_answer = await self._listings(ignored, more)
        if not listings and views_answer is not None:
            yield await self.page(views_answer, (), total=0, cursor=cursor)
        seen: set[str] = set()
        left_out = 0
        for listing in listings:
            while page := await listing.next_page():
                rows = self.files(page.rows)
                if len(listings) > 1:  # a folder may be part of several libraries
                    rows = [row for row in rows if row.id not in seen]
                    seen.update(row.id for row in rows)
                left_out += len(page.rows) - len(rows)
                promised = [each.promised for each in listings]
                total = None if None in promised else sum(filter(None, promised)) - left_out
                is_last = listing is listings[-1] and listing.is_read
                yield await self.page(page.answer, rows, total=total, cursor=cursor if is_last else None)

    async def search(self, text: str, limit: int) -> LibraryBatch:
        """Return the entries whose title matches."""
        items, answer = await self._catalogue.query(self._catalogue.entries, searchTerm=text, limit=limit)
        return await self.page(answer, self.files(items.items))

    async def _listings(
        self, ignored: tuple[str, ...], more: dict[str, str]
    ) -> tuple[list[Listing], HttpResponse | None]:
        """Return one listing of the whole server, or one per library where some are ignored.

        The former also has what a user hid from the home screen or grouped there. With the latter comes the answer
        that named the libraries.
        """
        entries = self._catalogue.entries
        if not ignored:
            return [Listing(self._catalogue, entries, **more)], None
        views, answer = await self._catalogue.read_views()
        wanted = [view.id for view in views if view.id not in ignored and view.collection_type not in _WITHOUT_ENTRIES]
        return [Listing(self._catalogue, entries, parentId=each, **more) for each in wanted], answer

    def _facts(self, answer: HttpResponse, rows: Sequence[Item], read_state: ReadState) -> Iterator[Fact]:
        for row in rows:
            if row.user_data is None:
                reason = "lists items without a play state"
                raise BackendProtocolError(answer.server, answer.operation, reason, "check the user id of the account")
            state, is_detailed = read_state(row.user_data)
            yield Fact(
                entry=to_entry(row, self.shows.ids_of(row)),
                state=state,
                is_playing=row.id in self._playing,
                is_detailed=is_detailed,
            )
