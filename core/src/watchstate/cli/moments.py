"""Moments as people write them."""

import re
from datetime import datetime, tzinfo
from typing import Final

from watchstate.api import UsageError
from watchstate.clock import duration_ms

_AGO: Final = re.compile(r"[1-9][0-9]{0,5}[smhd]")


def read_moment(text: str, now: int, zone: tzinfo) -> int:
    """Return the ms UTC of a date (``2026-11-25``), a date and time (``2026-11-25 20:15``), or a while ago (``2h``).

    Raises:
        UsageError: it is none of these.
    """
    if _AGO.fullmatch(text.strip()):
        return now - duration_ms(text.strip())
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no moment; write 2026-11-25, '2026-11-25 20:15', or a while ago: 2h, 3d"
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return int(moment.timestamp() * 1000)
