"""Requests that a household of three servers costs, from disagreement to silence, by server and kind.

One JSON line per run and server. Run it with `make bench`; the number of titles is the only argument. Nothing here
is timed: the servers are in this process, and the clock is set.
"""

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import asdict
from tests.engine.home import Home, reports
from tests.engine.large_home import large_home, traffic

EPISODES_PER_SHOW = 80
RUNS = (
    ("first run", False),
    ("incremental run after it", False),
    ("incremental run, nothing changed", False),
    ("full run, nothing changed", True),
)


async def measure(home: Home) -> None:
    """Report each run's requests and what it read and wrote."""
    for name, is_full in RUNS:
        done = reports(await home.run("sync", is_full=is_full))
        for server, asked in traffic(home).items():
            one = done[server]
            assert one.error == one.note == "", one
            counts = {"read": one.read, "written": one.written, "waiting": one.waiting}
            print(json.dumps({"what": name, "server": server, **asdict(asked), **counts}), flush=True)


def main(titles: int) -> None:
    """Measure with so many titles on each server."""
    shows = titles * 4 // 5 // EPISODES_PER_SHOW
    with TemporaryDirectory() as folder:
        home, _ = large_home(Path(folder), movies=titles // 5, shows=shows, episodes_per_show=EPISODES_PER_SHOW, seed=7)
        asyncio.run(measure(home))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000)
