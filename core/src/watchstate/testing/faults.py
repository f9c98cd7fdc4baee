"""Faults on demand, as an ASGI layer in front of a simulator."""

from collections.abc import Awaitable, Callable, MutableMapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


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


class ConnectionDroppedError(Exception):
    """Raised into the ASGI server, which then closes the connection without a proper end."""


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


_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"


class FaultInjector:
    """Sits in front of an ASGI app and lets planned faults happen; without any it is transparent."""

    def __init__(self, app: _App) -> None:
        self._app = app
        self._planned: list[Fault] = []
        self.happened: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Let a fault happen to the next requests that match it."""
        self._planned.append(fault)

    def clear(self) -> None:
        """Forget the faults that have not happened yet."""
        self._planned.clear()

    def _due(self, scope: _Message) -> Fault | None:
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

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
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
                await self._spoil(fault.kind, scope, receive, send)

    async def _spoil(self, kind: FaultKind, scope: _Message, receive: _Receive, send: _Send) -> None:
        answer: list[_Message] = []

        async def keep(message: _Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        if kind is FaultKind.DROP_AFTER:
            raise ConnectionDroppedError
        body = b"".join(message.get("body", b"") for message in answer if message["type"] == "http.response.body")
        start = answer[0]
        half = body[: len(body) // 2]
        if kind is FaultKind.TRUNCATE:
            length = str(len(half)).encode()
            start["headers"] = [
                (name, length if name.lower() == b"content-length" else value) for name, value in start["headers"]
            ]
            await send(start)
            await send({"type": "http.response.body", "body": half})
            return
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionDroppedError


async def _answer(send: _Send, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
