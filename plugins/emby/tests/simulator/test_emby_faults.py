"""Faults, and the server behind a real socket."""

import http.client
from urllib.parse import urlsplit

import pytest

from watchstate.testing import Fault, FaultKind, serve


@pytest.fixture
def url(home):
    with serve(home.server.app) as url:
        yield url


def get(url, path="/emby/System/Info/Public"):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_the_server_answers_on_a_socket_with_its_own_time(home, url):
    home.server.skew_ms = 3_600_000
    status, headers, body = get(url)
    assert (status, headers["date"]) == (200, "Wed, 01 May 2024 13:00:00 GMT")
    assert body.startswith(b'{"LocalAddresses"')


def test_a_reset_in_the_middle_of_the_body_breaks_the_transfer(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.RESET_MID_BODY, path="/System/Info"))
    with pytest.raises(http.client.IncompleteRead):
        get(url)


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_dropped_connection_brings_no_answer_at_all(home, url, kind):
    home.server.faults.plan(Fault(kind=kind))
    with pytest.raises(http.client.RemoteDisconnected):
        get(url)
    assert len(home.server.requests) == (1 if kind is FaultKind.DROP_AFTER else 0)


def test_a_proxys_page_comes_with_status_200(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.PAGE))
    status, headers, body = get(url)
    assert (status, headers["content-type"], body[:9]) == (200, "text/html", b"<!DOCTYPE")


async def test_a_write_whose_answer_is_lost_was_made(home):
    home.server.faults.plan(Fault(kind=FaultKind.DROP_AFTER, path="/PlayedItems/"))
    with pytest.raises(ConnectionResetError):
        await home.ask("POST", f"/Users/{{}}/PlayedItems/{home.movie}")
    assert home.server.state(home.alice, home.movie).watched


async def test_a_late_answer_is_what_was_known_before(home):
    async def meanwhile():
        home.server.watch(home.alice, home.movie)

    home.server.faults.plan(Fault(kind=FaultKind.LATE, path=f"/Items/{home.movie}", meanwhile=meanwhile))
    late, fresh = [await home.user_data(home.movie) for _ in range(2)]
    assert (late["Played"], fresh["Played"]) == (False, True)
