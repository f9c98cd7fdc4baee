"""What a server says about itself."""

import re

from watchstate.api import BackendProtocolError, Http, HttpResponse, Server, ServerInfo
from watchstate_mediabrowser.calls import read
from watchstate_mediabrowser.wire import PUBLIC_INFO, PublicInfo

_VERSION = re.compile(r"(\d+)\.(\d+)")


async def read_public_info(http: Http) -> tuple[PublicInfo, HttpResponse]:
    """Ask who answers; needs no token."""
    return await read(http, "/System/Info/Public", PUBLIC_INFO)


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
