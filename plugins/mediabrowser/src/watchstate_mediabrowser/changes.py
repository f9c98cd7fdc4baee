"""What lists of changes have in common: where the next one continues, and what it means if there is none.

A cursor is a moment by the server's clock, since what it is compared with are stamps that the server makes.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from watchstate.api import BackendProtocolError, BackendUnavailable, HttpResponse, LibraryBatch

OVERLAP_MS = 15_000
"""How much is read twice: more than stamps in whole seconds, a slow answer and a clock put back unnoticed lose."""
STEADY_MS = 10_000
"""By how much the difference between two clocks may seem to change from one read to the next."""

_ADVICE = "read everything instead"


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


def since(cursor: str, answer: HttpResponse) -> int:
    """Return the moment since which to ask for changes, by the server's clock, in ms UTC and whole seconds.

    `answer` is the one that tells what time it is there now.

    Raises:
        BackendProtocolError: the cursor can't be read, or one of the clocks was changed; only a full scan helps.
    """
    try:
        known = _DECODER.decode(cursor)
    except msgspec.DecodeError as error:
        raise BackendProtocolError(answer.server, "fetch_library", "the cursor can't be read", _ADVICE) from error
    if answer.clock_skew_ms is None or abs(answer.clock_skew_ms - known.skew_ms) > STEADY_MS:
        reason = "the clock was changed since the last read"
        raise BackendProtocolError(answer.server, answer.operation, reason, _ADVICE)
    return max(known.at - OVERLAP_MS, 0) // 1_000 * 1_000


async def or_everything(changes: AsyncGenerator[LibraryBatch, None]) -> AsyncGenerator[LibraryBatch, None]:
    """Yield a list of changes; where its server fails to make it, with status 500, ask for a full scan instead."""
    try:
        async with aclosing(changes) as batches:
            async for batch in batches:
                yield batch
    except BackendUnavailable as error:
        if error.status != 500:
            raise
        reason = "the server fails to list what changed"
        raise BackendProtocolError(error.server, error.operation, reason, _ADVICE) from error
