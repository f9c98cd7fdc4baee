"""What real servers sent, word for word but for the ids: each is accepted and leads to the write, or is ignored."""

import json

import pytest
from tests.docs.pages import ROOT
from tests.server.house import TOKENS, House

SAMPLES = ROOT.parent / "shared" / "samples"
FILES = sorted(file for kind in TOKENS for file in (SAMPLES / kind).glob("webhook_*.json"))
NO_NOTICES = ("webhook_field_analysis",)
"""Notes about notifications, and none themselves."""


def addressed(house: House, name: str, notice: dict) -> dict:
    """Return a notification as the household's own server would have sent it."""
    place, film = house[name], house.film[name]
    machine = place.simulator.machine_id
    if place.kind == "plex":
        notice["Server"] = {"uuid": machine}
        notice["Account"] = {"id": 1}
        if "Metadata" in notice:
            notice["Metadata"]["ratingKey"] = film
    elif place.kind == "emby":
        notice["Server"]["Id"] = machine
        if "Item" in notice:
            notice["User"], notice["Item"]["Id"] = {"Id": place.user}, film
    else:
        notice["ServerId"] = machine
        if "ItemId" in notice:
            notice["UserId"], notice["ItemId"] = place.user, film
    return notice


@pytest.mark.skipif(not FILES, reason="the captures of real servers are not here (../shared)")
async def test_what_real_servers_sent_leads_to_the_write_or_is_ignored(tmp_path):
    answers = {}
    for number, file in enumerate(file for file in FILES if not file.name.startswith(NO_NOTICES)):
        (folder := tmp_path / str(number)).mkdir()
        house = House(folder)
        name = {"plex": "plex", "jellyfin": "jelly", "emby": "emby"}[file.parent.name]
        await house.sync()
        house[name].watch(house.film[name])
        body = json.dumps(addressed(house, name, json.loads(file.read_bytes()))).encode()
        async with house.listening() as door:
            answer = await door.post(body, token=TOKENS[house[name].kind])
            await door.hearing.settle()
        answers[file.name] = answer.json()["status"]
        assert len(set(house.watched().values())) == (1 if answers[file.name] == "accepted" else 2), file.name
    assert {kind for kind, status in answers.items() if status == "accepted"} >= {
        "webhook_PlaybackStop_movie_10.8.8.json",
        "webhook_UserDataSaved_TogglePlayed_unmark_episode_10.10.3.json",
        "webhook_playback.stop_movie_4.7.13.0.json",
        "webhook_movary_media_scrobble_movie.json",
    }
    assert set(answers.values()) == {"accepted", "ignored"}
