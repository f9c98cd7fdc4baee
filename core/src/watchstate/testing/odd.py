"""Answers with one thing wrong in them: what no server should send, and some server does."""

from collections.abc import Iterator
from typing import Any, Final

Step = str | int
Path = tuple[Step, ...]

MISSING: Final = object()
"""In the place of a value: there is none."""

ODD_VALUES: Final[tuple[Any, ...]] = (
    MISSING,
    None,
    True,
    -1,
    0.5,
    2**31,
    2**63,
    10**30,
    "",
    "-1",
    "x\n\u202e\u0000\x1b[31m" + "é" * 2_000,
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.9999999Z",
    [],
    {},
    [None],
)
"""Null, numbers out of range, empty and endless texts, dates at the ends of time, and values of another kind."""


def paths_in(document: Any) -> Iterator[Path]:  # noqa: ANN401 - whatever JSON can say
    """Yield where the values of a document are, those inside others too; of a list, only those of its first member."""
    yield ()
    if isinstance(document, dict):
        for name, value in document.items():
            yield from ((name, *rest) for rest in paths_in(value))
    elif isinstance(document, list) and document:
        yield from ((0, *rest) for rest in paths_in(document[0]))


def with_value(document: Any, path: Path, value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a document with another value at a path; `MISSING` takes it away."""
    if not path:
        return None if value is MISSING else value
    step, *rest = path
    changed = document.copy()
    if not rest and value is MISSING:
        del changed[step]
    else:
        changed[step] = with_value(document[step], tuple(rest), value)
    return changed
