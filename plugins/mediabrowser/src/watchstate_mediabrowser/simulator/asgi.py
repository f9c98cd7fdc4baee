"""Requests, answers and refusals.

This is plain ASGI and not a framework, because what is simulated here *is* a framework's manner: paths and query names
without regard to case, and errors of several kinds that no other framework answers in the same way.
"""

import re
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from msgspec import Struct, field

from watchstate.testing import AsgiMessage, AsgiReceive


class Answer(Struct, kw_only=True):
    """What goes back."""

    status: int = 200
    value: Any = None
    """Printed as JSON, unless there is a `body`."""
    body: bytes | None = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.status)


def nothing(status: int = 204) -> Answer:
    """Answer without a body."""
    return Answer(status=status, body=b"")


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks: what the token and the client's header say."""

    user_id: str | None
    """None: an API key, or nobody."""
    is_api_key: bool = False
    is_admin: bool = False
    client: str = ""
    device: str = ""
    device_id: str = ""
    version: str = ""
    token: str = ""


class Request(Struct, kw_only=True):
    """A request, with its path and query names in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    params: dict[str, str] = field(default_factory=dict)
    caller: Caller = Caller(user_id=None)

    def text(self, name: str) -> str | None:
        """Return a query parameter; None without one, or if it is empty."""
        values = self.query.get(name.lower())
        return values[0] if values and values[0] else None

    def words(self, name: str) -> list[str]:
        """Return a list parameter: separated by commas, given several times, or both."""
        values = self.query.get(name.lower(), [])
        return [word.strip() for value in values for word in value.split(",") if word.strip()]

    def number(self, name: str, *, bits: int = 32) -> int | None:
        """Return an int parameter, or one of more bits."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"\s*[+-]?\d{1,19}\s*", value) or not -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1):
            self.refuse_value(name, value)
        return int(value)

    def flag(self, name: str) -> bool | None:
        """Return a bool parameter."""
        value = self.text(name)
        if value is None:
            return None
        if value.strip().lower() not in {"true", "false"}:
            self.refuse_value(name, value)
        return value.strip().lower() == "true"

    def id(self, name: str) -> str | None:
        """Return an id from the path or the query."""
        value = self.params.get(name) or self.text(name)
        if value is None:
            return None
        read = self.read_id(value)
        if read is None:
            self.refuse_value(name, value)
        return read

    def read_id(self, text: str) -> str | None:
        """Return an id in the server's own form; None if it can't be one."""
        return text

    def refuse_value(self, name: str, value: str) -> NoReturn:
        """Refuse a value of the wrong type, in the server's words."""
        raise NotImplementedError


async def read_body(receive: AsgiReceive) -> bytes:
    """Return the whole body of a request."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def read_query(scope: AsgiMessage) -> dict[str, list[str]]:
    """Return the query parameters under lower-case names."""
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        query.setdefault(name.lower(), []).append(value)
    return query


def read_headers(scope: AsgiMessage) -> dict[str, str]:
    """Return the headers under lower-case names."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
