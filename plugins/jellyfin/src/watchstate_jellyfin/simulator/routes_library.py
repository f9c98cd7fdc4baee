"""Reading the library: views, folders, listings, single items, a show's seasons and episodes."""

from functools import partial
from typing import Any

from msgspec.structs import replace

from watchstate_jellyfin.simulator.asgi import Request, refuse_not_found, refuse_text, refuse_words
from watchstate_jellyfin.simulator.auth import acting_user, acting_user_id
from watchstate_jellyfin.simulator.dto import item_dto, page, view_dto
from watchstate_jellyfin.simulator.finding import read_jellyfin_query
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_mediabrowser.simulator.asgi import Answer
from watchstate_mediabrowser.simulator.query import Paging, Query, read_paging
from watchstate_mediabrowser.simulator.records import Item, User
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.view import View, read_view
from watchstate_mediabrowser.simulator.wire import present


def _listing(server: JellyfinServer, query: Query, paging: Paging, view: View) -> Answer:
    shown, found = server.finder.page(query, paging)
    total = found if paging.is_counted else len(shown)
    return Answer(value=page([item_dto(server, item, view) for item in shown], total, paging.start))


def visible_item(server: JellyfinServer, user: User | None, item_id: str | None) -> Item:
    """Return an item that the user may see, or refuse with 404."""
    item = server.library.items.get(item_id or "")
    if item is None or not server.may_see(user, item):
        refuse_not_found()
    return item


def _items(server: JellyfinServer, request: Request) -> Answer:
    query, paging = read_jellyfin_query(request), read_paging(request)
    user_id = acting_user_id(request)
    user = None if user_id is None else acting_user(server, request, refuse=partial(refuse_text, 404))
    _refuse_saved_date(server, request)
    query = replace(query, user_id=user_id)
    _check_parent(server, query)
    return _listing(server, query, paging, read_view(request, user))


def _refuse_saved_date(server: JellyfinServer, request: Request) -> None:
    alone = request.text("minDateLastSaved") and not request.text("minDateLastSavedForUser")
    if alone and server.rules.fails_on_saved_date:
        refuse_text(500)


def _check_parent(server: JellyfinServer, query: Query) -> None:
    if query.parent_id is None:
        return
    parent = server.library.items.get(query.parent_id)
    if parent is None:
        refuse_text(400)
    user = server.users.get(query.user_id or "")
    if user is not None and not server.may_see(user, parent):
        refuse_words(401, f"{user.name} is not permitted to access Library {parent.name}.")


def _resume(server: JellyfinServer, request: Request) -> Answer:
    query, paging = read_jellyfin_query(request), read_paging(request)
    user = acting_user(server, request)
    playing = (
        session.playing_id
        for session in server.sessions.values()
        if request.flag("excludeActiveSessions") and session.user_id == user.user_id
    )
    query = replace(
        query,
        user_id=user.user_id,
        is_recursive=True,
        is_resumable=True,
        collapses=False,
        excluded_ids=frozenset(item_id for item_id in playing if item_id is not None),
        order=(("dateplayed", True),),
    )
    return _listing(server, query, paging, read_view(request, user))


def _item(server: JellyfinServer, request: Request) -> Answer:
    item_id = request.id("itemId")
    user = acting_user(server, request)
    return Answer(value=item_dto(server, visible_item(server, user, item_id), View(user=user)))


def _views(server: JellyfinServer, request: Request) -> Answer:
    user = acting_user(server, request, refuse=partial(refuse_text, 404))
    rows = [view_dto(server, each, user) for each in server.library.libraries() if server.may_see(user, each)]
    return Answer(value=page(rows, len(rows)))


def _media_folders(server: JellyfinServer, _: Request) -> Answer:
    rows = [item_dto(server, each, View(user=None)) for each in server.library.libraries()]
    return Answer(value=page(rows, len(rows)))


def _virtual_folders(server: JellyfinServer, _: Request) -> Answer:
    return Answer(value=[_virtual_folder(each) for each in server.library.libraries()])


def _virtual_folder(library: Item) -> dict[str, Any]:
    folder = {
        "Name": library.name,
        "Locations": [f"/media/{library.name}"],
        "CollectionType": library.collection_type,
        "LibraryOptions": {"Enabled": True, "PathInfos": [{"Path": f"/media/{library.name}"}], "TypeOptions": []},
        "ItemId": library.item_id,
        "RefreshStatus": "Idle",
    }
    return present(folder)


def _episodes(server: JellyfinServer, request: Request) -> Answer:
    paging = read_paging(request)
    user = server.users.get(acting_user_id(request) or "")
    found = _episodes_of(server, request, user)
    if not request.caller.is_api_key and (user is None or not user.shows_missing):
        found = [each for each in found if not each.is_virtual]
    if (missing := request.flag("isMissing")) is not None:
        found = [each for each in found if each.is_virtual is missing]
    view = read_view(request, user)
    return Answer(value=page([item_dto(server, each, view) for each in paging.cut(found)], len(found), paging.start))


def _episodes_of(server: JellyfinServer, request: Request, user: User | None) -> list[Item]:
    season_id, number = request.id("seasonId"), request.number("season")
    folder = server.library.items.get(season_id or request.id("seriesId") or "")
    if folder is None or not server.may_see(user, folder) or folder.kind != ("Season" if season_id else "Series"):
        refuse_words(404, f"No season exists with Id {season_id}" if season_id else "Series not found")
    episodes = server.library.episodes(folder)
    return [each for each in episodes if season_id is not None or number in (None, each.parent_index)]


def _seasons(server: JellyfinServer, request: Request) -> Answer:
    user = server.users.get(acting_user_id(request) or "")
    series = visible_item(server, user, request.id("seriesId"))
    if series.kind != "Series":
        refuse_not_found()
    view = read_view(request, user)
    found = sorted(server.library.children(series.item_id), key=lambda each: each.index or 0)
    return Answer(value=page([item_dto(server, each, view) for each in found], len(found)))


ROUTES = [
    Route(method="GET", pattern="/Items", handle=_items),
    Route(method="GET", pattern="/Users/{userId}/Items", handle=_items),
    Route(method="GET", pattern="/Items/{itemId}", handle=_item),
    Route(method="GET", pattern="/Users/{userId}/Items/{itemId}", handle=_item),
    Route(method="GET", pattern="/UserItems/Resume", handle=_resume),
    Route(method="GET", pattern="/Users/{userId}/Items/Resume", handle=_resume),
    Route(method="GET", pattern="/UserViews", handle=_views),
    Route(method="GET", pattern="/Users/{userId}/Views", handle=_views),
    Route(method="GET", pattern="/Library/MediaFolders", handle=_media_folders, access="admin"),
    Route(method="GET", pattern="/Library/VirtualFolders", handle=_virtual_folders, access="admin"),
    Route(method="GET", pattern="/Shows/{seriesId}/Episodes", handle=_episodes),
    Route(method="GET", pattern="/Shows/{seriesId}/Seasons", handle=_seasons),
]
