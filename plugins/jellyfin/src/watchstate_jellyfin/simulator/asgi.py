"""Requests as Jellyfin reads them, and its refusals: three different kinds of error body."""

from typing import NoReturn

from watchstate_jellyfin.simulator.wire import encode, read_guid
from watchstate_mediabrowser.simulator import asgi
from watchstate_mediabrowser.simulator.asgi import Answer, Refusal, nothing

JSON = "application/json; charset=utf-8"
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


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


class Request(asgi.Request, kw_only=True):
    """A request whose ids are GUIDs."""

    def read_id(self, text: str) -> str | None:
        """Return a GUID of any accepted form as 32 digits; None if it is none."""
        return read_guid(text)

    def refuse_value(self, name: str, value: str) -> NoReturn:
        """Refuse a value of the wrong type as model binding does."""
        refuse_values({name: [f"The value '{value}' is not valid."]})


def print_body(answer: Answer, accept: str) -> tuple[bytes, str | None]:
    """Return the body of an answer and its content type, in the naming that the client accepts."""
    if answer.body is not None:
        return answer.body, answer.content_type
    for profile in ("CamelCase", "PascalCase"):
        if f'profile="{profile}"'.lower() in accept.lower():
            return encode(answer.value, camel=profile == "CamelCase"), f'application/json; profile="{profile}"'
    return encode(answer.value), answer.content_type or JSON
