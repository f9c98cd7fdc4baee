"""Asking a server about its own settings: who it is, and who its users are."""

import re
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from watchstate.api import (
    Account,
    BackendAuthError,
    BackendError,
    BackendRateLimited,
    BackendUnavailable,
    Search,
    Server,
    ServerInfo,
    UsageError,
    User,
    WatchStateError,
)
from watchstate.config import ServerConfig
from watchstate.config.nearest import did_you_mean
from watchstate.config.servers import MAIN
from watchstate.sync.machine import check_machine

if TYPE_CHECKING:
    from watchstate.app import Services

_ID: Final = re.compile(r"[0-9]+|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_NO_LIST: Final = (BackendAuthError, BackendUnavailable, BackendRateLimited)
"""Why a server that answers may not say who its users are: a user's own token may not ask, or it is known elsewhere."""


class Contact(Struct, frozen=True, kw_only=True):
    """What came of asking a server: its settings with machine id and user id filled in."""

    config: ServerConfig
    found: str = ""
    """Who answered, for a person."""
    unchecked: str = ""
    """What could not be checked, and why; those settings are then as they were given."""
    people: tuple[User, ...] | None = None
    """Who is there, where that has to be kept: the server's token doesn't act for everyone."""


class Trial(Struct, frozen=True, kw_only=True):
    """One line of `servers test`."""

    server: str
    ok: bool
    name: str | None = None
    version: str | None = None
    users: tuple[str, ...] = ()
    detail: str = ""


async def ask_server(
    services: "Services", name: str, *, is_new: bool = False, accept_new_machine: bool = False
) -> Contact:
    """Ask a configured server who it is, and which of its users ``user:`` means, by id or by name.

    A server that can't be reached, or may not tell this token who its users are, is no error if the user is given as
    an id. `is_new`: nothing that is kept under this name is this server's.

    Raises:
        BackendError: it answers and says no, or it can't look up the user's name; or it is down and a new machine is to
            be accepted.
        MachineChanged: another server answers than before, and that wasn't accepted.
        UsageError: it has no such user.
    """
    config = services.servers[name]
    server = services.server(name)
    info = None
    try:
        info = await services.plugins.identify_server(server, services.http(server))
        if info is not None:
            _check_machine(name, config, info, accept_new_machine=accept_new_machine)
        is_kept = not services.plugins.capabilities(config.type, info).acts_for_everyone
        known = await _known(services, name) if is_kept and not (is_new or accept_new_machine) else []
        users = await services.plugins.list_users(server, services.http(server), known)
    except _NO_LIST as error:
        if info is not None:
            return await _unlisted(services, name, msgspec.structs.replace(config, uuid=info.machine_id), info, error)
        if accept_new_machine or isinstance(error, BackendAuthError):
            raise
        unchecked = f"{error} (address, token, machine id and user were not checked)"
        return Contact(config=_with_an_id(config, error), unchecked=unchecked)
    who = [_called(config, info)]
    if info is not None:
        config = msgspec.structs.replace(config, uuid=info.machine_id)
    if config.user is not None:
        user = find_user(users, config.user, name)
        config = msgspec.structs.replace(config, user=user.user_id)
        who.append(f"user {user.name} ({user.user_id})")
    return Contact(config=config, found=", ".join(who), people=users if is_kept else None)


async def _unlisted(
    services: "Services", name: str, config: ServerConfig, info: ServerInfo, error: BackendError
) -> Contact:
    """Check what can be checked of a server that doesn't say who its users are."""
    _with_an_id(config, error)
    await read_a_little(services, name)
    found = f"{_called(config, info)}, its libraries can be read"
    if config.user is None:
        return Contact(config=config, found=found)
    unchecked = f"{name}: {not_looked_up(config.user, error)}; make sure that the token is theirs"
    return Contact(config=config, found=found, unchecked=unchecked)


def not_looked_up(user_id: str, error: BackendError) -> str:
    """Say why a user can't be looked up by id."""
    return f"the user {user_id} can't be looked up: {error.operation}: {error.reason}"


async def read_a_little(services: "Services", name: str) -> None:
    """Try whether the tokens of `servers.yaml` open the libraries.

    Raises:
        BackendError: one doesn't.
    """
    household = services.household([name])
    for broken in household.broken.values():
        raise broken
    for account in (member.account for member in household.members):
        if account.identity == MAIN or account.token != account.server.token:
            await _search(services, account)


async def _search(services: "Services", account: Account) -> None:
    scope = Search(text="a", limit=1)
    http = services.http(account.server)
    async with aclosing(services.plugins.fetch_library(account, http, scope)) as batches:
        async for _ in batches:
            pass


async def list_people(services: "Services", name: str) -> tuple[ServerInfo | None, tuple[User, ...] | BackendError]:
    """Ask a configured server who it is and who its users are; the error in their place if it doesn't tell.

    Where its token doesn't act for everyone, the answer is kept, as a run does.

    Raises:
        BackendError: it can't be reached, or says no.
        MachineChanged: another server answers than before.
    """
    server = services.server(name)
    info = await services.plugins.identify_server(server, services.http(server))
    if info is not None:
        check_machine(name, info, server.machine_id)
    try:
        return info, await _people(services, server, info)
    except _NO_LIST as error:
        if info is None:
            raise
        return info, error


async def _people(services: "Services", server: Server, info: ServerInfo | None) -> tuple[User, ...]:
    if services.plugins.capabilities(server.type, info).acts_for_everyone:
        return await services.plugins.list_users(server, services.http(server))
    from watchstate.sync.acting import ask_people  # noqa: PLC0415 - it brings the database

    return await ask_people(services.engine, server)


async def _known(services: "Services", name: str) -> list[User]:
    from watchstate.storage import people  # noqa: PLC0415 - it brings the database

    kept = await services.storage.read(lambda conn: people.people(conn, name))
    return [told.user for told in kept.values()]


def find_user(users: Sequence[User], wanted: str, server: str) -> User:
    """Return the user that an id or a name means.

    Raises:
        UsageError: there is none, there are several, or the server has disabled the account.
    """
    folded = wanted.casefold()
    matching = [user for user in users if _bare_id(user.user_id) == _bare_id(wanted)]
    matching = matching or [user for user in users if user.name == wanted]
    matching = matching or [user for user in users if user.name.casefold() == folded]
    if not matching:
        names = [user.name for user in users]
        known = did_you_mean(wanted, names) or f"; its users are: {', '.join(names) or 'none'}"
        raise UsageError(f"{server}: there is no user {wanted}{known}")
    if len(matching) > 1:
        ids = ", ".join(user.user_id for user in matching)
        raise UsageError(f"{server}: several users are called {wanted}; give one of these ids: {ids}")
    if matching[0].is_disabled:
        raise UsageError(f"{server}: the user {matching[0].name} is disabled there; enable it, or choose another one")
    return matching[0]


async def check_server(services: "Services", name: str) -> Trial:
    """Try a configured server's address, token, machine id and users."""
    config = services.servers[name]
    try:
        info, people = await list_people(services, name)
        if isinstance(people, BackendError):
            await read_a_little(services, name)
            names = tuple(_user_ids(config))
        else:
            names = tuple(_known_user(people, user_id, name).name for user_id in _user_ids(config))
        await check_tokens(services, name, info)
    except WatchStateError as error:
        return Trial(server=name, ok=False, detail=str(error).removeprefix(f"{name}: "))
    detail = "; ".join(not_looked_up(each, people) for each in names) if isinstance(people, BackendError) else ""
    if info is None:
        return Trial(server=name, ok=True, users=names, detail=detail)
    return Trial(server=name, ok=True, name=info.name, version=info.version, users=names, detail=detail)


async def check_tokens(services: "Services", name: str, info: ServerInfo | None) -> None:
    """Check that there is a token to act for each account of a server.

    Raises:
        WatchStateError: there is none for one of them; says why, and what to do.
    """
    server = services.server(name)
    if services.plugins.capabilities(server.type, info).acts_for_everyone:
        return
    from watchstate.sync.acting import find_tokens  # noqa: PLC0415 - it brings the database

    members = [member.account for member in services.household([name]).members]
    for found in (await find_tokens(services.engine, server, info, members)).values():
        if isinstance(found, WatchStateError):
            raise found


def _known_user(users: Sequence[User], user_id: str, server: str) -> User:
    """Find the user of an id; a name that stands in its place is found too, and told."""
    user = find_user(users, user_id, server)
    if _bare_id(user.user_id) != _bare_id(user_id):
        raise UsageError(
            f"{server}: user: {user_id} is a name; the id belongs there. Run: watchstate servers manage {server} "
            f"--user {user.user_id}"
        )
    return user


def _user_ids(config: ServerConfig) -> Iterable[str]:
    if config.user is not None:
        yield config.user
    yield from (user.user for user in config.users.values())


def _bare_id(user_id: str) -> str:
    return user_id.replace("-", "").casefold()


def _check_machine(name: str, config: ServerConfig, info: ServerInfo, *, accept_new_machine: bool = False) -> None:
    if not accept_new_machine:
        check_machine(name, info, config.uuid)


def _called(config: ServerConfig, info: ServerInfo | None) -> str:
    return config.type if info is None else f"{info.name} ({config.type} {info.version})"


def _with_an_id(config: ServerConfig, error: BackendError) -> ServerConfig:
    """Return the settings if their user is an id, which needs no looking up.

    Raises:
        BackendError: it is a name.
    """
    if config.user is None or _ID.fullmatch(config.user):
        return config
    reason = f"{error.reason}, so the user {config.user} can't be looked up"
    if isinstance(error, BackendAuthError):
        advice = f"give the user's id instead of the name; or {error.advice}"
        raise BackendAuthError(error.server, error.operation, reason, advice)
    raise BackendUnavailable(error.server, error.operation, reason, "try again, or give the user's id")
