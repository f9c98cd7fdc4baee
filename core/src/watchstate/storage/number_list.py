"""Short lists of numbers as text: ``1,2,3``, and nothing at all for none."""

from collections.abc import Iterable, Mapping


def to_text(numbers: Iterable[int]) -> str:
    """Return the text of a list of numbers."""
    return ",".join(map(str, numbers))


def from_text(text: str) -> tuple[int, ...]:
    """Return the numbers of a text that `to_text` made."""
    return tuple(map(int, text.split(","))) if text else ()


def replaced(text: str, others: Mapping[int, int]) -> str:
    """Return the text of an ascending list in which some numbers stand for others."""
    return to_text(sorted({others.get(number, number) for number in from_text(text)}))
