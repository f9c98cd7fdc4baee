"""The HTTP client that core hands to a hook: bound to one server, timed, limited, its errors translated."""

from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar

import msgspec

from watchstate.api.errors import BackendProtocolError

T = TypeVar("T")

Params = Mapping[str, str | int | bool]


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, read to its end."""

    server: str
    operation: str
    """Method and path (never the query), for messages."""
    status: int
    headers: Mapping[str, str]
    """Header names are lower case."""
    content: bytes
    began_at: int
    """When the request began, by our clock."""
    ended_at: int
    """When the answer had been read, by our clock."""
    clock_skew_ms: int | None = None
    """The server's clock minus ours, from its ``Date`` header (±1 s); None without one."""

    def __repr__(self) -> str:
        """Show neither headers nor content: they may hold a token."""
        return f"HttpResponse({self.server}: {self.operation}: {self.status}, {len(self.content)} bytes)"

    def decode(self, decoder: "msgspec.json.Decoder[T]") -> T:
        """Decode the JSON body.

        Raises:
            BackendProtocolError: it is no JSON (a proxy's page, a truncated answer) or not of the expected shape.
        """
        try:
            return decoder.decode(self.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            what, advice = self._what_came()
            raise BackendProtocolError(self.server, self.operation, f"{what} ({error})", advice) from error

    def _what_came(self) -> tuple[str, str]:
        """Return what the body is instead, and what to do about it."""
        beginning = self.content[:1_000].lstrip().lower()
        if beginning.startswith((b"<?xml", b"<mediacontainer")) and b"<html" not in beginning:
            return "answered with XML instead of JSON", "is a proxy in between dropping the Accept header?"
        if beginning.startswith(b"<"):
            advice = "check the url: a proxy or another program may be answering there"
            return "answered with a web page instead of JSON", advice
        advice = "try again; if it stays, check the server's log and its version"
        return "answered with JSON that cannot be read", advice


class Http(Protocol):
    """Requests to one server. Paths are relative to its configured URL, which may carry a base path.

    Every method raises `BackendUnavailable` (no connection, no answer, 5xx), `BackendAuthError` (401, 403),
    `BackendRateLimited` (429) and `BackendProtocolError` (a redirect to elsewhere). Other statuses are returned.
    """

    def elsewhere(self, url: str) -> Self:
        """Return the client for another host that belongs to the server's service, such as plex.tv.

        It has the server's name and options, but always checks certificates. Take the base URL from the backend's own
        ``Options``, so that tests can point it at a simulator.
        """
        ...

    async def get(
        self, path: str, *, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Read. Tried again a few times when the server can't be reached, is busy or is starting."""
        ...

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,  # noqa: ANN401 - whatever msgspec can encode
    ) -> HttpResponse:
        """Write. Sent once and never repeated; `BackendUnavailable.sent` tells whether it may have arrived."""
        ...
