"""Asking a server about its own settings: who it is, and who its users are."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from watchstate.api import (
    BackendRateLimited,
    BackendUnavailable,
    ServerInfo,
    UsageError,
    User,
    WatchStateError,
)
from watchstate.config import ServerConfig
from watchstate.config.nearest import did_you_mean
from watchstate.sync.machine import check_machine

if TYPE_CHECKING:
    from watchstate.app import Services

_ID: Final = re.compile(r"[0-9]+|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Contact(Struct, frozen=True, kw_only=True):
    """What came of asking a server: its settings with machine id and user id filled in."""

    config: ServerConfig
    found: str = ""
    """Who answered, for a person."""
    unchecked: str = ""
    """Why nothing could be checked; the settings are then as they were given."""


class Trial(Struct, frozen=True, kw_only=True):
    """One line of `servers test`."""

    server: str
    ok: bool
    name: str | None = None
    version: str | None = None
    users: tuple[str, ...] = ()
    detail: str = ""


async def ask_server(services: "Services", name: str, *, accept_new_machine: bool = False) -> Contact:
    """Ask a configured server who it is, and which of its users ``user:`` means, by id or by name.

    A server that can't be reached is no error if the user is given as an id and no new machine is to be accepted.

    Raises:
        BackendError: it answers and says no, or it is down and the user is a name.
        MachineChanged: another server answers than before, and that wasn't accepted.
        UsageError: it has no such user.
    """
    config = services.servers[name]
    server = services.server(name)
    http = services.http(server)
    try:
        info = await services.plugins.identify_server(server, http)
        users = await services.plugins.list_users(server, http)
    except (BackendUnavailable, BackendRateLimited) as error:
        if accept_new_machine:
            raise
        return _unreached(error, config)
    if info is not None:
        _check_machine(name, config, info, accept_new_machine=accept_new_machine)
        config = msgspec.structs.replace(config, uuid=info.machine_id)
    who = [config.type if info is None else f"{info.name} ({config.type} {info.version})"]
    if config.user is not None:
        user = find_user(users, config.user, name)
        config = msgspec.structs.replace(config, user=user.user_id)
        who.append(f"user {user.name} ({user.user_id})")
    return Contact(config=config, found=", ".join(who))


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
        server = services.server(name)
        http = services.http(server)
        info = await services.plugins.identify_server(server, http)
        if info is not None:
            _check_machine(name, config, info)
        users = await services.plugins.list_users(server, http)
        names = tuple(_known_user(users, user_id, name).name for user_id in _user_ids(config))
    except WatchStateError as error:
        return Trial(server=name, ok=False, detail=str(error).removeprefix(f"{name}: "))
    if info is None:
        return Trial(server=name, ok=True, users=names)
    return Trial(server=name, ok=True, name=info.name, version=info.version, users=names)


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


def _unreached(error: BackendUnavailable | BackendRateLimited, config: ServerConfig) -> Contact:
    if config.user is not None and not _ID.fullmatch(config.user):
        reason = f"{error.reason}, so the user {config.user} can't be looked up"
        raise BackendUnavailable(error.server, error.operation, reason, "try again, or give the user's id")
    return Contact(config=config, unchecked=str(error))
