"""Events of the official webhook plugin, in both shapes in which it sends them.

With *Send All Properties* the body is a JSON object with real types. A template makes every value a string: ids have
dashes, booleans are ``True`` and ``False``, what is missing is empty. The content type is ``text/plain`` by default.
"""

import msgspec

from watchstate.api import Event, EventKind, WebhookRejected, WebhookRequest
from watchstate_mediabrowser.convert import to_guid, to_ms
from watchstate_mediabrowser.notification import decode_notification

_KINDS = {
    "ItemAdded": EventKind.ADDED,
    "PlaybackStart": EventKind.PLAYING,
    "PlaybackStop": EventKind.STOPPED,
    "UserDataSaved": EventKind.STATE,
}

_SAVED_WITHOUT_NEWS = frozenset({"PlaybackProgress", "UpdateUserRating"})
"""Reasons to save that say nothing about what was watched; progress is saved every few seconds."""

_SAVED_BY_A_PERSON = frozenset({"TogglePlayed", "UpdateUserData"})
"""Reasons whose ``Played: false`` is a mark that was taken away: the start of a play clears it too, up to 10.11."""


class _Notification(msgspec.Struct, frozen=True, rename="pascal"):
    notification_type: str | None = None
    server_id: str | None = None
    user_id: str | None = None
    item_id: str | None = None
    item_type: str | None = None
    utc_timestamp: str | None = None
    save_reason: str | None = None
    played: bool | str | None = None


_DECODER = msgspec.json.Decoder(_Notification)


def parse(request: WebhookRequest) -> tuple[Event, ...]:
    """Return the event of a notification; none for one that is not about watching a movie or an episode.

    Raises:
        WebhookRejected: the body is no JSON object, or lacks what is needed to make anything of it.
    """
    advice = "in the plugin, use a Generic destination with Send All Properties, or a template that makes JSON"
    notification = decode_notification(request.body, _DECODER, of="Jellyfin's webhook plugin", advice=advice)
    kind = _KINDS.get(notification.notification_type or "")
    # A template that leaves the item's type out may still mean a movie or an episode.
    if kind is None or notification.item_type not in {None, "", "Movie", "Episode"}:
        return ()
    if kind is EventKind.STATE and notification.save_reason in _SAVED_WITHOUT_NEWS:
        return ()
    entry_id = to_guid(notification.item_id or "")
    if entry_id is None:
        raise WebhookRejected(
            f"a {notification.notification_type} notification without an ItemId;"
            " in the webhook plugin, tick Send All Properties or add ItemId to the template"
        )
    if kind is EventKind.STATE and notification.save_reason == "PlaybackStart":
        kind = EventKind.PLAYING
    return (
        Event(
            kind=kind,
            machine_id=to_guid(notification.server_id or ""),
            user_id=to_guid(notification.user_id or ""),
            entry_id=entry_id,
            at=to_ms(notification.utc_timestamp or "") or None,
            watched=_named_state(notification) if kind is EventKind.STATE else None,
        ),
    )


def _named_state(notification: _Notification) -> bool | None:
    """Return the state that a save names. `PlayedToCompletion` of a stop is not one: it can be true after 7 %."""
    played = str(notification.played).lower()
    if played == "true":
        return True
    return False if played == "false" and notification.save_reason in _SAVED_BY_A_PERSON else None
