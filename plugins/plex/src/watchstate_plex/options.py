"""What can be set under ``options:`` of a Plex server."""

from watchstate.api import CommonOptions, Server


class PlexOptions(CommonOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a Plex server."""

    plex_tv: str = "https://plex.tv"
    """Where the people of a server and their tokens are asked for."""


def plex_tv_of(server: Server) -> str:
    """Return the base URL of plex.tv for a server."""
    options = server.options
    return options.plex_tv if isinstance(options, PlexOptions) else PlexOptions().plex_tv
