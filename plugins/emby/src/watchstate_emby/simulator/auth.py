"""Who asks: the carriers of a token, and the client's description of itself."""

import re

from watchstate_emby.simulator.asgi import Request, refuse, refuse_feature, refuse_null
from watchstate_emby.simulator.server import EmbyServer
from watchstate_mediabrowser.simulator.asgi import Caller
from watchstate_mediabrowser.simulator.records import User

_PART = re.compile(r'(\w+)\s*=\s*("[^"]*"|[^",\s]+)')
_SCHEMES = {"emby", "mediabrowser"}
_SEPARATE = {
    "Client": "x-emby-client",
    "Version": "x-emby-client-version",
    "DeviceId": "x-emby-device-id",
    "Device": "x-emby-device-name",
}


def _read_header(text: str) -> dict[str, str]:
    scheme, _, rest = text.partition(" ")
    if scheme.lower() not in _SCHEMES:
        return {}
    return {name: value.strip('"') for name, value in _PART.findall(rest)}


def read_client(request: Request) -> dict[str, str]:
    """Return how the client describes itself: in one header, or in four."""
    headers = request.headers
    described = _read_header(headers.get("x-emby-authorization", "")) | _read_header(headers.get("authorization", ""))
    separate = {name: headers[header] for name, header in _SEPARATE.items() if headers.get(header)}
    return separate | described


def _read_token(request: Request, client: dict[str, str]) -> str:
    carriers = (
        request.headers.get("x-emby-token"),
        request.headers.get("x-mediabrowser-token"),
        request.text("api_key"),
        client.get("Token"),
    )
    return next((token for token in carriers if token), "")


def identify(server: EmbyServer, request: Request) -> Caller | None:
    """Return who asks; None if the request carries no token, or one that isn't valid.

    A token stays bound to the device that it was given to, whatever device the request names.
    """
    token = _read_token(request, read_client(request))
    for device in server.devices:
        if device.token == token:
            user = server.users[device.user_id]
            return Caller(
                user_id=user.user_id,
                is_admin=user.is_admin,
                client=device.client,
                device=device.device,
                device_id=device.device_id,
                version=device.version,
                token=token,
            )
    for key in server.api_keys:
        if key.token == token:
            return Caller(
                user_id=None,
                is_api_key=True,
                is_admin=True,
                client=key.name,
                device=server.name,
                device_id=server.machine_id,
                version=server.version,
                token=token,
            )
    return None


def read_login_client(request: Request) -> Caller:
    """Return the client that signs in, which has to name itself and its device."""
    client = read_client(request)
    if not client.get("Client"):
        refuse_null("appName")
    if not client.get("DeviceId"):
        refuse_null("reportedDeviceId")
    return Caller(
        user_id=None,
        client=client["Client"],
        device=client.get("Device", ""),
        device_id=client["DeviceId"],
        version=client.get("Version", ""),
    )


def named_user(server: EmbyServer, request: Request) -> User | None:
    """Return the user that a request is about; None if it names nobody.

    A user may ask about others only as an administrator.
    """
    user_id = request.id("UserId")
    if user_id is None:
        return None
    caller = request.caller
    user_id = user_id.replace("-", "").lower()
    if user_id != caller.user_id and not caller.is_admin:
        refuse_feature(server.users[caller.user_id or ""].name)
    user = server.users.get(user_id)
    if user is None:
        refuse(404, "User not found")
    return user


def acting_user(server: EmbyServer, request: Request) -> User | None:
    """Return the user that a request is about, or else the one who asks; None for an API key that names nobody."""
    return named_user(server, request) or server.users.get(request.caller.user_id or "")
