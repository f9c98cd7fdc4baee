"""CPU of a first import and of an unchanged scan, against the floor of downloading and decoding the same pages.

One JSON line per figure. Run it with `make bench`; the number of entries is the only argument.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from watchstate.app import open_services
from watchstate.config import decode_server, load_settings
from watchstate.sync.runs import Request, run
from watchstate.sync.work import Silent
from watchstate_mediabrowser.wire import ITEMS

PAGE = 1000


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def floor(where: dict[str, str]) -> int:
    """Download and decode the pages that a scan reads, and do nothing else."""
    headers = {"authorization": f'MediaBrowser Client="floor", Token="{where["token"]}"'}
    common = {
        "userId": where["user"],
        "recursive": "true",
        "includeItemTypes": "Movie,Episode",
        "fields": "ProviderIds,DateCreated,Path",
        "enableImages": "false",
        "collapseBoxSetItems": "false",
        "excludeLocationTypes": "Virtual",
        "sortBy": "DateCreated,SortName",
    }
    read = 0
    async with httpx.AsyncClient(base_url=where["url"], headers=headers, timeout=60) as client:
        while True:
            answer = await client.get("/Items", params=common | {"startIndex": str(read), "limit": str(PAGE)})
            page = ITEMS.decode(answer.content)
            read += len(page.items)
            if len(page.items) < PAGE:
                return read


async def measure(where: dict[str, str]) -> None:
    await floor(where)
    began = cpu_seconds()
    read = await floor(where)
    least = cpu_seconds() - began
    report("floor", least, least, read)
    with tempfile.TemporaryDirectory() as folder:
        config = {"type": "jellyfin", "url": where["url"], "token": where["token"], "user": where["user"]}
        servers = {"bench": decode_server("bench", config | {"options": {"timeout": 120}})}
        settings = load_settings({"WS_DATA_PATH": folder})
        async with open_services(settings, servers=servers) as services:
            services.storage  # noqa: B018 - opening (and migrating) is not part of the scan
            for name in ("first import", "unchanged scan", "unchanged scan"):
                began, wall = cpu_seconds(), time.perf_counter()
                outcome = await run(services.engine, services.household(), Request(command="import"), Silent())
                one = outcome.report.accounts[0]
                assert one.error == "", one.error
                report(name, cpu_seconds() - began, least, one.read, time.perf_counter() - wall)


def report(name: str, cpu: float, least: float, entries: int, wall: float = 0.0) -> None:
    print(
        json.dumps(
            {
                "what": name,
                "entries": entries,
                "cpu_s": round(cpu, 3),
                "times_floor": round(cpu / least, 2),
                "wall_s": round(wall, 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        ),
        flush=True,
    )


def main(entries: int) -> None:
    movies = entries // 4
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(movies), str(entries - movies)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            asyncio.run(measure(json.loads(server.stdout.readline())))
        finally:
            server.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
