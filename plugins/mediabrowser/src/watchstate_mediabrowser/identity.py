"""What a server says about itself."""

import re

from watchstate.api import BackendAuthError, BackendError, BackendProtocolError, Http, HttpResponse, Server, ServerInfo
from watchstate_mediabrowser.calls import decode
from watchstate_mediabrowser.wire import PUBLIC_INFO, PublicInfo

_PATH = "/System/Info/Public"
_ADVICE = "check the type and the url: there is no /web at its end, and perhaps a base path is missing"

_VERSION = re.compile(r"(\d+)\.(\d+)")


async def read_public_info(http: Http, *, product: str) -> tuple[PublicInfo, HttpResponse]:
    """Ask who answers; needs no token, so none is sent to a server that is perhaps another.

    Raises:
        BackendProtocolError: it is no server of the family.
    """
    try:
        answer = await http.get(_PATH)
    except BackendAuthError as error:
        reason = f"asks for a login before it says who it is, which no {product} server does"
        raise await _stranger(http, error.server, error.operation, reason) from error
    if answer.status != 200:
        reason = f"answered with status {answer.status}: this is no {product} server"
        raise await _stranger(http, answer.server, answer.operation, reason)
    return decode(answer, PUBLIC_INFO), answer


async def _stranger(http: Http, server: str, operation: str, reason: str) -> BackendProtocolError:
    """Return what to say about a server of another kind. Plex tells anybody who it is, at another path."""
    try:
        answer = await http.get("/identity", headers={"Accept": "application/json"})
        is_plex = answer.status == 200 and b"machineIdentifier" in answer.content
    except BackendError:
        is_plex = False
    if is_plex:
        return BackendProtocolError(server, operation, "this looks like a Plex server", "set type: plex")
    return BackendProtocolError(server, operation, reason, _ADVICE)


def to_server_info(
    server: Server, info: PublicInfo, answer: HttpResponse, *, product: str, oldest: tuple[int, int]
) -> ServerInfo:
    """Return who answered.

    Raises:
        BackendProtocolError: it gives no id or version, or it is too old.
    """
    if not info.id or not info.version:
        raise BackendProtocolError(server.name, answer.operation, "gives no id or no version", "check the url")
    version = version_numbers(info.version)
    if version is not None and version < oldest:
        reason = f"{product} {info.version} is too old"
        advice = f"upgrade the server to {oldest[0]}.{oldest[1]} or later"
        raise BackendProtocolError(server.name, answer.operation, reason, advice)
    return ServerInfo(
        machine_id=info.id,
        name=info.server_name or "",
        version=info.version,
        clock_skew_ms=answer.clock_skew_ms,
    )


def version_numbers(version: str) -> tuple[int, int] | None:
    """Return the first two numbers of a version; None if it has none."""
    match = _VERSION.match(version)
    return None if match is None else (int(match[1]), int(match[2]))
