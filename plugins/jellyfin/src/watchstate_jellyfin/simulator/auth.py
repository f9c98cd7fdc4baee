"""Who asks: the carriers of a token, in the order in which the server looks at them."""

from collections.abc import Callable
from typing import NoReturn
from urllib.parse import unquote_plus

from watchstate_jellyfin.simulator.asgi import Request, refuse_not_found, refuse_text
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_mediabrowser.simulator.asgi import Caller
from watchstate_mediabrowser.simulator.records import User


def read_parts(text: str) -> dict[str, str]:
    """Read the components of a client's header, after its scheme.

    A name may have space around it, a value may not: between ``=`` and the opening quote, or between the closing quote
    and the comma, it becomes part of the value.
    """
    parts: dict[str, str] = {}
    name, start, is_quoted = "", 0, False
    for place, character in enumerate(text + ","):
        if character == '"':
            is_quoted = not is_quoted
        elif character == "=" and not is_quoted:
            name, start = text[start:place].strip(), place + 1
        elif character == "," and (not is_quoted or place == len(text)):
            if start < place:
                parts[name] = unquote_plus(text[start:place].strip('"'))
            name, start = "", place + 1
    return parts


def _read_client(server: JellyfinServer, request: Request) -> dict[str, str]:
    legacy = server.rules.accepts_legacy_tokens
    header = request.headers.get("authorization", "")
    if not header and legacy:
        header = request.headers.get("x-emby-authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "mediabrowser" or (legacy and scheme.lower() == "emby"):
        return read_parts(rest)
    return {}


def _read_token(server: JellyfinServer, request: Request, client: dict[str, str]) -> str:
    legacy = server.rules.accepts_legacy_tokens
    carriers = (
        client.get("Token"),
        request.headers.get("x-emby-token") if legacy else None,
        request.headers.get("x-mediabrowser-token") if legacy else None,
        request.text("ApiKey"),
        request.text("api_key") if legacy else None,
    )
    return next((token for token in carriers if token), "")


def identify(server: JellyfinServer, request: Request) -> Caller | None:
    """Return who asks; None if the request carries no token, or one that isn't valid."""
    client = _read_client(server, request)
    token = _read_token(server, request, client)
    for device in server.devices:
        if device.token == token:
            user = server.users[device.user_id]
            if user.is_disabled:
                return None
            device.device = client.get("Device") or device.device
            device.version = client.get("Version") or device.version
            return Caller(
                user_id=user.user_id,
                is_admin=user.is_admin,
                client=client.get("Client") or device.client,
                device=device.device,
                device_id=client.get("DeviceId") or device.device_id,
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
                device=client.get("Device") or server.name,
                device_id=client.get("DeviceId") or server.machine_id,
                version=client.get("Version") or server.version,
                token=token,
            )
    return None


def read_login_client(server: JellyfinServer, request: Request) -> Caller:
    """Return the client that signs in, which has to name itself fully."""
    client = _read_client(server, request)
    if not all(client.get(name) for name in ("Client", "Device", "DeviceId", "Version")):
        refuse_text(400)
    return Caller(
        user_id=None,
        client=client["Client"],
        device=client["Device"],
        device_id=client["DeviceId"],
        version=client["Version"],
    )


def acting_user_id(request: Request) -> str | None:
    """Return the id of the user that a request is about; None: an API key that names nobody."""
    named = request.id("userId")
    if named is None or not int(named, 16):
        return request.caller.user_id
    if named != request.caller.user_id and not request.caller.is_admin:
        refuse_text(403)
    return named


def acting_user(server: JellyfinServer, request: Request, *, refuse: Callable[[], NoReturn] = refuse_not_found) -> User:
    """Return the user that a request is about, who has to exist; an API key has to name somebody."""
    user_id = acting_user_id(request)
    if user_id is None:
        refuse_text(400)
    user = server.users.get(user_id)
    if user is None:
        refuse()
    return user
