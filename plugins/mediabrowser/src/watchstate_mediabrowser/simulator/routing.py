"""The route table: paths without regard to case, the most literal pattern first."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Literal, TypeVar

from msgspec import Struct

from watchstate_mediabrowser.simulator.asgi import Answer, Request
from watchstate_mediabrowser.simulator.server import Server

ServerT = TypeVar("ServerT", bound=Server)
RequestT = TypeVar("RequestT", bound=Request)


class Route(Struct, Generic[ServerT, RequestT], frozen=True, kw_only=True):
    """A verb and a path pattern, and who may ask."""

    method: str
    pattern: str
    handle: Callable[[ServerT, RequestT], Answer]
    access: Literal["anyone", "token", "admin"] = "token"
    is_write: bool = False
    """It can change a play state."""


class RouteTable(Generic[ServerT, RequestT]):
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route[ServerT, RequestT]]) -> None:
        by_pattern: dict[str, list[Route[ServerT, RequestT]]] = {}
        for route in sorted(routes, key=lambda route: route.pattern.count("{")):
            by_pattern.setdefault(route.pattern, []).append(route)
        self._patterns = [(_compile(pattern), same) for pattern, same in by_pattern.items()]

    def _matching(self, path: str) -> Iterator[tuple[dict[str, str], list[Route[ServerT, RequestT]]]]:
        for expression, routes in self._patterns:
            match = expression.fullmatch(path)
            if match is not None:
                yield match.groupdict(), routes

    def find(self, method: str, path: str) -> tuple[Route[ServerT, RequestT], dict[str, str]] | None:
        """Return the route and the values in its path; None without one."""
        for params, routes in self._matching(path):
            for route in routes:
                if route.method == method:
                    return route, params
        return None

    def verbs(self, path: str) -> list[str]:
        """Return the verbs that a path knows; none if nothing is there."""
        return sorted({route.method for _, routes in self._matching(path) for route in routes})


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern)) + "/?", re.IGNORECASE)
