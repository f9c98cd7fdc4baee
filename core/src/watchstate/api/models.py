"""The values that cross the border between core and a backend: frozen, typed, checked on arrival.

Units everywhere: an instant or a duration is an ``int`` of milliseconds, instants in UTC since the epoch.
Two kinds of nothing are kept apart everywhere: ``None`` means *not known* (the server's answer doesn't carry it),
``0`` means *the server says there is none* (no date, no position, no plays).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from watchstate.api.options import CommonOptions
from watchstate.api.secret import Secret

Kind = Literal["movie", "episode"]
Id = Annotated[str, Meta(min_length=1)]
Natural = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Ordinal = Annotated[int, Meta(ge=0, le=2**31 - 1)]
"""The number of a year, a season or an episode: what every database takes for a whole number."""


def natural(value: int | None) -> int | None:
    """Return a server's number if it can be a `Natural`; None, not known, if it makes no sense."""
    return value if value is not None and 0 <= value < 2**63 else None


def ordinal(value: int | None) -> int | None:
    """Return a server's number if it can be an `Ordinal`; None, not known, if it makes no sense."""
    return value if value is not None and 0 <= value < 2**31 else None


class Server(Struct, frozen=True, kw_only=True):
    """A configured media server, as `servers.yaml` names it."""

    name: str
    type: str
    url: str
    token: Secret
    options: CommonOptions
    """The backend's own ``Options`` type, filled from ``options:``."""
    machine_id: str | None = None
    version: str | None = None
    """As `identify_server` last reported it; None before the first contact."""


class Account(Struct, frozen=True, kw_only=True):
    """One identity's user on one server. `token` is what to act with: the user's own or the server's."""

    server: Server
    identity: str
    user_id: str
    token: Secret


class ServerInfo(Struct, frozen=True, kw_only=True):
    """What `identify_server` found out."""

    machine_id: Id
    """Stays the same for the life of an installation; another one behind the same URL is another server."""
    name: str
    version: str
    clock_skew_ms: int | None = None
    """The server's clock minus ours; see `HttpResponse.clock_skew_ms`."""


class User(Struct, frozen=True, kw_only=True):
    """A person known to a server."""

    user_id: Id
    name: str
    is_admin: bool = False
    is_disabled: bool = False
    token: Secret | None = None
    """What is needed to act as that user, where the server hands it out."""
    note: str = ""
    """One line for a person: why there is no token, where the user needs one of its own. Without token and note, the
    server's token acts for them."""


class ProviderId(Struct, frozen=True, gc=False):
    """An id that a metadata provider gave to a title, as the server spells it (core brings it to normal form)."""

    provider: Id
    value: Id


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One server's record of a movie or an episode: what it is, not what was watched."""

    entry_id: Id
    kind: Kind
    title: str = ""
    year: Ordinal | None = None
    show_title: str = ""
    season: Ordinal | None = None
    """0 is the specials."""
    episodes: tuple[Ordinal, ...] = ()
    """The episode numbers that this one file carries; more than one for a multi-episode file."""
    provider_ids: tuple[ProviderId, ...] = ()
    """Ids of the movie or the episode itself (of the first one, for a multi-episode file)."""
    show_ids: tuple[ProviderId, ...] = ()
    """Ids of the show that an episode belongs to."""
    runtime_ms: Natural | None = None
    added_at: Natural | None = None
    """When the server says the file was added. A different value means a replaced file."""
    library_id: str | None = None
    path: str | None = None


class PlayState(Struct, frozen=True, kw_only=True, gc=False):
    """What an account's play state of an entry is, exactly as the server shows it."""

    watched: bool
    position_ms: Natural | None = None
    play_count: Natural | None = None
    watched_at: Natural | None = None
    """The date the server shows (last played), by the server's clock."""


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """An entry and the play state that an account reports for it now."""

    entry: Entry
    state: PlayState
    is_playing: bool = False
    """The server's sessions show this account playing it at the moment of reading."""
    is_detailed: bool = False
    """What this row of a listing doesn't carry isn't to be had: a read by `Entries`, which is always in full detail,
    would not fill it in."""


class LibraryBatch(Struct, frozen=True, kw_only=True):
    """Part of the answer of `fetch_library`: usually one page."""

    facts: tuple[Fact, ...]
    read_from: Natural
    """When the request behind this batch began (`HttpResponse.began_at`)."""
    read_to: Natural
    """When its answer had been read (`HttpResponse.ended_at`)."""
    total: Natural | None = None
    """How many entries the whole answer will have; None where the server doesn't say."""
    cursor: str | None = None
    """On the last batch: where the next `ChangedSince` continues."""


class Everything(Struct, frozen=True, tag="everything"):
    """All movies and episodes, of all libraries that the options don't ignore."""


class ChangedSince(Struct, frozen=True, tag="changed_since"):
    """Entries whose state may have changed since a cursor. Asked only where `Capabilities.lists_changes`."""

    cursor: str


class Entries(Struct, frozen=True, tag="entries"):
    """Exactly these entries, in full detail. Those that are gone are simply not in the answer."""

    entry_ids: tuple[Id, ...]


class Search(Struct, frozen=True, tag="search"):
    """Entries whose title matches a text, for a person who looks something up."""

    text: str
    limit: int = 25


Scope = Everything | ChangedSince | Entries | Search


class Change(Struct, frozen=True, kw_only=True):
    """A write that an account needs. None leaves a field as it is."""

    entry_id: Id
    watched: bool | None = None
    watched_at: Natural | None = None
    """The true date, to go with ``watched=True`` where the server takes one (by the server's clock)."""
    position_ms: Natural | None = None
    """0 clears the position."""
    runtime_ms: Natural | None = None


class Outcome(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    ALREADY = "already"
    """The server showed the wanted state already; nothing was sent."""
    BUSY = "busy"
    """This account is playing the entry there now; nothing was sent."""
    NOT_FOUND = "not found"
    REFUSED = "refused"
    """The server understood and said no (401, 403)."""
    FAILED = "failed"
    """Certainly not applied."""
    UNKNOWN = "unknown"
    """Sent, and no answer: it may or may not have been applied."""


class PushOutcome(Struct, frozen=True, kw_only=True):
    """What became of one change, and when it was on the wire."""

    entry_id: Id
    outcome: Outcome
    sent_at: Natural | None = None
    answered_at: Natural | None = None
    retry_after_ms: Natural | None = None
    detail: str = ""
    """One line for a person: what the server said. Never a secret."""


class WebhookRequest(Struct, frozen=True, kw_only=True):
    """A request as it came in. Header names are lower case."""

    headers: Mapping[str, str]
    body: bytes


class EventKind(StrEnum):
    """What a webhook tells."""

    STATE = "state"
    """The play state of an entry may have changed."""
    PLAYING = "playing"
    STOPPED = "stopped"
    ADDED = "added"


class Event(Struct, frozen=True, kw_only=True):
    """A hint that something happened to an entry: core re-reads the entry and believes only what it reads."""

    kind: EventKind
    machine_id: str | None
    user_id: str | None
    """None: it concerns every account of the server (an added entry)."""
    entry_id: Id
    at: Natural | None = None
    watched: bool | None = None
    """The state that the event names, if it names one."""
