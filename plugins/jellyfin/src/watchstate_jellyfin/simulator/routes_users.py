"""People: the lists of users, signing in and out."""

from typing import Any

from watchstate_jellyfin.simulator.asgi import Request, refuse_bad_request, refuse_text, refuse_words
from watchstate_jellyfin.simulator.auth import read_login_client
from watchstate_jellyfin.simulator.body import Fields
from watchstate_jellyfin.simulator.routes_sessions import session_dto
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_jellyfin.simulator.wire import print_date
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.records import User
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.wire import present


def _everyone(server: JellyfinServer, request: Request) -> Answer:
    shown = server.users_by_name(is_hidden=request.flag("isHidden"), is_disabled=request.flag("isDisabled"))
    return Answer(value=[user_dto(server, user) for user in shown])


def _public(server: JellyfinServer, _: Request) -> Answer:
    shown = server.users_by_name(is_hidden=False, is_disabled=False)
    return Answer(value=[user_dto(server, user) for user in shown])


def _me(server: JellyfinServer, request: Request) -> Answer:
    user = server.users.get(request.caller.user_id or "")
    if user is None:
        refuse_bad_request()
    return Answer(value=user_dto(server, user))


def _one(server: JellyfinServer, request: Request) -> Answer:
    user_id = request.id("userId") or ""
    if not int(user_id, 16):
        refuse_text(400)
    user = server.users.get(user_id)
    if user is None:
        refuse_words(404, "User not found")
    return Answer(value=user_dto(server, user))


def _sign_out(server: JellyfinServer, request: Request) -> Answer:
    server.sign_out(request.caller)
    return nothing()


def _sign_in(server: JellyfinServer, request: Request) -> Answer:
    fields = Fields(request, "request")
    name, password = fields.text("Username") or "", fields.text("Pw") or ""
    client = read_login_client(server, request)
    user = server.user_named(name)
    if user is not None and user.is_disabled:
        refuse_text(403)
    if user is None or user.password != password:
        refuse_text(401)
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


def user_dto(server: JellyfinServer, user: User) -> dict[str, Any]:
    """Show a user, with everything that any signed-in user may know of them."""
    return present(
        {
            "Name": user.name,
            "ServerId": server.machine_id,
            "Id": user.user_id,
            "HasPassword": bool(user.password),
            "HasConfiguredPassword": bool(user.password),
            "HasConfiguredEasyPassword": False,
            "EnableAutoLogin": False,
            "LastLoginDate": None if user.last_login is None else print_date(user.last_login),
            "LastActivityDate": None if user.last_activity is None else print_date(user.last_activity),
            "Configuration": {
                "PlayDefaultAudioTrack": True,
                "SubtitleLanguagePreference": "",
                "DisplayMissingEpisodes": user.shows_missing,
                "GroupedFolders": [],
                "SubtitleMode": "Default",
                "DisplayCollectionsView": False,
                "EnableLocalPassword": False,
                "OrderedViews": [],
                "LatestItemsExcludes": [],
                "MyMediaExcludes": [],
                "HidePlayedInLatest": True,
                "RememberAudioSelections": True,
                "RememberSubtitleSelections": True,
                "EnableNextEpisodeAutoPlay": True,
            },
            "Policy": _policy(user),
        }
    )


def _policy(user: User) -> dict[str, Any]:
    return {
        "IsAdministrator": user.is_admin,
        "IsHidden": user.is_hidden,
        "EnableCollectionManagement": False,
        "EnableSubtitleManagement": False,
        "IsDisabled": user.is_disabled,
        "BlockedTags": [],
        "AllowedTags": [],
        "EnableUserPreferenceAccess": user.may_change_preferences,
        "AccessSchedules": [],
        "BlockUnratedItems": [],
        "EnableRemoteControlOfOtherUsers": user.is_admin,
        "EnableSharedDeviceControl": True,
        "EnableRemoteAccess": True,
        "EnableMediaPlayback": True,
        "EnableContentDeletion": user.is_admin,
        "EnableContentDeletionFromFolders": [],
        "EnableContentDownloading": True,
        "EnabledDevices": [],
        "EnableAllDevices": True,
        "EnabledChannels": [],
        "EnableAllChannels": True,
        "EnabledFolders": sorted(user.libraries or ()),
        "EnableAllFolders": user.libraries is None,
        "InvalidLoginAttemptCount": 0,
        "LoginAttemptsBeforeLockout": -1,
        "MaxActiveSessions": 0,
        "EnablePublicSharing": True,
        "BlockedMediaFolders": [],
        "BlockedChannels": [],
        "RemoteClientBitrateLimit": 0,
        "AuthenticationProviderId": "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider",
        "PasswordResetProviderId": "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider",
        "SyncPlayAccess": "CreateAndJoinGroups",
    }


ROUTES = [
    Route(method="GET", pattern="/Users", handle=_everyone),
    Route(method="GET", pattern="/Users/Public", handle=_public, access="anyone"),
    Route(method="GET", pattern="/Users/Me", handle=_me),
    Route(method="GET", pattern="/Users/{userId}", handle=_one),
    Route(method="POST", pattern="/Users/AuthenticateByName", handle=_sign_in, access="anyone"),
    Route(method="POST", pattern="/Sessions/Logout", handle=_sign_out),
]
