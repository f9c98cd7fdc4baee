"""Items as the server shows them: `BaseItemDto` with the fields that were asked for, and `UserItemDataDto`."""

from collections.abc import Callable
from typing import Any

from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_jellyfin.simulator.wire import EMPTY_GUID, print_date, print_guid
from watchstate_mediabrowser.simulator.records import Item, User, UserData
from watchstate_mediabrowser.simulator.view import View
from watchstate_mediabrowser.simulator.wire import UNSET_DATE, present

_BLUR = "WVEIhSyDs.w^t39t_MsFVst7t5WF.QxbW8V{tPfk-nWFWUE3o{x]"


def user_data_dto(server: JellyfinServer, user: User, item: Item, *, with_share: bool = False) -> dict[str, Any]:
    """Show a play state; a folder's is derived from its files. `with_share`: also a folder's percentage."""
    state = server.states.read(user, item)
    shown = _own_state(server, item, state)
    if item.kind in {"Series", "Season", "BoxSet"}:
        unplayed, total = server.states.count_unplayed(user, item)
        shown["UnplayedItemCount"] = unplayed
        shown["Played"] = unplayed == 0
        if with_share and total:
            shown["PlayedPercentage"] = 100 - unplayed / total * 100
    elif state.position_ticks and item.runtime_ticks:
        shown["PlayedPercentage"] = state.position_ticks / item.runtime_ticks * 100
    return shown


def _own_state(server: JellyfinServer, item: Item, state: UserData) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "PlaybackPositionTicks": state.position_ticks,
        "PlayCount": state.play_count,
        "IsFavorite": state.is_favorite,
        "Played": state.played,
        "Key": state.key,
        "ItemId": item.item_id if server.rules.names_item_in_user_data else EMPTY_GUID,
    }
    if state.last_played is not None:
        shown["LastPlayedDate"] = print_date(state.last_played)
    if state.rating is not None:
        shown["Rating"] = state.rating
    if state.likes is not None:
        shown["Likes"] = state.likes
    return shown


def item_dto(server: JellyfinServer, item: Item, view: View) -> dict[str, Any]:
    """Show an item."""
    row: dict[str, Any] = {
        "Name": item.name,
        "ServerId": server.machine_id,
        "Id": item.item_id,
        "ChannelId": None,
        "IsFolder": item.is_folder,
        "Type": item.kind,
        "ImageBlurHashes": {},
        "LocationType": "Virtual" if item.is_virtual else "FileSystem",
        "MediaType": "Unknown" if item.is_folder else "Video",
    }
    numbers = {
        "ProductionYear": item.year,
        "RunTimeTicks": item.runtime_ticks,
        "IndexNumber": item.index,
        "IndexNumberEnd": item.index_end,
        "ParentIndexNumber": item.parent_index,
        "CollectionType": item.collection_type,
    }
    row |= present(numbers)
    if item.premiere is not None:
        row["PremiereDate"] = print_date(item.premiere)
    if not item.is_folder:
        row["VideoType"] = "VideoFile"
        if not item.is_virtual:
            row["Container"] = "mkv"
            row["HasSubtitles"] = True
    if item.series_id is not None:
        _add_place(server, item, row)
    if view.with_images:
        _add_images(item, row)
    if view.user is not None and view.with_user_data:
        row["UserData"] = user_data_dto(server, view.user, item, with_share="recursiveitemcount" in view.fields)
    _add_asked_fields(server, item, view, row)
    return row


def _add_place(server: JellyfinServer, item: Item, row: dict[str, Any]) -> None:
    series = server.library.items[item.series_id or ""]
    row["SeriesName"] = series.name
    row["SeriesId"] = series.item_id
    if item.season_id is not None:
        row["SeasonId"] = item.season_id
        row["SeasonName"] = server.library.items[item.season_id].name


def _add_images(item: Item, row: dict[str, Any]) -> None:
    tag = item.item_id[::-1]
    row["ImageTags"] = {"Primary": tag}
    row["ImageBlurHashes"] = {"Primary": {tag: _BLUR}}
    row["BackdropImageTags"] = [tag] if item.kind in {"Movie", "Series"} else []
    if item.series_id is not None:
        parent_tag = item.series_id[::-1]
        row["ParentBackdropItemId"] = item.series_id
        row["ParentBackdropImageTags"] = [parent_tag]
        row["ParentLogoItemId"] = item.series_id
        row["ParentLogoImageTag"] = parent_tag
        row["ParentThumbItemId"] = item.series_id
        row["ParentThumbImageTag"] = parent_tag
        row["SeriesPrimaryImageTag"] = parent_tag


def _add_asked_fields(server: JellyfinServer, item: Item, view: View, row: dict[str, Any]) -> None:
    for field, (name, value) in _FIELDS.items():
        if field in view.fields and (shown := value(server, item, view)) is not None:
            row[name] = shown
    for field, properties in _CONSTANT_FIELDS.items():
        if field in view.fields:
            row.update(properties)


def _etag(server: JellyfinServer, item: Item, _: View) -> str:
    return server.make_secret(f"etag {item.item_id} {item.date_saved}")


def _can_delete(_: JellyfinServer, item: Item, view: View) -> bool:
    return item.kind != "CollectionFolder" and view.user is not None and view.user.is_admin


def _child_count(server: JellyfinServer, item: Item, _: View) -> int | None:
    return len(server.library.children(item.item_id)) if item.is_folder else None


def _recursive_count(server: JellyfinServer, item: Item, view: View) -> int | None:
    if not item.is_folder or item.kind == "CollectionFolder" or view.user is None:
        return None
    return server.states.count_unplayed(view.user, item)[1]


def _media_sources(server: JellyfinServer, item: Item, _: View) -> list[dict[str, Any]] | None:
    if item.is_folder:
        return None
    return [_media_source(server, each) for each in server.library.versions(item)]


def _source_count(server: JellyfinServer, item: Item, _: View) -> int | None:
    count = 1 if item.is_folder else len(server.library.all_versions(item))
    return count if count != 1 else None


_FIELDS: dict[str, tuple[str, Callable[[JellyfinServer, Item, View], Any]]] = {
    "providerids": ("ProviderIds", lambda _server, item, _view: item.provider_ids),
    "path": ("Path", lambda _server, item, _view: item.path),
    "datecreated": ("DateCreated", lambda _server, item, _view: print_date(item.date_created)),
    "datelastmediaadded": ("DateLastMediaAdded", lambda _server, item, _view: UNSET_DATE if item.is_folder else None),
    "parentid": ("ParentId", lambda _server, item, _view: item.parent_id),
    "sortname": ("SortName", lambda _server, item, _view: item.sort_name),
    "displaypreferencesid": ("DisplayPreferencesId", lambda _server, item, _view: item.item_id),
    "candownload": ("CanDownload", lambda _server, item, _view: not item.is_folder),
    "candelete": ("CanDelete", _can_delete),
    "etag": ("Etag", _etag),
    "childcount": ("ChildCount", _child_count),
    "recursiveitemcount": ("RecursiveItemCount", _recursive_count),
    "mediasources": ("MediaSources", _media_sources),
    "mediasourcecount": ("MediaSourceCount", _source_count),
}
"""Field in lower case → property, and how to make it; None leaves it out."""

_CONSTANT_FIELDS: dict[str, dict[str, Any]] = {
    "enablemediasourcedisplay": {"EnableMediaSourceDisplay": True},
    "externalurls": {"ExternalUrls": []},
    "genres": {"Genres": [], "GenreItems": []},
    "localtrailercount": {"LocalTrailerCount": 0},
    "people": {"People": []},
    "playaccess": {"PlayAccess": "Full"},
    "primaryimageaspectratio": {"PrimaryImageAspectRatio": 1.7777777777777777},
    "remotetrailers": {"RemoteTrailers": []},
    "settings": {"LockedFields": [], "LockData": False},
    "specialfeaturecount": {"SpecialFeatureCount": 0},
    "studios": {"Studios": []},
    "taglines": {"Taglines": []},
    "tags": {"Tags": []},
}
"""What nothing here varies, and nobody who synchronises play states asks for."""


def _media_source(server: JellyfinServer, item: Item) -> dict[str, Any]:
    source: dict[str, Any] = {
        "Protocol": "File",
        "Id": item.item_id,
        "Path": item.path,
        "Type": "Default" if item.version_of is None else "Grouping",
        "Container": "mkv",
        "Name": item.path.rsplit("/", 1)[-1].removesuffix(".mkv"),
        "IsRemote": False,
        "ETag": server.make_secret(f"etag {item.item_id}"),
        "RunTimeTicks": item.runtime_ticks,
        "SupportsTranscoding": True,
        "SupportsDirectStream": True,
        "SupportsDirectPlay": True,
        "MediaStreams": [],
        "Formats": [],
    }
    return present(source)


def view_dto(server: JellyfinServer, item: Item, user: User) -> dict[str, Any]:
    """Show a library as one of a user's views."""
    row = item_dto(server, item, View(user=user))
    row["UserData"] = {**row["UserData"], "Key": print_guid(item.item_id)}
    return row


def page(rows: list[dict[str, Any]], total: int, start: int = 0) -> dict[str, Any]:
    """Wrap rows as every listing does."""
    return {"Items": rows, "TotalRecordCount": total, "StartIndex": start}
