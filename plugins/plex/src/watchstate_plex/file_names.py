"""Several episodes in one file, as its name says. Pure."""

import re

MAX_EPISODES_PER_FILE = 5
"""A wider range is a misread name."""

_SEPARATORS = re.compile(r"[\\/]")
_RANGE = re.compile(
    r"(?<![a-z0-9])(?:s(?P<s>\d{1,4})[ ._]?e|(?P<x>\d{1,2})x)(?P<first>\d{1,4})"
    r"(?:[ ._]?-?[ ._]?(?:s(?P=s))?e(?P<marked>\d{1,4})(?![0-9])|-(?:(?P=x)x)?(?P<bare>\d{1,4})(?![0-9a-z]))+",
    re.IGNORECASE | re.ASCII,
)


def episodes_in(path: str | None) -> tuple[int, tuple[int, ...]] | None:
    """Return the season and the episode numbers of a name such as ``S01E01-E02``; None for that of a single episode."""
    match = _RANGE.search(_SEPARATORS.split(path or "")[-1])
    if match is None:
        return None
    first = int(match["first"])
    last = max(int(match["marked"] or 0), int(match["bare"] or 0))
    if not first < last < first + MAX_EPISODES_PER_FILE:
        return None
    return int(match["s"] or match["x"]), tuple(range(first, last + 1))
