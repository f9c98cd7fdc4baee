"""Prove the promises on the whole stack: `python -m tests.property.prove_stack --minutes 60 --processes 2`."""

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from traceback import format_exception

from tests.property.stack_life import Counts, live
from tests.property.stack_promises import Broken
from tests.property.stack_shrinking import shortest
from tests.property.stack_steps import Step, draw_steps

CHUNK = 20
"""So many lives are given to a process at once."""
STORIES = 5
"""So many failures are shrunk and told."""

Failures = dict[int, str]


def main(words: list[str] | None = None) -> int:
    """Run, print what was found, and return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="prove_stack", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long new lives begin")
    parser.add_argument("--lives", type=int, default=0, help="so many lives instead")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1_000_000, help="the first seed; the others follow")
    options = parser.parse_args(words)
    began = time.perf_counter()
    totals, failures = Counts(), dict[int, str]()
    for counts, broken in _parts(options, began):
        totals.join(counts)
        failures |= broken
        for seed, told in broken.items():
            _say(f"seed {seed}: {told.splitlines()[0][:200]}")
        if totals.lives % (CHUNK * 25) == 0:
            _say(f"{totals.lives} lives, {len(failures)} failures")
    _say(report(totals, failures, options.seed, time.perf_counter() - began))
    for seed in sorted(failures)[:STORIES]:
        _say(f"\nseed {seed}, made short:\n{_story(seed, failures[seed])}")
    return 1 if failures else 0


def _parts(options: argparse.Namespace, began: float) -> Iterator[tuple[Counts, Failures]]:
    with ProcessPoolExecutor(options.processes) as pool:
        chunks = count(options.seed, CHUNK)
        running: set[Future[tuple[Counts, Failures]]] = set()
        while True:
            while len(running) < options.processes and _goes_on(options, began, first := next(chunks)):
                running.add(pool.submit(prove, range(first, first + CHUNK)))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)


def _goes_on(options: argparse.Namespace, began: float, seed: int) -> bool:
    if options.lives:
        return bool(seed < options.seed + options.lives)
    return time.perf_counter() - began < options.minutes * 60


def prove(seeds: range) -> tuple[Counts, Failures]:
    """Let a household live per seed; return what there was, and by seed what broke."""
    logging.disable(logging.CRITICAL)
    counts, failures = Counts(), dict[int, str]()
    for seed in seeds:
        if told := why(seed, draw_steps(seed), counts):
            failures[seed] = told
    return counts, failures


def why(seed: int, steps: list[Step], counts: Counts | None = None) -> str:
    """Say which promises a life breaks; empty if it keeps them all."""
    try:
        live(seed, steps, counts)
    except Broken as broken:
        return str(broken)
    except Exception as error:  # noqa: BLE001 - a mistake of a programmer is a failure too
        return f"{error!r}\n{''.join(format_exception(error)[-6:])}"
    return ""


def _story(seed: int, told: str) -> str:
    logging.disable(logging.CRITICAL)
    mark = _kind(told)
    short = shortest(draw_steps(seed), lambda steps: _kind(why(seed, list(steps))) == mark)
    return "\n".join([*(f"  {step}" for step in short), why(seed, short)])


def _kind(told: str) -> str:
    """Return what stays the same when a life is made shorter: the first words, without names and numbers."""
    first = told.splitlines()[0] if told else ""
    return " ".join(word for word in first.split() if word.isalpha())


def report(totals: Counts, failures: Failures, seed: int, seconds: float) -> str:
    """Say in words what was found."""
    lines = [
        f"seeds                {seed} …",
        f"sequences            {totals.lives}",
        f"steps                {totals.steps}",
        f"runs of watchstate   {totals.runs}, {totals.requests} requests",
        f"deeds on watched     {totals.deeds}",
        f"processes killed     {totals.kills}",
        f"quiet periods        {totals.quiet}",
        f"hub states           {totals.states}, of which {totals.judged} have one allowed value",
        f"                     of {totals.changed} that somebody had changed, {totals.changed_judged}",
        "faults, by kind",
        *(f"  {number:>8}  {name}" for name, number in totals.faults.most_common()),
        "claims in doubt, by reason",
        *(f"  {number:>8}  {name}" for name, number in totals.doubts.most_common()),
        f"broken promises      {len(failures)}",
        f"rate                 {totals.lives / max(seconds, 0.001) * 3600:.0f} sequences an hour, {seconds:.0f} s",
    ]
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
