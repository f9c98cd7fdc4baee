"""Short ways to write down one case of the merge: everything has a default, a test names what matters."""

from msgspec.structs import replace
from tests.sync.media_server import EMBY, FILM, JELLYFIN_10, JELLYFIN_12, PLEX

from watchstate.api import Capabilities
from watchstate.clock import HOUR, MINUTE
from watchstate.states import Agreed, HubState, Intent, Interval, OwnWrite
from watchstate.sync.case import Case, Context, Merged, Seen
from watchstate.sync.merge import merge

ITEM = 1
T0 = 1_700_000_000_000
"""When the agreed state was read; the fact is read an hour later."""
NOW = T0 + HOUR
JF10 = JELLYFIN_10.capabilities
JF12 = JELLYFIN_12.capabilities
PLEX_LIKE = PLEX.capabilities
EMBY_LIKE = EMBY.capabilities


def minutes(count: float) -> int:
    """Return minutes in milliseconds."""
    return int(count * MINUTE)


def at(count: float) -> int:
    """Return the moment so many minutes after the agreed state was read."""
    return T0 + minutes(count)


def span(begins: float, ends: float) -> Interval:
    """Return the interval between two moments, in minutes after the agreed state was read."""
    return Interval(at(begins), at(ends))


def seen(watched: bool, position: float | None = 0, **more: object) -> Seen:
    """Return a fact; `position` in minutes."""
    given = {
        "play_count": 1 if watched else 0,
        "raw_watched_at": at(-60) if watched else 0,
        "read_from": NOW,
        "read_to": NOW + 200,
        "added_at": 1,
        "runtime_ms": FILM,
    }
    return Seen(watched=watched, position_ms=None if position is None else minutes(position), **(given | more))


def agreed(watched: bool | None, position: float | None = 0, **more: object) -> Agreed:
    """Return an agreed state, read at T0; `position` in minutes."""
    given = {
        "play_count": 1 if watched else 0,
        "raw_watched_at": at(-60) if watched else 0,
        "read_from": T0,
        "read_to": T0,
        "added_at": 1,
        "items": (ITEM,),
    }
    return Agreed(watched=watched, position_ms=None if position is None else minutes(position), **(given | more))


def hub(watched: bool | None, changed: Interval | None = None, position: float = 0, **more: object) -> HubState:
    """Return a hub state that changed two hours before the agreed state was read, unless told otherwise."""
    when = changed or (span(-120, -120) if watched is not None else None)
    given = {"watched_at": when.ends if watched and when else None, "position_changed": when}
    return HubState(watched=watched, changed=when, position_ms=minutes(position), **(given | more))


def wrote(watched: bool | None, **more: object) -> OwnWrite:
    """Return the record of a write sent at T0 and answered a second later."""
    given = {"sent_at": T0, "answered_at": T0 + 1000, "count_before": 0, "raw_date_before": 0}
    return OwnWrite(watched=watched, **(given | more))


def written(watched: bool | None, **more: object) -> Agreed:
    """Return what is agreed right after a write of `watched` succeeded."""
    return agreed(watched, play_count=None, raw_watched_at=None, write=wrote(watched, **more))


def given_up(watched: bool | None, **more: object) -> Intent:
    """Return a write that got no answer: sent at 30 minutes, given up half a minute later."""
    given = {
        "position_ms": None,
        "raw_date_sent": None,
        "sent_at": at(30),
        "gave_up_at": at(30.5),
        "before_watched": not watched,
        "before_position_ms": 0,
        "before_count": 0,
        "before_raw_date": 0,
    }
    return Intent(watched=watched, **(given | more))


def decide(
    fact: Seen,
    was: Agreed | None = None,
    of: HubState | dict[int, HubState] | None = None,
    *,
    on: Capabilities = JF10,
    intent: Intent | None = None,
    items: tuple[int, ...] = (ITEM,),
    **context: object,
) -> Merged:
    """Merge one fact."""
    hubs = of if isinstance(of, dict) else {ITEM: of or HubState()}
    return merge(
        Case(
            items=items,
            hubs=hubs,
            agreed=was,
            intent=intent,
            seen=fact,
            context=Context(**({"capabilities": on, "server": "den"} | context)),
        )
    )


def hub_after(merged: Merged, before: HubState, item: int = ITEM) -> HubState:
    """Return the hub state that a merge leaves."""
    return merged.hubs.get(item, before)


def with_state(agreed_state: Agreed, **more: object) -> Agreed:
    """Return an agreed state with some fields changed."""
    return replace(agreed_state, **more)
