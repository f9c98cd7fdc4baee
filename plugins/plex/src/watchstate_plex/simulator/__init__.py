"""A simulated Plex Media Server and its plex.tv, for the demo, the contract suite and the engine's tests."""

from watchstate_plex.simulator.simulator import PlexSimulator

__all__ = ["PlexSimulator"]
