"""Which title a person means."""

from typing import TYPE_CHECKING, Final

from watchstate.api import UsageError
from watchstate.config.servers import MAIN
from watchstate.storage.catalogue import ItemRow
from watchstate.sync.finding import LooseEntry, find
from watchstate.sync.titles import item_title

if TYPE_CHECKING:
    from watchstate.app import Services

_MOST_SHOWN: Final = 8


async def find_one(services: "Services", wanted: str) -> ItemRow:
    """Return the one item that a person means; see `watchstate.sync.finding.find`.

    Raises:
        UsageError: nothing fits, or several titles do; names them.
    """
    found = await find(services.engine, wanted)
    if len(found.items) == 1:
        return found.items[0]
    names = "; ".join(f"{item_title(one)} (item:{one.item_id})" for one in found.items[:_MOST_SHOWN])
    if names:
        raise UsageError(f"{len(found.items)} titles fit {wanted!r}: {names}; give one as item:ID")
    if found.loose:
        what = named(found.loose[0])
        raise UsageError(f"{what} is matched with nothing, so there is no state of it; see watchstate state explain")
    raise UsageError(f"nothing is known as {wanted!r}; try a part of the title, or import first")


def named(loose: LooseEntry) -> str:
    """Return how a person can name an entry that stands for no item."""
    return f"{loose.server}:{loose.entry.entry_id}"


def check_identity(services: "Services", identity: str) -> str:
    """Return an identity that is configured.

    Raises:
        UsageError: it isn't; names those that are.
    """
    known = {member.account.identity for member in services.household().members} | {MAIN}
    if identity not in known:
        raise UsageError(f"there is no user {identity}; known are: {', '.join(sorted(known))}")
    return identity
