"""The simulator beside the vendor's description of 10.11.8: what may be asked, and what is answered."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SHARED = Path(__file__).parents[4] / ".." / "shared"
DOCUMENT = SHARED / "specs" / "jellyfin-openapi.json"

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


def convert(schema: Any) -> Any:
    """Turn OpenAPI 3.0's `nullable` into JSON Schema."""
    if isinstance(schema, list):
        return [convert(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {name: convert(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [{"type": "null"}, converted]} if schema.get("nullable") is True else converted


@cache
def document() -> Any:
    return json.loads(DOCUMENT.read_text())


@cache
def schemas() -> Any:
    return convert(document()["components"]["schemas"])


def check(schema: dict[str, Any], value: Any) -> None:
    whole = {**convert(schema), "components": {"schemas": schemas()}}
    errors = sorted(Draft202012Validator(whole).iter_errors(value), key=lambda error: list(error.absolute_path))
    assert not errors, [f"{error.json_path}: {error.message[:200]}" for error in errors[:5]]


def json_schema(content: dict[str, Any]) -> dict[str, Any]:
    return next(media["schema"] for kind, media in content.items() if kind.startswith("application/json"))


def check_request(operation: dict[str, Any], query: dict[str, Any], body: Any) -> None:
    parameters = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
    assert set(query) <= set(parameters)
    for name, value in query.items():
        check_word(parameters[name]["schema"], str(value))
    if body is not None:
        check(json_schema(operation["requestBody"]["content"]), body)


def check_word(schema: dict[str, Any], value: str) -> None:
    if schema.get("type") == "array":
        for word in value.split(","):
            check_word(schema["items"], word)
    elif "$ref" in schema or schema.get("type") == "string":
        check(schema, value)
    else:
        check(schema, json.loads(value))


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


def fill(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: fill(inner, names) for name, inner in value.items()}
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize(("verb", "path", "query", "body"), CALLS, ids=NAMES)
async def test_a_call_and_its_answer_are_as_described(home, names, verb, path, query, body):
    operation = document()["paths"][path][verb]
    query, body = fill(query, names), fill(body, names)
    check_request(operation, query, body)
    needs_admin = any(word in path for word in ("/Library/", "/Auth/"))
    token = home.server.admin_token if needs_admin else None
    response = await home.ask(verb.upper(), path.format(**names), token=token, json=body, **query)
    described = operation["responses"][str(response.status_code)]
    assert response.status_code in (200, 204)
    if response.status_code == 204:
        assert (response.content, "content" in described) == (b"", False)
    else:
        check(json_schema(described["content"]), response.json())


@pytest.mark.parametrize("kind", ["Movie", "Episode", "Series", "Season", "BoxSet", "CollectionFolder"])
async def test_a_single_item_of_every_kind_is_as_described(home, kind):
    home.server.add_box_set("Mann", [home.movie])
    found = await home.rows(recursive="true", includeItemTypes=kind)
    check({"$ref": "#/components/schemas/BaseItemDto"}, await home.get(f"/Items/{found[0]['Id']}"))


async def test_a_problem_is_as_described(home):
    response = await home.ask("GET", f"/Items/{'1' * 32}")
    check({"$ref": "#/components/schemas/ProblemDetails"}, response.json())


def test_the_check_finds_an_unknown_property_and_a_wrong_type():
    schema = {"$ref": "#/components/schemas/UserItemDataDto"}
    for wrong in ({"Watched": True}, {"PlayCount": "1"}, {"Played": None}):
        with pytest.raises(AssertionError):
            check(schema, wrong)
