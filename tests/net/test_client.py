"""What goes over the wire, and what comes back."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from watchstate import __version__
from watchstate.api import (
    BackendError,
    BackendProtocolError,
    BackendRateLimited,
    BackendUnavailable,
    Http,
    Server,
)
from watchstate.net import client
from watchstate.net.client import HttpPool, ServerHttp

NOON = 1_767_268_800_000

_: type[Http] = ServerHttp


async def test_an_answer_carries_all_that_a_backend_needs(fake: Any, http: ServerHttp) -> None:
    fake.plan(404, {"X-Some": "thing", "Date": "Thu, 01 Jan 2026 12:00:02 GMT"}, b"gone")
    answer = await http.get("/Items/1")
    assert (answer.server, answer.operation, answer.status) == ("home", "GET /Items/1", 404)
    assert answer.headers["x-some"] == "thing"
    assert answer.content == b"gone"
    assert (answer.began_at, answer.ended_at) == (NOON + 10, NOON + 20)
    assert answer.clock_skew_ms == 1_985


async def test_a_base_path_in_the_url_is_kept(fake: Any, server: Callable[..., Server], pool: HttpPool) -> None:
    await pool.for_server(server("http://home.test/jellyfin/")).get("/Items")
    assert fake.seen[0].path == "/jellyfin/Items"


async def test_a_path_never_leads_to_another_host(fake: Any, http: ServerHttp) -> None:
    await http.get("http://elsewhere.test/Items")
    assert fake.seen[0].headers["host"] == "home.test"


async def test_parameters_are_spelt_as_servers_expect_them(fake: Any, http: ServerHttp) -> None:
    await http.get("/Items", params={"Recursive": True, "Hidden": False, "Limit": 100, "Name": "a b&c"})
    assert fake.seen[0].query == "Recursive=true&Hidden=false&Limit=100&Name=a+b%26c"


async def test_a_query_in_the_path_is_kept_beside_parameters(fake: Any, http: ServerHttp) -> None:
    answer = await http.get("/Items?a=1", params={"b": 2})
    assert fake.seen[0].query == "a=1&b=2"
    assert answer.operation == "GET /Items"


async def test_headers_and_our_name_are_sent(fake: Any, http: ServerHttp) -> None:
    await http.get("/Items", headers={"X-Token": "t"})
    assert fake.seen[0].headers["x-token"] == "t"
    assert fake.seen[0].headers["user-agent"] == f"watchstate/{__version__}"


async def test_a_json_body_is_encoded(fake: Any, http: ServerHttp) -> None:
    await http.send("POST", "/State", params={"a": True}, json={"Played": True})
    seen = fake.seen[0]
    assert (seen.method, seen.query, seen.body) == ("POST", "a=true", b'{"Played":true}')
    assert seen.headers["content-type"] == "application/json"


async def test_a_write_without_json_has_no_body(fake: Any, http: ServerHttp) -> None:
    await http.send("DELETE", "/State")
    assert fake.seen[0].body == b""
    assert "content-type" not in fake.seen[0].headers


async def test_no_cookie_of_one_user_goes_out_with_the_request_of_another(fake: Any, http: ServerHttp) -> None:
    fake.plan(200, {"Set-Cookie": "session=alice"})
    await http.get("/Items")
    await http.get("/Items")
    assert "cookie" not in fake.seen[1].headers


async def test_compressed_answers_are_read(fake: Any, http: ServerHttp) -> None:
    fake.plan(200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello"))
    assert (await http.get("/Items")).content == b"hello"


async def test_spoilt_compression_is_a_protocol_error(fake: Any, http: ServerHttp) -> None:
    fake.plan(200, {"Content-Encoding": "gzip"}, b"hello")
    with pytest.raises(BackendProtocolError, match="compression"):
        await http.get("/Items")


async def test_an_answer_without_end_is_refused(fake: Any, http: ServerHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BODY_LIMIT", 1 << 20)
    fake.plan(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes((1 << 20) + 1)))
    with pytest.raises(BackendProtocolError, match="larger than 1 MB"):
        await http.get("/Items")


async def test_a_redirect_is_not_followed(fake: Any, http: ServerHttp) -> None:
    fake.plan(302, {"Location": "/web/"})
    with pytest.raises(BackendProtocolError, match="redirects to /web/"):
        await http.get("/Items")
    assert len(fake.seen) == 1


async def test_reading_survives_two_broken_connections(fake: Any, http: ServerHttp) -> None:
    fake.break_off(times=2)
    assert (await http.get("/Items")).status == 200
    assert len(fake.seen) == 3


async def test_reading_gives_up_after_three_attempts(fake: Any, http: ServerHttp) -> None:
    fake.break_off(times=3)
    with pytest.raises(BackendUnavailable) as caught:
        await http.get("/Items")
    assert caught.value.sent
    assert len(fake.seen) == 3


async def test_each_attempt_is_stamped_anew(fake: Any, http: ServerHttp) -> None:
    fake.plan(503)
    answer = await http.get("/Items")
    assert (answer.began_at, answer.ended_at) == (NOON + 30, NOON + 40)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_reading_tries_a_busy_server_again(fake: Any, http: ServerHttp, status: int) -> None:
    fake.plan(status, {"Retry-After": "10"})
    assert (await http.get("/Items")).status == 200


@pytest.mark.parametrize("status", [302, 401, 403, 500])
async def test_reading_does_not_repeat_what_stays(fake: Any, http: ServerHttp, status: int) -> None:
    fake.plan(status)
    with pytest.raises(BackendError):
        await http.get("/Items")
    assert len(fake.seen) == 1


async def test_a_server_that_asks_for_much_patience_is_not_asked_again(fake: Any, http: ServerHttp) -> None:
    fake.plan(429, {"Retry-After": "11"})
    with pytest.raises(BackendRateLimited) as caught:
        await http.get("/Items")
    assert caught.value.retry_after_ms == 11_000
    assert len(fake.seen) == 1


async def test_a_pause_lasts_as_long_as_the_server_asks() -> None:
    error = BackendRateLimited("home", "GET /Items", "busy")
    assert client._pause(client.Failure(error, may_pass=True, retry_after_ms=2_500)) == 2.5
    assert client._pause(client.Failure(error, may_pass=True)) is True
    assert client._pause(RuntimeError()) is False


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_write_is_never_repeated_on_a_status(fake: Any, http: ServerHttp, status: int) -> None:
    fake.plan(status)
    with pytest.raises(BackendUnavailable if status > 429 else BackendRateLimited):
        await http.send("POST", "/State")
    assert len(fake.seen) == 1


async def test_a_write_is_never_repeated_on_a_broken_connection(fake: Any, http: ServerHttp) -> None:
    fake.break_off()
    with pytest.raises(BackendUnavailable) as caught:
        await http.send("POST", "/State")
    assert caught.value.sent
    assert len(fake.seen) == 1


async def test_a_break_in_the_middle_of_an_answer_is_told_from_one_before_it(fake: Any, http: ServerHttp) -> None:
    fake.breaks_in_the_middle = True
    with pytest.raises(BackendUnavailable, match="the answer is no HTTP"):
        await http.send("POST", "/State")


async def test_no_more_requests_are_in_flight_than_allowed(server: Callable[..., Server]) -> None:
    in_flight: list[int] = []
    now = 0

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        nonlocal now
        now += 1
        in_flight.append(now)
        await asyncio.sleep(0)
        now -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    pool = HttpPool(lambda: 0, {"http://home.test": app})
    bound = server(concurrency=3)
    await asyncio.gather(*(pool.for_server(bound).get("/") for _ in range(20)))
    await pool.close()
    assert max(in_flight) == 3


async def test_a_cancelled_request_is_cancelled(server: Callable[..., Server]) -> None:
    arrived = asyncio.Event()

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        arrived.set()
        await asyncio.Event().wait()

    pool = HttpPool(lambda: 0, {"http://home.test": app})
    task = asyncio.create_task(pool.for_server(server(concurrency=1)).get("/"))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await pool.close()
