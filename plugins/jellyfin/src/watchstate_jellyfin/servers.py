"""What a server says about itself: who it is, what its version can do, and who uses it."""

from watchstate.api import BackendProtocolError, Capabilities, Http, Server, ServerInfo, User, WatchDate
from watchstate_jellyfin.calls import authorization
from watchstate_mediabrowser.calls import read
from watchstate_mediabrowser.convert import to_users
from watchstate_mediabrowser.identity import read_public_info, to_server_info, version_numbers
from watchstate_mediabrowser.wire import USERS

OLDEST = (10, 9)
"""The first version with `POST /UserItems/{id}/UserData`, without which no position can be written."""


async def identify(server: Server, http: Http) -> ServerInfo:
    """Return who answers; needs no token.

    Raises:
        BackendProtocolError: it is no Jellyfin, or one that is too old.
    """
    info, answer = await read_public_info(http, product="Jellyfin")
    if "jellyfin" not in (info.product_name or "").lower():
        is_emby = bool(info.id and info.version and not info.product_name)
        reason = "this looks like an Emby server" if is_emby else "this is no Jellyfin server"
        advice = "set type: emby" if is_emby else "check the url"
        raise BackendProtocolError(server.name, answer.operation, reason, advice)
    return to_server_info(server, info, answer, product="Jellyfin", oldest=OLDEST)


def capabilities(info: ServerInfo | None) -> Capabilities:
    """Return what a version can do. A start clears the watched flag up to 10.11, and only counts from 12 on."""
    version = None if info is None else version_numbers(info.version)
    is_12 = version is not None and version >= (12, 0)
    return Capabilities(
        acts_for_everyone=True,
        watch_date=WatchDate.TAKEN,
        writes_position=True,
        clears_position=True,
        lists_changes=True,
        lists_unwatches=False,
        start_clears_watched=not is_12,
        start_counts=is_12,
        date_is_start=True,
        batch_reads_complete=True,
    )


async def list_users(server: Server, http: Http) -> tuple[User, ...]:
    """Return all users."""
    users, _ = await read(http, "/Users", USERS, headers=authorization(server.token))
    return to_users(users)
