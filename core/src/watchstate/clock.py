"""The only place that asks the machine what time it is."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""A function that returns now, in milliseconds UTC since the epoch. Injected everywhere, so tests can set it."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def system_clock() -> int:
    """Return the machine's time in milliseconds UTC since the epoch."""
    return time.time_ns() // 1_000_000


_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


def duration_ms(text: str) -> int:
    """Return the milliseconds of a duration such as ``6h`` (s, m, h, d), which was checked before; ``0`` is none."""
    return 0 if text == "0" else int(text[:-1]) * _UNITS[text[-1]]
