"""How the servers print and read dates.

Instants are counted in ticks (100 ns) since the Unix epoch, because that is the precision that the servers keep.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

TICKS_PER_MS = 10_000
TICKS_PER_SECOND = 10_000_000
UNSET_DATE = "0001-01-01T00:00:00.0000000Z"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7})\d*)?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")


def print_date(ticks: int) -> str:
    """Print an instant with seven decimals."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    whole = _EPOCH + timedelta(seconds=seconds)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{fraction:07d}Z".rjust(len(UNSET_DATE), "0")


def read_date(text: str) -> int:
    """Read an ISO 8601 date, which without a zone is UTC.

    Raises:
        ValueError: it is none.
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    whole = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    ticks = _ticks(whole) + int((fraction or "").ljust(7, "0"))
    if zone and zone not in "Zz":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        ticks -= (-minutes if zone[0] == "-" else minutes) * 60 * TICKS_PER_SECOND
    return ticks


def read_played_date(text: str) -> int:
    """Read `DatePlayed`: ``yyyyMMddHHmmss``, taken as UTC, or ISO 8601.

    Raises:
        ValueError: it is neither.
    """
    match = _COMPACT_DATE.fullmatch(text)
    if match is None:
        return read_date(text)
    year, month, day, hour, minute, second = map(int, match.groups())
    return _ticks(datetime(year, month, day, hour, minute, second, tzinfo=UTC))


def _ticks(whole: datetime) -> int:
    since = whole - _EPOCH
    return (since.days * 86_400 + since.seconds) * TICKS_PER_SECOND


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None, as the servers do with nearly every property."""
    return {name: value for name, value in fields.items() if value is not None}
