"""What a person sees while a run works: bars on a terminal, nothing in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from watchstate.api import Account
from watchstate.cli.output import inform
from watchstate.sync.titles import account_title
from watchstate.sync.work import Reporter, Silent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class _Quiet(Silent):
    """No bars, but what a person must know."""

    def line(self, text: str) -> None:
        """Tell it on stderr."""
        inform(text)


class _Bars:
    """One bar per account and activity."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._tasks: dict[tuple[str, str, str], TaskID] = {}

    def reading(self, account: Account, done: int, total: int | None) -> None:
        """Move the bar of a scan."""
        self._move("reading", account, done, total)

    def writing(self, account: Account, done: int, total: int) -> None:
        """Move the bar of the deliveries."""
        self._move("writing", account, done, total)

    def line(self, text: str) -> None:
        """Print a line above the bars."""
        self._progress.console.print(text, markup=False, highlight=False)

    def _move(self, activity: str, account: Account, done: int, total: int | None) -> None:
        key = (activity, account.server.name, account.identity)
        if key not in self._tasks:
            whose = account_title(account.server.name, account.identity)
            self._tasks[key] = self._progress.add_task(f"{activity} {whose}", total=total)
        self._progress.update(self._tasks[key], completed=done, total=total)


@contextmanager
def progress() -> Iterator[Reporter]:
    """Show bars on stderr while the block runs, if a person is looking."""
    if not sys.stderr.isatty():
        yield _Quiet()
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bars:
        yield _Bars(bars)
