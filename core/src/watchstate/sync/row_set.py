"""Which of very many rows a scan has seen."""

from collections.abc import Iterable

_STEP = 64 * 1024


class RowSet:
    """A set of row numbers: a byte for each number up to the largest, where a set of ints takes a hundred."""

    __slots__ = ("_count", "_flags")

    def __init__(self) -> None:
        self._flags = bytearray()
        self._count = 0

    def update(self, rows: Iterable[int]) -> None:
        """Add rows; numbers are never negative."""
        flags = self._flags
        for row in rows:
            if row >= len(flags):
                flags.extend(bytes(row + _STEP - len(flags)))
            if not flags[row]:
                flags[row] = 1
                self._count += 1

    def __contains__(self, row: object) -> bool:
        """Say whether a row is in it."""
        return isinstance(row, int) and 0 <= row < len(self._flags) and self._flags[row] == 1

    def __len__(self) -> int:
        """Return how many rows are in it."""
        return self._count
