"""Requests, answers and refusals.

This is plain ASGI and not a framework: a filter's operator is the tail of its query name, headers may come as query
parameters, answers are XML unless JSON is asked for, and errors are pages whatever was asked for.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import unquote_plus

from msgspec import Struct, field

from watchstate.testing import AsgiMessage, AsgiReceive, AsgiSend
from watchstate_plex.simulator.records import Account
from watchstate_plex.simulator.wire import Element

XML = "text/xml;charset=utf-8"
JSON = "application/json"
PAGE = "text/html"


class Answer(Struct, kw_only=True):
    """What goes back."""

    status: int = 200
    element: Element | None = None
    """Printed as XML or JSON, unless there is a `body`."""
    body: bytes = b""
    stream: Callable[[AsgiReceive, AsgiSend], Awaitable[None]] | None = None
    """Sends the answer itself, bit by bit."""
    content_type: str = PAGE
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.status)


def refuse(status: int, *, script: str = "", headers: tuple[tuple[str, str], ...] = ()) -> NoReturn:
    """Refuse with the server's page for a status."""
    phrase = HTTPStatus(status).phrase
    page = f"<html><head>{script}<title>{phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
    raise Refusal(Answer(status=status, body=page.encode(), headers=headers))


class Parameter(Struct, frozen=True):
    """One parameter of a query, decoded."""

    name: str
    value: str | None
    """None: there is no ``=``."""


class Request(Struct, kw_only=True):
    """A request."""

    method: str
    path: str
    query: list[Parameter]
    headers: dict[str, str]
    body: bytes = b""
    params: dict[str, str] = field(default_factory=dict)
    """What the path carries."""

    def text(self, name: str) -> str | None:
        """Return a query parameter; None without one, or if it is empty."""
        return next((each.value for each in self.query if each.name == name and each.value), None)

    def plex(self, name: str) -> str | None:
        """Return what may be a header or a query parameter, like ``X-Plex-Token``."""
        return self.text(name) or self.headers.get(name.lower()) or None

    def number(self, name: str) -> int | None:
        """Return a whole number; refuse anything else."""
        return _number(self.text(name))

    def plex_number(self, name: str) -> int | None:
        """Return a whole number that may be a header or a query parameter; refuse anything else."""
        return _number(self.plex(name))

    def flag(self, name: str) -> bool:
        """Return whether a parameter is set to 1."""
        return self.text(name) == "1"

    def words(self, name: str) -> list[str]:
        """Return what the path carries as a list separated by commas."""
        return [word for word in self.params[name].split(",") if word]

    @property
    def wants_json(self) -> bool:
        """Whether JSON is asked for by name."""
        return "application/json" in self.headers.get("accept", "").lower()


def _number(value: str | None) -> int | None:
    if value is None:
        return None
    if not value.lstrip("-").isdecimal() or len(value) > 18:
        refuse(400)
    return int(value)


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks, and from which client."""

    account: Account
    client_id: str | None
    client_session: str


def read_query(raw: bytes) -> list[Parameter]:
    """Return the parameters in their order. Only the first ``=`` separates: what is before it may end in operators."""
    found: list[Parameter] = []
    for part in raw.decode("latin-1").split("&"):
        if part:
            name, separator, value = part.partition("=")
            found.append(Parameter(unquote_plus(name), unquote_plus(value) if separator else None))
    return found


async def read_request(scope: AsgiMessage, receive: AsgiReceive) -> Request:
    """Read a request to its end."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    request = request_of(scope)
    request.body = body
    return request


def request_of(scope: AsgiMessage) -> Request:
    """Return what a connection asks for, without a body."""
    return Request(
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=read_query(scope["query_string"]),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
    )


async def send_answer(send: AsgiSend, answer: Answer, headers: list[tuple[str, str]]) -> None:
    """Send an answer whose body is printed."""
    whole = [
        *headers,
        *answer.headers,
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
    ]
    encoded = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in whole]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})
