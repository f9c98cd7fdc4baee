"""The ASGI app: Jellyfin's own manner around every route."""

from typing import NoReturn

from watchstate_jellyfin.simulator import (
    routes_library,
    routes_sessions,
    routes_states,
    routes_system,
    routes_users,
)
from watchstate_jellyfin.simulator.asgi import Request, print_body, refuse_empty
from watchstate_jellyfin.simulator.auth import identify
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_mediabrowser.simulator.app import MediaBrowserApp
from watchstate_mediabrowser.simulator.asgi import Answer, Refusal
from watchstate_mediabrowser.simulator.routing import Route

_STARTING = "<html><body>Jellyfin Server is loading. Please try again shortly.</body></html>"
_LEGACY_PREFIXES = ("/emby", "/mediabrowser")


class JellyfinApp(MediaBrowserApp[JellyfinServer, Request]):
    """Answers requests, and keeps a log of them."""

    def __init__(self, server: JellyfinServer) -> None:
        routes = [
            *routes_system.ROUTES,
            *routes_users.ROUTES,
            *routes_library.ROUTES,
            *routes_states.ROUTES,
            *routes_sessions.ROUTES,
        ]
        super().__init__(server, Request, routes)

    def refuse_early(self, request: Request) -> Answer | None:
        """Take the prefixes off the path, and send away who comes without the configured one."""
        if self.server.switches.starting and request.path.lower() != "/system/ping":
            return Answer(status=503, body=_STARTING.encode(), content_type="text/html")
        base = self.server.switches.base_path
        if not request.path.lower().startswith(f"{base.lower()}/"):
            return Answer(status=302, body=b"", headers=(("Location", f"{base}/web/"),))
        request.path = request.path[len(base) :]
        if self.server.rules.strips_legacy_prefixes:
            for prefix in _LEGACY_PREFIXES:
                if request.path.lower().startswith(f"{prefix}/"):
                    request.path = request.path[len(prefix) :]
                    break
        return None

    def refuse_unrouted(self, verbs: list[str]) -> NoReturn:
        """Refuse without a body: 404 where nothing is, 405 with ``Allow`` where only the verb is wrong."""
        if not verbs:
            refuse_empty(404)
        raise Refusal(Answer(status=405, body=b"", headers=(("Allow", ", ".join(verbs)),)))

    def admit(self, route: Route[JellyfinServer, Request], request: Request) -> None:
        """Refuse who may not ask."""
        caller = identify(self.server, request)
        if caller is None:
            if route.access != "anyone":
                refuse_empty(401)
            return
        if route.access == "admin" and not caller.is_admin:
            refuse_empty(403)
        request.caller = caller
        self.server.touch_user(caller.user_id)

    def print_body(self, answer: Answer, request: Request) -> tuple[bytes, str | None]:
        """Print in the naming that the client accepts."""
        return print_body(answer, request.headers.get("accept", ""))

    def headers(self) -> list[tuple[str, str]]:
        """Return what every answer carries."""
        return [("Server", "Kestrel"), ("X-Response-Time-ms", "0.42")]
