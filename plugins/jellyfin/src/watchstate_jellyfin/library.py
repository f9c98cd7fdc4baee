"""Reading what an account has, and what it has watched."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from watchstate.api import (
    Account,
    ChangedSince,
    Entries,
    Everything,
    Http,
    HttpResponse,
    LibraryBatch,
    Scope,
    Search,
)
from watchstate_jellyfin.calls import catalogue_of, read_played_now
from watchstate_jellyfin.changes import read_changes
from watchstate_mediabrowser.catalogue import Catalogue, batched
from watchstate_mediabrowser.changes import or_everything, since, take_cursor
from watchstate_mediabrowser.convert import to_guid
from watchstate_mediabrowser.reading import Reader
from watchstate_mediabrowser.wire import Item


def fetch(account: Account, http: Http, scope: Scope) -> AsyncGenerator[LibraryBatch, None]:
    """Return what a scope asks for, batch by batch; see the hook `fetch_library`."""
    match scope:
        case Everything():
            return _everything(account, http)
        case ChangedSince(cursor):
            return or_everything(_changed_since(account, http, cursor))
        case Entries(entry_ids):
            return _entries(account, http, entry_ids)
        case Search(text, limit):
            return _search(account, http, text, limit)


async def _everything(account: Account, http: Http) -> AsyncGenerator[LibraryBatch, None]:
    _, reader, first_answer = await _begin(account, http)
    await reader.shows.learn_all()
    pages = reader.scan(account.server.options.ignore, cursor=take_cursor(first_answer))
    async with aclosing(pages) as batches:
        async for batch in batches:
            yield batch


async def _changed_since(account: Account, http: Http, cursor: str) -> AsyncGenerator[LibraryBatch, None]:
    """Yield what was watched, played or saved since, and what is half watched. No un-watch is among it."""
    catalogue, reader, first_answer = await _begin(account, http)
    changes = read_changes(catalogue, since(cursor, first_answer))
    ignored = await catalogue.read_ignored(account.server.options.ignore)
    answer = first_answer
    async with aclosing(changes) as pages:
        async for page in pages:
            answer = page.answer
            rows = reader.files(page.rows)
            kept = await catalogue.without_ignored([row.id for row in rows], ignored)
            yield await reader.page(answer, [row for row in rows if row.id in kept])
    yield await reader.page(answer, (), cursor=take_cursor(first_answer))


async def _entries(account: Account, http: Http, entry_ids: Sequence[str]) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a hundred entries a batch.

    Jellyfin overlooks what is no id, and with no id left it lists everything: such ids are never sent.
    """
    wanted = [entry_id for entry_id in dict.fromkeys(entry_ids) if to_guid(entry_id) == entry_id]
    if not wanted:
        return
    catalogue, reader, _ = await _begin(account, http)
    ignored = await catalogue.read_ignored(account.server.options.ignore)
    for ids in batched(wanted):
        rows, answer = await catalogue.query_entries(ids)
        kept = await catalogue.without_ignored(ids, ignored)
        yield await reader.page(answer, [row for row in reader.files(rows) if row.id in kept])


async def _search(account: Account, http: Http, text: str, limit: int) -> AsyncGenerator[LibraryBatch, None]:
    _, reader, _ = await _begin(account, http)
    yield await reader.search(text, limit)


async def _begin(account: Account, http: Http) -> tuple[Catalogue, Reader, HttpResponse]:
    playing, answer = await read_played_now(account, http)
    catalogue = catalogue_of(account, http)
    return catalogue, Reader(catalogue, playing, has_file=_has_file), answer


def _has_file(row: Item) -> bool:
    """Say whether a row has a file; the others stand for missing and unaired episodes."""
    return row.location_type != "Virtual"
