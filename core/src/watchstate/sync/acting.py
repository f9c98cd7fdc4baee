"""Whose token an account acts with, on a server whose own token doesn't act for everyone.

A token in `servers.yaml` comes first. Otherwise it is the one that `list_users` handed out, which the database keeps:
it is asked for when it is missing, and again after the server refused it. The identity main acts with the server's
token unless the server says otherwise: that is how `servers.yaml` is meant.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct
from sqlalchemy import Connection

from watchstate.api import (
    Account,
    BackendAuthError,
    BackendError,
    PluginCrashed,
    Secret,
    Server,
    ServerInfo,
    User,
    WatchStateError,
)
from watchstate.clock import MINUTE
from watchstate.config.servers import MAIN
from watchstate.storage import accounts, people
from watchstate.storage.people import Told
from watchstate.sync.work import Engine

LASTS = 5 * MINUTE
"""How long an answer without a token is taken for what it says: a server is not asked the same in every breath."""

Found = Mapping[str, Secret | WatchStateError]
"""By identity: the token to act with, or why there is none. Who isn't in it acts with the token that is configured."""


class _Kept(Struct, frozen=True):
    people: dict[str, Told]
    paused: frozenset[str]
    """The identities whose account is paused: what they acted with last time was refused."""


async def ask_people(engine: Engine, server: Server) -> tuple[User, ...]:
    """Ask who is on a server, and keep the answer.

    Raises:
        BackendError: it doesn't say; what was kept of an earlier answer stays.
    """
    kept = await engine.storage.read(partial(people.people, server=server.name))
    users = await engine.plugins.list_users(server, engine.http(server), [told.user for told in kept.values()])
    await engine.storage.write(partial(keep_answer, server=server, users=users, asked_at=engine.clock()))
    return users


def keep_answer(conn: Connection, server: Server, users: Sequence[User], asked_at: int) -> None:
    """Keep who is on a server."""
    row = accounts.ensure_server(conn, server.name, server.type)
    people.keep_people(conn, row.server_id, users, asked_at)


async def find_tokens(engine: Engine, server: Server, info: ServerInfo | None, members: Sequence[Account]) -> Found:
    """Find the tokens of the accounts of a server that have none of their own in `servers.yaml`."""
    lacking = [account for account in members if account.token == server.token]
    if not lacking or engine.plugins.capabilities(server.type, info).acts_for_everyone:
        return {}
    kept = await engine.storage.read(partial(_kept, server=server.name))
    known, refusal = kept.people, None
    if any(_is_worth_asking(account, kept, engine.clock()) for account in lacking):
        try:
            users = await ask_people(engine, server)
        except (BackendError, PluginCrashed) as error:
            refusal = error
        else:
            known = {user.user_id: Told(user, engine.clock()) for user in users}
    return {account.identity: _token_of(account, known, refusal) for account in lacking}


def _kept(conn: Connection, server: str) -> _Kept:
    numbers = {row.server_id for row in accounts.servers(conn) if row.name == server}
    own = (row for row in accounts.accounts(conn) if row.server_id in numbers)
    paused = frozenset(row.identity for row in own if row.paused_reason is not None)
    return _Kept(people.people(conn, server), paused)


def _is_worth_asking(account: Account, kept: _Kept, now: int) -> bool:
    told = kept.people.get(account.user_id)
    if told is None:
        if account.identity == MAIN and account.identity not in kept.paused:
            return False
        asked_at = max((each.asked_at for each in kept.people.values()), default=0)
    elif told.user.token or _needs_none(told):
        return False
    else:
        asked_at = told.asked_at
    return not asked_at <= now < asked_at + LASTS


def _needs_none(told: Told) -> bool:
    return told.user.token is None and not told.user.note and told.asked_at > 0


def _token_of(account: Account, known: Mapping[str, Told], refusal: WatchStateError | None) -> Secret | WatchStateError:
    told = known.get(account.user_id)
    if told is not None and told.user.token:
        return told.user.token
    if told is not None and _needs_none(told):
        return account.token
    if account.identity == MAIN and (told is None or refusal is not None):
        return account.token  # perhaps the user's own, which may list nobody; the server will say
    if refusal is not None and not isinstance(refusal, BackendAuthError):
        return refusal
    return _no_token(account, told, refusal)


def _no_token(account: Account, told: Told | None, refusal: BackendAuthError | None) -> BackendAuthError:
    who = f"acting as the user {account.user_id}"
    if refusal is not None:
        reason = f"the server's token is not theirs, and can't look for one: {refusal.reason}"
    elif told is None:
        reason = "the server doesn't list such a user"
    else:
        who = f"{who} ({told.user.name})"
        reason = told.user.note or "there is no token for them"
    place = "" if account.identity == MAIN else f"users.{account.identity}."
    advice = f"put a token of their own into servers.yaml ({account.server.name}.{place}token_file)"
    if refusal is None and told is None:
        advice = f"correct the id (watchstate servers users {account.server.name} shows them), or {advice}"
    return BackendAuthError(account.server.name, who, reason, advice)
