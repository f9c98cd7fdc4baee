"""Reading what an account has, and what it has watched."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec.structs import replace

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
    PlayState,
    Scope,
    Search,
)
from watchstate_emby.calls import ENTRIES, acting_as, catalogue_of, is_item_id, item_path, read_played_now
from watchstate_mediabrowser.calls import decode
from watchstate_mediabrowser.catalogue import Catalogue, batched
from watchstate_mediabrowser.changes import or_everything, since, take_cursor
from watchstate_mediabrowser.convert import to_date, to_state
from watchstate_mediabrowser.reading import Reader, complete
from watchstate_mediabrowser.wire import ITEM, Item, UserData


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


async def _everything(account: Account, http: Http) -> AsyncGenerator[LibraryBatch, None]:
    _, reader, first_answer = await _begin(account, http)
    await reader.shows.learn_all()
    pages = reader.scan(account.server.options.ignore, cursor=take_cursor(first_answer))
    async with aclosing(pages) as batches:
        async for batch in batches:
            yield batch


async def _changed_since(account: Account, http: Http, cursor: str) -> AsyncGenerator[LibraryBatch, None]:
    """Yield what was saved since, be it for this user or for all: marks, un-marks, positions, metadata.

    Stamps are whole seconds. A server whose database can't answer this (seen in 2020: SqliteException) fails with
    status 500.
    """
    _, reader, first_answer = await _begin(account, http)
    pages = reader.scan(
        account.server.options.ignore,
        cursor=take_cursor(first_answer),
        minDateLastSavedForUser=to_date(since(cursor, first_answer)).replace(".000Z", "Z"),
    )
    async with aclosing(or_everything(pages)) as batches:
        async for batch in batches:
            yield batch


async def _entries(account: Account, http: Http, entry_ids: Sequence[str]) -> AsyncGenerator[LibraryBatch, None]:
    """Yield up to a hundred entries a batch, each read by itself: lists are not complete."""
    wanted = [entry_id for entry_id in dict.fromkeys(entry_ids) if is_item_id(entry_id)]
    if not wanted:
        return
    catalogue, reader, _ = await _begin(account, http)
    ignored = await catalogue.read_ignored(account.server.options.ignore)
    for ids in batched(wanted):
        kept = await catalogue.without_ignored(ids, ignored)
        details = await _read_details(account, http, [entry_id for entry_id in ids if entry_id in kept])
        found = [(item, answer) for item, answer in details if item.type in ENTRIES.types and _has_file(item)]
        if found:
            yield await _batch(reader, found)


async def _batch(reader: Reader, found: Sequence[tuple[Item, HttpResponse]]) -> LibraryBatch:
    """Return facts of several answers, in the window in which all of them came."""
    await reader.shows.learn([item for item, _ in found])
    facts: list[Fact] = []
    for item, answer in found:
        facts += await reader.facts(answer, [item], complete)
    return LibraryBatch(
        facts=tuple(facts),
        read_from=min(answer.began_at for _, answer in found),
        read_to=max(answer.ended_at for _, answer in found),
    )


async def _read_details(account: Account, http: Http, entry_ids: Sequence[str]) -> list[tuple[Item, HttpResponse]]:
    """Read items in full detail, side by side as far as `http` lets them; those that are gone are left out."""
    try:
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(_read_detail(account, http, entry_id)) for entry_id in entry_ids]
    except ExceptionGroup as failed:
        first = failed.exceptions[0]
        raise first from first.__cause__
    return [detail for task in reading if (detail := task.result()) is not None]


async def _read_detail(account: Account, http: Http, entry_id: str) -> tuple[Item, HttpResponse] | None:
    answer = await http.get(item_path(account, entry_id), headers=acting_as(account))
    if answer.status == 404:
        return None
    item = decode(answer, ITEM)
    if item.id != entry_id:
        reason = f"gave the item {item.id} when asked for {entry_id}"
        raise BackendProtocolError(answer.server, answer.operation, reason, "a proxy may be repeating old answers")
    return item, answer


async def _search(account: Account, http: Http, text: str, limit: int) -> AsyncGenerator[LibraryBatch, None]:
    _, reader, _ = await _begin(account, http)
    yield await reader.search(text, limit)


async def _begin(account: Account, http: Http) -> tuple[Catalogue, Reader, HttpResponse]:
    playing, answer = await read_played_now(account, http)
    catalogue = catalogue_of(account, http)
    return catalogue, Reader(catalogue, playing, has_file=_has_file, read_state=read_row), answer


def read_row(data: UserData) -> tuple[PlayState, bool]:
    """Return the play state in a row of a list, and whether count and date were delivered with it.

    Up to what a server calls complete, rows print a count of 0 and no date even where the item has both, and a row
    of an item that was never played looks the same: 0 and nothing are unknown here, never *none*.
    """
    state = to_state(data)
    play_count, watched_at = state.play_count or None, state.watched_at or None
    is_detailed = play_count is not None and watched_at is not None
    return replace(state, play_count=play_count, watched_at=watched_at), is_detailed


def _has_file(row: Item) -> bool:
    """Say whether a row has a file; missing and unaired episodes have no path."""
    return row.location_type != "Virtual" and bool(row.path)
