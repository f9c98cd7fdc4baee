"""The ASGI app: Emby's own manner around every route."""

import json
from typing import NoReturn

from watchstate_emby.simulator import (
    routes_library,
    routes_sessions,
    routes_states,
    routes_system,
    routes_users,
)
from watchstate_emby.simulator.asgi import Request, refuse, refuse_feature
from watchstate_emby.simulator.auth import identify
from watchstate_emby.simulator.server import EmbyServer
from watchstate_mediabrowser.simulator.app import MediaBrowserApp
from watchstate_mediabrowser.simulator.asgi import Answer
from watchstate_mediabrowser.simulator.routing import Route

_PREFIX = "/emby"
_STARTING = "<html><body>Emby Server is starting</body></html>"


class EmbyApp(MediaBrowserApp[EmbyServer, Request]):
    """Answers requests, and keeps a log of them."""

    def __init__(self, server: EmbyServer) -> None:
        routes = [
            *routes_system.ROUTES,
            *routes_users.ROUTES,
            *routes_library.ROUTES,
            *routes_states.ROUTES,
            *routes_sessions.ROUTES,
        ]
        super().__init__(server, Request, routes)

    def refuse_early(self, request: Request) -> Answer | None:
        """Take the optional prefix off the path."""
        if request.path.lower().startswith(f"{_PREFIX}/"):
            request.path = request.path[len(_PREFIX) :]
        if self.server.switches.starting and request.path.lower() != "/system/ping":
            return Answer(
                status=503, body=b"<html><body>Emby Server is starting</body></html>", content_type="text/html"
            )
        return None

    def refuse_unrouted(self, verbs: list[str]) -> NoReturn:
        """Refuse what nothing answers. The words are a guess."""
        del verbs
        refuse(404, "Unable to find the specified file.")

    def admit(self, route: Route[EmbyServer, Request], request: Request) -> None:
        """Refuse who may not ask; whoever may has a session from now on."""
        caller = identify(self.server, request)
        if caller is None:
            if route.access != "anyone":
                refuse(401, "Access token is invalid or expired.")
            return
        if route.access == "admin" and not caller.is_admin:
            refuse_feature(self.server.users[caller.user_id or ""].name)
        request.caller = caller
        self.server.touch_session(caller, caller.user_id)

    def print_body(self, answer: Answer, request: Request) -> tuple[bytes, str | None]:
        """Print JSON without spaces."""
        del request
        if answer.body is not None:
            return answer.body, answer.content_type
        text = json.dumps(answer.value, separators=(",", ":"), ensure_ascii=False)
        return text.encode(), "application/json; charset=utf-8"

    def headers(self) -> list[tuple[str, str]]:
        """Return what every answer carries."""
        return [
            ("Server", "UPnP/1.0 DLNADOC/1.50"),
            ("Access-Control-Allow-Origin", "*"),
            ("Private-Network-Access-Id", self.server.machine_id),
        ]
