"""The simulator's answers beside answers of a real server, captured and published by others."""

import json
from pathlib import Path
from typing import Any

import pytest
from plugins.mediabrowser.tests.captures import same_shapes, shape

SHARED = Path(__file__).parents[4] / ".." / "shared"
SAMPLES = SHARED / "samples" / "emby"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, which holds the captures, is absent")


def sample(name: str) -> Any:
    text = (SAMPLES / name).read_text()
    return json.loads(text) if name.endswith(".json") else text


def assert_alike(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """The same properties, in the same order, and values of the same kinds; rows in them are not looked into."""
    assert list(ours) == list(theirs)
    assert same_shapes(_without_rows(ours), theirs) == {}


def _without_rows(value: dict[str, Any]) -> dict[str, Any]:
    return {
        name: inner
        for name, inner in value.items()
        if not (isinstance(inner, list) and inner and isinstance(inner[0], dict))
    }


async def test_no_token(home):
    response = await home.ask("GET", "/Users/{}/Items", token="")
    assert response.text == sample("api_401_no_token_4.9.5.0.txt").rstrip("\n")


async def test_public_information(home):
    ours, captured = await home.get("/System/Info/Public"), sample("api_System_Info_Public_4.9.5.0.json")
    assert_alike(ours, captured)
    assert (shape(ours), ours["Version"]) == (shape(captured), captured["Version"])


async def test_api_keys(home):
    for name in ("Beta", "Alpha"):
        home.server.add_api_key(name)
    ours = (await home.ask("GET", "/Auth/Keys", token=home.server.admin_token)).json()
    captured = sample("api_Auth_Keys_4.9.5.0.json")
    assert_alike(ours, captured)
    assert_alike(ours["Items"][0], {**captured["Items"][0], "AccessToken": "0" * 32})
    assert ours["Items"][0]["Id"] > ours["Items"][1]["Id"]
    assert ours["Items"][0]["DateCreated"].endswith(".0000000Z")
    assert ours["TotalRecordCount"] == captured["TotalRecordCount"]


async def test_signing_in(home):
    home.server.add_user("reference-admin", password="secret", is_admin=True)
    headers = {"Authorization": 'Emby Client="Goby", Device="Linux Test", DeviceId="recorder", Version="0.1.0"'}
    login = {"Username": "reference-admin", "Pw": "secret"}
    ours = (await home.client.post("/emby/Users/AuthenticateByName", json=login, headers=headers)).json()
    captured = sample("api_AuthenticateByName_4.9.5.0.json")
    assert_alike(ours, {**captured, "AccessToken": "0" * 32})
    for part in ("User", "SessionInfo"):
        assert_alike(ours[part], captured[part])
    assert_alike(ours["User"]["Configuration"], captured["User"]["Configuration"])
    assert ours["User"]["Policy"] == captured["User"]["Policy"]
    assert ours["SessionInfo"]["PlayState"] == captured["SessionInfo"]["PlayState"]


async def test_users_on_the_sign_in_page(home):
    await home.ask("GET", "/System/Info")
    login = {"Username": "alice", "Pw": "a-pass"}
    headers = {"Authorization": 'Emby Client="Goby", DeviceId="recorder"'}
    await home.client.post("/Users/AuthenticateByName", json=login, headers=headers)
    assert_alike((await home.get("/Users/Public"))[0], sample("api_Users_Public_4.9.5.0.json")[0])


async def test_views(home):
    ours, captured = await home.get("/Users/{}/Views"), sample("api_Users_Views_4.9.5.0.json")
    assert_alike(ours, captured)
    for mine, theirs in zip(ours["Items"], (captured["Items"][0], captured["Items"][2]), strict=True):
        assert_alike(mine, theirs)
        assert (mine["UserData"], mine["CollectionType"]) == (theirs["UserData"], theirs["CollectionType"])
        assert mine["DateModified"] == theirs["DateModified"]


async def test_episode_rows_without_fields(home):
    ours = await home.get("/Users/{}/Items", Recursive="true", IncludeItemTypes="Episode")
    captured = sample("api_Items_episodes_defaultfields_4.9.5.0.json")
    assert_alike(ours, captured)
    for mine, theirs in zip(ours["Items"], captured["Items"], strict=True):
        assert_alike(mine, theirs)
        assert mine["UserData"] == theirs["UserData"]


async def test_a_movie_row_with_fields(home):
    fields = "ProviderIds,Genres,People,Studios,Tags"
    ours = await home.get("/Users/{}/Items", Ids=home.movie, Fields=fields)
    captured = sample("api_Items_movie_fields_ProviderIds_4.9.5.0.json")
    assert_alike(ours, captured)
    assert_alike(ours["Items"][0], captured["Items"][0])
    assert ours["Items"][0]["ProviderIds"].keys() == captured["Items"][0]["ProviderIds"].keys()


async def test_a_movie_in_full_half_way_through(home):
    home.server.start(home.alice, home.movie)
    home.server.stop(home.alice, home.movie, position_ms=18 * 60_000)
    ours, captured = await home.detail(home.movie), sample("api_Item_detail_movie_inprogress_4.9.5.0.json")
    # Ours has a year; the captured one was never identified.
    assert ours.keys() - captured.keys() == {"PremiereDate", "ProductionYear"}
    known = {name: value for name, value in ours.items() if name in captured}
    assert_alike(known, captured)
    assert_alike(ours["UserData"], captured["UserData"])
    assert ours["UserData"]["PlayedPercentage"] == captured["UserData"]["PlayedPercentage"] == 20
    assert_alike(ours["MediaSources"][0], captured["MediaSources"][0])
    assert ours["UserData"]["LastPlayedDate"].endswith(".0000000Z")


async def test_marks(home):
    for verb, entry_id, name in (
        ("POST", home.movie, "api_PlayedItems_POST_4.9.5.0.json"),
        ("DELETE", home.movie, "api_PlayedItems_DELETE_4.9.5.0.json"),
        ("POST", await home.series_id(), "api_PlayedItems_POST_series_4.9.5.0.json"),
    ):
        ours, captured = (await home.ask(verb, f"/Users/{{}}/PlayedItems/{entry_id}")).json(), sample(name)
        assert list(ours) == list(captured)
        assert {**ours, "LastPlayedDate": ""} == {**captured, "LastPlayedDate": ""}
        assert same_shapes(ours, captured) == {}


async def test_what_a_start_changes(home):
    home.server.start(home.alice, home.movie)
    captured = sample("ws_UserDataChanged_start_4.9.5.0.json")["Data"]["UserDataList"][0]
    ours = await home.user_data(home.movie)
    assert ours.keys() == captured.keys() - {"ItemId", "PlayedPercentage"}
    for name in ("PlayCount", "Played"):
        assert ours[name] == captured[name]


def test_every_captured_answer_is_used_here():
    used = Path(__file__).read_text()
    assert [each.name for each in SAMPLES.glob("api_*") if each.name not in used] == []
