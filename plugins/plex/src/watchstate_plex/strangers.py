"""Who is there where no Plex Media Server answers."""

from urllib.parse import urlsplit

import msgspec

from watchstate.api import BackendError, BackendProtocolError, Http, Server

_OPERATION = "GET /identity"
_ADVICE = "check the type and the url: there is no /web at its end, and perhaps a base path is missing"


class _PublicInfo(msgspec.Struct, frozen=True, rename="pascal"):
    """What Emby and Jellyfin tell anybody about themselves."""

    id: str
    version: str
    product_name: str = ""


_PUBLIC_INFO = msgspec.json.Decoder(_PublicInfo)


def check_is_at_home(server: Server) -> None:
    """Refuse the addresses of plex.tv, where the pages for browsers are.

    Raises:
        BackendProtocolError: the configured url is one of them.
    """
    host = (urlsplit(server.url).hostname or "").lower()
    if f".{host}".endswith(".plex.tv"):
        reason, advice = (
            f"{host} is a website of Plex, not your server",
            "give the server's own, such as http://host:32400",
        )
        raise BackendProtocolError(server.name, _OPERATION, reason, advice)


async def stranger(http: Http, server: Server, reason: str) -> BackendProtocolError:
    """Return what to say about a server of another kind."""
    kind = await _other_kind(http)
    if kind:
        article = "an" if kind == "Emby" else "a"
        return BackendProtocolError(
            server.name, _OPERATION, f"this looks like {article} {kind} server", f"set type: {kind.lower()}"
        )
    return BackendProtocolError(server.name, _OPERATION, f"{reason}: this is no Plex Media Server", _ADVICE)


async def _other_kind(http: Http) -> str:
    """Return which other kind of server it is; empty if it is none that we know."""
    try:
        answer = await http.get("/System/Info/Public")
        info = answer.decode(_PUBLIC_INFO) if answer.status == 200 else None
    except BackendError:
        return ""
    if info is None:
        return ""
    if not info.product_name:
        return "Emby"
    return "Jellyfin" if "jellyfin" in info.product_name.lower() else ""
