"""Make a life that breaks a promise as short as it can be, and tell it."""

from collections.abc import Callable, Sequence

from tests.property.stack_steps import Step


def shortest(steps: Sequence[Step], breaks: Callable[[Sequence[Step]], bool], tries: int = 200) -> list[Step]:
    """Leave out whatever is not needed for the life to break a promise, the longest pieces first."""
    kept, length = list(steps), max(1, len(steps) // 2)
    while True:
        start = 0
        while start < len(kept) and tries > 0:
            shorter = kept[:start] + kept[start + length :]
            tries -= 1
            if breaks(shorter):
                kept = shorter
            else:
                start += length
        if length == 1 or tries <= 0:
            return kept
        length //= 2
