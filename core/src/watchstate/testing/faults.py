"""Faults on demand, as an ASGI layer in front of a simulator."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from msgspec import Struct

from watchstate.testing.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """Answer with a status and a body, without asking the server."""
    PAGE = "page"
    """A proxy answers with a web page and status 200."""
    DROP_BEFORE = "drop before"
    """The connection breaks before the server did anything."""
    DROP_AFTER = "drop after"
    """The server does it, then the connection breaks before the answer."""
    RESET_MID_BODY = "reset mid-body"
    """The connection breaks in the middle of the answer."""
    TRUNCATE = "truncate"
    """The answer ends early, as if it were whole."""
    LATE = "late"
    """The answer is what the server knew before `Fault.meanwhile`, and arrives after it."""


class ConnectionDroppedError(ConnectionResetError):
    """Raised into whatever carries the ASGI app: the connection is to break, without a proper end."""


class Fault(Struct, kw_only=True):
    """One planned fault, for the next `times` requests that match."""

    kind: FaultKind
    path: str = ""
    """The request's path contains this (case-insensitive)."""
    method: str | None = None
    times: int = 1
    after: int = 0
    """Let this many matching requests pass first."""
    status: int = 500
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What happens between a `LATE` answer's making and its arrival."""


_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"


class FaultInjector:
    """Sits in front of an ASGI app and lets planned faults happen; without any it is transparent."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._planned: list[Fault] = []
        self.happened: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Let a fault happen to the next requests that match it."""
        self._planned.append(fault)

    def clear(self) -> None:
        """Forget the faults that have not happened yet."""
        self._planned.clear()

    def _due(self, scope: AsgiMessage) -> Fault | None:
        for fault in self._planned:
            if fault.path.lower() not in scope["path"].lower():
                continue
            if fault.method is not None and fault.method != scope["method"]:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._planned.remove(fault)
            self.happened.append(fault)
            return fault
        return None

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        fault = self._due(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        match fault.kind:
            case FaultKind.STATUS:
                await _answer(send, fault.status, fault.body, fault.headers)
            case FaultKind.PAGE:
                await _answer(send, 200, _PAGE, (("content-type", "text/html"),))
            case FaultKind.DROP_BEFORE:
                raise ConnectionDroppedError
            case _:
                await self._spoil(fault, scope, receive, send)

    async def _spoil(self, fault: Fault, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        answer: list[AsgiMessage] = []

        async def keep(message: AsgiMessage) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        if fault.kind is FaultKind.DROP_AFTER:
            raise ConnectionDroppedError
        if fault.kind is FaultKind.LATE:
            if fault.meanwhile is not None:
                await fault.meanwhile()
            for message in answer:
                await send(message)
            return
        start = answer[0]
        body = b"".join(message.get("body", b"") for message in answer[1:])
        half = body[: len(body) // 2]
        if fault.kind is FaultKind.TRUNCATE:
            await send(_with_length(start, len(half)))
            await send({"type": "http.response.body", "body": half})
            return
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionDroppedError


def _with_length(start: AsgiMessage, length: int) -> AsgiMessage:
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    return {**start, "headers": [*headers, (b"content-length", str(length).encode())]}


async def _answer(send: AsgiSend, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
