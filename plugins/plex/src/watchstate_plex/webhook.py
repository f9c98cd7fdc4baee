"""Events of Plex's own webhooks, and of Tautulli's with the same fields.

Plex sends a form of several parts, one of them named ``payload``; what passes events on may send a plain form or the
JSON alone. The content type doesn't decide.
"""

from urllib.parse import parse_qs

import msgspec

from watchstate.api import Event, EventKind, WebhookRejected, WebhookRequest
from watchstate_plex.convert import is_entry_id, is_set, to_key, to_ms
from watchstate_plex.wire import Key

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_PARTS = 16
_TAUTULLI = "tautulli."

_KINDS = {
    "media.play": EventKind.PLAYING,
    "media.resume": EventKind.PLAYING,
    "media.pause": EventKind.STATE,
    "media.stop": EventKind.STOPPED,
    "media.scrobble": EventKind.STATE,
    "library.new": EventKind.ADDED,
    "tautulli.play": EventKind.PLAYING,
    "tautulli.resume": EventKind.PLAYING,
    "tautulli.pause": EventKind.STATE,
    "tautulli.stop": EventKind.STOPPED,
    "tautulli.watched": EventKind.STATE,
    "tautulli.created": EventKind.ADDED,
}


class _Account(msgspec.Struct, frozen=True):
    id: Key | None = None


class _Server(msgspec.Struct, frozen=True):
    uuid: str | None = None


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    rating_key: Key | None = None
    type: str | None = None
    live: Key | bool | None = None
    last_viewed_at: Key | float | None = None


class _Notification(msgspec.Struct, frozen=True):
    event: str | None = None
    account: _Account | None = msgspec.field(default=None, name="Account")
    server: _Server | None = msgspec.field(default=None, name="Server")
    metadata: _Metadata | None = msgspec.field(default=None, name="Metadata")


_DECODER = msgspec.json.Decoder(_Notification)


def parse(request: WebhookRequest) -> tuple[Event, ...]:
    """Return the event of a notification; none for one that is not about watching a movie or an episode.

    Raises:
        WebhookRejected: there is no JSON object in the body, or it lacks what is needed to make anything of it.
    """
    notification = _read(_payload(request.body))
    name = notification.event or ""
    if name not in _KINDS:
        return ()
    about = notification.metadata or _Metadata()
    # Bulk additions are told as one of their show or season: the next reading of changes finds the episodes.
    if about.type not in {None, "movie", "episode"} or is_set(about.live):
        return ()
    entry_id = to_key(about.rating_key)
    if not is_entry_id(entry_id):
        raise WebhookRejected(f"a {name} notification without a ratingKey; is the template complete?")
    is_scrobble = name == "media.scrobble"
    return (
        Event(
            kind=_KINDS[name],
            machine_id=(notification.server.uuid if notification.server is not None else None) or None,
            user_id=_user_id(notification),
            entry_id=entry_id,
            at=_date(about) if is_scrobble else None,
            watched=True if is_scrobble else None,
        ),
    )


def _user_id(notification: _Notification) -> str | None:
    """Return who did it: 1 for the owner. An added file concerns everybody.

    Tautulli names the owner by the plex.tv account, which nobody here knows: its events are hints to look at all.
    """
    name = notification.event or ""
    if _KINDS[name] is EventKind.ADDED or name.startswith(_TAUTULLI) or notification.account is None:
        return None
    return to_key(notification.account.id) or None


def _date(about: _Metadata) -> int | None:
    return to_ms(about.last_viewed_at) or None if isinstance(about.last_viewed_at, int) else None


def _read(payload: bytes) -> _Notification:
    try:
        return _DECODER.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookRejected(f"the body is no notification of a Plex server or of Tautulli ({error})") from error


def _payload(body: bytes) -> bytes:
    """Return the JSON in a body."""
    content = body.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if content.startswith(b"--"):
        return _part_named_payload(content)
    return content if content.startswith(b"{") else _field_named_payload(content)


def _part_named_payload(content: bytes) -> bytes:
    """Return that part of a form; the first line is the boundary."""
    boundary = content.partition(b"\n")[0].strip()
    for part in content.split(boundary, _MOST_PARTS)[1:]:
        head, _, value = part.replace(b"\r\n", b"\n", 8).partition(b"\n\n")
        if b'name="payload"' in head or b"name=payload" in head:
            return value.strip()
    raise WebhookRejected("the form has no part named payload")


def _field_named_payload(content: bytes) -> bytes:
    try:
        fields = parse_qs(content.decode(), max_num_fields=_MOST_PARTS)
    except ValueError as error:  # UnicodeDecodeError is one
        raise WebhookRejected(f"the form can't be read ({error})") from error
    if "payload" not in fields:
        raise WebhookRejected("the body is neither JSON nor a form with a field named payload")
    return fields["payload"][0].encode(errors="replace")
