"""Why an item is as it is: the hub, what every account last showed, what will be written, and the journal."""

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from sqlalchemy import Connection

from watchstate.states import UNKNOWN_HUB, Agreed, HubState, Intent
from watchstate.storage import catalogue, deliveries, journal, states
from watchstate.storage.catalogue import EntryRow, ItemRow
from watchstate.storage.deliveries import Attempt, Held
from watchstate.storage.journal import JournalLine
from watchstate.sync.planning import known_work, plan
from watchstate.sync.target import Target
from watchstate.sync.titles import item_title
from watchstate.sync.work import AccountWork, Engine, Member

MOST_FOUND = 20
JOURNAL_LINES = 20
LONGEST_ID = 19
"""Digits of the largest number that a database holds."""


class EntryView(Struct, frozen=True, kw_only=True):
    """One account's entry of the item."""

    server: str
    identity: str
    entry: EntryRow
    agreed: Agreed | None
    target: Target
    intent: Intent | None
    attempt: Attempt | None
    held: Held | None


class Explanation(Struct, frozen=True, kw_only=True):
    """Everything that decides about one item."""

    item: ItemRow
    hubs: dict[str, HubState]
    """By identity."""
    entries: tuple[EntryView, ...]
    journal: tuple[JournalLine, ...]
    """Newest first."""


async def find(engine: Engine, wanted: str) -> list[ItemRow]:
    """Return the items that a person can mean: an item id, a provider id such as ``imdb:tt0133093``, or a title."""
    return await engine.storage.read(partial(_find, wanted=wanted))


async def explain(engine: Engine, members: Sequence[Member], item: ItemRow) -> Explanation:
    """Explain one item for these accounts."""
    return await engine.storage.read(partial(_explain, engine, members, item))


def _find(conn: Connection, wanted: str) -> list[ItemRow]:
    if wanted.isdecimal() and len(wanted) < LONGEST_ID:
        by_id = catalogue.items(conn, [int(wanted)])
        if by_id:
            return list(by_id.values())
    provider, separator, value = wanted.partition(":")
    if separator and provider.isalnum() and value and " " not in value:
        by_key = catalogue.find_items_by_key(conn, f"{provider.lower()}:{value}")
        if by_key:
            return by_key
    found = catalogue.find_items(conn, wanted, MOST_FOUND)
    exact = [item for item in found if wanted.casefold() in {item.title.casefold(), item_title(item).casefold()}]
    return exact if len(exact) == 1 else found


def _explain(engine: Engine, members: Sequence[Member], item: ItemRow, conn: Connection) -> Explanation:
    works = known_work(engine, members, conn)
    known = states.hubs_of_item(conn, item.item_id)
    identities = sorted({*known, *(work.account.identity for work in works)})
    hubs = {identity: known.get(identity, UNKNOWN_HUB) for identity in identities}
    entries = catalogue.entries_of_items(conn, [item.item_id]).get(item.item_id, [])
    views = [_view(conn, work, entry) for work in works for server_id, entry in entries if server_id == work.server_id]
    lines = journal.lines(conn, item_id=item.item_id, limit=JOURNAL_LINES)
    return Explanation(item=item, hubs=hubs, entries=tuple(views), journal=tuple(line for _, line in lines))


def _view(conn: Connection, work: AccountWork, entry: EntryRow) -> EntryView:
    rows = [entry.row]
    planned = plan(conn, work, rows)
    target = planned[0].target if planned else Target(reason="never read")
    if not work.exports:
        target = Target(reason="export is off for this server", rule="R8")
    return EntryView(
        server=work.server.name,
        identity=work.account.identity,
        entry=entry,
        agreed=states.agreed(conn, work.account_id, rows).get(entry.row),
        target=target,
        intent=deliveries.intents(conn, work.account_id, rows).get(entry.row),
        attempt=deliveries.attempts(conn, work.account_id, rows).get(entry.row),
        held=deliveries.held(conn, work.account_id, rows).get(entry.row),
    )
