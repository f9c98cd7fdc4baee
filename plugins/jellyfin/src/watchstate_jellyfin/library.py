"""Reading what an account has, and what it has watched."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from watchstate.api import (
    Account,
    BackendProtocolError,
    ChangedSince,
    Entries,
    Everything,
    Http,
    LibraryBatch,
    Scope,
    Search,
)
from watchstate_jellyfin.calls import catalogue_of, read_played_now
from watchstate_mediabrowser.catalogue import IDS_PER_REQUEST, Catalogue
from watchstate_mediabrowser.convert import to_guid
from watchstate_mediabrowser.reading import Reader
from watchstate_mediabrowser.wire import Item


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
    _, reader = await _begin(account, http)
    await reader.shows.learn_all()
    async with aclosing(reader.scan(account.server.options.ignore)) as batches:
        async for batch in batches:
            yield batch


async def _entries(account: Account, http: Http, entry_ids: Sequence[str]) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a hundred entries a batch.

    Jellyfin overlooks what is no id, and with no id left it lists everything: such ids are never sent.
    """
    wanted = [entry_id for entry_id in dict.fromkeys(entry_ids) if to_guid(entry_id) == entry_id]
    if not wanted:
        return
    catalogue, reader = await _begin(account, http)
    ignored = await catalogue.read_ignored(account.server.options.ignore)
    for first in range(0, len(wanted), IDS_PER_REQUEST):
        ids = wanted[first : first + IDS_PER_REQUEST]
        rows, answer = await catalogue.query_entries(ids)
        kept = await catalogue.without_ignored(ids, ignored)
        yield await reader.page(answer, [row for row in reader.files(rows) if row.id in kept])


async def _search(account: Account, http: Http, text: str, limit: int) -> AsyncGenerator[LibraryBatch, None]:
    _, reader = await _begin(account, http)
    yield await reader.search(text, limit)


async def _begin(account: Account, http: Http) -> tuple[Catalogue, Reader]:
    playing = await read_played_now(account, http)
    catalogue = catalogue_of(account, http)
    return catalogue, Reader(catalogue, playing, has_file=_has_file)


def _has_file(row: Item) -> bool:
    """Say whether a row has a file; the others stand for missing and unaired episodes."""
    return row.location_type != "Virtual"
