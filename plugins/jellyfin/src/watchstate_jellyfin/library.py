"""Reading what an account has, and what it has watched."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence

from watchstate.api import (
    Account,
    BackendProtocolError,
    ChangedSince,
    Entries,
    Everything,
    Fact,
    Http,
    HttpResponse,
    LibraryBatch,
    Scope,
    Search,
)
from watchstate_jellyfin.calls import acting_as, read, read_played_now
from watchstate_jellyfin.convert import to_fact, to_guid
from watchstate_jellyfin.listing import ENTRIES, IDS_PER_REQUEST, Listing, files, query
from watchstate_jellyfin.shows import Shows
from watchstate_jellyfin.wire import VIEWS, Item, View

_WITHOUT_ENTRIES = frozenset({"boxsets", "playlists", "music", "musicvideos", "books", "photos", "livetv"})
"""Collection types of views that have no movie or episode of their own."""


def fetch(account: Account, http: Http, scope: Scope) -> AsyncGenerator[LibraryBatch, None]:
    """Return what a scope asks for, batch by batch; see the hook `fetch_library`."""
    match scope:
        case Everything():
            return _everything(account, http)
        case Entries(entry_ids):
            return _entries(account, http, entry_ids)
        case Search(text, limit):
            return _search(account, http, text, limit)
        case ChangedSince():
            reason = "a Jellyfin server can't list what changed since a moment"
            raise BackendProtocolError(account.server.name, "fetch_library", reason, "read everything instead")


async def _everything(account: Account, http: Http) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a page a batch. The total is told as soon as it is known: on the first page of the last listing."""
    playing = await read_played_now(account, http)
    shows = Shows(account, http)
    await shows.learn_all()
    listings, views_answer = await _listings(account, http)
    if not listings and views_answer is not None:
        yield _batch(views_answer, (), total=0)
    seen: set[str] = set()
    repeated = 0
    for listing in listings:
        while page := await listing.next_page():
            rows = page.rows
            if len(listings) > 1:  # a folder may be part of several libraries
                rows = [row for row in rows if row.id not in seen]
                seen.update(row.id for row in rows)
                repeated += len(page.rows) - len(rows)
            await shows.learn(rows)
            totals = [each.total for each in listings]
            total = None if None in totals else sum(filter(None, totals)) - repeated
            yield _batch(page.answer, _facts(page.answer, rows, shows, playing), total)


async def _listings(account: Account, http: Http) -> tuple[list[Listing], HttpResponse | None]:
    """Return one listing of the whole server, or one per library where some are ignored.

    The former also has what a user hid from the home screen or grouped there. With the latter comes the answer that
    named the libraries.
    """
    ignored = account.server.options.ignore
    if not ignored:
        return [Listing(account, http, ENTRIES)], None
    views, answer = await _read_views(account, http)
    wanted = [view.id for view in views if view.id not in ignored and view.collection_type not in _WITHOUT_ENTRIES]
    return [Listing(account, http, ENTRIES, parentId=library_id) for library_id in wanted], answer


async def _read_views(account: Account, http: Http) -> tuple[list[View], HttpResponse]:
    views, answer = await read(
        http,
        "/UserViews",
        VIEWS,
        params={"userId": account.user_id, "includeHidden": True},
        headers=acting_as(account),
    )
    return views.items, answer


async def _entries(account: Account, http: Http, entry_ids: Sequence[str]) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a hundred entries a batch.

    Jellyfin overlooks what is no id, and with no id left it lists everything: such ids are never sent.
    """
    wanted = [entry_id for entry_id in dict.fromkeys(entry_ids) if to_guid(entry_id) == entry_id]
    if not wanted:
        return
    playing = await read_played_now(account, http)
    ignored = await _ignored_libraries(account, http)
    shows = Shows(account, http)
    for first in range(0, len(wanted), IDS_PER_REQUEST):
        ids = wanted[first : first + IDS_PER_REQUEST]
        asked: dict[str, str | int] = {"ids": ",".join(ids), "limit": len(ids)}
        items, answer = await query(account, http, ENTRIES, **asked)
        expected = set(ids)
        for library_id in ignored:
            theirs, _ = await query(account, http, ENTRIES, **asked, parentId=library_id)
            expected.difference_update(row.id for row in theirs.items)
        rows = [row for row in files(items.items) if row.id in expected]
        await shows.learn(rows)
        yield _batch(answer, _facts(answer, rows, shows, playing))


async def _ignored_libraries(account: Account, http: Http) -> list[str]:
    """Return the ignored libraries that this account sees; inside others it may not even ask (401)."""
    ignored = account.server.options.ignore
    if not ignored:
        return []
    views, _ = await _read_views(account, http)
    return [view.id for view in views if view.id in ignored]


async def _search(account: Account, http: Http, text: str, limit: int) -> AsyncGenerator[LibraryBatch, None]:
    playing = await read_played_now(account, http)
    items, answer = await query(account, http, ENTRIES, searchTerm=text, limit=limit)
    rows = files(items.items)
    shows = Shows(account, http)
    await shows.learn(rows)
    yield _batch(answer, _facts(answer, rows, shows, playing))


def _facts(answer: HttpResponse, rows: Sequence[Item], shows: Shows, playing: frozenset[str]) -> Iterator[Fact]:
    for row in rows:
        if row.user_data is None:
            reason = "lists items without a play state"
            raise BackendProtocolError(answer.server, answer.operation, reason, "check the user id of the account")
        yield to_fact(row, row.user_data, shows.ids_of(row), is_playing=row.id in playing)


def _batch(answer: HttpResponse, facts: Iterable[Fact], total: int | None = None) -> LibraryBatch:
    """Return facts with the window in which their answer came."""
    return LibraryBatch(facts=tuple(facts), read_from=answer.began_at, read_to=answer.ended_at, total=total)
