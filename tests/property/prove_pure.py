"""Prove the sync rules on the pure level: `python -m tests.property.prove_pure --sequences 100000 --steps 60`."""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.property.exclusions import EXCLUSIONS
from tests.property.proving import FLOOR, Totals, draw, prove
from tests.property.shrinking import shrink, tell

CHUNK = 250
STORIES = 3
"""So many failures are shrunk and told."""


def main(words: list[str] | None = None) -> int:
    """Run, print what was found, and return 1 if a promise was broken or too little was judged."""
    parser = argparse.ArgumentParser(prog="prove_pure", description=__doc__)
    parser.add_argument("--sequences", type=int, default=20_000, help="how many random lives")
    parser.add_argument("--steps", type=int, default=60, help="how many things happen in each")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow")
    options = parser.parse_args(words)
    began = time.perf_counter()
    totals = Totals()
    for part in _parts(options):
        totals.join(part)
        for seed, broken in part.failures.items():
            _say(f"seed {seed}: {'; '.join(broken)}")
        if totals.lives % (CHUNK * 40) == 0:
            _say(f"{totals.lives} lives, {len(totals.failures)} failures")
        if len(totals.failures) >= STORIES * 5:
            break
    _say(report(totals, options.seed, time.perf_counter() - began))
    for seed in sorted(totals.failures)[:STORIES]:
        setup, steps = shrink(*draw(seed, options.steps))
        _say(f"\nSeed {seed}, made small:\n{tell(setup, steps)}")
    return 1 if totals.failures or totals.share_judged < FLOOR else 0


def _parts(options: argparse.Namespace) -> Iterator[Totals]:
    end = options.seed + options.sequences
    chunks = [range(first, min(first + CHUNK, end)) for first in range(options.seed, end, CHUNK)]
    work = partial(prove, count=options.steps)
    if options.processes == 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(options.processes) as pool:
        yield from pool.map(work, chunks)


def report(totals: Totals, seed: int, seconds: float) -> str:
    """Say in words what was found."""
    lines = [
        f"seeds                 {seed} … {seed + totals.lives - 1}",
        f"sequences             {totals.lives}",
        f"steps                 {totals.steps}, of which {totals.faults} faults and interventions",
        f"writes                {totals.writes}",
        f"actions on watched    {totals.deeds}",
        f"  judged by order     {totals.judged}",
        f"  overtaken unseen    {totals.overtaken} (by the same person, on the same entry)",
        f"  to count for nothing {totals.by_rule} (a rule says so, and the hub is held to it)",
        f"  undecidable         {totals.undecidable}",
        f"share judged          {totals.share_judged:.1%} (at least {FLOOR:.0%})",
        f"final states          {totals.states}, of which {totals.states_judged} have one allowed value",
        f"resume positions      {totals.positions}, of which {totals.positions_judged} have one allowed value",
        "excluded, by reason",
        *(f"  {totals.excluded[one.__name__]:>8}  {one.__name__}" for one in EXCLUSIONS),
        f"broken promises       {len(totals.failures)}",
        *(f"  seed {number}: {'; '.join(broken)}" for number, broken in sorted(totals.failures.items())),
        f"rate                  {totals.lives / max(seconds, 0.001):.0f} sequences a second, {seconds:.0f} s",
    ]
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
