"""Reading the library: views, folders, listings, single items, a show's seasons and episodes."""

from functools import partial
from typing import Any

from msgspec.structs import replace

from watchstate_jellyfin.simulator.asgi import Answer, Request, refuse_not_found, refuse_text, refuse_words
from watchstate_jellyfin.simulator.auth import acting_user, acting_user_id
from watchstate_jellyfin.simulator.dto import View, item_dto, page, view_dto
from watchstate_jellyfin.simulator.finding import find
from watchstate_jellyfin.simulator.query import Paging, Query, read_paging, read_query
from watchstate_jellyfin.simulator.records import Item, User
from watchstate_jellyfin.simulator.routing import Route
from watchstate_jellyfin.simulator.server import Server
from watchstate_jellyfin.simulator.wire import present


def _found(server: Server, query: Query) -> list[Item]:
    key = query, server.library.revision, server.states.revision
    if server.last_found is None or server.last_found[0] != key:
        server.last_found = key, find(server, query)
    return server.last_found[1]


def _listing(server: Server, query: Query, paging: Paging, view: View) -> Answer:
    found = _found(server, query)
    begin = 0 if server.switches.repeat_pages else paging.start
    shown = found[begin:] if paging.limit is None else found[begin : begin + paging.limit]
    total = len(found) if paging.is_counted else len(shown)
    if server.switches.short_pages:
        shown = shown[:-1]
    answer = Answer(value=page([item_dto(server, item, view) for item in shown], total, paging.start))
    if server.switches.shift_pages and paging.start == 0 and 0 < len(shown) < len(found):
        server.switches.shift_pages -= 1
        server.add_before(shown[0])
    return answer


def _view(request: Request, user: User | None) -> View:
    return View(
        user=user,
        fields=frozenset(word.lower() for word in request.words("fields")),
        with_user_data=request.flag("enableUserData") is not False,
        with_images=request.flag("enableImages") is not False,
    )


def visible_item(server: Server, user: User | None, item_id: str | None) -> Item:
    """Return an item that the user may see, or refuse with 404."""
    item = server.library.items.get(item_id or "")
    if item is None or not server.may_see(user, item):
        refuse_not_found()
    return item


def _items(server: Server, request: Request) -> Answer:
    query, paging = read_query(request), read_paging(request)
    user_id = acting_user_id(request)
    user = None if user_id is None else acting_user(server, request, refuse=partial(refuse_text, 404))
    _refuse_saved_date(server, request)
    query = replace(query, user_id=user_id)
    _check_parent(server, query)
    return _listing(server, query, paging, _view(request, user))


def _refuse_saved_date(server: Server, request: Request) -> None:
    alone = request.text("minDateLastSaved") and not request.text("minDateLastSavedForUser")
    if alone and server.rules.fails_on_saved_date:
        refuse_text(500)


def _check_parent(server: Server, query: Query) -> None:
    if query.parent_id is None:
        return
    parent = server.library.items.get(query.parent_id)
    if parent is None:
        refuse_text(400)
    user = server.users.get(query.user_id or "")
    if user is not None and not server.may_see(user, parent):
        refuse_words(401, f"{user.name} is not permitted to access Library {parent.name}.")


def _resume(server: Server, request: Request) -> Answer:
    query, paging = read_query(request), read_paging(request)
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
    return _listing(server, query, paging, _view(request, user))


def _item(server: Server, request: Request) -> Answer:
    item_id = request.guid("itemId")
    user = acting_user(server, request)
    return Answer(value=item_dto(server, visible_item(server, user, item_id), View(user=user)))


def _views(server: Server, request: Request) -> Answer:
    user = acting_user(server, request, refuse=partial(refuse_text, 404))
    rows = [view_dto(server, each, user) for each in server.library.libraries() if server.may_see(user, each)]
    return Answer(value=page(rows, len(rows)))


def _media_folders(server: Server, _: Request) -> Answer:
    rows = [item_dto(server, each, View(user=None)) for each in server.library.libraries()]
    return Answer(value=page(rows, len(rows)))


def _virtual_folders(server: Server, _: Request) -> Answer:
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


def _episodes(server: Server, request: Request) -> Answer:
    paging = read_paging(request)
    user = server.users.get(acting_user_id(request) or "")
    found = _episodes_of(server, request, user)
    if not request.caller.is_api_key and (user is None or not user.shows_missing):
        found = [each for each in found if not each.is_virtual]
    if (missing := request.flag("isMissing")) is not None:
        found = [each for each in found if each.is_virtual is missing]
    shown = found[paging.start :] if paging.limit is None else found[paging.start : paging.start + paging.limit]
    view = _view(request, user)
    return Answer(value=page([item_dto(server, each, view) for each in shown], len(found), paging.start))


def _episodes_of(server: Server, request: Request, user: User | None) -> list[Item]:
    season_id, number = request.guid("seasonId"), request.number("season")
    folder = server.library.items.get(season_id or request.guid("seriesId") or "")
    if folder is None or not server.may_see(user, folder) or folder.kind != ("Season" if season_id else "Series"):
        refuse_words(404, f"No season exists with Id {season_id}" if season_id else "Series not found")
    episodes = [
        each for each in server.library.leaves(folder) if season_id is not None or number in (None, each.parent_index)
    ]
    return sorted(episodes, key=lambda each: (each.parent_index or 0, each.index or 0))


def _seasons(server: Server, request: Request) -> Answer:
    user = server.users.get(acting_user_id(request) or "")
    series = visible_item(server, user, request.guid("seriesId"))
    if series.kind != "Series":
        refuse_not_found()
    view = _view(request, user)
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
