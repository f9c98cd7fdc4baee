"""What a server says about itself: who it is, what its version can do, and who uses it."""

import re

from watchstate.api import BackendProtocolError, Capabilities, Http, Server, ServerInfo, User, WatchDate
from watchstate_jellyfin.calls import authorization, read
from watchstate_jellyfin.wire import PUBLIC_INFO, USERS

OLDEST = (10, 9)
"""The first version with `POST /UserItems/{id}/UserData`, without which no position can be written."""

_VERSION = re.compile(r"(\d+)\.(\d+)")


async def identify(server: Server, http: Http) -> ServerInfo:
    """Return who answers; needs no token.

    Raises:
        BackendProtocolError: it is no Jellyfin, or one that is too old.
    """
    info, answer = await read(http, "/System/Info/Public", PUBLIC_INFO)
    if "jellyfin" not in (info.product_name or "").lower():
        is_emby = bool(info.id and info.version and not info.product_name)
        reason = "this looks like an Emby server" if is_emby else "this is no Jellyfin server"
        advice = "set type: emby" if is_emby else "check the url"
        raise BackendProtocolError(server.name, answer.operation, reason, advice)
    if not info.id or not info.version:
        raise BackendProtocolError(server.name, answer.operation, "gives no id or no version", "check the url")
    version = _numbers(info.version)
    if version is not None and version < OLDEST:
        reason = f"Jellyfin {info.version} is too old"
        raise BackendProtocolError(server.name, answer.operation, reason, "upgrade the server to 10.9 or later")
    return ServerInfo(
        machine_id=info.id,
        name=info.server_name or "",
        version=info.version,
        clock_skew_ms=answer.clock_skew_ms,
    )


def capabilities(info: ServerInfo | None) -> Capabilities:
    """Return what a version can do. A start clears the watched flag up to 10.11, and only counts from 12 on."""
    version = None if info is None else _numbers(info.version)
    is_12 = version is not None and version >= (12, 0)
    return Capabilities(
        watch_date=WatchDate.TAKEN,
        writes_position=True,
        clears_position=True,
        lists_changes=False,
        lists_unwatches=False,
        start_clears_watched=not is_12,
        start_counts=is_12,
        date_is_start=True,
        batch_reads_complete=True,
    )


async def list_users(server: Server, http: Http) -> tuple[User, ...]:
    """Return all users. Their tokens are theirs alone; an API key acts for each of them."""
    users, _ = await read(http, "/Users", USERS, headers=authorization(server.token))
    return tuple(
        User(
            user_id=user.id,
            name=user.name or "",
            is_admin=user.policy is not None and user.policy.is_administrator,
            is_disabled=user.policy is not None and user.policy.is_disabled,
        )
        for user in users
    )


def _numbers(version: str) -> tuple[int, int] | None:
    match = _VERSION.match(version)
    return None if match is None else (int(match[1]), int(match[2]))
