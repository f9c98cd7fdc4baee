"""What the servers keep: items, users, play states, devices, sessions. Instants are ticks, see `wire`."""

from msgspec import Struct, field


class Item(Struct, kw_only=True, eq=False):
    """A row of the library: a file, or a folder of the tree."""

    item_id: str
    kind: str
    """The server's own word: Movie, Episode, Series, Season, BoxSet, CollectionFolder."""
    name: str
    sort_name: str
    path: str
    library_id: str
    parent_id: str
    date_created: int
    date_saved: int
    """When its metadata was last written; playing and marking don't touch it."""
    provider_ids: dict[str, str] = field(default_factory=dict)
    year: int | None = None
    runtime_ticks: int | None = None
    index: int | None = None
    index_end: int | None = None
    parent_index: int | None = None
    series_id: str | None = None
    season_id: str | None = None
    is_virtual: bool = False
    """It has no file: a missing episode."""
    premiere: int | None = None
    collection_type: str | None = None
    version_of: str | None = None
    """The movie that this file is another version of."""
    versions: list[str] = field(default_factory=list)
    box_set_id: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it has children instead of a file."""
        return self.kind not in {"Movie", "Episode"}


class UserData(Struct, kw_only=True):
    """The play state of one user and one item."""

    key: str = ""
    """What the row is stored under, where that is not the item's id."""
    played: bool = False
    play_count: int = 0
    position_ticks: int = 0
    last_played: int | None = None
    is_favorite: bool = False
    likes: bool | None = None
    rating: float | None = None
    saved: int = 0
    """When it was last written."""


class User(Struct, kw_only=True, eq=False):
    """A person with an account."""

    user_id: str
    name: str
    created: int
    password: str = ""
    is_admin: bool = False
    is_hidden: bool = False
    is_disabled: bool = False
    may_change_preferences: bool = True
    """`EnableUserPreferenceAccess`."""
    shows_missing: bool = False
    """`DisplayMissingEpisodes`."""
    libraries: frozenset[str] | None = None
    """The libraries that the user may see; None: all."""
    last_login: int | None = None
    last_activity: int | None = None


class Device(Struct, kw_only=True):
    """A user's token, and the device that it was given to."""

    token: str
    user_id: str
    client: str
    device: str
    device_id: str
    version: str


class ApiKey(Struct, kw_only=True):
    """A key for a program: every right, and no user."""

    key_id: int
    token: str
    name: str
    created: int


class Session(Struct, kw_only=True, eq=False):
    """A client that is or was there; one for each client name and device id."""

    session_id: str
    user_id: str | None
    client: str
    device: str
    device_id: str
    version: str
    last_activity: int
    last_check_in: int | None = None
    last_paused: int | None = None
    playing_id: str | None = None
    position_ticks: int | None = None
    is_paused: bool = False
    can_seek: bool = False
    play_method: str | None = None
    media_source_id: str | None = None
    supports_control: bool = False
    media_types: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def play(
        self,
        item: Item | None,
        position_ticks: int | None,
        *,
        now: int,
        media_source_id: str | None = None,
        is_paused: bool = False,
    ) -> None:
        """Let it play an item from now on."""
        self.playing_id = None if item is None else item.item_id
        self.media_source_id = media_source_id or self.playing_id
        self.position_ticks = position_ticks
        self.last_check_in = now
        if not is_paused:
            self.last_paused = None
        elif self.last_paused is None:
            self.last_paused = now
        self.is_paused = is_paused

    def stop(self) -> None:
        """Let it play nothing."""
        self.playing_id = self.media_source_id = self.position_ticks = self.play_method = None
        self.is_paused = self.can_seek = False
