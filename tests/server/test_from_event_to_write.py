"""A webhook of each kind leads to the write on the other servers, by the rules of a run."""

import pytest
from tests.engine.home import MINUTE
from tests.server.house import House, emby, jellyfin


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path)
    await house.sync()
    await house.sync()
    assert await house.is_silent()
    return house


async def play_on_plex(house, door):
    house["plex"].simulator.start(house["plex"].user, house.film["plex"])
    await door.tell_and_settle("plex")
    house.clock.pass_time(100 * MINUTE)
    house["plex"].simulator.stop(house["plex"].user, house.film["plex"], position_ms=None)
    await door.tell_and_settle("plex")


async def mark_on_jellyfin(house, door):
    house["jelly"].watch(house.film["jelly"])
    saved = jellyfin(house, "jelly", house.film["jelly"], Played=True, SaveReason="TogglePlayed")
    await door.tell_and_settle("jelly", saved)


async def play_on_jellyfin(house, door):
    house["jelly"].simulator.start(house["jelly"].user, house.film["jelly"])
    await door.tell_and_settle("jelly", jellyfin(house, "jelly", house.film["jelly"], "PlaybackStart"))
    house.clock.pass_time(100 * MINUTE)
    house["jelly"].simulator.stop(house["jelly"].user, house.film["jelly"], position_ms=None)
    await door.tell_and_settle("jelly", jellyfin(house, "jelly", house.film["jelly"], "PlaybackStop"))


async def mark_on_emby(house, door):
    house["emby"].watch(house.film["emby"])
    await door.tell_and_settle("emby", emby(house, "emby", house.film["emby"], "item.markplayed"))


async def play_on_emby(house, door):
    house["emby"].simulator.start(house["emby"].user, house.film["emby"])
    await door.tell_and_settle("emby", emby(house, "emby", house.film["emby"], "playback.start"))
    house.clock.pass_time(100 * MINUTE)
    house["emby"].simulator.stop(house["emby"].user, house.film["emby"], position_ms=None)
    await door.tell_and_settle("emby", emby(house, "emby", house.film["emby"], "playback.stop"))


@pytest.mark.parametrize("happens", [play_on_plex, mark_on_jellyfin, play_on_jellyfin, mark_on_emby, play_on_emby])
async def test_what_was_watched_on_one_server_is_watched_on_all_at_once(house, happens):
    async with house.listening() as door:
        await happens(house, door)
        assert set(house.watched().values()) == {True}
        assert {event.state for event in await door.events()} == {"done"}
    assert await house.is_silent()
