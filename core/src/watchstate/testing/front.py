"""What stands between a backend and a simulator in a test: it notes each request, and can spoil an answer."""

from collections.abc import Callable

from msgspec import Struct

from watchstate.clock import Clock
from watchstate.testing.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend


class Arrival(Struct, frozen=True):
    """A request, and when it came."""

    at: int
    method: str
    path: str


class Front:
    """An ASGI layer; transparent until it is told to repeat itself, or to alter an answer."""

    def __init__(self, app: AsgiApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._repeat: int | None = None
        self._kept: tuple[str, list[AsgiMessage]] | None = None
        self._alter: tuple[int, Callable[[bytes], bytes]] | None = None
        self.arrivals: list[Arrival] = []

    def repeat_answer(self, number: int) -> None:
        """Give the answer to the `number`-th request from now on, to each later request of the same path.

        That is what a cache does that takes no notice of the query.
        """
        self.arrivals.clear()
        self._repeat, self._kept, self._alter = number, None, None

    def alter_answer(self, number: int, change: Callable[[bytes], bytes]) -> None:
        """Give the `number`-th request from now on another body than the server's."""
        self.arrivals.clear()
        self._repeat, self._kept, self._alter = None, None, (number, change)

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        path = scope["path"]
        self.arrivals.append(Arrival(self._clock(), scope["method"], path))
        if self._kept is not None and self._kept[0] == path:
            for message in self._kept[1]:
                await send(message)
            return
        is_repeated = len(self.arrivals) == self._repeat
        is_altered = self._alter is not None and len(self.arrivals) == self._alter[0]
        if not is_repeated and not is_altered:
            await self._app(scope, receive, send)
            return
        messages: list[AsgiMessage] = []

        async def keep(message: AsgiMessage) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        if is_repeated:
            self._kept = path, messages
        elif self._alter is not None:
            messages = _with_body(messages, self._alter[1])
        for message in messages:
            await send(message)


def _with_body(messages: list[AsgiMessage], change: Callable[[bytes], bytes]) -> list[AsgiMessage]:
    start, *rest = messages
    body = change(b"".join(message.get("body", b"") for message in rest))
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    return [{**start, "headers": headers}, {"type": "http.response.body", "body": body}]
