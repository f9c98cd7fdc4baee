"""The simulator's answers beside answers of real servers, captured and published by their users."""

import json
from pathlib import Path
from typing import Any

import pytest
from plugins.mediabrowser.tests.captures import same_shapes, shape

SHARED = Path(__file__).parents[4] / ".." / "shared"
SAMPLES = SHARED / "samples" / "jellyfin"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, which holds the captures, is absent")


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


async def test_public_information(home):
    captured, ours = sample("api_System_Info_Public_10.11.6.json"), await home.get("/System/Info/Public")
    assert shape(ours) == shape(captured)


async def test_an_episode_row(make, new_episode):
    home = make("10.10.7")
    entry_id = home.server.add(home.shows, new_episode(4, year=1999))
    home.server.watch(home.alice, entry_id)
    ours = await home.get("/Items", ids=entry_id, fields="CanDelete,PrimaryImageAspectRatio")
    captured = sample("api_Items_episode_2024-11.json")
    mine, theirs = ours["Items"][0], captured["Items"][0]
    assert ours.keys() == captured.keys()
    # The captured file was never probed, and it has a rating and a date of its first showing.
    assert mine.keys() - theirs.keys() == {"RunTimeTicks", "Container", "HasSubtitles"}
    assert theirs.keys() - mine.keys() == {"CommunityRating", "PremiereDate"}
    assert mine["UserData"].keys() == theirs["UserData"].keys()
    assert (mine["UserData"]["Key"], mine["UserData"]["ItemId"]) == ("81797001004", theirs["UserData"]["ItemId"])
    assert same_shapes(mine, theirs) == same_shapes(mine["UserData"], theirs["UserData"]) == {}


@pytest.mark.parametrize(("name", "kind"), [("Movies", "movies"), ("Movies plus shows", "mixed"), ("Shows", "shows")])
async def test_a_view(home, name, kind):
    home.server.add_library("Movies plus shows", "mixed")
    captured = {row["Name"]: row for row in sample("api_UserViews_2026-01.json")["Items"]}[name]
    mine = {row["Name"]: row for row in (await home.get("/UserViews"))["Items"]}[name]
    # The ratio belongs to a picture, which the captured show library does not have.
    assert mine.keys() - {"PrimaryImageAspectRatio"} == captured.keys() - {"PrimaryImageAspectRatio"}
    assert mine["UserData"].keys() == captured["UserData"].keys()
    assert mine["UserData"]["Key"].replace("-", "") == mine["UserData"]["ItemId"] == mine["Id"]
    assert mine.get("CollectionType") == captured.get("CollectionType")
    assert same_shapes(mine, captured) == {}


async def test_a_session(home):
    paused = {"ItemId": home.movie, "PositionTicks": 160_960_000, "IsPaused": True, "CanSeek": True}
    await home.ask("POST", "/Sessions/Playing/Progress", json={**paused, "PlayMethod": "DirectPlay"})
    mine, captured = (await home.get("/Sessions"))[0], sample("api_session_valid_music_10.9.11.json")
    # The captured one plays a queue, and says how loud.
    assert captured.keys() - mine.keys() == {"PlaylistItemId"}
    assert mine.keys() <= captured.keys()
    assert captured["PlayState"].keys() - mine["PlayState"].keys() == {"VolumeLevel"}
    assert same_shapes(mine, captured) == same_shapes(mine["PlayState"], captured["PlayState"]) == {}


async def test_what_a_session_plays(home):
    home.server.start(home.alice, home.movie)
    mine = (await home.get("/Sessions"))[0]["NowPlayingItem"]
    captured = sample("api_session_valid_music_10.9.11.json")["NowPlayingItem"]
    assert "UserData" not in mine
    assert "UserData" not in captured
    assert same_shapes(mine, captured) == {}
