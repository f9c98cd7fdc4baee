"""Finding plugins among the installed distributions, and making objects of them (stevedore).

Only a plugin that is asked for is imported, and none can do worse than fail alone.
"""

import importlib.metadata
import logging
from collections.abc import Iterable
from difflib import get_close_matches
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from msgspec import Struct
from stevedore.named import NamedExtensionManager

from watchstate.api import UnknownBackend
from watchstate.plugins.records import PluginRecord, PluginStatus

if TYPE_CHECKING:
    from watchstate.testing import Simulator

BACKENDS: Final = "watchstate.backends"
SIMULATORS: Final = "watchstate.simulators"

_LONGEST_REASON: Final = 300
_log = logging.getLogger(__name__)


class Offer(Struct, frozen=True, kw_only=True):
    """A plugin that an installed distribution offers."""

    name: str
    distribution: str
    version: str


class NotLoadedError(Exception):
    """A plugin that could not be made into an object; the record says why."""

    def __init__(self, record: PluginRecord) -> None:
        super().__init__(record.reason)
        self.record = record


def available(group: str = BACKENDS) -> list[Offer]:
    """Return what is installed, by name, without importing any of it. A duplicate name is there twice."""
    offers = [_offer(entry_point) for entry_point in importlib.metadata.entry_points(group=group)]
    return sorted(offers, key=lambda offer: (offer.name, offer.distribution))


def load_backend(name: str) -> tuple[object, Offer]:
    """Import and construct the backend of this name.

    Raises:
        NotLoadedError: it is missing or offered twice, or importing or constructing it failed in whatever way.
    """
    entry_point = _only(BACKENDS, name)
    return _load(entry_point, construct=True), _offer(entry_point)


def load_simulator(name: str) -> "type[Simulator]":
    """Return the simulator of this backend.

    Raises:
        UnknownBackend: there is none, or it can't be loaded.
    """
    try:
        return cast("type[Simulator]", _load(_only(SIMULATORS, name), construct=False))
    except NotLoadedError as error:
        raise UnknownBackend(f"no simulator of {name}: {error.record.reason}") from error


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return which names there are, and the one that was probably meant, for the end of a message."""
    names = sorted(set(known))
    nearest = get_close_matches(name, names, n=1)
    return (f"is {nearest[0]} meant? " if nearest else "") + f"there are: {', '.join(names) or 'none'}"


def one_line(error: BaseException) -> str:
    """Return kind and text of an exception as one line."""
    text = " ".join(str(error).split())
    return type(error).__name__ + (f": {text}" if text else "")


def shorten(text: str) -> str:
    """Return the beginning of a text, of a length that fits into a message."""
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def _offer(entry_point: EntryPoint) -> Offer:
    distribution = entry_point.dist
    if distribution is None:  # only for entry points that were made by hand
        return Offer(name=entry_point.name, distribution="", version="")
    return Offer(name=entry_point.name, distribution=distribution.name, version=distribution.version)


def _only(group: str, name: str) -> EntryPoint:
    fitting = list(importlib.metadata.entry_points(group=group, name=name))
    if not fitting:
        reason = f"no installed package offers it; {suggestion(name, (offer.name for offer in available(group)))}"
        raise NotLoadedError(PluginRecord(name=name, status=PluginStatus.MISSING, reason=reason))
    if len(fitting) > 1:
        offers = [_offer(entry_point) for entry_point in fitting]
        raise NotLoadedError(
            PluginRecord(
                name=name,
                status=PluginStatus.DUPLICATE,
                distribution=", ".join(offer.distribution for offer in offers),
                version=", ".join(offer.version for offer in offers),
                reason="offered by "
                + " and ".join(f"{offer.distribution} {offer.version}" for offer in offers)
                + ": uninstall all but one",
            )
        )
    return fitting[0]


class _OnePlugin(NamedExtensionManager[Any]):
    """Loads the entry point that we chose.

    stevedore by itself would take it from its cache on disk, which stays stale for minutes after an entry point
    changed, and has no distribution; of duplicates it only notices neighbours.
    """

    def __init__(self, entry_point: EntryPoint, *, construct: bool) -> None:
        self._entry_point = entry_point
        super().__init__(
            entry_point.group,
            [entry_point.name],
            invoke_on_load=construct,
            on_load_failure_callback=_raise,
            on_missing_entrypoints_callback=None,
        )

    def list_entry_points(self) -> list[EntryPoint]:
        return [self._entry_point]


def _load(entry_point: EntryPoint, *, construct: bool) -> object:
    """Load one plugin inside our own try: stevedore's failure callback sees neither SystemExit nor AssertionError."""
    try:
        extension = _OnePlugin(entry_point, construct=construct)[entry_point.name]
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _log.debug("plugin %s failed to load", entry_point.name, exc_info=True)
        offer = _offer(entry_point)
        raise NotLoadedError(
            PluginRecord(
                name=offer.name,
                status=PluginStatus.LOAD_ERROR,
                distribution=offer.distribution,
                version=offer.version,
                reason=shorten(one_line(error)),
            )
        ) from error
    return extension.obj if construct else extension.plugin


def _raise(_manager: object, _entry_point: object, error: BaseException) -> NoReturn:
    raise error
