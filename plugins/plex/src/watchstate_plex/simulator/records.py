"""What the server keeps: sections, items, play states, accounts, sessions, history.

Instants are whole seconds since the Unix epoch, as the server keeps them; durations and positions are milliseconds.
"""

from typing import Literal

from msgspec import Struct, field

from watchstate.testing import Title

AccountKind = Literal["owner", "home", "managed", "guest", "external"]


class Section(Struct, kw_only=True, eq=False):
    """A library."""

    key: str
    kind: str
    """movie, show, artist or photo."""
    title: str
    agent: str
    scanner: str
    uuid: str
    created_at: int
    hidden: int = 0


class Part(Struct, kw_only=True):
    """A file, or one of the files that a split version consists of."""

    part_id: int
    path: str


class Medium(Struct, kw_only=True):
    """A version of an item."""

    media_id: int
    parts: list[Part]


class Item(Struct, kw_only=True, eq=False):
    """A row of the library: a file, or what holds files."""

    rating_key: str
    kind: str
    """movie, show, season, episode, artist, album, track, photo or clip."""
    section_key: str
    title: str
    guid: str
    added_at: int | None
    updated_at: int
    external_ids: tuple[str, ...] = ()
    """`Guid[]`, like ``tmdb://603``; only the new agents have them."""
    parent_key: str | None = None
    index: int | None = None
    year: int | None = None
    runtime_ms: int | None = None
    media: list[Medium] = field(default_factory=list)
    deleted_at: int | None = None
    """When its file was found missing; it stays listed until the trash is emptied."""
    edition: str | None = None
    released: str | None = None
    credits_ms: int | None = None
    """Where the first credits marker is."""
    is_recording: bool = False
    extra_of: str | None = None
    """The item whose trailer this clip is."""
    made_from: Title | None = None

    @property
    def title_sort(self) -> str:
        """What it is sorted by: its title without the article."""
        first, _, others = self.title.partition(" ")
        return others if others and first.lower() in {"the", "a", "an"} else self.title


class State(Struct, kw_only=True):
    """What one account has done with one item."""

    view_count: int = 0
    view_offset: int | None = None
    last_viewed_at: int | None = None
    user_rating: float | None = None
    last_rated_at: int | None = None


class Account(Struct, kw_only=True, eq=False):
    """A person with access to the server."""

    account_id: str
    """What the server calls them: ``1`` for its owner, otherwise the plex.tv id."""
    plex_id: int
    uuid: str
    name: str
    kind: AccountKind
    server_token: str
    """What this server takes."""
    cloud_token: str
    """What plex.tv takes; the server takes it from its owner only."""
    pin: str | None = None
    sections: frozenset[str] | None = None
    """The sections that are shared with them; None: all."""
    has_server: bool = True
    """plex.tv lists the server among their resources."""

    @property
    def is_owner(self) -> bool:
        """Whether they own the server."""
        return self.kind == "owner"

    @property
    def is_external(self) -> bool:
        """Whether they belong to another household."""
        return self.kind == "external"

    @property
    def email(self) -> str:
        """Return the address; a managed user has none."""
        return "" if self.kind == "managed" else f"{self.name}@example.com"

    @property
    def avatar(self) -> str:
        """Return the address of the picture, which tells the uuid."""
        return f"https://plex.tv/users/{self.uuid}/avatar?c=1700000000"


class Session(Struct, kw_only=True, eq=False):
    """A player that plays something."""

    session_key: int
    session_id: str
    account: Account
    client_id: str
    item: Item
    state: str
    offset_ms: int
    is_armed: bool = False
    """It has reported a position before the watched point."""
    has_watched: bool = False
    """It has crossed that point."""
    is_live: bool = False


class Play(Struct, kw_only=True, eq=False):
    """A row of the play history."""

    number: int
    account_id: str
    item: Item
    viewed_at: int
