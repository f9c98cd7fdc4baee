"""Reading the library: views, folders, listings, single items, a show's seasons and episodes."""

from typing import Any

from msgspec.structs import replace

from watchstate_emby.simulator.asgi import Request, refuse_not_found
from watchstate_emby.simulator.auth import acting_user, named_user
from watchstate_emby.simulator.dto import item_dto, media_sources, page
from watchstate_emby.simulator.finding import EmbyQuery, read_emby_query
from watchstate_emby.simulator.server import EmbyServer
from watchstate_mediabrowser.simulator.asgi import Answer
from watchstate_mediabrowser.simulator.query import Paging, read_paging
from watchstate_mediabrowser.simulator.records import Item, User
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.view import View, read_view
from watchstate_mediabrowser.simulator.wire import present


def visible_item(server: EmbyServer, user: User | None, item_id: str | None) -> Item:
    """Return an item that the user may see, or refuse with 404."""
    item = server.library.items.get(item_id or "")
    if item is None or not server.may_see(user, item):
        refuse_not_found()
    return item


def _rows(server: EmbyServer, items: list[Item], view: View) -> list[dict[str, Any]]:
    return [item_dto(server, item, view) for item in items]


def _listing(server: EmbyServer, query: EmbyQuery, paging: Paging, view: View) -> Answer:
    shown, total = server.finder.page(query, paging)
    return Answer(value=page(_rows(server, shown, view), total if paging.is_counted else 0))


def _items(server: EmbyServer, request: Request) -> Answer:
    """List items; an API key that names nobody sees nobody's states."""
    user = acting_user(server, request)
    query, paging = read_emby_query(request, user), read_paging(request)
    if query.parent_id is not None:
        visible_item(server, user, query.parent_id)
    return _listing(server, query, paging, read_view(request, user))


def _resume(server: EmbyServer, request: Request) -> Answer:
    user = named_user(server, request)
    query, paging = read_emby_query(request, user), read_paging(request)
    order = query.order or (("dateplayed", True),)
    query = replace(query, is_recursive=True, is_resumable=True, is_folder=False, order=order)
    return _listing(server, query, paging, read_view(request, user))


def _latest(server: EmbyServer, request: Request) -> Answer:
    """List what was added last: a bare array, with a series in the place of its episodes."""
    user = named_user(server, request)
    query, paging = read_emby_query(request, user), read_paging(request)
    query = replace(query, is_recursive=True, is_folder=False, order=(("datecreated", True),))
    found = server.finder.find(query)
    if request.flag("GroupItems") is not False:
        grouped = [server.library.items[item.series_id] if item.series_id else item for item in found]
        found = list(dict.fromkeys(grouped))
    limit = 20 if paging.limit is None else paging.limit
    return Answer(value=_rows(server, found[:limit], read_view(request, user)))


def _item(server: EmbyServer, request: Request) -> Answer:
    """Show one item in full, whatever `Fields` says."""
    user = acting_user(server, request)
    return Answer(value=item_dto(server, visible_item(server, user, request.id("Id")), View(user=user)))


def _views(server: EmbyServer, request: Request) -> Answer:
    user = named_user(server, request)
    libraries = [each for each in server.library.libraries() if server.may_see(user, each)]
    return Answer(value=page(_rows(server, libraries, View(user=user)), len(libraries)))


def _media_folders(server: EmbyServer, request: Request) -> Answer:
    user = acting_user(server, request)
    libraries = [each for each in server.library.libraries() if server.may_see(user, each)]
    return Answer(value=page(_rows(server, libraries, View(user=None)), len(libraries)))


def _selectable_folders(server: EmbyServer, _: Request) -> Answer:
    rows = [
        {
            "Name": library.name,
            "Id": library.item_id,
            "Guid": server.make_secret(f"guid {library.item_id}"),
            "SubFolders": [{"Name": library.name, "Id": library.item_id, "Path": f"/media/{library.name}"}],
            "IsUserAccessConfigurable": True,
        }
        for library in server.library.libraries()
    ]
    return Answer(value=rows)


def _virtual_folders(server: EmbyServer, request: Request) -> Answer:
    libraries = server.library.libraries()
    shown = read_paging(request).cut(libraries)
    return Answer(value=page([_virtual_folder(server, each) for each in shown], len(libraries)))


def _virtual_folder(server: EmbyServer, library: Item) -> dict[str, Any]:
    resume = server.states.resume_of_library(library.item_id)
    return present(
        {
            "Name": library.name,
            "Locations": [f"/media/{library.name}"],
            "CollectionType": library.collection_type,
            "LibraryOptions": {
                "EnableRealtimeMonitor": True,
                "PathInfos": [{"Path": f"/media/{library.name}"}],
                "ContentType": library.collection_type or "",
                "MinResumePct": resume.min_percent,
                "MaxResumePct": resume.max_percent,
                "MinResumeDurationSeconds": resume.min_duration_seconds,
            },
            "ItemId": library.item_id,
            "Id": library.item_id,
            "Guid": server.make_secret(f"guid {library.item_id}"),
            "RefreshStatus": "Idle",
        }
    )


def _show(server: EmbyServer, user: User | None, item_id: str | None, kind: str) -> Item:
    item = visible_item(server, user, item_id)
    if item.kind != kind:
        refuse_not_found()
    return item


def _episodes(server: EmbyServer, request: Request) -> Answer:
    user, paging = acting_user(server, request), read_paging(request)
    folder = _show(server, user, request.id("Id"), "Series")
    if (season_id := request.text("SeasonId")) is not None:
        folder = _show(server, user, season_id, "Season")
    number = request.number("Season")
    shows_missing = user is not None and user.shows_missing
    found = [
        each
        for each in server.library.episodes(folder)
        if number in (None, each.parent_index) and (shows_missing or not each.is_virtual)
    ]
    return Answer(value=page(_rows(server, paging.cut(found), read_view(request, user)), len(found)))


def _missing(server: EmbyServer, request: Request) -> Answer:
    user, paging = acting_user(server, request), read_paging(request)
    found = [each for each in server.library.items.values() if each.is_virtual and server.may_see(user, each)]
    return Answer(value=page(_rows(server, paging.cut(found), read_view(request, user)), len(found)))


def _seasons(server: EmbyServer, request: Request) -> Answer:
    user = acting_user(server, request)
    series = _show(server, user, request.id("Id"), "Series")
    found = sorted(server.library.children(series.item_id), key=lambda each: each.index or 0)
    return Answer(value=page(_rows(server, found, read_view(request, user)), len(found)))


def _playback_info(server: EmbyServer, request: Request) -> Answer:
    item = visible_item(server, acting_user(server, request), request.id("Id"))
    secret = server.make_secret(f"play {item.item_id} {server.now()}")
    return Answer(value={"MediaSources": media_sources(server, item) or [], "PlaySessionId": secret})


ROUTES = [
    Route(method="GET", pattern="/Items", handle=_items),
    Route(method="GET", pattern="/Users/{UserId}/Items", handle=_items),
    Route(method="GET", pattern="/Users/{UserId}/Items/Resume", handle=_resume),
    Route(method="GET", pattern="/Users/{UserId}/Items/Latest", handle=_latest),
    Route(method="GET", pattern="/Users/{UserId}/Items/{Id}", handle=_item),
    Route(method="GET", pattern="/Items/{Id}/PlaybackInfo", handle=_playback_info),
    Route(method="POST", pattern="/Items/{Id}/PlaybackInfo", handle=_playback_info),
    Route(method="GET", pattern="/Users/{UserId}/Views", handle=_views),
    Route(method="GET", pattern="/Library/MediaFolders", handle=_media_folders),
    Route(method="GET", pattern="/Library/SelectableMediaFolders", handle=_selectable_folders, access="admin"),
    Route(method="GET", pattern="/Library/VirtualFolders/Query", handle=_virtual_folders, access="admin"),
    Route(method="GET", pattern="/Shows/Missing", handle=_missing),
    Route(method="GET", pattern="/Shows/{Id}/Episodes", handle=_episodes),
    Route(method="GET", pattern="/Shows/{Id}/Seasons", handle=_seasons),
]
