"""A fake server (ASGI, no sockets), and clients that talk to it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import stamina
from msgspec import Struct

from watchstate.api import CommonOptions, Secret, Server
from watchstate.net.client import HttpPool

TOKEN = "fake-token-4711"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NOON = 1_767_268_800_000  # 2026-01-01 12:00:00 UTC


class Seen(Struct):
    """A request as the fake server received it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class FakeServer:
    """Gives planned answers, one after the other, and 200 after the last; an exception breaks the connection."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answers: list[tuple[int, dict[str, str], bytes] | Exception] = []
        self.breaks_in_the_middle = False

    def plan(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.answers.append((status, headers or {}, body))

    def break_off(self, times: int = 1) -> None:
        self.answers += [ConnectionError("broken") for _ in range(times)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append(Seen(scope["method"], scope["path"], scope["query_string"].decode(), headers, body))
        answer = self.answers.pop(0) if self.answers else (200, {}, b"{}")
        if isinstance(answer, Exception):
            raise answer
        status, answer_headers, content = answer
        raw = [(name.encode(), value.encode()) for name, value in answer_headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        if self.breaks_in_the_middle:
            await send({"type": "http.response.body", "body": content[:1], "more_body": True})
            raise ConnectionError("broken")
        await send({"type": "http.response.body", "body": content})


class SteppingClock:
    """Every look at it is 10 ms later than the one before."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        self.now += 10
        return self.now


def make_server(url: str = "http://home.test", **options: Any) -> Server:
    return Server(name="home", type="fake", url=url, token=Secret(TOKEN), options=CommonOptions(**options))


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer()


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def pool(fake: FakeServer, clock: SteppingClock) -> AsyncIterator[HttpPool]:
    pool = HttpPool(clock, {"http://home.test": fake})
    yield pool
    await pool.close()


@pytest.fixture
def http(pool: HttpPool) -> Any:
    return pool.for_server(make_server())


@pytest.fixture
def server() -> Callable[..., Server]:
    return make_server


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[int]]]:
    """Let a function talk to whoever connects to a port of the loopback; all of its talks have ended afterwards."""
    servers = []
    talks: set[asyncio.Task[None] | None] = set()

    async def start(talk: Talk, tls: ssl.SSLContext | None = None) -> int:
        async def talk_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talks.add(asyncio.current_task())
            await talk(reader, writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

        server = await asyncio.start_server(talk_and_close, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()
    await asyncio.gather(*filter(None, talks))


@pytest.fixture
async def bare() -> AsyncIterator[HttpPool]:
    pool = HttpPool(lambda: 0)
    yield pool
    await pool.close()
