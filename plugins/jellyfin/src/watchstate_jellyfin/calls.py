"""How we speak to Jellyfin: the header that says who asks, and one way to read an answer."""

from typing import TypeVar
from urllib.parse import quote

import msgspec

from watchstate.api import Account, BackendProtocolError, Http, HttpResponse, Secret
from watchstate.api.http import Params
from watchstate_jellyfin import __version__
from watchstate_jellyfin.convert import to_guid
from watchstate_jellyfin.wire import SESSIONS

T = TypeVar("T")


def authorization(token: Secret, user_id: str = "") -> dict[str, str]:
    """Return the one header that every version from 10.8 on accepts, for API keys and for users' tokens.

    The device id is another for each account: Jellyfin keeps one token and one session per user and device.
    """
    device = f"watchstate-{user_id}" if user_id else "watchstate"
    parts = {
        "Client": "watchstate",
        "Device": "watchstate",
        "DeviceId": device,
        "Version": __version__,
        "Token": token.reveal(),
    }
    return {"Authorization": "MediaBrowser " + ", ".join(f'{key}="{quote(value)}"' for key, value in parts.items())}


def acting_as(account: Account) -> dict[str, str]:
    """Return the header to act for an account with."""
    return authorization(account.token, account.user_id)


async def read(
    http: Http,
    path: str,
    decoder: msgspec.json.Decoder[T],
    *,
    params: Params | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[T, HttpResponse]:
    """Read a path.

    Raises:
        BackendError: anything but an answer of the expected shape.
    """
    answer = await http.get(path, params=params, headers=headers)
    if answer.status != 200:
        advice = "check the url and its base path, and that the configured user exists on this server"
        raise BackendProtocolError(answer.server, answer.operation, f"answered with status {answer.status}", advice)
    return answer.decode(decoder), answer


async def read_played_now(account: Account, http: Http) -> frozenset[str]:
    """Return the ids of the items that this account is playing at this moment, on any of its devices."""
    sessions, _ = await read(http, "/Sessions", SESSIONS, headers=acting_as(account))
    user_id = to_guid(account.user_id)
    return frozenset(
        session.now_playing_item.id
        for session in sessions
        if session.now_playing_item is not None
        and user_id in {session.user_id, *(user.user_id for user in session.additional_users or ())}
    )
