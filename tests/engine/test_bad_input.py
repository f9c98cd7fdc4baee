"""A server that misbehaves is one clear line; the others go on, and nothing is lost. So for each kind of server."""

import msgspec
import pytest
from tests.engine.home import HOUR, MINUTE, START, Home, movie, reports

from watchstate.api import Change, Outcome
from watchstate.config import decode_server
from watchstate.testing import Fault, FaultKind

KINDS = {"p": "plex", "e": "emby", "j": "jellyfin"}
LISTS = {"p": "/all", "e": "/Items", "j": "/Items"}
"""A part of the paths of lists."""
IDENTITIES = {"p": "/identity", "e": "/System", "j": "/System"}
MARKS = {"p": "/:/scrobble", "e": "/PlayedItems", "j": "/UserItems"}


@pytest.fixture
def home(tmp_path):
    """A film that is on each server."""
    home = Home(tmp_path, **KINDS)
    home.entries = {name: place.add(movie(1)) for name, place in home.places.items()}
    return home


@pytest.fixture(params=KINDS)
def bad(request, home):
    """The name of the server that misbehaves, and on which alone the film was watched."""
    home[request.param].watch(home.entries[request.param], at=START - 1000)
    return request.param


async def misbehaves(home, bad):
    """Sync with a server that misbehaves; return what is told about it."""
    outcome = await home.run("sync")
    told = reports(outcome)
    assert outcome.report.exit_code == 3
    for name in home.places.keys() - {bad}:
        assert (told[name].error, told[name].is_complete) == ("", True)
    line = told[bad].error or told[bad].note
    assert len(line.splitlines()) == 1
    assert not any(token in line for token in tokens(home))
    return line


def tokens(home):
    return [place.simulator.admin_token for place in home.places.values()]


async def recovers(home):
    """Say whether the film is watched everywhere once nothing is wrong any more, and then all is silent."""
    for place in home.places.values():
        place.simulator.faults.clear()
    home.clock.pass_time(2 * HOUR)
    await home.sync()
    await home.sync()
    everywhere = all(home[name].is_watched(entry_id) for name, entry_id in home.entries.items())
    return everywhere and await home.is_silent()


FAULTS = {
    "a page of a proxy with status 200": (LISTS, Fault(kind=FaultKind.PAGE, times=99), "web page"),
    "a page of a proxy in the place of the server": (IDENTITIES, Fault(kind=FaultKind.PAGE, times=99), "web page"),
    "XML": (
        LISTS,
        Fault(kind=FaultKind.STATUS, status=200, body=b'<?xml version="1.0"?><MediaContainer size="0"/>', times=99),
        "XML instead of JSON",
    ),
    "truncated JSON": (LISTS, Fault(kind=FaultKind.TRUNCATE, times=99), "JSON"),
    "nothing": (LISTS, Fault(kind=FaultKind.STATUS, status=200, times=99), "JSON"),
    "a reset in mid-body": (LISTS, Fault(kind=FaultKind.RESET_MID_BODY, times=99), "connection broke"),
    "a connection that breaks": (IDENTITIES, Fault(kind=FaultKind.DROP_BEFORE, times=99), "connection broke"),
    "an error of the server": (LISTS, Fault(kind=FaultKind.STATUS, status=500, times=99), "500"),
    "a server that is starting": (IDENTITIES, Fault(kind=FaultKind.STATUS, status=503, times=99), "503: is starting"),
    "a proxy without a server": (IDENTITIES, Fault(kind=FaultKind.STATUS, status=502, times=99), "behind the proxy"),
    "a redirect": (
        IDENTITIES,
        Fault(kind=FaultKind.STATUS, status=302, headers=(("location", "/media/web/?token=x"),), times=99),
        "redirects to /media/web/; check the url",
    ),
    "https is wanted": (
        IDENTITIES,
        Fault(kind=FaultKind.STATUS, status=301, headers=(("location", "https://h.test/"),), times=99),
        "write https in the url",
    ),
    "http was sent to a port of https": (
        IDENTITIES,
        Fault(kind=FaultKind.STATUS, status=400, body=b"<html>plain HTTP request was sent to HTTPS port", times=99),
        "url",
    ),
    "patience asked for": (
        LISTS,
        Fault(kind=FaultKind.STATUS, status=429, headers=(("retry-after", "3600"),), times=99),
        "429",
    ),
    "an expired token": (LISTS, Fault(kind=FaultKind.STATUS, status=401, times=99), "give it a new token"),
    "a right that is missing": (LISTS, Fault(kind=FaultKind.STATUS, status=403, times=99), "check the user's rights"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_one_line_that_names_the_server_and_the_others_go_on(home, bad, name):
    paths, fault, expected = FAULTS[name]
    home[bad].simulator.faults.plan(msgspec.structs.replace(fault, path=paths[bad]))
    line = await misbehaves(home, bad)
    assert line.startswith(f"{bad}: ")
    assert expected in line
    assert await recovers(home), "nothing was lost"


async def test_repeated_pages_are_not_taken_for_a_library(home, bad):
    for number in range(2, 1203):
        home[bad].add(movie(number))
    home[bad].simulator.repeat_pages = True
    outcome = await home.run("import")
    told = reports(outcome)[bad]
    assert "of 1202 entries" in told.note or "repeats a page" in told.error
    assert not told.is_complete
    assert outcome.report.exit_code == 3


async def test_a_server_that_was_swapped_is_refused_unread_and_unwritten(home, bad):
    home[bad].unwatch(home.entries[bad])
    await home.sync()
    others = [name for name in KINDS if name != bad]
    home[others[0]].watch(home.entries[others[0]])
    home[bad].simulator.change_machine()
    asked = len(home[bad].simulator.requests)
    line = await misbehaves(home, bad)
    assert f"servers manage {bad} --accept-new-machine" in line
    assert len(home[bad].simulator.requests) == asked + 1
    assert home[others[1]].is_watched(home.entries[others[1]])
    assert not home[bad].is_watched(home.entries[bad])


async def test_an_entry_that_is_deleted_between_list_and_write_is_one_that_waits(home, bad):
    other = next(name for name in KINDS if name != bad)
    simulator = home[other].simulator

    async def delete():
        simulator.remove(home.entries[other])

    # The scan asks who plays, so does the reading before the write, and so does the write itself.
    fault = Fault(kind=FaultKind.LATE, path="/sessions", after=2, meanwhile=delete)
    simulator.faults.plan(fault)
    told = await home.sync()
    assert simulator.faults.happened == [fault]
    assert {name: report.error for name, report in told.items()} == dict.fromkeys(KINDS, "")
    assert (told[other].written, told[other].waiting) == (0, 1)
    home.entries[other] = simulator.restore(home.entries[other])
    assert await recovers(home)


async def test_a_server_out_of_patience_is_written_to_when_its_time_has_come(home, bad):
    for name in home.places.keys() - {bad}:
        patience = Fault(
            kind=FaultKind.STATUS, path=MARKS[name], status=429, headers=(("retry-after", "3000"),), times=9
        )
        home[name].simulator.faults.plan(patience)
    told = await home.sync()
    others = sorted(home.places.keys() - {bad})
    assert [told[name].waiting for name in others] == [1, 1]
    for name in others:
        home[name].simulator.faults.clear()
    home.clock.pass_time(20 * MINUTE)
    told = await home.sync()
    assert [told[name].written for name in others] == [0, 0], "sooner than it asked for"
    assert await recovers(home)


async def test_an_expired_token_pauses_the_account_until_it_has_a_new_one(home, bad):
    home.configs[bad] = home[bad].config(token="expired")
    assert "give it a new token in servers.yaml" in await misbehaves(home, bad)
    home.configs[bad] = home[bad].config()
    assert await recovers(home)


async def test_empty_libraries_and_titles_of_any_script_are_no_trouble(home, bad):
    title = "Amélie \u202e 君の名は。\U0001f3ac\u0000" + "\u0301" * 300
    pairs = {name: place.add(movie(2, title=title)) for name, place in home.places.items()}
    for place in home.places.values():
        place.simulator.add_library("Empty films", "movies")
        place.simulator.add_library("Empty shows", "shows")
    home[bad].watch(pairs[bad])
    await home.sync()
    assert all(home[name].is_watched(entry_id) for name, entry_id in pairs.items())
    assert await recovers(home)


async def test_a_server_without_anything_is_complete(tmp_path):
    home = Home(tmp_path, **KINDS)
    outcome = await home.run("sync")
    assert outcome.report.exit_code == 0
    assert all(one.is_complete for one in outcome.report.accounts)


async def test_an_id_that_no_server_has_is_not_found_and_spoils_no_other(home, bad):
    odd = (
        "",
        " ",
        "0",
        "../../x",
        "1/../2",
        "é",
        "%2F",
        "Latest",
        "9" * 5_000,
        "1?X-Plex-Token=x",
        "a\nb",
        home.entries[bad],
    )
    async with home.services() as services:
        (member,) = (one for one in services.household().members if one.account.server.name == bad)
        changes = [Change(entry_id=each, watched=False) for each in odd if each]
        outcomes = await services.plugins.push_state(member.account, services.http(member.account.server), changes)
    *others, own = outcomes
    assert {one.outcome for one in others} == {Outcome.NOT_FOUND}
    assert own.outcome is Outcome.APPLIED


async def test_a_refused_connection_says_so(home, bad):
    home.configs[bad] = home[bad].config(url="http://127.0.0.1:1")
    assert "refused" in await misbehaves(home, bad)


@pytest.mark.parametrize("name", ["e", "j"])
async def test_a_disabled_user_of_whom_others_are_told_nothing_new_is_named_by_the_servers_list(home, name):
    home[name].simulator.disable_user(home[name].user)
    async with home.services() as services:
        server = services.server(name)
        (user,) = await services.plugins.list_users(server, services.http(server))
    assert user.is_disabled


async def test_a_disabled_users_own_token_is_refused(home):
    token = home["j"].simulator.token_for(home["j"].user)
    home.configs["j"] = home["j"].config(token=token)
    await home.run("import")
    home["j"].simulator.disable_user(home["j"].user)
    assert "token" in await misbehaves(home, "j")


async def test_a_missing_token_file_stops_only_its_own_server(home):
    del home.configs["j"]
    raw = {"type": "jellyfin", "url": "http://j.test", "token_file": "/nowhere/token", "user": "1"}
    home.configs["j"] = decode_server("j", raw)
    assert "/nowhere/token" in await misbehaves(home, "j")


async def test_only_failing_servers_fail_the_run(home, bad):
    for name in home.places.keys() - {bad}:
        del home.configs[name]
    home[bad].simulator.faults.plan(Fault(kind=FaultKind.PAGE, path="/", times=99))
    outcome = await home.run("import")
    assert outcome.report.exit_code == 1
