"""A simulated Emby server, for the demo, the contract suite and the engine's tests."""

from watchstate_emby.simulator.simulator import EmbySimulator

__all__ = ["EmbySimulator"]
