"""One mistake put into a copy of the code, and which tests notice it."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

ROOT = Path(__file__).parents[2]
CORE = "core/src/watchstate"
LONGEST = 300
"""Seconds that the tests of one mutant may take; more is a mutant that hangs, and was noticed."""

_FAILED = re.compile(r"^FAILED ([^\s\[]+)", re.MULTILINE)


class Mutant(Struct, frozen=True, kw_only=True):
    """A rule with one clause wrong: an exact text that occurs once in a file, and what stands there instead."""

    rule: str
    words: str
    """What the code does then."""
    file: str
    """Below the package `watchstate`; from the root of the tree if it is another one's."""
    old: str
    new: str
    tests: tuple[str, ...]
    """Below `tests`: each of them has to fail."""

    @property
    def path(self) -> str:
        """Return the file's path from the root of the tree."""
        return self.file if self.file.startswith("plugins/") else f"{CORE}/{self.file}"

    @property
    def node_ids(self) -> tuple[str, ...]:
        """Return what pytest calls its tests."""
        return tuple(f"tests/{test}" for test in self.tests)

    def applied(self) -> str:
        """Return the file's text with the mistake in it.

        Raises:
            ValueError: the text to replace is not there exactly once: the code has changed, and the mutant has to.
        """
        text = (ROOT / self.path).read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.rule}, {self.words}: its text occurs {count} times in {self.path}")
        return text.replace(self.old, self.new)


class Trial(Struct, frozen=True):
    """What the tests of a mutant said."""

    missed: tuple[str, ...]
    """The named tests that passed although they should have failed."""
    seconds: float
    told: str
    """The end of what pytest printed."""


def try_out(mutant: Mutant) -> Trial:
    """Run a mutant's tests on a copy of its package; the tree itself is never touched."""
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        distribution, _, module = mutant.path.partition("/src/")
        copy = Path(folder) / "src"
        shutil.copytree(ROOT / distribution / "src", copy)
        file = copy / module
        file.write_text(mutant.applied(), encoding="utf-8")
        for stale in file.parent.glob(f"__pycache__/{file.stem}.*"):
            stale.unlink()
        told = run_tests(mutant.node_ids, instead=copy)
    failed = None if told is None else set(_FAILED.findall(told))
    missed = tuple(test for test in mutant.node_ids if failed is not None and test not in failed)
    return Trial(missed, time.perf_counter() - began, (told or "it took too long")[-2000:])


def run_tests(node_ids: Iterable[str], *, instead: Path | None = None, longest: float = LONGEST) -> str | None:
    """Run tests in a process of their own, with the packages of a folder instead of the tree's.

    Return what was printed; None if it took too long.
    """
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    if instead is not None:
        environ["PYTHONPATH"] = str(instead)
    command = [sys.executable, "-B", "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-rf", "--tb=no"]
    try:
        done = subprocess.run(
            [*command, *node_ids],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout
