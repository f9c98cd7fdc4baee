"""A simulated Jellyfin server, for the demo, the contract suite and the engine's tests."""

from watchstate_jellyfin.simulator.simulator import JellyfinSimulator

__all__ = ["JellyfinSimulator"]
