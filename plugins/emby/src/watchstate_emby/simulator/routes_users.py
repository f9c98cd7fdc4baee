"""People: the lists of users, signing in and out."""

from typing import Any

from watchstate_emby.simulator.asgi import Request, refuse, refuse_null, refuse_unhandled
from watchstate_emby.simulator.auth import acting_user, read_login_client
from watchstate_emby.simulator.body import Fields
from watchstate_emby.simulator.dto import page
from watchstate_emby.simulator.routes_sessions import session_dto
from watchstate_emby.simulator.server import EmbyServer
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.query import read_paging
from watchstate_mediabrowser.simulator.records import User
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.wire import present, print_date


def _everyone(server: EmbyServer, _: Request) -> Answer:
    """List everybody. That this is for administrators is a guess: it was asked only by them."""
    return Answer(value=[user_dto(server, user) for user in server.users_by_name()])


def _query(server: EmbyServer, request: Request) -> Answer:
    found = server.users_by_name(is_hidden=request.flag("IsHidden"), is_disabled=request.flag("IsDisabled"))
    shown = read_paging(request).cut(found)
    return Answer(value=page([user_dto(server, user) for user in shown], len(found)))


def _public(server: EmbyServer, _: Request) -> Answer:
    shown = server.users_by_name(is_hidden=False, is_disabled=False)
    return Answer(value=[_public_user(server, user) for user in shown])


def _me(_server: EmbyServer, _request: Request) -> Answer:
    """Fall over, as the server does: there is no such route, and the word is no id."""
    refuse_unhandled()


def _one(server: EmbyServer, request: Request) -> Answer:
    user = acting_user(server, request)
    if user is None:
        refuse_unhandled()
    return Answer(value=user_dto(server, user))


def _sign_out(server: EmbyServer, request: Request) -> Answer:
    server.sign_out(request.caller)
    return nothing()


def _sign_in(server: EmbyServer, request: Request) -> Answer:
    fields = Fields(request)
    name, password = fields.text("Username"), fields.text("Pw") or ""
    if name is None:
        refuse_null("name")
    user = server.user_named(name)
    if user is None or user.password != password:
        refuse(401, "Invalid username or password. Please try again.")
    if user.is_disabled:
        refuse(403, f"User {user.name} is disabled.")
    client = read_login_client(request)
    device = server.sign_in(
        user, client=client.client, device=client.device, device_id=client.device_id, version=client.version
    )
    user.last_login = user.last_activity = server.now()
    session = server.touch_session(client, user.user_id)
    return Answer(
        value={
            "User": user_dto(server, user),
            "SessionInfo": session_dto(server, session),
            "AccessToken": device.token,
            "ServerId": server.machine_id,
        }
    )


def _public_user(server: EmbyServer, user: User) -> dict[str, Any]:
    shown = user_dto(server, user)
    return {name: value for name, value in shown.items() if name not in {"DateCreated", "Configuration", "Policy"}}


def user_dto(server: EmbyServer, user: User) -> dict[str, Any]:
    """Show a user."""
    return present(
        {
            "Name": user.name,
            "ServerId": server.machine_id,
            "Prefix": user.name[:1].upper(),
            "DateCreated": print_date(user.created),
            "Id": user.user_id,
            "HasPassword": bool(user.password),
            "HasConfiguredPassword": bool(user.password),
            "LastLoginDate": None if user.last_login is None else print_date(user.last_login),
            "LastActivityDate": None if user.last_activity is None else print_date(user.last_activity),
            "Configuration": {**_CONFIGURATION, "DisplayMissingEpisodes": user.shows_missing},
            "Policy": {
                **_POLICY,
                "IsAdministrator": user.is_admin,
                "IsHidden": user.is_hidden,
                "IsDisabled": user.is_disabled,
                "EnableUserPreferenceAccess": user.may_change_preferences,
                "EnableRemoteControlOfOtherUsers": user.is_admin,
                "EnableContentDeletion": user.is_admin,
                "EnabledFolders": sorted(server.make_secret(f"guid {each}") for each in user.libraries or ()),
                "EnableAllFolders": user.libraries is None,
            },
        }
    )


_CONFIGURATION: dict[str, Any] = {
    "PlayDefaultAudioTrack": True,
    "DisplayMissingEpisodes": False,
    "SubtitleMode": "Smart",
    "OrderedViews": [],
    "LatestItemsExcludes": [],
    "MyMediaExcludes": [],
    "HidePlayedInLatest": True,
    "HidePlayedInMoreLikeThis": False,
    "HidePlayedInSuggestions": False,
    "RememberAudioSelections": True,
    "RememberSubtitleSelections": True,
    "EnableNextEpisodeAutoPlay": True,
    "ResumeRewindSeconds": 0,
    "IntroSkipMode": "ShowButton",
    "EnableLocalPassword": False,
}
_POLICY: dict[str, Any] = {
    "IsAdministrator": False,
    "IsHidden": False,
    "IsHiddenRemotely": True,
    "IsHiddenFromUnusedDevices": False,
    "IsDisabled": False,
    "LockedOutDate": 0,
    "AllowTagOrRating": False,
    "BlockedTags": [],
    "IsTagBlockingModeInclusive": False,
    "IncludeTags": [],
    "EnableUserPreferenceAccess": True,
    "AccessSchedules": [],
    "BlockUnratedItems": [],
    "EnableRemoteControlOfOtherUsers": False,
    "EnableSharedDeviceControl": True,
    "EnableRemoteAccess": True,
    "EnableLiveTvManagement": True,
    "EnableLiveTvAccess": True,
    "EnableMediaPlayback": True,
    "EnableAudioPlaybackTranscoding": True,
    "EnableVideoPlaybackTranscoding": True,
    "AutoRemoteQuality": 0,
    "EnablePlaybackRemuxing": True,
    "EnableContentDeletion": False,
    "RestrictedFeatures": [],
    "EnableContentDeletionFromFolders": [],
    "EnableContentDownloading": True,
    "EnableSubtitleDownloading": True,
    "EnableSubtitleManagement": True,
    "EnableSyncTranscoding": True,
    "EnableMediaConversion": True,
    "EnabledChannels": [],
    "EnableAllChannels": True,
    "EnabledFolders": [],
    "EnableAllFolders": True,
    "InvalidLoginAttemptCount": 0,
    "EnablePublicSharing": True,
    "RemoteClientBitrateLimit": 0,
    "AuthenticationProviderId": "Emby.Server.Implementations.Library.DefaultAuthenticationProvider",
    "ExcludedSubFolders": [],
    "SimultaneousStreamLimit": 0,
    "EnabledDevices": [],
    "EnableAllDevices": True,
    "AllowCameraUpload": True,
    "AllowSharingPersonalItems": True,
}

ROUTES = [
    Route(method="GET", pattern="/Users", handle=_everyone, access="admin"),
    Route(method="GET", pattern="/Users/Query", handle=_query, access="admin"),
    Route(method="GET", pattern="/Users/Public", handle=_public, access="anyone"),
    Route(method="GET", pattern="/Users/Me", handle=_me),
    Route(method="GET", pattern="/Users/{UserId}", handle=_one),
    Route(method="POST", pattern="/Users/AuthenticateByName", handle=_sign_in, access="anyone"),
    Route(method="POST", pattern="/Sessions/Logout", handle=_sign_out),
]
