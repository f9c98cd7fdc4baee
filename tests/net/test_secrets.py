"""No token, query or header value is ever shown."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from watchstate.api import BackendError, Server
from watchstate.net.client import HttpPool, ServerHttp

TOKEN = "fake-token-4711"


async def failing(http: ServerHttp, **headers: str) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await http.get("/Items?api_key=" + TOKEN, params={"token": TOKEN}, headers={"X-Token": TOKEN, **headers})
    return caught.value


def all_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500, 503])
async def test_no_status_shows_a_token(fake: Any, http: ServerHttp, status: int) -> None:
    for _ in range(3):
        fake.plan(status, {"Location": "/?token=" + TOKEN, "Set-Cookie": TOKEN}, TOKEN.encode())
    assert TOKEN not in all_of(await failing(http))


async def test_no_broken_connection_shows_a_token(fake: Any, http: ServerHttp) -> None:
    fake.break_off(times=3)
    assert TOKEN not in all_of(await failing(http))


async def test_a_token_that_no_header_carries_is_not_shown(http: ServerHttp) -> None:
    assert TOKEN not in all_of(await failing(http, Authorization=TOKEN + "\xe9"))


async def test_a_token_with_a_line_break_is_not_shown(
    bare: HttpPool, server: Callable[..., Server], listen: Callable[..., Awaitable[int]]
) -> None:
    arrived = asyncio.Event()

    async def listen_only(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()

    bound = server(f"http://127.0.0.1:{await listen(listen_only)}")
    error = await failing(bare.for_server(bound), Authorization=TOKEN + "\n")
    await bare.close()
    await arrived.wait()
    assert "check the url and the token" in str(error)
    assert TOKEN not in all_of(error)


async def test_a_password_in_the_url_is_not_shown(fake: Any, server: Callable[..., Server]) -> None:
    pool = HttpPool(lambda: 0, {"http://user:" + TOKEN + "@home.test": fake})
    fake.plan(500)
    error = await failing(pool.for_server(server("http://user:" + TOKEN + "@home.test")))
    await pool.close()
    assert TOKEN not in all_of(error)


async def test_no_log_shows_a_token(fake: Any, http: ServerHttp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "stamina")
    fake.plan(503, {}, TOKEN.encode())
    await http.get("/Items", params={"token": TOKEN}, headers={"X-Token": TOKEN})
    assert any("stamina" in record.name for record in caplog.records), "the retry should have been logged"
    assert not [record for record in caplog.records if TOKEN in str(vars(record))]


async def test_no_repr_shows_a_token(fake: Any, http: ServerHttp) -> None:
    fake.plan(200, {"X-Token": TOKEN}, TOKEN.encode())
    answer = await http.get("/Items", params={"token": TOKEN}, headers={"X-Token": TOKEN})
    assert TOKEN not in repr(answer) + repr(http)
