"""What the head of an answer tells about time. Never raises: what can't be read is unknown."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from watchstate.clock import SECOND


def clock_skew_ms(headers: Mapping[str, str], began_at: int, ended_at: int) -> int | None:
    """Return the server's clock minus ours (±1 s), from its ``Date``; None without a readable one."""
    date = _date_ms(headers.get("date"))
    return None if date is None else date - (began_at + ended_at) // 2


def retry_after_ms(headers: Mapping[str, str], now: int) -> int | None:
    """Return how long the server asks us to wait, from seconds or a date in ``Retry-After``; None if it doesn't say."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,9}", value):
        return int(value) * SECOND
    date = _date_ms(value)
    return None if date is None else max(0, date - now)


def _date_ms(value: str | None) -> int | None:
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
        # "-0000" gives a date without a zone, which is still UTC
        return int(date.replace(tzinfo=date.tzinfo or UTC).timestamp()) * SECOND
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
