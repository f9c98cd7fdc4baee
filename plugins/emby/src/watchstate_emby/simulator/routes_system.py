"""The server itself: information, and API keys."""

from typing import Any

from watchstate_emby.simulator.asgi import Request, refuse_null, text
from watchstate_emby.simulator.dto import page
from watchstate_emby.simulator.server import EmbyServer
from watchstate_emby.simulator.states import floor_seconds
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.records import ApiKey
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.wire import print_date


def _public(server: EmbyServer, _: Request) -> Answer:
    return Answer(value=_public_info(server))


def _info(server: EmbyServer, _: Request) -> Answer:
    return Answer(value={**_public_info(server), **_PATHS})


def _ping(_server: EmbyServer, _request: Request) -> Answer:
    return text("Emby Server")


def _public_info(server: EmbyServer) -> dict[str, Any]:
    one = {"LocalAddress": _ADDRESS, "WanAddress": _ADDRESS} if server.rules.tells_one_address else {}
    return {
        **one,
        "LocalAddresses": [],
        "RemoteAddresses": [],
        "ServerName": server.name,
        "Version": server.version,
        "Id": server.machine_id,
    }


def _keys(server: EmbyServer, request: Request) -> Answer:
    """List the API keys, the newest first; a list that is not paged has a total of 0."""
    newest_first = server.api_keys[::-1]
    start, limit = request.number("StartIndex"), request.number("Limit")
    if start is None and limit is None:
        return Answer(value=page([_key(server, key) for key in newest_first], 0))
    shown = newest_first[start or 0 :][:limit]
    return Answer(value=page([_key(server, key) for key in shown], len(newest_first)))


def _key(server: EmbyServer, key: ApiKey) -> dict[str, Any]:
    return {
        "Id": key.key_id,
        "AccessToken": key.token,
        "ReportedDeviceId": server.machine_id,
        "DeviceId": server.device_number(server.machine_id),
        "AppName": key.name,
        "AppVersion": server.version,
        "IpAddress": "127.0.0.1",
        "DeviceName": server.name,
        "UserId": 0,
        "DateCreated": print_date(floor_seconds(key.created)),
        "IsActive": True,
    }


def _make_key(server: EmbyServer, request: Request) -> Answer:
    name = request.text("App")
    if name is None:
        refuse_null("appName")
    server.add_api_key(name)
    return nothing()


def _drop_key(server: EmbyServer, request: Request) -> Answer:
    server.api_keys = [key for key in server.api_keys if key.token != request.params["Key"]]
    return nothing()


_ADDRESS = "http://192.0.2.30:8096"
_PATHS: dict[str, Any] = {
    "OperatingSystemDisplayName": "",
    "HasPendingRestart": False,
    "IsShuttingDown": False,
    "OperatingSystem": "Linux",
    "SupportsLibraryMonitor": True,
    "WebSocketPortNumber": 8096,
    "CanSelfRestart": True,
    "CanSelfUpdate": False,
    "CanLaunchWebBrowser": False,
    "ProgramDataPath": "/config",
    "ItemsByNamePath": "/config/metadata",
    "CachePath": "/config/cache",
    "LogPath": "/config/logs",
    "InternalMetadataPath": "/config/metadata",
    "TranscodingTempPath": "/config/transcoding-temp",
    "HttpServerPortNumber": 8096,
    "SupportsHttps": False,
    "HttpsPortNumber": 8920,
    "HasUpdateAvailable": False,
    "SupportsAutoRunAtStartup": False,
    "HardwareAccelerationRequiresPremiere": True,
}

ROUTES = [
    Route(method="GET", pattern="/System/Info/Public", handle=_public, access="anyone"),
    Route(method="GET", pattern="/System/Info", handle=_info),
    Route(method="GET", pattern="/System/Ping", handle=_ping, access="anyone"),
    Route(method="POST", pattern="/System/Ping", handle=_ping, access="anyone"),
    Route(method="GET", pattern="/Auth/Keys", handle=_keys, access="admin"),
    Route(method="POST", pattern="/Auth/Keys", handle=_make_key, access="admin"),
    Route(method="DELETE", pattern="/Auth/Keys/{Key}", handle=_drop_key, access="admin"),
    Route(method="POST", pattern="/Auth/Keys/{Key}/Delete", handle=_drop_key, access="admin"),
]
