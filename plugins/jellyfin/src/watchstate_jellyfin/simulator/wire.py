"""How the server prints and reads values: JSON, dates, GUIDs.

Instants are counted in ticks (100 ns) since the Unix epoch, because that is the precision that the server keeps.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

TICKS_PER_MS = 10_000
TICKS_PER_SECOND = 10_000_000
EMPTY_GUID = "0" * 32
UNSET_DATE = "0001-01-01T00:00:00.0000000Z"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_GUID = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7})\d*)?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
# What the server's JSON encoder escapes and Python's doesn't, and Python's escapes that it writes differently.
_ESCAPES = re.compile(r"\\u[0-9a-f]{4}|\\.|[&'+<>`\x7f]")
# The properties whose value is a dictionary: their keys are data, which no naming policy touches.
_DICTIONARIES = frozenset({"ProviderIds", "ImageTags", "ImageBlurHashes", "Trickplay", "RequiredHttpHeaders", "errors"})


def print_guid(guid: str) -> str:
    """Return the dashed form that only `UserData.Key` and file paths use."""
    return f"{guid[:8]}-{guid[8:12]}-{guid[12:16]}-{guid[16:20]}-{guid[20:]}"


def read_guid(text: str) -> str | None:
    """Return a GUID of any accepted form as 32 lower-case digits; None if it is none."""
    if not _GUID.fullmatch(text.strip()):
        return None
    return re.sub(r"[^0-9a-f]", "", text.lower())


def print_date(ticks: int) -> str:
    """Print an instant: seven decimals if its millisecond part is zero, otherwise without trailing zeros."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    whole = _EPOCH + timedelta(seconds=seconds)
    digits = f"{fraction:07d}"
    if fraction >= TICKS_PER_MS:
        digits = digits.rstrip("0")
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{digits}Z".rjust(len(digits) + 21, "0")


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
    """Read `datePlayed`: ``yyyyMMddHHmmss``, taken as UTC, or ISO 8601.

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
    """Leave out what is None, as the server does with nearly every property."""
    return {name: value for name, value in fields.items() if value is not None}


def encode(value: object, *, camel: bool = False) -> bytes:
    """Print as the server prints JSON: ASCII only, the characters of HTML escaped, hexadecimal digits upper case."""
    text = json.dumps(_camel(value) if camel else value, separators=(",", ":"))
    return _ESCAPES.sub(_escape, text).encode("ascii")


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    if found == '\\"':
        return "\\u0022"
    if found.startswith("\\u"):
        return "\\u" + found[2:].upper()
    return found if found.startswith("\\") else f"\\u{ord(found):04X}"


def _camel(value: object) -> object:
    if isinstance(value, dict):
        return {
            name[:1].lower() + name[1:]: inner if name in _DICTIONARIES else _camel(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_camel(inner) for inner in value]
    return value
