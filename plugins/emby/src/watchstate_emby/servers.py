"""What a server says about itself: who it is, what its version can do, and who uses it."""

from watchstate.api import BackendProtocolError, Capabilities, Http, Server, ServerInfo, User, WatchDate
from watchstate_emby.calls import authorization
from watchstate_emby.wire import USER_PAGE
from watchstate_mediabrowser.calls import decode, read
from watchstate_mediabrowser.convert import to_users
from watchstate_mediabrowser.identity import read_public_info, to_server_info
from watchstate_mediabrowser.wire import USERS

OLDEST = (4, 7)
"""The oldest version whose answers are known."""


async def identify(server: Server, http: Http) -> ServerInfo:
    """Return who answers; needs no token.

    Raises:
        BackendProtocolError: it is no Emby, or one that is too old.
    """
    info, answer = await read_public_info(http, product="Emby")
    if info.product_name:
        is_jellyfin = "jellyfin" in info.product_name.lower()
        reason = "this looks like a Jellyfin server" if is_jellyfin else "this is no Emby server"
        advice = "set type: jellyfin" if is_jellyfin else "check the url"
        raise BackendProtocolError(server.name, answer.operation, reason, advice)
    return to_server_info(server, info, answer, product="Emby", oldest=OLDEST)


def capabilities(info: ServerInfo | None) -> Capabilities:
    """Return what Emby can do, from 4.7 to 4.10.

    A date that is sent is stored, in whole seconds; between the mark and its date a server may be interrupted, and
    then shows its own.
    """
    return Capabilities(
        acts_for_everyone=True,
        watch_date=WatchDate.UNSURE,
        writes_position=True,
        clears_position=True,
        lists_changes=True,
        lists_unwatches=True,
        start_clears_watched=True,
        start_counts=False,
        date_is_start=True,
        batch_reads_complete=False,
    )


async def list_users(server: Server, http: Http) -> tuple[User, ...]:
    """Return all users. `/Users` is not in the documents of 4.8, and answers; `/Users/Query` is, from 4.8 on."""
    headers = authorization(server.token)
    answer = await http.get("/Users", headers=headers)
    if answer.status == 404:
        page, _ = await read(http, "/Users/Query", USER_PAGE, headers=headers)
        return to_users(page.items)
    users = decode(answer, USERS)
    return to_users(users)
