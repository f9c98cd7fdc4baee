"""The simulator beside the vendor's description of 10.11.8: what may be asked, and what is answered."""

from pathlib import Path
from typing import Any

import pytest
from plugins.mediabrowser.tests.openapi import Document, fill, json_schema

SHARED = Path(__file__).parents[4] / ".." / "shared"
DOCUMENT = Document(SHARED / "specs" / "jellyfin-openapi.json")

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, which holds the document, is absent")

LISTING = {
    "userId": "{alice}",
    "recursive": "true",
    "includeItemTypes": "Movie,Episode",
    "fields": "ProviderIds,Path,DateCreated,ParentId,MediaSources",
    "startIndex": 0,
    "limit": 500,
    "sortBy": "DateCreated,SortName",
    "sortOrder": "Ascending",
    "enableImages": "false",
    "enableUserData": "true",
    "enableTotalRecordCount": "true",
    "collapseBoxSetItems": "false",
    "excludeLocationTypes": "Virtual",
    "isMissing": "false",
}
STATE = {"Played": True, "PlaybackPositionTicks": 0, "LastPlayedDate": "2024-04-01T20:00:00Z", "PlayCount": 1}
PLAYING = {"ItemId": "{movie}", "PositionTicks": 18_000_000_000, "IsPaused": False, "PlayMethod": "DirectPlay"}
STOPPED = {"ItemId": "{movie}", "PositionTicks": 18_000_000_000, "Failed": False}
LOGIN = {"Username": "alice", "Pw": "a-pass"}
CAPABILITIES = {"PlayableMediaTypes": ["Video"], "SupportedCommands": ["Mute"], "SupportsMediaControl": True}
PARENT = {"userId": "{alice}", "parentId": "{shows}", "searchTerm": "Part", "filters": "IsUnplayed"}

# verb, path in the document, query, body
CALLS: list[tuple[str, str, dict[str, Any], Any]] = [
    ("get", "/System/Info/Public", {}, None),
    ("get", "/System/Info", {}, None),
    ("get", "/System/Ping", {}, None),
    ("post", "/System/Ping", {}, None),
    ("get", "/System/Configuration", {}, None),
    ("get", "/Users", {"isHidden": "false", "isDisabled": "false"}, None),
    ("get", "/Users/Me", {}, None),
    ("get", "/Users/Public", {}, None),
    ("get", "/Users/{userId}", {}, None),
    ("post", "/Users/AuthenticateByName", {}, LOGIN),
    ("get", "/UserViews", {"userId": "{alice}"}, None),
    ("get", "/Library/VirtualFolders", {}, None),
    ("get", "/Library/MediaFolders", {}, None),
    ("get", "/Items", LISTING, None),
    ("get", "/Items", {**LISTING, "sortBy": "DatePlayed,SortName", "sortOrder": "Descending"}, None),
    ("get", "/Items", {**LISTING, "filters": "IsResumable", "fields": "MediaSourceCount"}, None),
    ("get", "/Items", {**LISTING, "minDateLastSavedForUser": "2024-01-01T00:00:00.000Z"}, None),
    ("get", "/Items", {"ids": "{movie}", "fields": "ProviderIds", "userId": "{alice}"}, None),
    ("get", "/Items", {**PARENT, "isPlayed": "false"}, None),
    ("get", "/Items", {"recursive": "true", "minDateLastSaved": "2024-01-01T00:00:00Z", "years": "1995"}, None),
    ("get", "/Items/{itemId}", {"userId": "{alice}"}, None),
    ("get", "/Shows/{seriesId}/Episodes", {"userId": "{alice}", "fields": "ProviderIds", "season": 1}, None),
    ("get", "/Shows/{seriesId}/Seasons", {"userId": "{alice}", "fields": "ProviderIds,RecursiveItemCount"}, None),
    ("get", "/UserItems/Resume", {"userId": "{alice}", "limit": 50, "mediaTypes": "Video"}, None),
    ("post", "/UserPlayedItems/{itemId}", {"userId": "{alice}", "datePlayed": "2024-04-01T20:00:00Z"}, None),
    ("delete", "/UserPlayedItems/{itemId}", {"userId": "{alice}"}, None),
    ("get", "/UserItems/{itemId}/UserData", {"userId": "{alice}"}, None),
    ("post", "/UserItems/{itemId}/UserData", {"userId": "{alice}"}, STATE),
    ("post", "/UserFavoriteItems/{itemId}", {"userId": "{alice}"}, None),
    ("delete", "/UserFavoriteItems/{itemId}", {"userId": "{alice}"}, None),
    ("post", "/Sessions/Playing", {}, PLAYING),
    ("post", "/Sessions/Playing/Progress", {}, PLAYING),
    ("post", "/Sessions/Playing/Stopped", {}, STOPPED),
    ("post", "/Sessions/Playing/Ping", {"playSessionId": "1"}, None),
    ("post", "/Sessions/Capabilities/Full", {}, CAPABILITIES),
    ("get", "/Sessions", {"activeWithinSeconds": 960, "deviceId": "bench-1"}, None),
    ("get", "/Auth/Keys", {}, None),
    ("post", "/Auth/Keys", {"app": "sync"}, None),
    ("delete", "/Auth/Keys/{key}", {}, None),
    ("post", "/Sessions/Logout", {}, None),
]
NAMES = [f"{verb} {path} {number}" for number, (verb, path, _, _) in enumerate(CALLS)]


@pytest.fixture
async def names(home):
    home.server.start(home.alice, home.episodes[0])
    home.server.stop(home.alice, home.episodes[0], position_ms=1_800_000)
    home.server.start(home.alice, home.movie)
    home.server.watch(home.alice, home.episodes[1])
    series = (await home.rows(ids=home.episodes[0]))[0]["SeriesId"]
    return {
        "alice": home.alice,
        "userId": home.alice,
        "movie": home.movie,
        "itemId": home.movie,
        "shows": home.shows,
        "seriesId": series,
        "key": home.server.add_api_key(),
    }


@pytest.mark.parametrize(("verb", "path", "query", "body"), CALLS, ids=NAMES)
async def test_a_call_and_its_answer_are_as_described(home, names, verb, path, query, body):
    operation = DOCUMENT.operation(verb, path)
    query, body = fill(query, names), fill(body, names)
    DOCUMENT.check_request(operation, query, body)
    needs_admin = any(word in path for word in ("/Library/", "/Auth/"))
    token = home.server.admin_token if needs_admin else None
    response = await home.ask(verb.upper(), path.format(**names), token=token, json=body, **query)
    described = operation["responses"][str(response.status_code)]
    assert response.status_code in (200, 204)
    if response.status_code == 204:
        assert (response.content, "content" in described) == (b"", False)
    else:
        DOCUMENT.check(json_schema(described["content"]), response.json())


@pytest.mark.parametrize("kind", ["Movie", "Episode", "Series", "Season", "BoxSet", "CollectionFolder"])
async def test_a_single_item_of_every_kind_is_as_described(home, kind):
    home.server.add_box_set("Mann", [home.movie])
    found = await home.rows(recursive="true", includeItemTypes=kind)
    DOCUMENT.check({"$ref": "#/components/schemas/BaseItemDto"}, await home.get(f"/Items/{found[0]['Id']}"))


async def test_a_problem_is_as_described(home):
    response = await home.ask("GET", f"/Items/{'1' * 32}")
    DOCUMENT.check({"$ref": "#/components/schemas/ProblemDetails"}, response.json())


def test_the_check_finds_an_unknown_property_and_a_wrong_type():
    schema = {"$ref": "#/components/schemas/UserItemDataDto"}
    for wrong in ({"Watched": True}, {"PlayCount": "1"}, {"Played": None}):
        with pytest.raises(AssertionError):
            DOCUMENT.check(schema, wrong)
