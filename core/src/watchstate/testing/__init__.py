"""For plugin authors: the base of a simulator, faults on demand, and the contract suite."""

from watchstate.testing.faults import Fault, FaultInjector, FaultKind
from watchstate.testing.simulator import LoggedRequest, Simulator, Title

__all__ = ["Fault", "FaultInjector", "FaultKind", "LoggedRequest", "Simulator", "Title"]
