"""Items as the server shows them: `BaseItemDto` with the fields that were asked for, and `UserItemDataDto`."""

from collections.abc import Callable, Container
from typing import Any

from watchstate_emby.simulator.library import spell_oddly
from watchstate_emby.simulator.server import EmbyServer
from watchstate_mediabrowser.simulator.records import Item, User
from watchstate_mediabrowser.simulator.view import EVERYTHING, View
from watchstate_mediabrowser.simulator.wire import UNSET_DATE, present, print_date

_DERIVED = {"Series", "Season", "BoxSet"}


def user_data_dto(server: EmbyServer, user: User, item: Item, fields: Container[str] = EVERYTHING) -> dict[str, Any]:
    """Show a play state; a folder's is derived from its files.

    In a list, count and date are withheld: the count as a 0 that is none, the date by its absence.
    """
    if item.kind == "CollectionFolder":
        return {"PlaybackPositionTicks": 0, "IsFavorite": False, "Played": False}
    state = server.states.read(user, item)
    shown: dict[str, Any] = {"Rating": state.rating}
    if item.kind in _DERIVED:
        shown["UnplayedItemCount"] = server.states.count_unplayed(user, item)[0]
    elif state.position_ticks and item.runtime_ticks:
        shown["PlayedPercentage"] = _percentage(state.position_ticks, item.runtime_ticks)
    tells_count = "userdataplaycount" in fields and not item.is_folder
    tells_date = state.last_played is not None and "userdatalastplayeddate" in fields
    return present(
        {
            **shown,
            "PlaybackPositionTicks": state.position_ticks,
            "PlayCount": state.play_count if tells_count else 0,
            "IsFavorite": state.is_favorite,
            "LastPlayedDate": print_date(state.last_played or 0) if tells_date else None,
            "Played": shown.get("UnplayedItemCount") == 0 if item.is_folder else state.played,
        }
    )


def _percentage(part: int, whole: int) -> float:
    share = part * 100 / whole
    return int(share) if share == int(share) else share


def item_dto(server: EmbyServer, item: Item, view: View) -> dict[str, Any]:
    """Show an item, its properties in the server's order."""
    shown = (
        (name, value(server, item, view)) for name, field, value in _PROPERTIES if field is None or field in view.fields
    )
    return {name: value for name, value in shown if value is not None}


def page(rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """Wrap rows as every listing does."""
    return {"Items": rows, "TotalRecordCount": total}


Value = Callable[[EmbyServer, Item, View], Any]


def _of_item(value: Callable[[Item], Any]) -> Value:
    return lambda _server, item, _view: value(item)


def _of_file(value: object) -> Value:
    return lambda _server, item, _view: None if item.is_folder else value


def _of_title(value: object) -> Value:
    return lambda _server, item, _view: None if item.kind == "CollectionFolder" else value


def _constant(value: object) -> Value:
    return lambda _server, _item, _view: value


def _premiere(item: Item) -> str | None:
    """Show when a title was first shown; one of which only the year is known, on the 2nd of January.

    That is a local midnight, of a server eight hours east of Greenwich, and thereby the day before.
    """
    if item.premiere is not None:
        return print_date(item.premiere)
    return None if item.year is None else f"{item.year:04d}-01-01T16:00:00.0000000Z"


def _guid(server: EmbyServer, item: Item, _: View) -> str:
    return server.make_secret(f"guid {item.item_id}")


def _library_guid(server: EmbyServer, item: Item, view: View) -> str | None:
    return _guid(server, item, view) if item.kind == "CollectionFolder" else None


def _etag(server: EmbyServer, item: Item, _: View) -> str:
    return server.make_secret(f"etag {item.item_id} {item.date_saved}")


def _modified(item: Item) -> str:
    return UNSET_DATE if item.kind == "CollectionFolder" else print_date(item.date_saved)


def _path(item: Item) -> str | None:
    return None if item.is_virtual or item.kind == "CollectionFolder" else item.path


def _file_name(item: Item) -> str | None:
    return None if item.is_virtual or item.is_folder else item.path.rpartition("/")[2]


def _providers(server: EmbyServer, item: Item, _: View) -> dict[str, str]:
    return spell_oddly(item) if server.switches.odd_provider_ids else item.provider_ids


def _user_data(server: EmbyServer, item: Item, view: View) -> dict[str, Any] | None:
    if view.user is None or not view.with_user_data:
        return None
    is_list = view.fields is not EVERYTHING
    return user_data_dto(
        server, view.user, item, frozenset() if is_list and server.switches.hides_plays_in_lists else view.fields
    )


def _child_count(server: EmbyServer, item: Item, _: View) -> int | None:
    return len(server.library.children(item.item_id)) if item.kind in _DERIVED else None


def _recursive_count(server: EmbyServer, item: Item, view: View) -> int | None:
    if item.kind not in _DERIVED or view.user is None:
        return None
    return server.states.count_unplayed(view.user, item)[1]


def _series_name(server: EmbyServer, item: Item, _: View) -> str | None:
    return server.library.items[item.series_id].name if item.series_id else None


def _season_name(server: EmbyServer, item: Item, _: View) -> str | None:
    return server.library.items[item.season_id].name if item.season_id else None


def _image_tags(server: EmbyServer, item: Item, view: View) -> dict[str, str] | None:
    if not view.with_images:
        return None
    return {} if item.kind == "CollectionFolder" else {"Primary": server.make_secret(f"image {item.item_id}")}


def _backdrops(_server: EmbyServer, _item: Item, view: View) -> list[str] | None:
    return [] if view.with_images else None


def media_sources(server: EmbyServer, item: Item, _: View | None = None) -> list[dict[str, Any]] | None:
    """Show the files behind an item: its own, and those that are merged with it."""
    if item.is_folder or item.is_virtual:
        return None
    return [_media_source(each) for each in server.library.versions(item)]


def _media_source(item: Item) -> dict[str, Any]:
    source = {
        "Chapters": [],
        "Protocol": "File",
        "Id": f"mediasource_{item.item_id}",
        "Path": item.path,
        "Type": "Default",
        "Container": "mkv",
        "Size": _SIZE,
        "Name": (_file_name(item) or "").removesuffix(".mkv"),
        "IsRemote": False,
        "HasMixedProtocols": False,
        "RunTimeTicks": item.runtime_ticks,
        "SupportsTranscoding": True,
        "SupportsDirectStream": True,
        "SupportsDirectPlay": True,
        "IsInfiniteStream": False,
        "RequiresOpening": False,
        "RequiresClosing": False,
        "RequiresLooping": False,
        "SupportsProbing": True,
        "MediaStreams": [],
        "Formats": [],
        "Bitrate": _BITRATE,
        "RequiredHttpHeaders": {},
        "AddApiKeyToDirectStreamUrl": False,
        "ReadAtNativeFramerate": False,
        "DefaultAudioStreamIndex": 1,
        "ItemId": item.item_id,
    }
    return present(source)


_SIZE = 700_000_000
_BITRATE = 1_000_000

_PROPERTIES: tuple[tuple[str, str | None, Value], ...] = (
    ("Name", None, _of_item(lambda item: item.name)),
    ("ServerId", None, lambda server, _item, _view: server.machine_id),
    ("Id", None, _of_item(lambda item: item.item_id)),
    ("Guid", "guid", _library_guid),
    ("Etag", "etag", _etag),
    ("DateCreated", "datecreated", _of_item(lambda item: print_date(item.date_created))),
    ("DateModified", "datemodified", _of_item(_modified)),
    ("CanDelete", "candelete", _constant(value=False)),
    ("CanDownload", "candownload", _of_item(lambda item: not item.is_folder)),
    ("PresentationUniqueKey", "presentationuniquekey", _guid),
    ("SupportsSync", "syncinfo", _of_file(value=True)),
    ("Container", "container", _of_file("mkv")),
    ("SortName", "sortname", _of_item(lambda item: item.sort_name)),
    ("ForcedSortName", "sortname", _of_item(lambda item: item.sort_name)),
    ("PremiereDate", "premieredate", _of_item(_premiere)),
    ("ExternalUrls", "externalurls", _constant([])),
    ("MediaSources", "mediasources", media_sources),
    ("ProductionLocations", "productionlocations", _of_title([])),
    ("Path", "path", _of_item(_path)),
    ("Taglines", "taglines", _constant([])),
    ("Genres", "genres", _of_title([])),
    ("RunTimeTicks", None, _of_item(lambda item: item.runtime_ticks)),
    ("Size", "size", _of_file(_SIZE)),
    ("FileName", "filename", _of_item(_file_name)),
    ("Bitrate", "bitrate", _of_file(_BITRATE)),
    ("ProductionYear", "productionyear", _of_item(lambda item: item.year)),
    ("IndexNumber", None, _of_item(lambda item: item.index)),
    ("IndexNumberEnd", None, _of_item(lambda item: item.index_end)),
    ("ParentIndexNumber", None, _of_item(lambda item: item.parent_index)),
    ("RemoteTrailers", "remotetrailers", _constant([])),
    ("ProviderIds", "providerids", _providers),
    ("IsFolder", None, _of_item(lambda item: item.is_folder)),
    ("ParentId", "parentid", _of_item(lambda item: item.parent_id)),
    ("Type", None, _of_item(lambda item: item.kind)),
    ("People", "people", _of_title([])),
    ("Studios", "studios", _of_title([])),
    ("GenreItems", "genres", _of_title([])),
    ("TagItems", "tags", _of_title([])),
    ("LocalTrailerCount", "localtrailercount", _of_title(0)),
    ("UserData", None, _user_data),
    ("RecursiveItemCount", "recursiveitemcount", _recursive_count),
    ("ChildCount", "childcount", _child_count),
    ("SeriesName", None, _series_name),
    ("SeriesId", None, _of_item(lambda item: item.series_id)),
    ("SeasonId", None, _of_item(lambda item: item.season_id)),
    ("DisplayPreferencesId", "displaypreferencesid", _guid),
    ("AirDays", None, _of_item(lambda item: [] if item.kind == "Series" else None)),
    ("CollectionType", None, _of_item(lambda item: item.collection_type)),
    ("SeasonName", None, _season_name),
    ("MediaStreams", "mediastreams", _of_file([])),
    ("PartCount", "partcount", _of_file(1)),
    ("ImageTags", None, _image_tags),
    ("BackdropImageTags", None, _backdrops),
    ("Chapters", "chapters", _of_file([])),
    ("LocationType", None, _of_item(lambda item: "Virtual" if item.is_virtual else None)),
    ("MediaType", None, _of_item(lambda item: None if item.is_folder else "Video")),
    ("LockedFields", "settings", _constant([])),
    ("LockData", "settings", _constant(value=False)),
    ("Width", "width", _of_file(1920)),
    ("Height", "height", _of_file(1080)),
)
"""Name, the field that has to be asked for (None: always there), and how to make it; None leaves it out."""
