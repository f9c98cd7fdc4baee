"""What a test can turn on, besides what every server of the family has."""

from watchstate_mediabrowser.simulator.switches import Switches


class JellyfinSwitches(Switches):
    """Attributes of the simulator that its server obeys, from the next request on."""

    base_path: str = ""
    """The configured base URL, like ``/jellyfin``; what is asked elsewhere is redirected."""
