"""What the server tells of its own accord: frames to whoever listens, and webhooks."""

import json
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from watchstate_plex.simulator.records import Account, Item, Session
from watchstate_plex.simulator.rows import View, row
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import container, print_json

Frame = dict[str, Any]
Listener = Callable[[Frame], None]

_BOUNDARY = "------------------------6d2a7a1f0c3b4e58"
_WITH_THUMB = frozenset({"media.play", "media.rate", "library.new", "library.on.deck", "playback.started"})
_THUMB = b"\xff\xd8\xff\xe0\x00\x10JFIF\xff\xd9"
_TYPE_NUMBERS = {"movie": 1, "show": 2, "season": 3, "episode": 4, "track": 10, "clip": 12}
_LISTED = "com.plexapp.plugins.library"


class Delivery(Struct, frozen=True):
    """A webhook request, as the server would send it to each of its addresses."""

    event: str
    headers: dict[str, str]
    body: bytes


class Notices:
    """Tells listeners and webhooks. Without any of them nothing is made."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._listeners: list[tuple[Listener, Account]] = []
        self.webhook_urls: list[str] = []
        """As plex.tv keeps them for the owner; nothing is sent there, see `deliveries`."""
        self.deliveries: list[Delivery] = []
        """What was to be sent, for a test to send: once, twice, late, in another order."""

    def listen(self, listener: Listener, account: Account) -> Callable[[], None]:
        """Give each frame that is for an account from now on to a function; return what ends that."""
        entry = listener, account
        self._listeners.append(entry)
        return lambda: self._listeners.remove(entry)

    def _tell(self, kind: str, array: str, entry: Frame, *, concerns: Account | None = None) -> None:
        frame = {"NotificationContainer": {"type": kind, "size": 1, array: [entry]}}
        for listener, account in list(self._listeners):
            if account.is_owner or concerns in {None, account}:
                listener(frame)

    # Frames

    def played(self, session: Session) -> None:
        """Tell what a player reported."""
        item = session.item
        entry = {
            "sessionKey": str(session.session_key),
            "clientIdentifier": session.client_id,
            "guid": "",
            "ratingKey": item.rating_key,
            "url": "",
            "key": f"/library/metadata/{item.rating_key}",
            "viewOffset": session.offset_ms,
            "state": session.state,
        }
        self._tell("playing", "PlaySessionStateNotification", entry, concerns=session.account)

    def added(self, item: Item) -> None:
        """Tell that an item was created, and then that it is finished."""
        self._tell("timeline", "TimelineEntry", {**self._entry(item, 0), "metadataState": "created"})
        self._tell("timeline", "TimelineEntry", self._entry(item, 5))
        self._send("library.new", self._head("library.new", item, self._server.people.owner.account_id))

    def deleted(self, item: Item) -> None:
        """Tell that an item is gone."""
        self._tell("timeline", "TimelineEntry", {**self._entry(item, 9), "metadataState": "deleted"})

    def _entry(self, item: Item, state: int) -> Frame:
        return {
            "identifier": _LISTED,
            "sectionID": item.section_key,
            "itemID": item.rating_key,
            "type": _TYPE_NUMBERS.get(item.kind, -1),
            "title": item.title,
            "state": state,
            "updatedAt": item.updated_at,
        }

    def refreshed(self, item: Item) -> None:
        """Tell that an item was refreshed, which a mark does now and then."""
        uuid = "c30c1edc-8df0-4713-a7f1-f1373f6db8e9"
        activity = {
            "uuid": uuid,
            "type": "library.refresh.items",
            "cancellable": False,
            "userID": 1,
            "title": "Refreshing",
            "subtitle": item.title,
            "progress": 100,
            "Context": {"key": f"/library/metadata/{item.rating_key}"},
        }
        entry = {"event": "ended", "uuid": uuid, "Activity": activity}
        self._tell("activity", "ActivityNotification", entry)

    # Webhooks

    def happened(self, event: str, session: Session) -> None:
        """Tell the webhooks what happened at a player."""
        head = self._head(event, session.item, session.account.account_id)
        player = {
            "local": True,
            "publicAddress": "192.0.2.7",
            "title": "Living Room",
            "uuid": session.client_id,
        }
        self._send(event, {**head, "Player": player})

    def rated(self, account_id: str, item: Item, rating: float) -> None:
        """Tell the webhooks that somebody rated an item."""
        self._send("media.rate", {**self._head("media.rate", item, account_id), "rating": rating})

    def _head(self, event: str, item: Item, account_id: str) -> Frame:
        if not self.webhook_urls:
            return {}
        account = self._server.people.accounts[account_id]
        rows = [row(self._server, item, View(account=account, with_guids=True, names_section=True))]
        metadata = json.loads(print_json(container({}, rows)))["MediaContainer"]["Metadata"][0]
        metadata.pop("Media", None)
        section = self._server.library.sections[item.section_key]
        kind = {} if item.kind == "clip" else {"librarySectionType": section.kind}
        return {
            "event": event,
            "user": account.is_owner,
            "owner": True,
            "Account": {"id": int(account_id), "thumb": account.avatar, "title": account.name},
            "Server": {"title": self._server.name, "uuid": self._server.machine_id},
            "Metadata": kind | metadata,
        }

    def _send(self, event: str, payload: Frame) -> None:
        if not self.webhook_urls:
            return
        parts = [(b'name="payload"\r\nContent-Type: application/json', json.dumps(payload).encode())]
        if event in _WITH_THUMB:
            parts.append((b'name="thumb"; filename="thumb.jpg"\r\nContent-Type: image/jpeg', _THUMB))
        mark = f"--{_BOUNDARY}".encode()
        body = b"".join(
            mark + b"\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"
            for head, content in parts
        )
        headers = {
            "user-agent": f"PlexMediaServer/{self._server.rules.version}",
            "content-type": f"multipart/form-data; boundary={_BOUNDARY}",
        }
        self.deliveries.append(Delivery(event, headers, body + mark + b"--\r\n"))
