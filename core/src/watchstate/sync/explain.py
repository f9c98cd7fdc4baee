"""Why an item is as it is: the hub, what every account showed and shows now, what will be written, and the journal."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import Account, Entries, PlayState, WatchStateError
from watchstate.states import UNKNOWN_HUB, Agreed, HubState, Intent
from watchstate.storage import accounts, catalogue, deliveries, journal, states
from watchstate.storage.catalogue import EntryRow, ItemRow
from watchstate.storage.deliveries import Attempt, Held
from watchstate.storage.journal import JournalLine
from watchstate.sync.acting import Found, find_tokens
from watchstate.sync.machine import check_machine
from watchstate.sync.planning import known_work, plan
from watchstate.sync.target import Target
from watchstate.sync.work import AccountWork, Engine, Member

JOURNAL_LINES = 20


class Now(Struct, frozen=True, kw_only=True):
    """What a server answered when it was asked for an explanation; nothing is concluded from it."""

    state: PlayState | None = None
    """None: it doesn't have the entry, or didn't answer."""
    is_playing: bool = False
    error: str = ""
    """Why it didn't answer."""


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
    paused: str | None
    """Why the account is paused (W5)."""
    now: Now | None = None
    """None: not asked."""


class Explanation(Struct, frozen=True, kw_only=True):
    """Everything that decides about one item."""

    item: ItemRow
    hubs: dict[str, HubState]
    """By identity."""
    entries: tuple[EntryView, ...]
    journal: tuple[JournalLine, ...]
    """Newest first."""


async def explain(engine: Engine, members: Sequence[Member], item: ItemRow) -> Explanation:
    """Explain one item for these accounts."""
    return await engine.storage.read(partial(_explain, engine, members, item))


async def ask(engine: Engine, members: Sequence[Member], explanation: Explanation) -> Explanation:
    """Ask every server what it shows now. One that doesn't answer is told in its place."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for view in explanation.entries:
        wanted.setdefault((view.server, view.identity), []).append(view.entry.entry_id)
    asked: dict[str, list[tuple[Account, list[str]]]] = {}
    for account in (member.account for member in members):
        if entry_ids := wanted.get((account.server.name, account.identity)):
            asked.setdefault(account.server.name, []).append((account, entry_ids))
    told = await asyncio.gather(*(_ask_server(engine, own) for own in asked.values()))
    answers = {who: answer for of_server in told for who, answer in of_server.items()}
    entries = [
        replace(view, now=answers[view.server, view.identity][view.entry.entry_id]) for view in explanation.entries
    ]
    return replace(explanation, entries=tuple(entries))


async def _ask_server(
    engine: Engine, asked: Sequence[tuple[Account, Sequence[str]]]
) -> dict[tuple[str, str], dict[str, Now]]:
    """Ask one account of a server after the other, as a run does."""
    server = asked[0][0].server
    try:
        info = await engine.plugins.identify_server(server, engine.http(server))
        if info is not None:
            check_machine(server.name, info, server.machine_id)
        tokens = await find_tokens(engine, server, info, [account for account, _ in asked])
    except WatchStateError as error:
        return {(server.name, account.identity): _unanswered(entry_ids, error) for account, entry_ids in asked}
    return {
        (server.name, account.identity): await _ask(engine, account, tokens, entry_ids) for account, entry_ids in asked
    }


async def _ask(engine: Engine, account: Account, tokens: Found, entry_ids: Sequence[str]) -> dict[str, Now]:
    answers = dict.fromkeys(entry_ids, Now())
    token = tokens.get(account.identity, account.token)
    if isinstance(token, WatchStateError):
        return _unanswered(entry_ids, token)
    http, scope = engine.http(account.server), Entries(tuple(entry_ids))
    try:
        async with aclosing(engine.plugins.fetch_library(replace(account, token=token), http, scope)) as pages:
            async for page in pages:
                for fact in page.facts:
                    answers[fact.entry.entry_id] = Now(state=fact.state, is_playing=fact.is_playing)
    except WatchStateError as error:
        return _unanswered(entry_ids, error)
    return answers


def _unanswered(entry_ids: Sequence[str], error: WatchStateError) -> dict[str, Now]:
    return dict.fromkeys(entry_ids, Now(error=str(error)))


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
        paused=accounts.account(conn, work.account_id).paused_reason,
    )
