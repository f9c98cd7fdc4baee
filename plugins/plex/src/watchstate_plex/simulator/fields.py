"""What items can be filtered and sorted by: the fields of a media query and how their values compare."""

import re
from calendar import timegm
from collections.abc import Callable
from time import strptime
from typing import Any, Literal

from msgspec import Struct

from watchstate_plex.simulator.asgi import refuse
from watchstate_plex.simulator.records import Account, Item
from watchstate_plex.simulator.server import Server

FieldType = Literal["integer", "date", "string", "boolean", "guid"]
Reader = Callable[[Server, Account, Item], Any]

_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "mon": 2_592_000, "y": 31_536_000}
_RELATIVE = re.compile(r"-(\d{1,6})(mon|m|h|d|w|y)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Field(Struct, frozen=True):
    """A field: its type, and where its value is."""

    kind: FieldType
    read: Reader


def _paths(_server: Server, _account: Account, item: Item) -> str:
    return "\n".join(part.path for medium in item.media for part in medium.parts)


def _has_unwatched_leaves(server: Server, account: Account, item: Item) -> bool:
    viewed, total = server.states.count_viewed(account, item)
    return viewed < total


def _guids(server: Server, _account: Account, item: Item) -> tuple[str, ...]:
    return (item.guid, *(item.external_ids if server.rules.finds_external_guids else ()))


def _released(_server: Server, _account: Account, item: Item) -> int | None:
    return None if item.released is None else timegm(strptime(item.released, "%Y-%m-%d"))


FIELDS: dict[str, Field] = {
    "title": Field("string", lambda _server, _account, item: item.title),
    "titleSort": Field("string", lambda _server, _account, item: item.title_sort.lower()),
    "editionTitle": Field("string", lambda _server, _account, item: item.edition or ""),
    "file": Field("string", _paths),
    "guid": Field("guid", _guids),
    "id": Field("integer", lambda _server, _account, item: int(item.rating_key)),
    "index": Field("integer", lambda _server, _account, item: item.index),
    "year": Field("integer", lambda _server, _account, item: item.year),
    "duration": Field("integer", lambda _server, _account, item: item.runtime_ms),
    "viewCount": Field("integer", lambda server, account, item: server.states.read(account, item).view_count),
    "viewOffset": Field("integer", lambda server, account, item: server.states.read(account, item).view_offset or 0),
    "userRating": Field("integer", lambda server, account, item: server.states.read(account, item).user_rating),
    "lastViewedAt": Field("date", lambda server, account, item: server.states.read(account, item).last_viewed_at),
    "lastRatedAt": Field("date", lambda server, account, item: server.states.read(account, item).last_rated_at),
    "addedAt": Field("date", lambda _server, _account, item: item.added_at),
    "updatedAt": Field("date", lambda _server, _account, item: item.updated_at),
    "originallyAvailableAt": Field("date", _released),
    "unwatched": Field("boolean", lambda server, account, item: server.states.read(account, item).view_count == 0),
    "unwatchedLeaves": Field("boolean", _has_unwatched_leaves),
    "inProgress": Field("boolean", lambda server, account, item: bool(server.states.read(account, item).view_offset)),
    "unmatched": Field("boolean", lambda _server, _account, item: "local://" in item.guid or ".none://" in item.guid),
    "trash": Field("boolean", lambda _server, _account, item: item.deleted_at is not None),
}
"""By their name in a query. The state is that of the account that asks, and of the item itself: what a show is filtered
by is the show's own row, and not what its episodes are."""


def fits(server: Server, field: Field, value: object, operator: str, wanted: list[str]) -> bool:
    """Say whether a value is as wanted: as any of these words, or as none of them for an operator of negation."""
    compare = _COMPARISONS[field.kind]
    if operator.startswith("!"):
        return not any(compare(server, value, operator[1:], word) for word in wanted)
    return any(compare(server, value, operator, word) for word in wanted)


def _fits_integer(_server: Server, value: Any, operator: str, word: str) -> bool:  # noqa: ANN401 - a field's value
    try:
        number = float(word)
    except ValueError:
        refuse(400)
    return value is not None and _fits_order(value, operator, number)


def _fits_date(server: Server, value: Any, operator: str, word: str) -> bool:  # noqa: ANN401 - a field's value
    return value is not None and _fits_order(value, operator, read_date(word, server.now()))


def _fits_order(value: float, operator: str, limit: float) -> bool:
    match operator:
        case ">>=":
            return value > limit
        case "<<=":
            return value < limit
        case ">=":
            return value >= limit
        case "<=":
            return value <= limit
        case _:
            return value == limit


def _fits_string(_server: Server, value: Any, operator: str, word: str) -> bool:  # noqa: ANN401 - a field's value
    text, wanted = str(value).lower(), word.lower()
    match operator:
        case "==":
            return text == wanted
        case "<=":
            return text.startswith(wanted)
        case ">=":
            return text.endswith(wanted)
        case _:
            return wanted in text


def _fits_boolean(_server: Server, value: Any, _operator: str, word: str) -> bool:  # noqa: ANN401 - a field's value
    return bool(value) is (word == "1")


def _fits_guid(_server: Server, value: Any, _operator: str, word: str) -> bool:  # noqa: ANN401 - a field's value
    return word in value


_COMPARISONS: dict[FieldType, Callable[[Server, Any, str, str], bool]] = {
    "integer": _fits_integer,
    "date": _fits_date,
    "string": _fits_string,
    "boolean": _fits_boolean,
    "guid": _fits_guid,
}


def read_date(word: str, now: int) -> int:
    """Read a date of a query: seconds, a day, or so long ago; refuse anything else."""
    relative = _RELATIVE.fullmatch(word)
    if relative is not None:
        return now - int(relative[1]) * _UNITS[relative[2]]
    if _DAY.fullmatch(word):
        try:
            return timegm(strptime(word, "%Y-%m-%d"))
        except ValueError:
            refuse(400)
    if not word.isdecimal():
        refuse(400)
    return int(word)
