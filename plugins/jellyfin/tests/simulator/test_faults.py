"""Faults, and the server behind a real socket."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from watchstate.testing import Fault, FaultKind, serve


@pytest.fixture
def url(home):
    with serve(home.server.app) as url:
        yield url


def talk(url):
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)


def get(url, path="/System/Info/Public"):
    connection = talk(url)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_the_server_answers_on_a_socket_with_its_own_time(url):
    status, headers, body = get(url)
    assert (status, headers["date"], headers["server"]) == (200, "Wed, 01 May 2024 12:00:00 GMT", "Kestrel")
    assert b'"ProductName":"Jellyfin Server"' in body


def test_the_port_is_free_again_afterwards(home):
    with serve(home.server.app) as url:
        address = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=10)


def test_a_reset_in_the_middle_of_the_body_breaks_the_transfer(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.RESET_MID_BODY, path="/System/Info"))
    with pytest.raises(http.client.IncompleteRead) as broken:
        get(url)
    assert broken.value.partial.startswith(b'{"LocalAddress"')
    assert broken.value.expected > 0


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_dropped_connection_brings_no_answer_at_all(home, url, kind):
    home.server.faults.plan(Fault(kind=kind))
    with pytest.raises(http.client.RemoteDisconnected):
        get(url)
    assert len(home.server.requests) == (1 if kind is FaultKind.DROP_AFTER else 0)


def test_a_truncated_answer_looks_whole(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.TRUNCATE))
    status, headers, body = get(url)
    assert (status, headers["content-length"]) == (200, str(len(body)))
    assert body.startswith(b'{"LocalAddress"')
    assert not body.endswith(b"}")


def test_a_proxys_page_comes_with_status_200(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.PAGE))
    status, headers, body = get(url)
    assert (status, headers["content-type"], body[:9]) == (200, "text/html", b"<!DOCTYPE")


def test_a_planned_status_comes_with_its_headers(home, url):
    busy = Fault(kind=FaultKind.STATUS, status=503, headers=(("Retry-After", "7"),), body=b"busy", times=2, after=1)
    home.server.faults.plan(busy)
    answers = [get(url) for _ in range(4)]
    assert [answer[0] for answer in answers] == [200, 503, 503, 200]
    assert (answers[1][1]["retry-after"], answers[1][2]) == ("7", b"busy")


def test_a_starting_server_is_a_503_page(home, url):
    home.server.starting = True
    status, headers, body = get(url)
    assert (status, headers["content-type"], body[:6]) == (503, "text/html", b"<html>")


def test_a_fault_meets_only_its_path_and_method(home, url):
    home.server.faults.plan(Fault(kind=FaultKind.STATUS, path="/items", method="POST"))
    assert get(url)[0] == 200
    assert get(url, "/Items")[0] == 401
    assert home.server.faults.happened == []


async def test_a_late_answer_is_what_was_known_before(home):
    async def meanwhile():
        home.server.watch(home.alice, home.movie)

    home.server.faults.plan(Fault(kind=FaultKind.LATE, path="/UserData", meanwhile=meanwhile))
    late, fresh = [await home.user_data(home.movie) for _ in range(2)]
    assert (late["Played"], fresh["Played"]) == (False, True)


async def test_forgotten_faults_do_not_happen(home):
    home.server.faults.plan(Fault(kind=FaultKind.STATUS))
    home.server.faults.clear()
    assert (await home.ask("GET", "/System/Ping", token="")).status_code == 200
