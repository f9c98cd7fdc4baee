"""How we speak to Plex: the headers that say who asks, and one way to read an answer."""

from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from watchstate.api import Account, BackendAuthError, BackendProtocolError, Http, HttpResponse, Secret
from watchstate_plex import __version__
from watchstate_plex.convert import to_key
from watchstate_plex.wire import SESSIONS

T = TypeVar("T")

Query = tuple[tuple[str, str | int], ...]
"""What is asked for, in order: filters may be grouped, and then the order counts."""

OWNER = "1"
"""The owner of a server, as that server numbers people; all others have the ids of their plex.tv accounts."""

_ADVICE = "check the url and its base path"


class UnexpectedStatus(BackendProtocolError):
    """An answer whose status says that it is none."""

    def __init__(self, answer: HttpResponse, advice: str) -> None:
        self.status = answer.status
        super().__init__(answer.server, answer.operation, f"answered with status {answer.status}", advice)


def headers(token: Secret | None = None, user_id: str = "") -> dict[str, str]:
    """Return the headers to ask with: without `Accept`, Plex answers in XML.

    The client identifier stays the same for an account: each new one would be another device in its list of
    authorized devices.
    """
    client = f"watchstate-{quote(user_id, safe='')}" if user_id else "watchstate"
    told = {
        "Accept": "application/json",
        "X-Plex-Client-Identifier": client,
        "X-Plex-Product": "watchstate",
        "X-Plex-Version": __version__,
    }
    return told if token is None else {**told, "X-Plex-Token": token.reveal()}


def acting_as(account: Account) -> dict[str, str]:
    """Return the headers to act for an account with: states are always those of the token's user."""
    return headers(account.token, account.user_id)


def address(path: str, query: Query) -> str:
    """Return a path with its query."""
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path


async def read(
    http: Http,
    path: str,
    decoder: msgspec.json.Decoder[T],
    *,
    query: Query = (),
    headers: dict[str, str] | None = None,
    advice: str = _ADVICE,
) -> tuple[T, HttpResponse]:
    """Read a path.

    Raises:
        BackendError: anything but an answer of the expected shape.
    """
    answer = await http.get(address(path, query), headers=headers)
    expect_success(answer, advice)
    return answer.decode(decoder), answer


def expect_success(answer: HttpResponse, advice: str = _ADVICE) -> None:
    """Let only an answer pass that says that all is well.

    Raises:
        UnexpectedStatus: it says something else.
    """
    if answer.status not in {200, 201}:
        raise UnexpectedStatus(answer, advice)


async def read_played_now(account: Account, http: Http) -> tuple[frozenset[str], HttpResponse | None]:
    """Return the ids of what this account is playing at this moment, and the answer that says so.

    Only the owner of a server may ask it, so this takes the server's token. With a shared user's token as the server's,
    nobody can tell what is played, and nothing counts as played.

    Raises:
        BackendAuthError: a user without a token of its own would be given the owner's states.
    """
    server = account.server
    try:
        answer, response = await read(http, "/status/sessions", SESSIONS, headers=headers(server.token))
    except BackendAuthError:
        return frozenset(), None
    if account.token == server.token and account.user_id != OWNER:
        reason = f"the token is that of the server's owner, whose user id is {OWNER}, not {account.user_id}"
        advice = "give the user a token of its own in servers.yaml, or correct its id"
        raise BackendAuthError(server.name, response.operation, reason, advice)
    played = (
        to_key(session.rating_key)
        for session in answer.container.sessions
        if session.user is not None and to_key(session.user.id) == account.user_id
    )
    return frozenset(played), response
