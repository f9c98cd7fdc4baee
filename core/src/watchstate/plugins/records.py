"""What became of each plugin that was asked for."""

from enum import StrEnum

from msgspec import Struct


class PluginStatus(StrEnum):
    """How far a plugin came."""

    READY = "ready"
    MISSING = "missing"
    """No installed distribution offers a plugin of this name."""
    LOAD_ERROR = "load error"
    """Importing or constructing it failed."""
    CONTRACT_ERROR = "contract error"
    """It is there, and is no backend: see `watchstate.plugins.contract`."""
    DUPLICATE = "duplicate"
    """Two distributions offer the same name, and nothing decides between them."""


class PluginRecord(Struct, frozen=True, kw_only=True):
    """One line of `watchstate plugins list`."""

    name: str
    status: PluginStatus
    distribution: str = ""
    """The name of the distribution that offers it; of each of them for a duplicate."""
    version: str = ""
    reason: str = ""
    """Why it isn't ready, in one line."""
    hooks: tuple[str, ...] = ()
    """The hooks it implements, in the order of the contract."""
