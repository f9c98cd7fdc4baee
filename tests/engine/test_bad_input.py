"""A server that misbehaves is one clear line; the others go on, and nothing is lost."""

import pytest
from tests.engine.home import START, Home, movie

from watchstate.config import decode_server
from watchstate.testing import Fault, FaultKind


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path, "good", "bad")
    home.pair = home["good"].add(movie(1)), home["bad"].add(movie(1))
    home["bad"].watch(home.pair[1], at=START - 1000)
    return home


FAULTS = {
    "a page of a proxy with status 200": (Fault(kind=FaultKind.PAGE, path="/Items", times=99), "web page"),
    "truncated JSON": (Fault(kind=FaultKind.TRUNCATE, path="/Items", times=99), "JSON"),
    "a reset in mid-body": (Fault(kind=FaultKind.RESET_MID_BODY, path="/Items", times=99), "/Items"),
    "an error of the server": (Fault(kind=FaultKind.STATUS, status=500, path="/Items", times=99), "500"),
    "an overloaded server": (Fault(kind=FaultKind.STATUS, status=503, path="/System", times=99), "503"),
    "a redirect": (
        Fault(kind=FaultKind.STATUS, status=302, headers=(("location", "/jellyfin/web/"),), path="/System", times=99),
        "/jellyfin/web/",
    ),
    "patience asked for": (
        Fault(kind=FaultKind.STATUS, status=429, headers=(("retry-after", "3600"),), path="/Items", times=99),
        "429",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_one_line_that_names_the_server_and_the_others_go_on(home, name):
    fault, expected = FAULTS[name]
    home["bad"].simulator.faults.plan(fault)
    outcome = await home.run("sync")
    good, bad = outcome.report.accounts
    assert outcome.report.exit_code == 3
    assert good.error == ""
    assert good.is_complete
    assert bad.error.startswith("bad: ")
    assert expected in bad.error
    assert "\n" not in bad.error
    assert home["bad"].simulator.admin_token not in bad.error
    home["bad"].simulator.faults.clear()
    await home.sync()
    assert home["good"].is_watched(home.pair[0]), "nothing was lost"


async def test_repeated_pages_are_not_taken_for_a_library(home):
    for number in range(2, 1203):
        home["bad"].add(movie(number))
    home["bad"].simulator.repeat_pages = True
    outcome = await home.run("import")
    bad = outcome.report.accounts[1]
    assert "of 1202 entries" in bad.note or bad.error
    assert not bad.is_complete
    assert outcome.report.exit_code == 3


async def test_a_refused_connection_says_so(home):
    home.configs["bad"] = home["bad"].config(url="http://127.0.0.1:1")
    outcome = await home.run("import")
    assert "refused" in outcome.report.accounts[1].error
    assert outcome.report.exit_code == 3


async def test_a_disabled_user_is_refused(home):
    token = home["bad"].simulator.token_for(home["bad"].user)
    home.configs["bad"] = home["bad"].config(token=token)
    await home.run("import")
    home["bad"].simulator.disable_user(home["bad"].user)
    outcome = await home.run("import")
    assert "token" in outcome.report.accounts[1].error


async def test_a_missing_token_file_stops_only_its_own_server(home):
    del home.configs["bad"]
    raw = {"type": "jellyfin", "url": "http://bad.test", "token_file": "/nowhere/token", "user": "1"}
    home.configs["bad"] = decode_server("bad", raw)
    outcome = await home.run("import")
    by_server = {one.server: one for one in outcome.report.accounts}
    assert "/nowhere/token" in by_server["bad"].error
    assert by_server["good"].is_complete
    assert outcome.report.exit_code == 3


async def test_only_failing_servers_fail_the_run(home):
    del home.configs["good"]
    home["bad"].simulator.faults.plan(Fault(kind=FaultKind.PAGE, path="/", times=99))
    outcome = await home.run("import")
    assert outcome.report.exit_code == 1
