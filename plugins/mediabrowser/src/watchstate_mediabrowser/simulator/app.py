"""The ASGI app: what happens to a request before and after its route."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from email.utils import formatdate
from typing import Generic, NoReturn

from watchstate.testing import AsgiMessage, AsgiReceive, AsgiSend, LoggedRequest
from watchstate_mediabrowser.simulator.asgi import Answer, Refusal, read_body, read_headers, read_query
from watchstate_mediabrowser.simulator.routing import RequestT, Route, RouteTable, ServerT
from watchstate_mediabrowser.simulator.wire import TICKS_PER_SECOND


class MediaBrowserApp(ABC, Generic[ServerT, RequestT]):
    """Answers requests, and keeps a log of them."""

    def __init__(
        self, server: ServerT, request_type: type[RequestT], routes: Iterable[Route[ServerT, RequestT]]
    ) -> None:
        self.server = server
        self._request_type = request_type
        self.requests: list[LoggedRequest] = []
        self._routes = RouteTable(routes)

    @abstractmethod
    def refuse_early(self, request: RequestT) -> Answer | None:
        """Answer before any route is looked for, or take a prefix off the path."""

    @abstractmethod
    def refuse_unrouted(self, verbs: list[str]) -> NoReturn:
        """Refuse a path that nothing answers; `verbs`: those that it would answer."""

    @abstractmethod
    def admit(self, route: Route[ServerT, RequestT], request: RequestT) -> None:
        """Find out who asks, and refuse who may not."""

    @abstractmethod
    def print_body(self, answer: Answer, request: RequestT) -> tuple[bytes, str | None]:
        """Return the body of an answer and its content type."""

    @abstractmethod
    def headers(self) -> list[tuple[str, str]]:
        """Return what every answer carries."""

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = self._request_type(
            method=scope["method"],
            path=scope["path"],
            query=read_query(scope),
            headers=read_headers(scope),
            body=await read_body(receive),
        )
        answer, is_write = self._answer(request)
        self.requests.append(
            LoggedRequest(
                method=request.method,
                path=scope["path"],
                query=scope["query_string"].decode(),
                status=answer.status,
                is_write=is_write,
            )
        )
        await self._send(answer, request, send)

    def _answer(self, request: RequestT) -> tuple[Answer, bool]:
        is_write = False
        try:
            answer = self.refuse_early(request)
            if answer is None:
                found = self._routes.find(request.method, request.path)
                if found is None:
                    self.refuse_unrouted(self._routes.verbs(request.path))
                route, request.params = found
                is_write = route.is_write
                self.admit(route, request)
                answer = route.handle(self.server, request)
        except Refusal as refusal:
            answer = refusal.answer
        return answer, is_write

    async def _send(self, answer: Answer, request: RequestT, send: AsgiSend) -> None:
        body, content_type = self.print_body(answer, request)
        date = formatdate(self.server.now() / TICKS_PER_SECOND, usegmt=True)
        headers = [("Date", date), *self.headers(), *answer.headers]
        if content_type is not None:
            headers.append(("Content-Type", content_type))
        if answer.status != 204:
            headers.append(("Content-Length", str(len(body))))
        encoded = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})
