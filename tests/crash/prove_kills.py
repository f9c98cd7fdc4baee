"""`python -m tests.crash.prove_kills --kills 300`: kill the real command line until somebody believes it."""

import argparse
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crash.household import Household
from tests.crash.ordeal import Ordeal

KILLS_PER_CHAPTER = 8
CHAPTERS_PER_HOUSEHOLD = 4


def prove(kills, seed):
    """Kill so often; print what was found, and return how many faults that were."""
    began, made, starts, faults, places = time.monotonic(), 0, 0, 0, {}
    print(f"seed {seed}")
    while made < kills:
        with TemporaryDirectory() as folder, Household(Path(folder), seed).open() as household:
            ordeal = Ordeal(household)
            for _ in range(CHAPTERS_PER_HOUSEHOLD):
                if made + sum(ordeal.kills.values()) < kills and not ordeal.faults:
                    ordeal.chapter(min(KILLS_PER_CHAPTER, kills - made - sum(ordeal.kills.values())))
            ordeal.look_back()
            for fault in ordeal.faults:
                print(f"FAULT (seed {seed}): {fault}")
            if ordeal.faults:
                print("\n".join(household.told))
        print(f"seed {seed}: {sum(ordeal.kills.values())} kills, {len(ordeal.faults)} failures", flush=True)
        made, starts = made + sum(ordeal.kills.values()), starts + ordeal.starts
        faults += len(ordeal.faults)
        for place, count in ordeal.kills.items():
            places[place] = places.get(place, 0) + count
        seed += 1
        if ordeal.faults and not made:
            break
    seconds = time.monotonic() - began
    for place, count in sorted(places.items()):
        print(f"{count:5} killed {place}")
    print(f"{made} kills, {starts} starts in {seconds:.0f} s: {made / seconds:.2f} kills a second; {faults} failures")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    sys.exit(min(prove(given.kills, random.randrange(10**6) if given.seed is None else given.seed), 1))


if __name__ == "__main__":
    main()
