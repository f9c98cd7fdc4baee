"""How the server prints and reads values, as far as that is Jellyfin's own: JSON, dates, GUIDs."""

import json
import re

from watchstate_mediabrowser.simulator import wire
from watchstate_mediabrowser.simulator.wire import TICKS_PER_MS, TICKS_PER_SECOND

EMPTY_GUID = "0" * 32

_GUID = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)",
    re.IGNORECASE,
)
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
    printed = wire.print_date(ticks)
    return printed if ticks % TICKS_PER_SECOND < TICKS_PER_MS else printed.removesuffix("Z").rstrip("0") + "Z"


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
