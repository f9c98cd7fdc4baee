"""Webhooks: how many are accepted and durable in a second, and how long it takes from one to the write elsewhere.

Two JSON lines. Run it with `make bench`; the number of titles is the only argument. The servers are in this process, so
that what is timed is ours (and theirs); the database is a file, and every answer waits for the disk.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.engine.home import movie
from tests.server.house import TOKENS, Door, House, jellyfin

from watchstate.net.asgi import AsgiApp

SENT = 5_000
AT_ONCE = 32
TIMED = 200


def printed(what: str, **figures: object) -> None:
    print(json.dumps({"what": what, **figures}), flush=True)


async def post(app: AsgiApp, body: bytes) -> None:
    """Send a webhook without a client in between, which would cost more than the server."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"apikey=" + TOKENS["jellyfin"].encode(),
        "headers": [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())],
        "client": ("192.0.2.1", 1),
        "server": ("192.0.2.2", 80),
    }
    sent = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200, sent


async def accept(house: House, door: Door, entries: list[str]) -> None:
    """Report how many are accepted in a second, while nothing is handled."""
    bodies = iter([json.dumps(jellyfin(house, "one", entries[n % len(entries)])).encode() for n in range(SENT)])

    async def send() -> None:
        for body in bodies:
            await post(door.app, body)

    began = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - began
    printed("webhooks accepted and durable", sent=SENT, at_once=AT_ONCE, per_second=round(SENT / seconds))


async def handle(house: House, door: Door, entries: list[str]) -> None:
    """Report how long it takes until what an event tells is written to the other server, with the workers at work."""
    took = []
    running = asyncio.create_task(door.hearing.run())
    for entry in entries[:TIMED]:
        house.clock.pass_time(10_000)
        house["one"].watch(entry)
        writes = len(house["two"].simulator.writes())
        notice = json.dumps(jellyfin(house, "one", entry, Played=True, SaveReason="TogglePlayed")).encode()
        began = time.perf_counter()
        await post(door.app, notice)
        while len(house["two"].simulator.writes()) == writes:  # noqa: ASYNC110 - it is no coroutine that writes
            await asyncio.sleep(0.001)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)
    await door.hearing.stop(running, 4)
    took.sort()
    median, slow = (round(1000 * took[int(len(took) * part)], 1) for part in (0.5, 0.99))
    printed("webhook to write", titles=len(entries), events=len(took), median_ms=median, p99_ms=slow)


async def measure(folder: Path, titles: int) -> None:
    house = House(folder, one="jellyfin", two="jellyfin")
    entries = [house["one"].add(movie(number)) for number in range(2, titles + 2)]
    for number in range(2, titles + 2):
        house["two"].add(movie(number))
    await house.sync()
    await house.sync()
    async with house.listening(pause=asyncio.sleep) as door:
        await handle(house, door, entries)
        await accept(house, door, entries)


def main(titles: int) -> None:
    """Measure with so many titles on each server."""
    with TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), titles))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000)
