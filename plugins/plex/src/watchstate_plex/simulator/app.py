"""The server as an ASGI app: what happens to a request before and after its route."""

from email.utils import formatdate

from watchstate.clock import SECOND
from watchstate.testing import AsgiMessage, AsgiReceive, AsgiSend, LoggedRequest
from watchstate_plex.simulator import routes_family, routes_library, routes_sessions, routes_system
from watchstate_plex.simulator.asgi import JSON, Answer, Refusal, read_request, refuse, send_answer
from watchstate_plex.simulator.auth import check_access, identify
from watchstate_plex.simulator.live import Live
from watchstate_plex.simulator.notices import Notices
from watchstate_plex.simulator.playback import Playback
from watchstate_plex.simulator.routes_states import StateRoutes
from watchstate_plex.simulator.routing import Route, RouteTable
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import print_json, print_xml


class PlexApp:
    """Answers requests, and keeps a log of them."""

    def __init__(self, server: Server, playback: Playback, notices: Notices, log: list[LoggedRequest]) -> None:
        self._server = server
        self._log = log
        self.live = Live(server, notices)
        self._routes = RouteTable(
            [
                *routes_system.ROUTES,
                *routes_library.ROUTES,
                *routes_family.ROUTES,
                *routes_sessions.ROUTES,
                *StateRoutes(server, playback, notices).routes,
                *self.live.routes,
            ]
        )

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await self.live.socket(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        request = await read_request(scope, receive)
        route: Route | None = None
        try:
            if self._server.switches.starting:
                refuse(503)
            if request.path.rstrip("/") == "/identity":
                answer = routes_system.identity(self._server, request)
            else:
                caller = identify(self._server, request)
                route, request.params = self._routes.find(request.method, request.path)
                check_access(self._server, caller.account, route.access)
                answer = route.handle(self._server, request, caller)
        except Refusal as refusal:
            answer = refusal.answer
        self._log.append(
            LoggedRequest(
                method=request.method,
                path=scope["path"],
                query=scope["query_string"].decode(),
                status=answer.status,
                is_write=route is not None and route.is_write,
            )
        )
        if answer.stream is not None:
            await answer.stream(receive, send)
            return
        self._print(answer)
        await send_answer(send, answer, self._headers(answer))

    def _print(self, answer: Answer) -> None:
        if answer.element is None:
            return
        if answer.content_type == JSON:
            answer.body = print_json(answer.element, numbers_as_text=self._server.switches.numbers_as_text)
        else:
            answer.body = print_xml(answer.element)

    def _headers(self, answer: Answer) -> list[tuple[str, str]]:
        length = str(len(answer.body))
        return [
            ("Date", formatdate(self._server.now_ms() / SECOND, usegmt=True)),
            ("X-Plex-Protocol", "1.0"),
            ("Cache-Control", "no-cache"),
            ("X-Plex-Content-Original-Length", length),
            ("X-Plex-Content-Compressed-Length", length),
        ]
