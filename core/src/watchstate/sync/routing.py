"""Whom an event concerns: of the servers that share a webhook token, and of their accounts. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from watchstate.api import Event
from watchstate.sync.work import Member


class Hint(Struct, frozen=True):
    """An entry that is to be read again."""

    server: str
    identity: str | None
    """Whose account it concerns; None: everybody's on that server."""
    entry_id: str
    kind: str


class Routed(Struct, frozen=True):
    """What an event comes to: hints, or the reason why there are none."""

    hints: tuple[Hint, ...] = ()
    reason: str = ""


def route(event: Event, members: Sequence[Member], machine_ids: Mapping[str, str | None]) -> Routed:
    """Find the servers and accounts of an event among those that may have sent it.

    Args:
        event: what a server told.
        members: the accounts of the servers that share the token it came with.
        machine_ids: of these servers, by name; None: it was never reached.
    """
    names = _servers(event.machine_id, machine_ids)
    if not names:
        return Routed(reason=f"no server of this token has the machine id {event.machine_id}")
    hints = []
    for name in names:
        own = [one.account for one in members if one.account.server.name == name]
        if event.user_id is None:
            identities: list[str | None] = [None] if own else []
        else:
            identities = [one.identity for one in own if _same_id(one.user_id, event.user_id)]
        hints += [Hint(name, identity, event.entry_id, str(event.kind)) for identity in identities]
    if not hints:
        return Routed(reason=f"no account of {' or '.join(names)} has the user id {event.user_id}")
    return Routed(tuple(hints))


def _servers(machine_id: str | None, machine_ids: Mapping[str, str | None]) -> list[str]:
    """Return the servers that an event may come from.

    One that was never reached may be anybody, but not one of two: a hint to read is never a value, so that a wrong
    guess would cost a request and nothing else.
    """
    if machine_id is None:
        return list(machine_ids)
    named = [name for name, known in machine_ids.items() if known is not None and _same_id(known, machine_id)]
    strangers = [name for name, known in machine_ids.items() if known is None]
    return named or (strangers if len(strangers) == 1 else [])


def _same_id(one: str, other: str) -> bool:
    """Compare ids however they are spelled: what a person typed may have the dashes that a notification lacks."""
    return one.replace("-", "").casefold() == other.replace("-", "").casefold()
