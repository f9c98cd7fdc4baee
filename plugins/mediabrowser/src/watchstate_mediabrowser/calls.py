"""How both servers are spoken to: the header that says who asks, and one way to read an answer."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import msgspec

from watchstate.api import BackendProtocolError, Http, HttpResponse, Secret
from watchstate.api.http import Params
from watchstate_mediabrowser.convert import to_guid
from watchstate_mediabrowser.wire import SESSIONS

T = TypeVar("T")


def authorization(scheme: str, version: str, token: Secret, user_id: str = "") -> dict[str, str]:
    """Return the one header that says who asks, for API keys and for users' tokens.

    The device id is another for each account: Jellyfin keeps one token and one session per user and device.
    """
    device = f"watchstate-{user_id}" if user_id else "watchstate"
    parts = {
        "Client": "watchstate",
        "Device": "watchstate",
        "DeviceId": device,
        "Version": version,
        "Token": token.reveal(),
    }
    return {"Authorization": f"{scheme} " + ", ".join(f'{key}="{quote(value)}"' for key, value in parts.items())}


async def read(
    http: Http,
    path: str,
    decoder: msgspec.json.Decoder[T],
    *,
    params: Params | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[T, HttpResponse]:
    """Read a path.

    Raises:
        BackendError: anything but an answer of the expected shape.
    """
    answer = await http.get(path, params=params, headers=headers)
    return decode(answer, decoder), answer


def decode(answer: HttpResponse, decoder: msgspec.json.Decoder[T]) -> T:
    """Return what an answer says.

    Raises:
        BackendProtocolError: its status is not 200, or it is not of the expected shape.
    """
    if answer.status != 200:
        advice = "check the url and its base path, and that the configured user exists on this server"
        raise BackendProtocolError(answer.server, answer.operation, f"answered with status {answer.status}", advice)
    return answer.decode(decoder)


async def read_played_now(http: Http, user_id: str, headers: Mapping[str, str]) -> tuple[frozenset[str], HttpResponse]:
    """Return the ids of the items that a user is playing at this moment, on any device."""
    sessions, answer = await read(http, "/Sessions", SESSIONS, headers=headers)
    guid = to_guid(user_id)
    playing = frozenset(
        session.now_playing_item.id
        for session in sessions
        if session.now_playing_item is not None
        and guid in {session.user_id, *(user.user_id for user in session.additional_users or ())}
    )
    return playing, answer
