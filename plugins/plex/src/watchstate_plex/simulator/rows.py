"""Items as rows of an answer, with the state of the account that asks."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from watchstate_plex.simulator import files
from watchstate_plex.simulator.asgi import Request
from watchstate_plex.simulator.records import Account, Item
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element

_ELEMENTS = {"movie": "Video", "episode": "Video", "clip": "Video", "track": "Track", "photo": "Photo"}
_WITH_CHILDREN = frozenset({"show", "season", "artist", "album"})
_NAMED_BY_FAMILY = {
    "episode": ("grandparentRatingKey", "grandparentTitle", "grandparentThumb", "parentIndex", "parentTitle"),
    "season": ("parentTitle", "parentIndex"),
}
_SEASON_NAMES = ("parentRatingKey", "parentKey", "parentTitle", "parentThumb", "parentGuid")


class View(Struct, frozen=True, kw_only=True):
    """Who looks, and at how much."""

    account: Account
    is_detail: bool = False
    with_guids: bool = False
    with_extras: bool = False
    names_section: bool = False
    """Rows tell their section, which the container of a section's listing tells for all of them."""
    is_hoisted: bool = False
    """Rows lack what the container of a family's listing tells for all of them."""
    without: frozenset[str] = frozenset()
    """Attributes and elements that the client doesn't want."""


def view_of(request: Request, account: Account, *, is_detail: bool = False, names_section: bool = False) -> View:
    """Return how much a request wants to see."""
    unwanted = (request.text("excludeFields"), request.text("excludeElements"))
    return View(
        account=account,
        is_detail=is_detail,
        with_guids=request.flag("includeGuids") or is_detail,
        with_extras=request.flag("includeExtras") and is_detail,
        names_section=names_section or is_detail,
        without=frozenset(word for words in unwanted if words for word in words.split(",")),
    )


def row(server: Server, item: Item, view: View) -> Element:
    """Return an item as a row."""
    parents = server.library.ancestors(item)
    attributes: dict[str, Any] = {
        **_names(item),
        **_parent_names(parents),
        **(_section_names(server, item) if view.names_section else {}),
        **_numbers(item, parents),
        **_state(server, view.account, item),
        **_pictures(item, parents),
        **_counts(server, view.account, item),
        **_oddities(server, item),
    }
    for name in (*view.without, *_hidden_names(server, view, item)):
        attributes.pop(name, None)
    children = [each for each in _children(server, item, view) if each.name not in view.without]
    return Element(
        name=_ELEMENTS.get(item.kind, "Directory"), attributes=attributes, children=children, group="Metadata"
    )


def _names(item: Item) -> dict[str, Any]:
    path = f"/library/metadata/{item.rating_key}"
    is_sorted_otherwise = item.kind in {"movie", "show"} and item.title_sort != item.title
    return {
        "ratingKey": item.rating_key,
        "key": f"{path}/children" if item.kind in _WITH_CHILDREN else path,
        "guid": item.guid,
        "type": item.kind,
        "title": item.title,
        "titleSort": item.title_sort if is_sorted_otherwise else None,
        "editionTitle": item.edition,
        "summary": "",
    }


def _of_parents(parents: list[Item], name: str, read: Callable[[Item], Any]) -> dict[str, Any]:
    return {f"{prefix}{name}": read(each) for prefix, each in zip(("parent", "grandparent"), parents, strict=False)}


def _parent_names(parents: list[Item]) -> dict[str, Any]:
    return {
        **_of_parents(parents, "RatingKey", lambda parent: parent.rating_key),
        **_of_parents(parents, "Key", lambda parent: f"/library/metadata/{parent.rating_key}"),
        **_of_parents(parents, "Guid", lambda parent: parent.guid),
        **_of_parents(parents, "Title", lambda parent: parent.title),
    }


def _section_names(server: Server, item: Item) -> dict[str, Any]:
    section = server.library.sections.get(item.section_key)
    if section is None or item.kind == "clip":
        return {}
    return {
        "librarySectionTitle": section.title,
        "librarySectionID": int(section.key),
        "librarySectionKey": f"/library/sections/{section.key}",
    }


def _numbers(item: Item, parents: list[Item]) -> dict[str, Any]:
    numbers = {
        "index": item.index,
        "year": item.year,
        "duration": item.runtime_ms,
        "originallyAvailableAt": item.released,
        "addedAt": item.added_at,
        "updatedAt": item.updated_at,
        "deletedAt": item.deleted_at,
    }
    return numbers | ({"parentIndex": parents[0].index, "parentYear": parents[0].year} if parents else {})


def _state(server: Server, account: Account, item: Item) -> dict[str, Any]:
    state = server.states.read(account, item)
    return {
        "userRating": state.user_rating,
        "lastRatedAt": state.last_rated_at,
        "viewCount": state.view_count or None,
        "viewOffset": state.view_offset,
        "lastViewedAt": state.last_viewed_at,
    }


def _pictures(item: Item, parents: list[Item]) -> dict[str, Any]:
    return {
        "thumb": files.picture(item, "thumb"),
        "art": files.picture(parents[-1] if parents else item, "art"),
        **_of_parents(parents, "Thumb", lambda parent: files.picture(parent, "thumb")),
        **({"grandparentArt": files.picture(parents[-1], "art")} if len(parents) > 1 else {}),
    }


def _counts(server: Server, account: Account, item: Item) -> dict[str, Any]:
    if item.kind not in {"show", "season"}:
        return {}
    viewed, total = server.states.count_viewed(account, item)
    counts: dict[str, Any] = {"leafCount": total, "viewedLeafCount": viewed}
    return counts | ({"childCount": len(server.library.children(item.rating_key))} if item.kind == "show" else {})


def _oddities(server: Server, item: Item) -> dict[str, Any]:
    if item.is_recording:
        return {"oneShot": "1"}
    if item.kind == "clip":
        return {"subtype": "trailer", "extraType": 1}
    if item.kind == "episode" and server.switches.hides_seasons:
        return {"skipParent": True}
    if _is_decorated(server, item):
        return {"slug": "-".join(word for word in item.title.lower().split() if word.isalnum()) or None}
    return {}


def _is_decorated(server: Server, item: Item) -> bool:
    return server.rules.decorates_rows and item.kind in {"movie", "show"} and item.guid.startswith("plex://")


def _hidden_names(server: Server, view: View, item: Item) -> tuple[str, ...]:
    hidden: tuple[str, ...] = _NAMED_BY_FAMILY.get(item.kind, ()) if view.is_hoisted else ()
    if item.kind == "episode" and server.switches.hides_seasons:
        hidden += _SEASON_NAMES
    if item.kind == "episode" and server.switches.omits_show_keys:
        hidden += ("grandparentRatingKey",)
    return hidden


def _children(server: Server, item: Item, view: View) -> list[Element]:
    children = files.media(item)
    if _is_decorated(server, item):
        children += files.pictures(item)
    if item.is_recording:
        children.append(files.channel())
    if view.with_guids:
        children += files.guids(item)
    if view.is_detail and item.kind == "show":
        children.append(files.location(server.library.sections[item.section_key], item))
    if view.with_extras:
        extras = [row(server, each, View(account=view.account)) for each in server.library.extras(item)]
        children.append(Element(name="Extras", attributes={"size": len(extras)}, children=extras, is_single=True))
    return children
