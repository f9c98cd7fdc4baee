"""Reading what an account has, and what it has watched."""

from collections.abc import AsyncGenerator, Sequence

from watchstate.api import (
    Account,
    BackendProtocolError,
    ChangedSince,
    Entries,
    Everything,
    Http,
    HttpResponse,
    LibraryBatch,
    Scope,
    Search,
)
from watchstate_plex.calls import Query, UnexpectedStatus, acting_as, read, read_played_now
from watchstate_plex.convert import SECOND, is_entry_id, to_fact, to_key
from watchstate_plex.listing import Listing, Page, read_some
from watchstate_plex.shows import Shows
from watchstate_plex.siblings import Siblings, read_siblings
from watchstate_plex.wire import SECTIONS, Row, Section

CURSOR_OVERLAP = 60
"""Seconds by which a list of changes begins before the end of the one before it: a server stamps a state and stores it
some time later, and its clock is only known to a second."""

_ENTRY_TYPES = {"movie": "movie", "show": "episode"}
"""What the entries of a library are, by its type; music and photos are not read."""


def fetch(account: Account, http: Http, scope: Scope) -> AsyncGenerator[LibraryBatch, None]:
    """Return what a scope asks for, batch by batch; see the hook `fetch_library`."""
    match scope:
        case Everything():
            return _everything(account, http)
        case ChangedSince(cursor):
            return _changed_since(account, http, cursor)
        case Entries(entry_ids):
            return _entries(account, http, entry_ids)
        case Search(text, limit):
            return _search(account, http, text, limit)


class _Reading:
    """What one `fetch_library` knows: what is played now, and the shows."""

    def __init__(self, account: Account, http: Http, playing: frozenset[str]) -> None:
        self.shows = Shows(account, http)
        self._playing = playing

    @classmethod
    async def begin(cls, account: Account, http: Http) -> tuple["_Reading", HttpResponse | None]:
        playing, answer = await read_played_now(account, http)
        return cls(account, http, playing), answer

    def batch(
        self,
        answer: HttpResponse,
        rows: Sequence[Row],
        siblings: Siblings,
        *,
        total: int | None = None,
        library_id: str = "",
    ) -> LibraryBatch:
        facts = tuple(
            to_fact(
                row,
                self.shows.of(row),
                is_range=siblings.is_range(row),
                library_id=to_key(row.library_section_id) or library_id,
                is_playing=to_key(row.rating_key) in self._playing,
            )
            for row in rows
        )
        return LibraryBatch(facts=facts, read_from=answer.began_at, read_to=answer.ended_at, total=total)


async def _everything(account: Account, http: Http) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a page a batch. The total is told as soon as it is known: on the first page of the last library."""
    reading, first_answer = await _Reading.begin(account, http)
    sections, answer = await _read_sections(account, http)
    cursor = _cursor(first_answer or answer)
    listings = [Listing(account, http, _all(section), _ENTRY_TYPES[section.type]) for section in sections]
    for section, listing in zip(sections, listings, strict=True):
        if section.type == "show":
            await reading.shows.learn_all(_all(section))
        siblings, key = Siblings(), str(section.key)
        while page := await listing.next_page():
            answer = page.answer
            await reading.shows.learn(page.rows)
            rows = siblings.keep_back(page)
            yield reading.batch(answer, rows, siblings, total=_total(listings), library_id=key)
        for page in siblings.release():
            yield reading.batch(page.answer, page.rows, siblings, total=_total(listings), library_id=key)
    yield _end(answer, cursor, total=_total(listings))


async def _changed_since(account: Account, http: Http, cursor: str) -> AsyncGenerator[LibraryBatch, None]:
    """Yield what was watched, played or added since a cursor, and what is half watched. No un-watch is among it."""
    if not (cursor.isascii() and cursor.isdigit()):
        reason = "this is no moment since which changes could be listed"
        raise BackendProtocolError(account.server.name, "fetch_library", reason, "read everything instead")
    reading, first_answer = await _Reading.begin(account, http)
    sections, answer = await _read_sections(account, http)
    following = _cursor(first_answer or answer)
    for section in sections:
        siblings = Siblings()
        async for page in _read_changes(account, http, section, cursor):
            answer = page.answer
            await reading.shows.learn(page.rows)
            await read_siblings(account, http, page.rows, siblings)
            yield reading.batch(answer, page.rows, siblings, library_id=str(section.key))
    yield _end(answer, following)


async def _read_changes(account: Account, http: Http, section: Section, cursor: str) -> AsyncGenerator[Page, None]:
    """Yield what may have changed in a library: one list, or one for each filter where a server refuses groups.

    `lastViewedAt` moves with positions too; nothing moves when a state is taken away.
    """
    watched, added, halfway = ("lastViewedAt>>", cursor), ("addedAt>>", cursor), ("inProgress", 1)
    grouped = (("push", 1), watched, ("or", 1), added, ("or", 1), halfway, ("pop", 1))
    waiting: list[Query] = [grouped]
    while waiting:
        query = waiting.pop()
        listing = Listing(account, http, _all(section), _ENTRY_TYPES[section.type], query)
        try:
            page = await listing.next_page()
        except UnexpectedStatus as error:
            if error.status != 400 or query is not grouped:
                raise
            waiting = [(halfway,), (added,), (watched,)]
            continue
        while page is not None:
            yield page
            page = await listing.next_page()


async def _entries(account: Account, http: Http, entry_ids: Sequence[str]) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a hundred entries a batch. What is no id is never sent."""
    wanted = [entry_id for entry_id in dict.fromkeys(entry_ids) if is_entry_id(entry_id)]
    if not wanted:
        return
    reading, _ = await _Reading.begin(account, http)
    ignored = account.server.options.ignore
    async for page in read_some(account, http, wanted):
        rows = [
            row
            for row in page.rows
            if row.type in _ENTRY_TYPES.values() and to_key(row.library_section_id) not in ignored
        ]
        siblings = Siblings()
        await reading.shows.learn(rows)
        await read_siblings(account, http, rows, siblings)
        yield reading.batch(page.answer, rows, siblings)


async def _search(account: Account, http: Http, text: str, limit: int) -> AsyncGenerator[LibraryBatch, None]:
    """Yield what has the text in its title, library by library. A comma means *or* to Plex, so rows are looked at."""
    reading, _ = await _Reading.begin(account, http)
    sections, _ = await _read_sections(account, http)
    for section in sections:
        listing = Listing(account, http, _all(section), _ENTRY_TYPES[section.type], (("title", text),))
        while limit > 0 and (page := await listing.next_page()):
            rows = [row for row in page.rows if text.casefold() in (row.title or "").casefold()][:limit]
            limit -= len(rows)
            siblings = Siblings()
            await reading.shows.learn(rows)
            await read_siblings(account, http, rows, siblings)
            yield reading.batch(page.answer, rows, siblings, library_id=str(section.key))


async def _read_sections(account: Account, http: Http) -> tuple[list[Section], HttpResponse]:
    """Return the libraries of movies and shows that the user sees and the options don't ignore."""
    answered, answer = await read(http, "/library/sections", SECTIONS, headers=acting_as(account))
    ignored = account.server.options.ignore
    kept = [
        section
        for section in answered.container.sections
        if section.type in _ENTRY_TYPES and str(section.key) not in ignored
    ]
    return kept, answer


def _all(section: Section) -> str:
    return f"/library/sections/{section.key}/all"


def _total(listings: Sequence[Listing]) -> int | None:
    totals = [listing.total for listing in listings]
    return None if None in totals else sum(filter(None, totals))


def _cursor(answer: HttpResponse) -> str:
    """Return where the next list of changes begins: the server's time before the first request, in seconds."""
    return str(max((answer.began_at + (answer.clock_skew_ms or 0)) // SECOND - CURSOR_OVERLAP, 0))


def _end(answer: HttpResponse, cursor: str, total: int | None = None) -> LibraryBatch:
    return LibraryBatch(facts=(), read_from=answer.began_at, read_to=answer.ended_at, total=total, cursor=cursor)
