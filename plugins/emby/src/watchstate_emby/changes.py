"""Where an incremental read continues: a moment by the server's clock, and how far that was from ours.

`MinDateLastSavedForUser` compares with stamps that the server makes with its own clock, in whole seconds.
"""

import msgspec

from watchstate.api import BackendProtocolError, HttpResponse
from watchstate_mediabrowser.convert import to_date

OVERLAP_MS = 15_000
"""How much is read twice: more than the stamps' whole seconds, a slow answer and a clock put back unnoticed lose."""
STEADY_MS = 10_000
"""By how much the difference between two clocks may seem to change from one read to the next."""


class Cursor(msgspec.Struct, frozen=True):
    """A moment before which everything has been read."""

    at: int
    """By the server's clock, in ms UTC."""
    skew_ms: int
    """The server's clock minus ours at that moment."""


_DECODER = msgspec.json.Decoder(Cursor)


def take_cursor(answer: HttpResponse) -> str | None:
    """Return the cursor for what is read after this answer; None where the server doesn't tell the time."""
    skew_ms = answer.clock_skew_ms
    if skew_ms is None:
        return None
    longest_way = (answer.ended_at - answer.began_at) // 2  # the skew is that of the middle, if nothing was slow
    return msgspec.json.encode(Cursor(answer.began_at + skew_ms - longest_way, skew_ms)).decode()


def since(cursor: str, answer: HttpResponse) -> str:
    """Return the date to ask for the changes since; `answer` is the one that tells what time it is there now.

    Raises:
        BackendProtocolError: the cursor can't be read, or one of the clocks was changed; only a full scan helps.
    """
    advice = "read everything instead"
    try:
        known = _DECODER.decode(cursor)
    except msgspec.DecodeError as error:
        raise BackendProtocolError(answer.server, "fetch_library", "the cursor can't be read", advice) from error
    if answer.clock_skew_ms is None or abs(answer.clock_skew_ms - known.skew_ms) > STEADY_MS:
        reason = "the clock was changed since the last read"
        raise BackendProtocolError(answer.server, answer.operation, reason, advice)
    whole_seconds = max(known.at - OVERLAP_MS, 0) // 1_000 * 1_000
    return to_date(whole_seconds).replace(".000Z", "Z")
