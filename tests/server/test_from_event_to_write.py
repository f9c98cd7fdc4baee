"""A webhook of each kind leads to the write on the other servers, by the rules of a run."""

import pytest
from tests.engine.home import MINUTE, START, movie
from tests.server.house import TOKENS, House, emby, jellyfin

from watchstate.clock import SECOND
from watchstate.storage import accounts, deliveries
from watchstate.sync.pending import PAUSES


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path)
    await house.sync()
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


async def everybody_watched(house):
    house["emby"].watch(house.film["emby"])
    await house.sync()
    await house.sync()
    assert set(house.watched().values()) == {True}


async def unmark_on_jellyfin(house, door):
    house["jelly"].unwatch(house.film["jelly"])
    await door.tell_and_settle(
        "jelly", jellyfin(house, "jelly", house.film["jelly"], Played=False, SaveReason="TogglePlayed")
    )


async def unmark_on_emby(house, door):
    house["emby"].unwatch(house.film["emby"])
    await door.tell_and_settle("emby", emby(house, "emby", house.film["emby"], "item.markunplayed"))


@pytest.mark.parametrize("happens", [unmark_on_jellyfin, unmark_on_emby])
async def test_an_unwatch_travels_at_once(house, happens):
    await everybody_watched(house)
    async with house.listening() as door:
        await happens(house, door)
        assert set(house.watched().values()) == {False}
    assert await house.is_silent()


@pytest.mark.parametrize("stops", ["jelly", "emby", "plex"])
async def test_a_position_travels_at_once(house, stops):
    async with house.listening() as door:
        house[stops].play(house.film[stops], 40 * MINUTE)
        await door.tell_and_settle(
            stops,
            jellyfin(house, stops, house.film[stops], "PlaybackStop")
            if stops == "jelly"
            else emby(house, stops, house.film[stops], "playback.stop"),
        )
        shown = {name: place.shows_state(house.film[name]).position_ms for name, place in house.places.items()}
    assert {round(one / MINUTE) for one in shown.values()} == {40}


async def test_a_file_that_was_added_gets_its_mark_at_once(house):
    film = movie(2)
    there = house["emby"].add(film)
    house["emby"].watch(there, at=START)
    await house.sync()
    async with house.listening() as door:
        added = house["jelly"].add(film)
        await door.tell_and_settle("jelly", jellyfin(house, "jelly", added, "ItemAdded", UserId=None))
        assert house["jelly"].is_watched(added)


async def test_what_is_being_played_there_is_left_alone_until_it_stops(house):
    house["jelly"].simulator.start(house["jelly"].user, house.film["jelly"])
    async with house.listening() as door:
        await mark_on_emby(house, door)
        assert house.watched() == {"plex": True, "jelly": False, "emby": True}
        (event,) = await door.events()
        assert (event.state, event.error) == ("new", "jelly: 1 writes have to wait: watchstate state plan")
        house["jelly"].simulator.stop(house["jelly"].user, house.film["jelly"], position_ms=0)
        for pause in PAUSES[:2]:
            house.clock.pass_time(pause)
            await door.hearing.sweep()
            await door.hearing.settle()
        assert set(house.watched().values()) == {True}
        assert [event.state for event in await door.events()] == ["done"]


async def test_the_echo_of_our_own_write_changes_nothing(house):
    async with house.listening() as door:
        await mark_on_emby(house, door)
        writes, lines = house.writes(), await house.journal_lines()
        echo = jellyfin(house, "jelly", house.film["jelly"], Played=True, SaveReason="UpdateUserData")
        await door.tell_and_settle("jelly", echo)
        assert (house.writes(), await house.journal_lines()) == (writes, lines)
        assert (await door.events())[0].result == "nothing new"


async def test_a_late_event_of_a_mark_does_not_bring_it_back(house):
    await everybody_watched(house)
    late = jellyfin(house, "jelly", house.film["jelly"], Played=True, SaveReason="TogglePlayed")
    async with house.listening() as door:
        await unmark_on_jellyfin(house, door)
        house.clock.pass_time(10 * MINUTE)
        await door.tell_and_settle("jelly", late)
        assert set(house.watched().values()) == {False}


async def test_events_in_the_wrong_order_and_twice_come_to_what_the_server_shows(house):
    film = house.film["jelly"]
    marked = jellyfin(house, "jelly", film, Played=True, SaveReason="TogglePlayed")
    house["jelly"].watch(film)
    house.clock.pass_time(MINUTE)
    unmarked = jellyfin(house, "jelly", film, Played=False, SaveReason="TogglePlayed")
    house["jelly"].unwatch(film)
    house.clock.pass_time(MINUTE)
    house["jelly"].watch(film)
    async with house.listening() as door:
        for notice in (unmarked, marked, unmarked, marked, marked, unmarked):
            await door.tell_and_settle("jelly", notice)
            house.clock.pass_time(3 * SECOND)
        assert set(house.watched().values()) == {True}
        assert {event.state for event in await door.events()} == {"done"}


async def test_an_event_that_nobody_sent_changes_nothing(house):
    async with house.listening() as door:
        lies = jellyfin(house, "jelly", house.film["jelly"], Played=True, SaveReason="TogglePlayed")
        await door.tell_and_settle("jelly", lies)
        await door.tell_and_settle("emby", emby(house, "emby", "987654", "item.markplayed"))
        assert set(house.watched().values()) == {False}
        assert house.writes() == 0


async def test_a_thousand_events_on_one_entry_cost_few_reads(house):
    film = house.film["jelly"]
    async with house.listening() as door:
        before = len(house["jelly"].simulator.requests)
        for _ in range(1000):
            await door.tell_and_settle("jelly", jellyfin(house, "jelly", film, "PlaybackStart"))
            house.clock.pass_time(10)
        house.clock.pass_time(2 * SECOND)
        await door.hearing.settle()
        asked = house["jelly"].simulator.requests[before:]
        reads = [one for one in asked if film in f"{one.path}?{one.query}" and "ids=" in one.query.lower()]
        assert 5 <= len(reads) <= 6, "ten seconds, one read each two"
        events = await door.events()
        assert len(events) == 1000
        assert {event.state for event in events} == {"done"}


async def test_the_first_event_is_handled_at_once_and_the_next_when_two_seconds_have_passed(house):
    film = house.film["jelly"]
    async with house.listening() as door:
        await door.tell_and_settle("jelly", jellyfin(house, "jelly", film, "PlaybackStart"))
        house["jelly"].watch(film)
        await door.tell_and_settle("jelly", jellyfin(house, "jelly", film, "PlaybackStop"))
        assert not house["emby"].is_watched(house.film["emby"])
        house.clock.pass_time(2 * SECOND)
        await door.hearing.settle()
        assert set(house.watched().values()) == {True}


async def test_one_read_serves_many_entries(house):
    films = [house["jelly"].add(movie(number)) for number in range(10, 60)]
    await house.sync()
    async with house.listening() as door:
        before = len(house["jelly"].simulator.requests)
        await door.tell("jelly", *(jellyfin(house, "jelly", film, "ItemAdded", UserId=None) for film in films))
        await door.hearing.settle()
        assert len(house["jelly"].simulator.requests) - before <= 6


async def test_unmarks_that_are_too_many_for_a_person_are_held(house):
    films = [house["jelly"].add(movie(number)) for number in range(10, 40)]
    copies = [house["emby"].add(movie(number)) for number in range(10, 40)]
    for number, film in enumerate(films):
        house["jelly"].watch(film, at=START - number * MINUTE)
    await house.sync()
    await house.sync()
    for film in films:
        house["jelly"].unwatch(film)
    async with house.listening() as door:
        for film in films:
            await door.tell_and_settle("jelly", jellyfin(house, "jelly", film, Played=False, SaveReason="TogglePlayed"))
            house.clock.pass_time(SECOND)
        held = await door.services.storage.read(
            lambda conn: [deliveries.held(conn, one.account_id, None) for one in accounts.accounts(conn)]
        )
    assert sum(map(len, held)) == 10
    assert sum(house["emby"].is_watched(copy) for copy in copies) == 10


async def test_what_one_person_does_is_not_told_of_another(tmp_path):
    house = House(tmp_path, one="jellyfin", two="jellyfin")
    sams = {name: place.simulator.add_user("sam") for name, place in house.places.items()}
    for name, place in house.places.items():
        house.configs[name] = house.config(place, users={"sam": {"user": sams[name]}})
    await house.sync()
    async with house.listening() as door:
        for user, name in (("sam", "one"), ("alex", "one")):
            assert house["two"].is_watched(house.film["two"], sams["two"]) is (user == "alex")
            person = sams[name] if user == "sam" else house[name].user
            house[name].watch(house.film[name], user=person)
            house.clock.pass_time(MINUTE)
            saved = jellyfin(house, name, house.film[name], Played=True, SaveReason="TogglePlayed", UserId=person)
            assert not house["two"].is_watched(house.film["two"])
            await door.tell_and_settle(name, saved)
        assert house["two"].is_watched(house.film["two"])


async def test_a_server_that_is_not_exported_to_is_left_alone(house):
    house.configs["jelly"] = house.config(house["jelly"], export={"enabled": False})
    async with house.listening() as door:
        await mark_on_emby(house, door)
        assert house.watched() == {"plex": True, "jelly": False, "emby": True}


async def test_a_server_that_is_not_imported_from_changes_nothing_elsewhere(house):
    house.configs["jelly"] = house.config(house["jelly"], **{"import": {"enabled": False}})
    async with house.listening() as door:
        await mark_on_jellyfin(house, door)
        assert (house["plex"].is_watched(house.film["plex"]), house["emby"].is_watched(house.film["emby"])) == (
            False,
            False,
        )


async def test_several_plex_servers_share_a_token_and_are_told_apart(tmp_path):
    house = House(tmp_path, one="plex", two="plex", emby="emby")
    await house.sync()
    async with house.listening() as door:
        before = len(house["two"].simulator.requests)
        house["one"].simulator.start(house["one"].user, house.film["one"])
        await door.tell_and_settle("one")
        asked = [one.path for one in house["two"].simulator.requests[before:]]
        assert {event.server for event in await door.events()} == {"one"}
        assert not any("/library/metadata" in path for path in asked)


async def test_a_server_that_is_down_keeps_the_others_from_nothing(house):
    house.down.add("http://plex.test")
    async with house.listening() as door:
        await mark_on_emby(house, door)
        assert house["jelly"].is_watched(house.film["jelly"])


async def test_the_journal_tells_that_the_server_did_it(house):
    async with house.listening() as door:
        await mark_on_emby(house, door)
    lines = [line for line in await house.journal() if line.event in {"watched", "wrote watched"}]
    assert {line.server for line in lines} == {"plex", "jelly", "emby"}
    assert len({line.run_id for line in lines}) == 1
    assert TOKENS["emby"] not in str(lines)
