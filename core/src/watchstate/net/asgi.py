"""A server inside this process instead of behind a socket: for the demo and for tests."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
AsgiApp = Callable[[_Message, _Receive, _Send], Awaitable[None]]


class AsgiTransport(httpx.AsyncBaseTransport):
    """Hands requests to an ASGI app. Any exception of the app looks like a connection that breaks."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ReadError: the app raised before it answered.
            httpx.RemoteProtocolError: it raised in the middle of its answer.
        """
        has_answered = False

        async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
            async def send_and_note(message: _Message) -> None:
                nonlocal has_answered
                has_answered = True
                await send(message)

            await self._app(scope, receive, send_and_note)

        try:
            return await httpx.ASGITransport(app).handle_async_request(request)
        except Exception as error:
            broken = httpx.RemoteProtocolError if has_answered else httpx.ReadError
            raise broken(f"the app raised {type(error).__name__}", request=request) from error
