"""What a listing asks for: the filters, orders and pages of `/Items` and its relatives.

Unknown words in a list parameter are ignored, and so are parameters that the servers don't know.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from watchstate_mediabrowser.simulator.asgi import Request
from watchstate_mediabrowser.simulator.records import Item, UserData
from watchstate_mediabrowser.simulator.wire import read_date

Row = TypeVar("Row")
SortKey = Callable[[Item, UserData], Any]
SORT_KEYS: dict[str, SortKey] = {
    "datecreated": lambda item, _: item.date_created,
    "sortname": lambda item, _: item.sort_name,
    "name": lambda item, _: item.name,
    "seriessortname": lambda item, _: item.series_id,
    "dateplayed": lambda _, state: state.last_played,
    "playcount": lambda _, state: state.play_count,
    "isplayed": lambda _, state: state.played,
    "isunplayed": lambda _, state: not state.played,
    "isfavoriteorliked": lambda _, state: state.is_favorite,
    "premieredate": lambda item, _: item.premiere,
    "productionyear": lambda item, _: item.year,
    "runtime": lambda item, _: item.runtime_ticks,
    "isfolder": lambda item, _: not item.is_folder,
    "parentindexnumber": lambda item, _: item.parent_index,
    "indexnumber": lambda item, _: item.index,
    "random": lambda _item, _state: 0,
}
"""What can be sorted by, in lower case, and what is compared then; None comes first."""


class Query(Struct, frozen=True, kw_only=True):
    """What is looked for, without paging."""

    user_id: str | None = None
    parent_id: str | None = None
    is_recursive: bool | None = None
    ids: tuple[str, ...] = ()
    excluded_ids: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    """Item types in lower case; empty: all."""
    excluded_kinds: frozenset[str] = frozenset()
    is_folder: bool | None = None
    is_played: bool | None = None
    is_resumable: bool | None = None
    is_favorite: bool | None = None
    is_virtual: bool | None = None
    is_video: bool | None = None
    provider_tests: tuple[tuple[str, bool], ...] = ()
    years: frozenset[int] = frozenset()
    search: str | None = None
    saved_since: int | None = None
    premiered_since: int | None = None
    collapses: bool | None = None
    """Whether box sets take the place of their movies; None: as the server is set."""
    order: tuple[tuple[str, bool], ...] = ()
    """(sort key in lower case, descending)."""


def read_date_parameter(request: Request, name: str) -> int | None:
    """Return a date parameter in ticks."""
    value = request.text(name)
    if value is None:
        return None
    try:
        return read_date(value)
    except ValueError:
        request.refuse_value(name, value)


def _read_ids(request: Request, name: str) -> tuple[str, ...]:
    return tuple(read for word in request.words(name) if (read := request.read_id(word)) is not None)


def lowered_words(request: Request, name: str) -> frozenset[str]:
    """Return a list parameter as lower-case words."""
    return frozenset(word.lower() for word in request.words(name))


def _read_order(request: Request) -> tuple[tuple[str, bool], ...]:
    keys = [word.lower() for word in request.words("sortBy") if word.lower() in SORT_KEYS]
    words = [word.lower() for word in request.words("sortOrder")]
    orders = [word == "descending" for word in words if word in {"ascending", "descending"}]
    default = orders[0] if orders else False
    return tuple((key, orders[place] if place < len(orders) else default) for place, key in enumerate(keys))


class Paging(Struct, frozen=True, kw_only=True):
    """Which part of a result is wanted."""

    start: int
    limit: int | None
    is_counted: bool
    """The answer says how many rows the whole result has."""

    def cut(self, rows: list[Row]) -> list[Row]:
        """Return the wanted part."""
        return rows[self.start :] if self.limit is None else rows[self.start : self.start + self.limit]


def read_paging(request: Request) -> Paging:
    """Read the paging parameters of a listing."""
    limit = request.number("limit")
    return Paging(
        start=max(request.number("startIndex") or 0, 0),
        limit=None if limit is None else max(limit, 0),
        is_counted=request.flag("enableTotalRecordCount") is not False,
    )


def read_query(request: Request) -> Query:
    """Read the parameters of a listing that all servers take alike, all but the user."""
    filters = lowered_words(request, "filters")
    is_played = request.flag("isPlayed")
    for word, value in (("isplayed", True), ("isunplayed", False)):
        is_played = value if word in filters else is_played
    is_folder = True if "isfolder" in filters else False if "isnotfolder" in filters else None
    years = [int(word) for word in request.words("years") if word.isdigit()]
    tests = [(name, request.flag(f"has{name}Id")) for name in ("Imdb", "Tmdb", "Tvdb")]
    media_types = lowered_words(request, "mediaTypes")
    return Query(
        parent_id=request.id("parentId"),
        is_recursive=request.flag("recursive"),
        ids=_read_ids(request, "ids"),
        excluded_ids=frozenset(_read_ids(request, "excludeItemIds")),
        kinds=lowered_words(request, "includeItemTypes"),
        excluded_kinds=lowered_words(request, "excludeItemTypes"),
        is_folder=is_folder,
        is_played=is_played,
        is_resumable=True if "isresumable" in filters else None,
        is_favorite=True if "isfavorite" in filters else request.flag("isFavorite"),
        is_video="video" in media_types if media_types else None,
        provider_tests=tuple((name, wanted) for name, wanted in tests if wanted is not None),
        years=frozenset(years),
        search=request.text("searchTerm"),
        premiered_since=read_date_parameter(request, "minPremiereDate"),
        order=_read_order(request),
    )
