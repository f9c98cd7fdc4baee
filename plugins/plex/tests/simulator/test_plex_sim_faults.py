"""Faults, and the servers behind real sockets (§23.4 of the protocol page)."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest
from plugins.plex.tests.simulator.households import NOON

from watchstate.testing import Fault, FaultKind, serve
from watchstate_plex.simulator.simulator import PLEX_TV


@pytest.fixture
def url(home):
    with serve(home.server.app) as url:
        yield url


def get(url, path="/identity", headers=None):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_the_server_answers_on_a_socket_with_its_own_time(url):
    status, headers, body = get(url)
    assert (status, headers["date"]) == (200, "Wed, 01 May 2024 12:00:00 GMT")
    assert b"<MediaContainer" in body


def test_plex_tv_answers_on_a_socket_of_its_own_with_the_true_time(home):
    home.server.skew_ms = 3_600_000
    with serve(home.server.elsewhere[PLEX_TV]) as url:
        status, headers, _ = get(url, "/api/v2/user", {"X-Plex-Client-Identifier": "x"})
    assert (status, headers["date"]) == (401, "Wed, 01 May 2024 12:00:00 GMT")


def test_the_port_is_free_again_afterwards(home):
    with serve(home.server.app) as url:
        address = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=10)


def test_a_reset_in_the_middle_of_the_body_breaks_the_transfer(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.RESET_MID_BODY))
    with pytest.raises(http.client.IncompleteRead):
        get(url)


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_dropped_connection_brings_no_answer_at_all(home, url, kind):
    home.server.faults.plan(Fault(kind=kind))
    with pytest.raises(http.client.RemoteDisconnected):
        get(url)
    assert len(home.server.requests) == (1 if kind is FaultKind.DROP_AFTER else 0)


def test_a_truncated_answer_looks_whole(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.TRUNCATE))
    status, headers, body = get(url, headers={"Accept": "application/json"})
    assert (status, headers["content-length"]) == (200, str(len(body)))
    assert not body.endswith(b"}")


def test_a_proxys_page_comes_with_status_200(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.PAGE))
    status, headers, _ = get(url)
    assert (status, headers["content-type"]) == (200, "text/html")


async def test_the_first_reads_of_metadata_may_fail(home):
    home.server.faults.plan(Fault(kind=FaultKind.STATUS, status=503, path="/library/metadata", times=2))
    statuses = [(await home.ask(f"/library/metadata/{home.movie}")).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


async def test_a_starting_server_answers_nothing_but_that(home):
    home.server.starting = True
    for path in ("/identity", "/library/sections"):
        response = await home.ask(path)
        assert (response.status_code, response.headers["content-type"]) == (503, "text/html")
        assert "<h1>503 Service Unavailable</h1>" in response.text
    home.server.starting = False
    assert (await home.ask("/identity")).status_code == 200


async def test_an_entry_may_go_between_two_requests(home):
    async def meanwhile():
        home.server.remove(home.movie)

    home.server.faults.plan(Fault(kind=FaultKind.LATE, path="/library/metadata", meanwhile=meanwhile))
    path = f"/library/metadata/{home.movie}"
    assert [(await home.ask(path)).status_code for _ in range(2)] == [200, 404]


async def test_every_request_is_logged(home):
    await home.ask("/identity?x=1", token="")
    await home.ask("/library/metadata/999999")
    await home.ask("/", token="wrong")
    logged = [(each.method, each.path, each.query, each.status) for each in home.server.requests]
    assert logged == [
        ("GET", "/identity", "x=1", 200),
        ("GET", "/library/metadata/999999", "", 404),
        ("GET", "/", "", 401),
    ]


def test_nothing_but_tests_moves_the_clock(home):
    assert home.server._server.now_ms() == NOON
