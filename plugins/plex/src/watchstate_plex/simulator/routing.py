"""The route table of the server."""

import re
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from watchstate_plex.simulator.asgi import Answer, Caller, Request, refuse
from watchstate_plex.simulator.server import Server

Handler = Callable[[Server, Request, Caller], Answer]
Access = Literal["token", "home", "owner"]


class Route(Struct, frozen=True, kw_only=True):
    """A path pattern, its verbs, and who may ask."""

    pattern: str
    handle: Handler
    methods: tuple[str, ...] = ("GET",)
    access: Access = "token"
    """``home``: not for external accounts."""
    is_write: bool = False
    """It can change a play state."""


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        in_order = sorted(routes, key=lambda route: route.pattern.count("{"))
        self._routes = [(_compile(route.pattern), route) for route in in_order]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and the values in its path; refuse with 404 or 405 if there is none."""
        allowed: list[str] = []
        for expression, route in self._routes:
            match = expression.fullmatch(path)
            if match is not None:
                if method in route.methods:
                    return route, match.groupdict()
                allowed += route.methods
        if not allowed:
            refuse(404)
        return refuse(405, headers=(("Allow", ", ".join(allowed)),))


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern.rstrip("/"))) + "/?")
