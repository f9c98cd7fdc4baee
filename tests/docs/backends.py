"""The bundled backends and their simulators, by type."""

from watchstate.testing import Simulator
from watchstate_emby.backend import EmbyBackend
from watchstate_emby.simulator import EmbySimulator
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator
from watchstate_plex.backend import PlexBackend
from watchstate_plex.simulator import PlexSimulator

PLUGINS: dict[str, type] = {"plex": PlexBackend, "emby": EmbyBackend, "jellyfin": JellyfinBackend}
SIMULATORS: dict[str, type[Simulator]] = {"plex": PlexSimulator, "emby": EmbySimulator, "jellyfin": JellyfinSimulator}
