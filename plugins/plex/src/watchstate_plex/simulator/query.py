"""What a listing asks for: its kind of items, its filters, order and page."""

import re
from collections.abc import Iterator

from msgspec import Struct

from watchstate_plex.simulator.asgi import Parameter, Request, refuse
from watchstate_plex.simulator.fields import FIELDS
from watchstate_plex.simulator.switches import Switches

KINDS = {
    1: "movie",
    2: "show",
    3: "season",
    4: "episode",
    8: "artist",
    9: "album",
    10: "track",
    12: "clip",
    13: "photo",
    18: "collection",
}
"""The kinds of items by their number in a query."""

_SCOPES = frozenset(KINDS.values())
_OPERATORS = frozenset("!<>")
_NAME = re.compile(r"([A-Za-z.]+)([!<>=]*)")


class Condition(Struct, frozen=True):
    """One filter. `scope`: whose field it is, the item's own or that of a show, season or episode around or below."""

    scope: str
    field: str
    operator: str
    wanted: tuple[str, ...]


class Group(Struct, frozen=True):
    """Filters of which, in one of the alternatives, all have to fit."""

    alternatives: "tuple[tuple[Condition | Group, ...], ...]" = ((),)


class Order(Struct, frozen=True):
    """One key of an order."""

    scope: str
    field: str
    is_descending: bool


class Query(Struct, frozen=True, kw_only=True):
    """What is looked for, without paging."""

    section_key: str | None
    kind: str
    filters: Group = Group()
    order: tuple[Order, ...] = ()
    limit: int | None = None


class Paging(Struct, frozen=True, kw_only=True):
    """Which part of a result is wanted."""

    start: int
    size: int


def read_query(request: Request, section_key: str | None, kind: str) -> Query:
    """Read the parameters of a listing, but for its page. `kind`: what is listed unless the query says."""
    number = request.number("type")
    return Query(
        section_key=section_key,
        kind=kind if number is None else KINDS.get(number, ""),
        filters=_read_group(iter(request.query)),
        order=tuple(_read_order(request.text("sort") or "")),
        limit=request.number("limit"),
    )


def _read_group(parameters: Iterator[Parameter]) -> Group:
    """Read filters as far as their group goes: ``push`` begins one inside, ``or`` an alternative, ``pop`` ends it."""
    alternatives: list[list[Condition | Group]] = [[]]
    for parameter in parameters:
        match parameter.name:
            case "push":
                alternatives[-1].append(_read_group(parameters))
            case "or":
                alternatives.append([])
            case "pop":
                break
            case _:
                condition = _read_condition(parameter)
                if condition is not None:
                    alternatives[-1].append(condition)
    return Group(tuple(map(tuple, alternatives)))


def _read_condition(parameter: Parameter) -> Condition | None:
    """Read a filter; what is none, or of an unknown field, is ignored."""
    if parameter.value is None:
        if not _OPERATORS.isdisjoint(parameter.name):
            refuse(400)
        return None
    match = _NAME.fullmatch(parameter.name)
    if match is None:
        return None
    scope, field = _split(match[1])
    if field not in FIELDS:
        return None
    operator, value = f"{match[2]}=", parameter.value
    if FIELDS[field].kind == "string" and value.startswith("="):
        operator, value = f"{operator}=", value[1:]
    return Condition(scope, field, operator, tuple(value.split(",")))


def _split(name: str) -> tuple[str, str]:
    scope, _, field = name.rpartition(".")
    return (scope if scope in _SCOPES else "", field)


def _read_order(text: str) -> list[Order]:
    found = []
    for word in text.split(","):
        name, *modes = word.split(":")
        scope, field = _split(name)
        if field in FIELDS:
            found.append(Order(scope, field, "desc" in modes))
    return found


def read_paging(request: Request, switches: Switches) -> Paging | None:
    """Read which page is wanted. Start and size belong together; a size of 0 alone asks for the total only."""
    start, size = (request.plex_number(f"X-Plex-Container-{name}") for name in ("Start", "Size"))
    if size is None:
        if switches.requires_size:
            refuse(400)
        return None
    if size < 0 or (start or 0) < 0:
        refuse(400)
    limit = switches.size_limit
    if limit is not None and size > limit:
        if not switches.cuts_large_pages:
            refuse(400)
        size = limit
    if start is None and size > 0:
        return None
    return Paging(start=start or 0, size=size)
