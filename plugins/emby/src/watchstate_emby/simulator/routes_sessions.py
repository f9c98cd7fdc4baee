"""Sessions: who is there, and what they play."""

from typing import Any

from watchstate_emby.simulator.asgi import Request, refuse_feature
from watchstate_emby.simulator.body import Fields
from watchstate_emby.simulator.dto import item_dto
from watchstate_emby.simulator.server import EmbyServer
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.records import Session
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.view import View
from watchstate_mediabrowser.simulator.wire import present, print_date


def _sessions(server: EmbyServer, request: Request) -> Answer:
    """List the sessions that the caller may see. That ordinary users see only their own is a guess."""
    caller = request.caller
    found = list(server.sessions.values())
    if device_id := request.text("DeviceId"):
        found = [session for session in found if session.device_id.lower() == device_id.lower()]
    if session_id := request.text("Id"):
        found = [session for session in found if session.session_id == session_id]
    if (controlling_id := request.text("ControllableByUserId")) is not None:
        if controlling_id != caller.user_id and not caller.is_admin:
            refuse_feature(server.users[caller.user_id or ""].name)
        found = [session for session in found if session.supports_control and controlling_id in server.users]
    if not caller.is_admin:
        found = [session for session in found if session.user_id == caller.user_id]
    return Answer(value=[session_dto(server, session) for session in found])


def _capabilities(server: EmbyServer, request: Request) -> Answer:
    fields = Fields(request)
    session = server.touch_session(request.caller, request.caller.user_id)
    session.media_types = fields.words("PlayableMediaTypes")
    session.commands = fields.words("SupportedCommands")
    session.supports_control = bool(fields.flag("SupportsMediaControl"))
    return nothing()


def session_dto(server: EmbyServer, session: Session) -> dict[str, Any]:
    """Show a session; that of an API key has no user."""
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
                    "SleepTimerMode": "None",
                    "SubtitleOffset": 0,
                    "Shuffle": False,
                    "PlaybackRate": 1,
                }
            ),
            "AdditionalUsers": [],
            "RemoteEndPoint": "192.0.2.77",
            "Protocol": "HTTP/1.1",
            "PlayableMediaTypes": session.media_types,
            "PlaylistIndex": 0,
            "PlaylistLength": 0 if session.playing_id is None else 1,
            "Id": session.session_id,
            "ServerId": server.machine_id,
            "UserId": session.user_id,
            "UserName": None if user is None else user.name,
            "Client": session.client,
            "LastActivityDate": print_date(session.last_activity),
            "DeviceName": session.device,
            "NowPlayingItem": _now_playing(server, session),
            "InternalDeviceId": server.device_number(session.device_id),
            "DeviceId": session.device_id,
            "ApplicationVersion": session.version,
            "SupportedCommands": session.commands,
            "SupportsRemoteControl": session.supports_control,
        }
    )


def _now_playing(server: EmbyServer, session: Session) -> dict[str, Any] | None:
    item = server.library.items.get(session.playing_id or "")
    return None if item is None else item_dto(server, item, View(user=None))


ROUTES = [
    Route(method="GET", pattern="/Sessions", handle=_sessions),
    Route(method="POST", pattern="/Sessions/Capabilities/Full", handle=_capabilities),
]
