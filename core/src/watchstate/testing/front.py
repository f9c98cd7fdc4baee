"""What stands between a backend and a simulator in a test: it notes each request, and can repeat an old answer."""

from msgspec import Struct

from watchstate.clock import Clock
from watchstate.testing.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend


class Arrival(Struct, frozen=True):
    """A request, and when it came."""

    at: int
    method: str
    path: str


class Front:
    """An ASGI layer; transparent until it is told to repeat itself."""

    def __init__(self, app: AsgiApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._repeat: int | None = None
        self._kept: tuple[str, list[AsgiMessage]] | None = None
        self.arrivals: list[Arrival] = []

    def repeat_answer(self, number: int) -> None:
        """Give the answer to the `number`-th request from now on, to each later request of the same path.

        That is what a cache does that takes no notice of the query.
        """
        self.arrivals.clear()
        self._repeat, self._kept = number, None

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        path = scope["path"]
        self.arrivals.append(Arrival(self._clock(), scope["method"], path))
        if self._kept is not None and self._kept[0] == path:
            for message in self._kept[1]:
                await send(message)
            return
        if len(self.arrivals) != self._repeat:
            await self._app(scope, receive, send)
            return
        messages: list[AsgiMessage] = []

        async def keep(message: AsgiMessage) -> None:
            messages.append(message)
            await send(message)

        await self._app(scope, receive, keep)
        self._kept = path, messages
