"""The route table: paths without regard to case, the most literal pattern first."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from msgspec import Struct

from watchstate_jellyfin.simulator.asgi import Answer, Refusal, Request, refuse_empty
from watchstate_jellyfin.simulator.server import Server

Handler = Callable[[Server, Request], Answer]


class Route(Struct, frozen=True, kw_only=True):
    """A verb and a path pattern, and who may ask."""

    method: str
    pattern: str
    handle: Handler
    access: Literal["anyone", "token", "admin"] = "token"
    is_write: bool = False
    """It can change a play state."""


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        by_pattern: dict[str, list[Route]] = {}
        for route in sorted(routes, key=lambda route: route.pattern.count("{")):
            by_pattern.setdefault(route.pattern, []).append(route)
        self._patterns = [(_compile(pattern), same) for pattern, same in by_pattern.items()]

    def _matching(self, path: str) -> Iterator[tuple[dict[str, str], list[Route]]]:
        for expression, routes in self._patterns:
            match = expression.fullmatch(path)
            if match is not None:
                yield match.groupdict(), routes

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and the values in its path.

        Raises:
            Refusal: 404 if no pattern fits, 405 with ``Allow`` if only the verb doesn't.
        """
        allowed: set[str] = set()
        for params, routes in self._matching(path):
            for route in routes:
                if route.method == method:
                    return route, params
                allowed.add(route.method)
        if not allowed:
            refuse_empty(404)
        raise Refusal(Answer(status=405, body=b"", headers=(("Allow", ", ".join(sorted(allowed))),)))


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern)) + "/?", re.IGNORECASE)
