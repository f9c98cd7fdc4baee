"""The ASGI app: what happens to a request before and after its route."""

from email.utils import formatdate

from watchstate.testing import AsgiMessage, AsgiReceive, AsgiSend, LoggedRequest
from watchstate_jellyfin.simulator import (
    routes_library,
    routes_sessions,
    routes_states,
    routes_system,
    routes_users,
)
from watchstate_jellyfin.simulator.asgi import (
    Answer,
    Refusal,
    Request,
    print_body,
    read_query,
    refuse_empty,
)
from watchstate_jellyfin.simulator.auth import identify
from watchstate_jellyfin.simulator.routing import Route, RouteTable
from watchstate_jellyfin.simulator.server import Server
from watchstate_jellyfin.simulator.wire import TICKS_PER_SECOND

_STARTING = "<html><body>Jellyfin Server is loading. Please try again shortly.</body></html>"
_LEGACY_PREFIXES = ("/emby", "/mediabrowser")


class JellyfinApp:
    """Answers requests, and keeps a log of them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.requests: list[LoggedRequest] = []
        self._routes = RouteTable(
            [
                *routes_system.ROUTES,
                *routes_users.ROUTES,
                *routes_library.ROUTES,
                *routes_states.ROUTES,
                *routes_sessions.ROUTES,
            ]
        )

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = await _read_request(scope, receive)
        route: Route | None = None
        try:
            answer = self._refuse_early(request)
            if answer is None:
                route, request.params = self._routes.find(request.method, request.path)
                self._admit(route, request)
                answer = route.handle(self._server, request)
        except Refusal as refusal:
            answer = refusal.answer
        self.requests.append(
            LoggedRequest(
                method=request.method,
                path=scope["path"],
                query=scope["query_string"].decode(),
                status=answer.status,
                is_write=route is not None and route.is_write,
            )
        )
        await self._send(answer, request.headers.get("accept", ""), send)

    def _refuse_early(self, request: Request) -> Answer | None:
        if self._server.switches.starting and request.path.lower() != "/system/ping":
            return Answer(status=503, body=_STARTING.encode(), content_type="text/html")
        base = self._server.switches.base_path
        if not request.path.lower().startswith(f"{base.lower()}/"):
            return Answer(status=302, body=b"", headers=(("Location", f"{base}/web/"),))
        request.path = request.path[len(base) :]
        if self._server.rules.strips_legacy_prefixes:
            for prefix in _LEGACY_PREFIXES:
                if request.path.lower().startswith(f"{prefix}/"):
                    request.path = request.path[len(prefix) :]
                    break
        return None

    def _admit(self, route: Route, request: Request) -> None:
        caller = identify(self._server, request)
        if caller is None:
            if route.access != "anyone":
                refuse_empty(401)
            return
        if route.access == "admin" and not caller.is_admin:
            refuse_empty(403)
        request.caller = caller
        self._server.touch_user(caller.user_id)

    async def _send(self, answer: Answer, accept: str, send: AsgiSend) -> None:
        body, content_type = print_body(answer, accept)
        headers = [
            ("Date", formatdate(self._server.now() / TICKS_PER_SECOND, usegmt=True)),
            ("Server", "Kestrel"),
            ("X-Response-Time-ms", "0.42"),
            *answer.headers,
        ]
        if content_type is not None:
            headers.append(("Content-Type", content_type))
        if answer.status != 204:
            headers.append(("Content-Length", str(len(body))))
        encoded = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


async def _read_request(scope: AsgiMessage, receive: AsgiReceive) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=read_query(scope["query_string"]),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )
