"""What is below a show, a season or an album, and what belongs to a movie."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from watchstate_plex.simulator.asgi import Answer, Caller, Request
from watchstate_plex.simulator.paging import answer, cut
from watchstate_plex.simulator.records import Item
from watchstate_plex.simulator.routes_library import IDENTIFIER, visible_item
from watchstate_plex.simulator.routing import Route
from watchstate_plex.simulator.rows import row, view_of
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element


def _children(server: Server, request: Request, caller: Caller) -> Answer:
    item = visible_item(server, caller.account, request.params["key"])
    below = server.library.children(item.rating_key)
    if item.kind == "show" and (number := request.number("index")) is not None:
        below = [each for each in below if each.index == number]
    has_lead = item.kind == "show" and not request.flag("excludeAllLeaves")
    return _family(server, request, caller, item, [None, *below] if has_lead else below)


def _leaves(server: Server, request: Request, caller: Caller) -> Answer:
    item = visible_item(server, caller.account, request.params["key"])
    return _family(server, request, caller, item, list(server.library.leaves(item)))


def _extras(server: Server, request: Request, caller: Caller) -> Answer:
    item = visible_item(server, caller.account, request.params["key"])
    return _family(server, request, caller, item, server.library.extras(item))


def _family(server: Server, request: Request, caller: Caller, item: Item, members: Sequence[Item | None]) -> Answer:
    """Answer with members of an item's family; None is the row that stands for all of its episodes."""
    page = cut(server, request, members)
    view = replace(view_of(request, caller.account), is_hoisted=server.switches.hoists_rows)
    rows = [
        _all_episodes(server, caller, item) if member is None else row(server, member, view) for member in page.rows
    ]
    attributes = {"size": len(rows), **page.attributes, **_about(server, item)}
    if any(member is not None and member.kind == "episode" for member in members):
        attributes |= _about_episodes(server, item)
    elif item.kind == "show":
        attributes |= _about_seasons(item)
    return answer(request, Element(name="MediaContainer", attributes=attributes, children=rows), page.headers)


def _all_episodes(server: Server, caller: Caller, show: Item) -> Element:
    viewed, total = server.states.count_viewed(caller.account, show)
    attributes = {
        "leafCount": total,
        "thumb": f"/library/metadata/{show.rating_key}/thumb/{show.updated_at}",
        "viewedLeafCount": viewed,
        "key": f"/library/metadata/{show.rating_key}/allLeaves",
        "title": "All episodes",
    }
    return Element(name="Directory", attributes=attributes)


def _about(server: Server, item: Item) -> dict[str, Any]:
    section = server.library.sections[item.section_key]
    return {
        "allowSync": True,
        "art": f"/library/metadata/{item.rating_key}/art/{item.updated_at}",
        "identifier": IDENTIFIER,
        "key": item.rating_key,
        "librarySectionID": int(section.key),
        "librarySectionTitle": section.title,
        "librarySectionUUID": section.uuid,
        "mediaTagPrefix": "/system/bundle/media/flags/",
        "mediaTagVersion": 1775731696,
        "nocache": True,
        "thumb": f"/library/metadata/{item.rating_key}/thumb/{item.updated_at}",
        "title1": section.title,
        "viewMode": 65592,
    }


def _about_seasons(show: Item) -> dict[str, Any]:
    # The number here is the show's own, in its library; it is no season.
    return {
        "parentIndex": show.index,
        "parentTitle": show.title,
        "parentYear": show.year,
        "summary": "",
        "title2": show.title,
        "viewGroup": "season",
    }


def _about_episodes(server: Server, item: Item) -> dict[str, Any]:
    show = server.library.parent(item) or item
    return {
        "grandparentRatingKey": int(show.rating_key),
        "grandparentThumb": f"/library/metadata/{show.rating_key}/thumb/{show.updated_at}",
        "grandparentTitle": show.title,
        "parentIndex": item.index if item.kind == "season" else None,
        "parentTitle": item.title if item.kind == "season" else None,
        "title1": show.title,
        "title2": item.title,
        "viewGroup": "episode",
    }


ROUTES = [
    Route(pattern="/library/metadata/{key}/children", handle=_children),
    Route(pattern="/library/metadata/{key}/allLeaves", handle=_leaves),
    Route(pattern="/library/metadata/{key}/grandchildren", handle=_leaves),
    Route(pattern="/library/metadata/{key}/extras", handle=_extras),
]
