"""Sessions: who is there, and what they play."""

from typing import Any

from watchstate_jellyfin.simulator.asgi import Request, refuse_text, refuse_values
from watchstate_jellyfin.simulator.body import Fields
from watchstate_jellyfin.simulator.dto import item_dto
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_jellyfin.simulator.wire import EMPTY_GUID, print_date
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.records import Session
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.view import View
from watchstate_mediabrowser.simulator.wire import TICKS_PER_SECOND, UNSET_DATE, present


def _sessions(server: JellyfinServer, request: Request) -> Answer:
    caller = request.caller
    found = list(server.sessions.values())
    if device_id := request.text("deviceId"):
        found = [session for session in found if session.device_id.lower() == device_id.lower()]
    if (controlling_id := request.id("controllableByUserId")) is not None:
        if controlling_id != caller.user_id and not caller.is_admin:
            refuse_text(403)
        found = [session for session in found if session.supports_control and controlling_id in server.users]
    if not caller.is_admin:
        found = [session for session in found if session.user_id in (None, caller.user_id)]
    if seconds := request.number("activeWithinSeconds"):
        since = server.now() - seconds * TICKS_PER_SECOND
        found = [session for session in found if session.last_activity >= since]
    return Answer(value=[session_dto(server, session) for session in found])


def _capabilities(server: JellyfinServer, request: Request) -> Answer:
    fields = Fields(request, "capabilities")
    session = server.touch_session(request.caller, request.caller.user_id)
    session.media_types = fields.words("PlayableMediaTypes")
    session.commands = fields.words("SupportedCommands")
    session.supports_control = fields.flag("SupportsMediaControl") or False
    return nothing()


def _ping(_: JellyfinServer, request: Request) -> Answer:
    if request.text("playSessionId") is None:
        refuse_values({"playSessionId": ["The playSessionId field is required."]})
    return nothing()


def session_dto(server: JellyfinServer, session: Session) -> dict[str, Any]:
    """Show a session."""
    user = server.users.get(session.user_id or "")
    return present(
        {
            "PlayState": present(
                {
                    "PositionTicks": session.position_ticks,
                    "CanSeek": session.can_seek,
                    "IsPaused": session.is_paused,
                    "IsMuted": False,
                    "MediaSourceId": session.media_source_id,
                    "PlayMethod": session.play_method,
                    "RepeatMode": "RepeatNone",
                    "PlaybackOrder": "Default",
                }
            ),
            "AdditionalUsers": [],
            "Capabilities": {
                "PlayableMediaTypes": session.media_types,
                "SupportedCommands": session.commands,
                "SupportsMediaControl": session.supports_control,
                "SupportsPersistentIdentifier": False,
            },
            "RemoteEndPoint": "192.0.2.77",
            "PlayableMediaTypes": session.media_types,
            "Id": session.session_id,
            "UserId": session.user_id or EMPTY_GUID,
            "UserName": user.name if user is not None else None,
            "Client": session.client,
            "LastActivityDate": print_date(session.last_activity),
            "LastPlaybackCheckIn": UNSET_DATE if session.last_check_in is None else print_date(session.last_check_in),
            "LastPausedDate": None if session.last_paused is None else print_date(session.last_paused),
            "DeviceName": session.device,
            "NowPlayingItem": _now_playing(server, session),
            "DeviceId": session.device_id,
            "ApplicationVersion": session.version,
            "IsActive": True,
            "SupportsMediaControl": session.supports_control,
            "SupportsRemoteControl": session.supports_control,
            "NowPlayingQueue": [],
            "NowPlayingQueueFullItems": [],
            "HasCustomDeviceName": False,
            "ServerId": server.machine_id,
            "SupportedCommands": session.commands,
        }
    )


def _now_playing(server: JellyfinServer, session: Session) -> dict[str, Any] | None:
    item = server.library.items.get(session.playing_id or "")
    return None if item is None else item_dto(server, item, View(user=None))


ROUTES = [
    Route(method="GET", pattern="/Sessions", handle=_sessions),
    Route(method="POST", pattern="/Sessions/Capabilities/Full", handle=_capabilities),
    Route(method="POST", pattern="/Sessions/Playing/Ping", handle=_ping),
]
