"""Prove that the tests notice a mistake in every rule: `python -m tests.mutants.prove_mutants`."""

import argparse
import re
import sys

from tests.mutants.mutant import Mutant, run_tests, try_out
from tests.mutants.of_holding import OF_HOLDING
from tests.mutants.of_matching import OF_MATCHING
from tests.mutants.of_reading import OF_READING
from tests.mutants.of_writing import OF_WRITING

_ALL_PASSED = re.compile(r"^\d+ passed in ", re.MULTILINE)

MUTANTS = (*OF_READING, *OF_HOLDING, *OF_WRITING, *OF_MATCHING)


def main(words: list[str] | None = None) -> int:
    """Put one mistake after the other into a copy of the code, print what noticed it; return 1 if nothing did."""
    parser = argparse.ArgumentParser(prog="prove_mutants", description=__doc__)
    parser.add_argument("rules", nargs="*", metavar="RULE", help="only these rules; all if none is given")
    options = parser.parse_args(words)
    chosen = [mutant for mutant in MUTANTS if not options.rules or mutant.rule in options.rules]
    if not chosen:
        parser.error("there is no mutant of these rules")
    told = run_tests(sorted({test for mutant in chosen for test in mutant.node_ids}), longest=1800)
    if told is None or not _ALL_PASSED.search(told):
        _say(f"the tests fail without any mistake, so they prove nothing:\n{(told or 'they took too long')[-4000:]}")
        return 1
    survivors = [mutant for mutant in chosen if not _prove(mutant)]
    _say(f"{len(chosen)} mutants, {len(survivors)} survived")
    return 1 if survivors else 0


def _prove(mutant: Mutant) -> bool:
    trial = try_out(mutant)
    verdict = "caught" if not trial.missed else "SURVIVED"
    _say(f"{mutant.rule}  {verdict}  {trial.seconds:5.1f} s  {mutant.words}  ({mutant.path.rpartition('/src/')[2]})")
    for test in mutant.node_ids:
        _say(f"      {'not ' if test in trial.missed else ''}noticed by {test}")
    if trial.missed:
        _say(trial.told)
    return not trial.missed


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
