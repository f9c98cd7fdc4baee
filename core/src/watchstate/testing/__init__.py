"""For plugin authors: the base of a simulator, faults on demand, and the contract suite."""

from watchstate.testing.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend
from watchstate.testing.faults import Fault, FaultInjector, FaultKind
from watchstate.testing.serving import serve
from watchstate.testing.simulator import LoggedRequest, Simulator, Title

__all__ = [
    "AsgiApp",
    "AsgiMessage",
    "AsgiReceive",
    "AsgiSend",
    "Fault",
    "FaultInjector",
    "FaultKind",
    "LoggedRequest",
    "Simulator",
    "Title",
    "serve",
]
