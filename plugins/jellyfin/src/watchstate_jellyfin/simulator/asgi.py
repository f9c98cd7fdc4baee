"""Requests, answers and refusals.

This is plain ASGI and not a framework, because what is simulated here *is* a framework's manner: paths and query names
without regard to case, a 404 and a 405 without a body but with ``Allow``, binding errors as problem documents, three
different kinds of error body. Every web framework answers these in its own way, and each would have to be undone.
"""

import re
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from msgspec import Struct, field

from watchstate_jellyfin.simulator.wire import encode, read_guid

JSON = "application/json; charset=utf-8"
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


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


def refuse_empty(status: int) -> NoReturn:
    """Refuse before any controller was asked: no body."""
    raise Refusal(nothing(status))


def refuse_text(status: int) -> NoReturn:
    """Refuse as the exception middleware does: always the same 25 bytes."""
    raise Refusal(Answer(status=status, body=b"Error processing request.", content_type="text/plain"))


def refuse_words(status: int, words: str) -> NoReturn:
    """Refuse as some controllers do: a bare JSON string."""
    raise Refusal(Answer(status=status, value=words))


def refuse_with_problem(status: int, section: str, title: str, **more: object) -> NoReturn:
    """Refuse with a problem document; `section` is where RFC 9110 describes the status."""
    kind = f"https://tools.ietf.org/html/rfc9110#section-{section}"
    problem = {"type": kind, "title": title, "status": status, **more, "traceId": _TRACE}
    raise Refusal(Answer(status=status, value=problem))


def refuse_not_found() -> NoReturn:
    """Refuse as a controller that found no such thing does: a problem document."""
    refuse_with_problem(404, "15.5.5", "Not Found")


def refuse_bad_request() -> NoReturn:
    """Refuse as a controller that can't make sense of a request does: a problem document."""
    refuse_with_problem(400, "15.5.1", "Bad Request")


def refuse_values(errors: dict[str, list[str]]) -> NoReturn:
    """Refuse as model binding does: a problem document that names the parameters."""
    refuse_with_problem(400, "15.5.1", "One or more validation errors occurred.", errors=errors)


def refuse_value(name: str, value: str) -> NoReturn:
    """Refuse a value of the wrong type."""
    refuse_values({name: [f"The value '{value}' is not valid."]})


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

    def number(self, name: str) -> int | None:
        """Return an int parameter."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"\s*[+-]?\d{1,10}\s*", value) or not -(2**31) <= int(value) < 2**31:
            refuse_value(name, value)
        return int(value)

    def flag(self, name: str) -> bool | None:
        """Return a bool parameter."""
        value = self.text(name)
        if value is None:
            return None
        if value.strip().lower() not in {"true", "false"}:
            refuse_value(name, value)
        return value.strip().lower() == "true"

    def guid(self, name: str) -> str | None:
        """Return an id from the path or the query as 32 digits."""
        value = self.params.get(name) or self.text(name)
        if value is None:
            return None
        guid = read_guid(value)
        if guid is None:
            refuse_value(name, value)
        return guid


def read_query(raw: bytes) -> dict[str, list[str]]:
    """Return the query parameters under lower-case names."""
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        query.setdefault(name.lower(), []).append(value)
    return query


def print_body(answer: Answer, accept: str) -> tuple[bytes, str | None]:
    """Return the body of an answer and its content type, in the naming that the client accepts."""
    if answer.body is not None:
        return answer.body, answer.content_type
    for profile in ("CamelCase", "PascalCase"):
        if f'profile="{profile}"'.lower() in accept.lower():
            return encode(answer.value, camel=profile == "CamelCase"), f'application/json; profile="{profile}"'
    return encode(answer.value), answer.content_type or JSON
