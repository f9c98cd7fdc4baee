"""The server itself: information, configuration, API keys."""

from watchstate_jellyfin.simulator.asgi import Request, refuse_values
from watchstate_jellyfin.simulator.dto import page
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_jellyfin.simulator.wire import EMPTY_GUID, print_date
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.wire import UNSET_DATE

PRODUCT = "Jellyfin Server"


def _public(server: JellyfinServer, _: Request) -> Answer:
    return Answer(value=_public_info(server))


def _info(server: JellyfinServer, _: Request) -> Answer:
    return Answer(value={**_public_info(server), **_PATHS})


def _ping(_server: JellyfinServer, _request: Request) -> Answer:
    return Answer(value=PRODUCT)


def _configuration(server: JellyfinServer, _: Request) -> Answer:
    resume = server.states.resume
    return Answer(
        value={
            "ServerName": server.name,
            "IsStartupWizardCompleted": True,
            "QuickConnectAvailable": False,
            "MinResumePct": resume.min_percent,
            "MaxResumePct": resume.max_percent,
            "MinResumeDurationSeconds": resume.min_duration_seconds,
            "MinAudiobookResume": 5,
            "MaxAudiobookResume": 5,
            "LibraryUpdateDuration": 30,
            "EnableGroupingMoviesIntoCollections": server.switches.groups_movies,
            "EnableGroupingShowsIntoCollections": False,
            "EnableLegacyAuthorization": server.rules.accepts_legacy_tokens,
        }
    )


def _keys(server: JellyfinServer, _: Request) -> Answer:
    rows = [
        {
            "Id": key.key_id,
            "AccessToken": key.token,
            "AppName": key.name,
            "UserId": EMPTY_GUID,
            "IsActive": True,
            "DateCreated": print_date(key.created),
            "DateLastActivity": UNSET_DATE,
        }
        for key in server.api_keys
    ]
    return Answer(value=page(rows, len(rows)))


def _make_key(server: JellyfinServer, request: Request) -> Answer:
    name = request.text("app")
    if name is None:
        refuse_values({"app": ["The app field is required."]})
    server.add_api_key(name)
    return nothing()


def _drop_key(server: JellyfinServer, request: Request) -> Answer:
    server.api_keys = [key for key in server.api_keys if key.token != request.params["key"]]
    return nothing()


def _public_info(server: JellyfinServer) -> dict[str, object]:
    return {
        "LocalAddress": "http://192.0.2.20:8096",
        "ServerName": server.name,
        "Version": server.version,
        "ProductName": PRODUCT,
        "OperatingSystem": "",
        "Id": server.machine_id,
        "StartupWizardCompleted": True,
    }


_PATHS: dict[str, object] = {
    "OperatingSystemDisplayName": "",
    "HasPendingRestart": False,
    "IsShuttingDown": False,
    "SupportsLibraryMonitor": True,
    "WebSocketPortNumber": 8096,
    "CompletedInstallations": [],
    "CanSelfRestart": True,
    "CanLaunchWebBrowser": False,
    "ProgramDataPath": "/config",
    "WebPath": "/jellyfin/jellyfin-web",
    "ItemsByNamePath": "/config/metadata",
    "CachePath": "/cache",
    "LogPath": "/config/log",
    "InternalMetadataPath": "/config/metadata",
    "TranscodingTempPath": "/cache/transcodes",
    "CastReceiverApplications": [],
    "HasUpdateAvailable": False,
    "EncoderLocation": "System",
    "SystemArchitecture": "X64",
}

ROUTES = [
    Route(method="GET", pattern="/System/Info/Public", handle=_public, access="anyone"),
    Route(method="GET", pattern="/System/Info", handle=_info),
    Route(method="GET", pattern="/System/Ping", handle=_ping, access="anyone"),
    Route(method="POST", pattern="/System/Ping", handle=_ping, access="anyone"),
    Route(method="GET", pattern="/System/Configuration", handle=_configuration),
    Route(method="GET", pattern="/Auth/Keys", handle=_keys, access="admin"),
    Route(method="POST", pattern="/Auth/Keys", handle=_make_key, access="admin"),
    Route(method="DELETE", pattern="/Auth/Keys/{key}", handle=_drop_key, access="admin"),
]
