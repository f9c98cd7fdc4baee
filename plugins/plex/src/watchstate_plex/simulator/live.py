"""What the server tells of its own accord, to whoever listens: over a websocket, or as server-sent events."""

import asyncio
import json
from collections.abc import AsyncGenerator
from functools import partial

from watchstate.testing import AsgiMessage, AsgiReceive, AsgiSend
from watchstate.testing.faults import ConnectionDroppedError
from watchstate_plex.simulator.asgi import Answer, Caller, Request, request_of
from watchstate_plex.simulator.notices import Frame, Notices
from watchstate_plex.simulator.records import Account
from watchstate_plex.simulator.routing import Route
from watchstate_plex.simulator.server import Server

_SOCKETS = ("/:/websockets/notifications", "/:/websocket/notifications")

_Queue = asyncio.Queue[Frame | None]


class Live:
    """The open connections of listeners."""

    def __init__(self, server: Server, notices: Notices) -> None:
        self._server = server
        self._notices = notices
        self._queues: list[_Queue] = []
        self.routes = [Route(pattern="/:/eventsource/notifications", handle=self._listen)]

    def drop(self) -> None:
        """Break all connections, without a proper end."""
        for queue in self._queues:
            queue.put_nowait(None)

    async def socket(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Serve one websocket until the client leaves."""
        await receive()
        request = request_of(scope)
        account = self._server.people.by_server_token(request.plex("X-Plex-Token") or "")
        if account is None or request.path not in _SOCKETS:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        async for frame in self._frames(account, receive, "websocket.disconnect"):
            await send({"type": "websocket.send", "text": json.dumps(frame)})

    def _listen(self, _server: Server, _request: Request, caller: Caller) -> Answer:
        return Answer(stream=partial(self._events, caller.account))

    async def _events(self, account: Account, receive: AsgiReceive, send: AsgiSend) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for frame in self._frames(account, receive, "http.disconnect"):
            kind = frame["NotificationContainer"]["type"]
            event = f"event: {kind}\ndata: {json.dumps(frame)}\n\n".encode()
            await send({"type": "http.response.body", "body": event, "more_body": True})

    async def _frames(self, account: Account, receive: AsgiReceive, end: str) -> AsyncGenerator[Frame, None]:
        """Yield each frame until the client leaves; raise if the connection is to break."""
        queue: _Queue = asyncio.Queue()
        self._queues.append(queue)
        stop = self._notices.listen(queue.put_nowait, account)
        leaving = asyncio.create_task(_wait_for(receive, end))
        try:
            while True:
                getting = asyncio.create_task(queue.get())
                await asyncio.wait({leaving, getting}, return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    getting.cancel()
                    return
                frame = getting.result()
                if frame is None:
                    raise ConnectionDroppedError
                yield frame
        finally:
            leaving.cancel()
            stop()
            self._queues.remove(queue)


async def _wait_for(receive: AsgiReceive, end: str) -> None:
    while (await receive())["type"] != end:
        pass
