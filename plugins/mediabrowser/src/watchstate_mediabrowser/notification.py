"""The body of a webhook."""

from typing import TypeVar

import msgspec

from watchstate.api import WebhookRejected

T = TypeVar("T")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode_notification(body: bytes, decoder: msgspec.json.Decoder[T], *, of: str, advice: str) -> T:
    """Return what a notification says, whatever its content type claims.

    Raises:
        WebhookRejected: it is no JSON object of that shape.
    """
    try:
        return decoder.decode(body.removeprefix(_BYTE_ORDER_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookRejected(f"the body is no notification of {of} ({error}); {advice}") from error
