"""The simulator beside the vendor's description of 4.8.11: what may be asked, and what is answered."""

from pathlib import Path
from typing import Any

import pytest
from plugins.mediabrowser.tests.openapi import Document, fill, json_schema

SHARED = Path(__file__).parents[4] / ".." / "shared"
# Properties that captured answers of 4.9.5.0 have, and the older document has not.
SINCE_4_9 = {
    "BaseItemDto": ["DateModified"],
    "MediaSourceInfo": ["Chapters"],
    "PlayerStateInfo": ["SleepTimerMode"],
    "UserPolicy": ["AutoRemoteQuality"],
    "UserConfiguration": ["HidePlayedInMoreLikeThis", "HidePlayedInSuggestions"],
}
DOCUMENT = Document(SHARED / "specs" / "emby-4.8-openapi.json", is_closed=True, later=SINCE_4_9)

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, which holds the document, is absent")

LISTING = {
    "Recursive": "true",
    "IncludeItemTypes": "Movie,Episode,Series",
    "Fields": "ProviderIds,ProductionYear,PremiereDate,DateCreated,Path,MediaSources,ParentId,Settings",
    "StartIndex": 0,
    "Limit": 500,
    "SortBy": "DateCreated,SortName",
    "SortOrder": "Ascending",
    "EnableImages": "false",
    "EnableUserData": "true",
    "GroupItemsIntoCollections": "false",
    "MinDateLastSavedForUser": "2024-01-01T00:00:00Z",
}
LOOKUP = {"AnyProviderIdEquals": "imdb.tt0113277", "Recursive": "true", "Filters": "IsUnplayed", "HasImdbId": "true"}
STATE = {
    "Played": True,
    "PlaybackPositionTicks": 0,
    "LastPlayedDate": "2024-04-01T20:00:00.0000000Z",
    "PlayCount": 1,
    "IsFavorite": False,
    "Rating": 7,
}
KNOWN = {"ItemId": "{movie}", "MediaSourceId": "mediasource_{movie}", "PlaySessionId": "1", "PositionTicks": 1}
PROGRESS = {**KNOWN, "IsPaused": False, "PlayMethod": "DirectPlay", "EventName": "TimeUpdate"}
SHORT = {"MediaSourceId": "mediasource_{movie}", "PlaySessionId": "1"}
LOGIN = {"Username": "alice", "Pw": "a-pass"}
CAPABILITIES = {"PlayableMediaTypes": ["Video"], "SupportedCommands": ["Mute"]}

# verb, path in the document, query, body
CALLS: list[tuple[str, str, dict[str, Any], Any]] = [
    ("get", "/System/Info/Public", {}, None),
    ("get", "/System/Info", {}, None),
    ("get", "/System/Ping", {}, None),
    ("post", "/System/Ping", {}, None),
    ("get", "/Users/Query", {"IsHidden": "false", "Limit": 5, "StartIndex": 0}, None),
    ("get", "/Users/Public", {}, None),
    ("get", "/Users/{userId}", {}, None),
    ("post", "/Users/AuthenticateByName", {}, LOGIN),
    ("get", "/Users/{UserId}/Views", {"IncludeExternalContent": "false"}, None),
    ("get", "/Library/VirtualFolders/Query", {"StartIndex": 0, "Limit": 9}, None),
    ("get", "/Library/MediaFolders", {}, None),
    ("get", "/Library/SelectableMediaFolders", {}, None),
    ("get", "/Users/{UserId}/Items", LISTING, None),
    ("get", "/Users/{UserId}/Items", LOOKUP, None),
    ("get", "/Users/{UserId}/Items", {"Ids": "{movie}", "Path": "/media", "ParentId": "{movies}"}, None),
    ("get", "/Items", {"Recursive": "true", "MinDateLastSaved": "2024-01-01T00:00:00Z", "Years": "1995"}, None),
    ("get", "/Users/{UserId}/Items/{Id}", {}, None),
    ("get", "/Users/{UserId}/Items/Resume", {"MediaTypes": "Video", "Limit": 5}, None),
    ("get", "/Users/{UserId}/Items/Latest", {"Limit": 5, "GroupItems": "true", "Fields": "Path"}, None),
    ("get", "/Shows/{seriesId}/Episodes", {"UserId": "{alice}", "Season": 1, "Fields": "ProviderIds"}, None),
    ("get", "/Shows/{seriesId}/Seasons", {"UserId": "{alice}", "Fields": "ProviderIds,RecursiveItemCount"}, None),
    ("get", "/Shows/Missing", {"UserId": "{alice}", "ParentId": "{shows}"}, None),
    ("post", "/Items/{Id}/PlaybackInfo", {}, {"UserId": "{alice}"}),
    ("post", "/Users/{UserId}/PlayedItems/{Id}", {"DatePlayed": "20240401200000"}, None),
    ("delete", "/Users/{UserId}/PlayedItems/{Id}", {}, None),
    ("post", "/Users/{UserId}/PlayedItems/{Id}/Delete", {}, None),
    ("post", "/Users/{UserId}/Items/{ItemId}/UserData", {}, STATE),
    ("post", "/Users/{UserId}/FavoriteItems/{Id}", {}, None),
    ("delete", "/Users/{UserId}/FavoriteItems/{Id}", {}, None),
    ("post", "/Sessions/Playing", {}, KNOWN),
    ("post", "/Sessions/Playing/Progress", {}, PROGRESS),
    ("post", "/Sessions/Playing/Stopped", {}, {**KNOWN, "Failed": False}),
    ("post", "/Users/{UserId}/PlayingItems/{Id}", {**SHORT, "CanSeek": "true"}, None),
    ("delete", "/Users/{UserId}/PlayingItems/{Id}", {**SHORT, "PositionTicks": 7}, None),
    ("post", "/Sessions/Capabilities/Full", {}, CAPABILITIES),
    ("get", "/Sessions", {"DeviceId": "bench-1"}, None),
    ("get", "/Auth/Keys", {"StartIndex": 0, "Limit": 5}, None),
    ("post", "/Auth/Keys", {"App": "sync"}, None),
    ("delete", "/Auth/Keys/{Key}", {}, None),
    ("post", "/Auth/Keys/{Key}/Delete", {}, None),
    ("post", "/Sessions/Logout", {}, None),
]
NAMES = [f"{verb} {path} {number}" for number, (verb, path, _, _) in enumerate(CALLS)]


@pytest.fixture
async def names(any_home):
    home = any_home
    home.server.start(home.alice, home.episodes[0])
    home.server.stop(home.alice, home.episodes[0], position_ms=1_800_000)
    home.server.start(home.alice, home.movie)
    home.server.watch(home.alice, home.episodes[1])
    return {
        "alice": home.alice,
        "UserId": home.alice,
        "userId": home.alice,
        "movie": home.movie,
        "Id": home.movie,
        "ItemId": home.movie,
        "movies": home.movies,
        "shows": home.shows,
        "seriesId": await home.series_id(),
        "Key": home.server.add_api_key(),
    }


@pytest.mark.parametrize(("verb", "path", "query", "body"), CALLS, ids=NAMES)
async def test_a_call_and_its_answer_are_as_described(any_home, names, verb, path, query, body):
    operation = DOCUMENT.operation(verb, path.replace("{seriesId}", "{Id}").replace("{userId}", "{Id}"))
    query, body = fill(query, names), fill(body, names)
    DOCUMENT.check_request(operation, query, body)
    is_for_admins = any(word in path for word in ("/VirtualFolders", "/Selectable", "/Auth/", "/Users/Query"))
    token = any_home.server.admin_token if is_for_admins else None
    client = {"X-Emby-Authorization": 'Emby Client="Test", DeviceId="bench-1"'}
    any_home.client.headers.update(client)
    response = await any_home.ask(verb.upper(), path.format(**names), token=token, json=body, **query)
    assert response.status_code in (200, 204), response.text
    described = operation["responses"]["200"]
    if "content" in described:
        DOCUMENT.check(json_schema(described["content"]), response.json())


@pytest.mark.parametrize("kind", ["Movie", "Episode", "Series", "Season", "BoxSet", "CollectionFolder"])
async def test_a_single_item_of_every_kind_is_as_described(any_home, kind):
    any_home.server.add_box_set("Mann", [any_home.movie])
    any_home.server.add_version(any_home.movie, "/media/Movies/Heat 4K.mkv")
    found = await any_home.rows(Recursive="true", IncludeItemTypes=kind)
    DOCUMENT.check({"$ref": "#/components/schemas/BaseItemDto"}, await any_home.detail(found[0]["Id"]))


async def test_a_missing_episode_is_as_described(home, new_episode):
    missing = home.server.add_virtual_episode(home.shows, new_episode(9), premiere=home.clock.now)
    DOCUMENT.check({"$ref": "#/components/schemas/BaseItemDto"}, await home.detail(missing))


@pytest.mark.parametrize("wrong", [{"PlayCount": "1"}, {"Played": None}, {"Watched": True}])
def test_the_check_finds_a_wrong_type_and_an_unknown_property(wrong):
    with pytest.raises(AssertionError):
        DOCUMENT.check({"$ref": "#/components/schemas/UserItemDataDto"}, wrong)
