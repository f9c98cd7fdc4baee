"""The three ways in which Emby packs a notification: bare JSON, a form field, or a part of a multipart body."""

import re
from urllib.parse import parse_qs

_IS_FIELD = re.compile(rb'^content-disposition:[^\r\n]*;\s*name="?data"?\s*(?:;|$)', re.IGNORECASE | re.MULTILINE)


def unpack(body: bytes) -> bytes:
    """Return the JSON in a body, or the body itself where it is packed in none of the known ways.

    The body decides, and not its content type, which is set by hand and changed by proxies.
    """
    start = body.lstrip()
    if start.startswith(b"--"):
        return _part(start) or body
    return body if start.startswith((b"{", b"[", b"\xef")) else _form_field(start) or body


def _form_field(body: bytes) -> bytes | None:
    try:
        values = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100).get("data")
    except ValueError:  # more fields than a notification has
        return None
    return values[0].encode() if values else None


def _part(body: bytes) -> bytes | None:
    """Return the part of that name. .NET quotes the boundary in the header, and doesn't quote the names of parts."""
    delimiter = b"\r\n" + body.partition(b"\r\n")[0].rstrip()
    for part in (b"\r\n" + body).split(delimiter):
        head, _, content = part.partition(b"\r\n\r\n")
        if _IS_FIELD.search(head.replace(b"\r", b"")):
            return content
    return None
