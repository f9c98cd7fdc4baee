"""Events of Emby's built-in webhooks (Premiere; from 4.8 on under a user's notifications)."""

import msgspec

from watchstate.api import Event, EventKind, WebhookRejected, WebhookRequest
from watchstate_emby.calls import is_item_id
from watchstate_emby.forms import unpack
from watchstate_mediabrowser.convert import to_guid, to_ms
from watchstate_mediabrowser.notification import decode_notification

_KINDS = {
    "item.markplayed": EventKind.STATE,
    "item.markunplayed": EventKind.STATE,
    "playback.start": EventKind.PLAYING,
    "playback.stop": EventKind.STOPPED,
    "library.new": EventKind.ADDED,
}
"""Pauses change nothing that travels: what is being played is left alone until it stops."""

_MARKS = {"item.markplayed": True, "item.markunplayed": False}


class _Named(msgspec.Struct, frozen=True, rename="pascal"):
    """A server or a person."""

    id: str | None = None


class _Item(msgspec.Struct, frozen=True, rename="pascal"):
    id: str | int | None = None
    type: str | None = None


class _PlaybackInfo(msgspec.Struct, frozen=True, rename="pascal"):
    played_to_completion: bool | None = None


class Notification(msgspec.Struct, frozen=True, rename="pascal"):
    """What a webhook sends, as far as it says what happened to whom. Titles are in the server's language."""

    event: str | None = None
    date: str | None = None
    server: _Named | None = None
    user: _Named | None = None
    item: _Item | None = None
    playback_info: _PlaybackInfo | None = None


_DECODER = msgspec.json.Decoder(Notification)


def parse(request: WebhookRequest) -> tuple[Event, ...]:
    """Return the event of a notification; none for one that is not about watching a movie or an episode.

    Raises:
        WebhookRejected: there is no JSON object in the body, or it names no item where it should.
    """
    body = unpack(request.body)
    advice = "in Emby, add a notification of the type Webhooks and leave its content type as it is"
    notification = decode_notification(body, _DECODER, of="Emby's webhooks", advice=advice)
    kind = _KINDS.get(notification.event or "")
    item = notification.item or _Item()
    if kind is None or item.type not in {None, "", "Movie", "Episode"}:
        return ()
    entry_id = str(item.id or "")
    if not is_item_id(entry_id):
        raise WebhookRejected(f"a notification of {notification.event} without the id of an item; is it from Emby?")
    server, user = notification.server or _Named(), notification.user or _Named()
    return (
        Event(
            kind=kind,
            machine_id=to_guid(server.id or ""),
            user_id=None if kind is EventKind.ADDED else to_guid(user.id or ""),
            entry_id=entry_id,
            at=to_ms(notification.date or "") or None,
            watched=_named_state(notification),
        ),
    )


def _named_state(notification: Notification) -> bool | None:
    """Return the state that an event names: a mark, or a play that ended where Emby takes it for watched."""
    playback = notification.playback_info
    if notification.event == "playback.stop" and playback is not None and playback.played_to_completion:
        return True
    return _MARKS.get(notification.event or "")
