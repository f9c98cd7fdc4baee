"""What both servers send, as far as we read it. Fields that are not named here are ignored.

Nearly everything may be missing: both omit properties that are null, and each release adds some.
"""

import msgspec

from watchstate.api import Id, Natural


class UserData(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """`UserItemDataDto`: one user's state of one item."""

    played: bool
    playback_position_ticks: int | None = None
    play_count: int | None = None
    last_played_date: str | None = None


class Item(msgspec.Struct, frozen=True, rename="pascal"):
    """`BaseItemDto`: a movie, an episode, or a series."""

    id: Id
    type: str
    name: str | None = None
    production_year: int | None = None
    series_id: str | None = None
    series_name: str | None = None
    parent_index_number: int | None = None
    index_number: int | None = None
    index_number_end: int | None = None
    provider_ids: dict[str, str | None] | None = None
    run_time_ticks: int | None = None
    date_created: str | None = None
    path: str | None = None
    location_type: str | None = None
    media_source_count: int | None = None
    user_data: UserData | None = None


class Items(msgspec.Struct, frozen=True, rename="pascal"):
    """One page of a query for items. Emby doesn't say where the page starts."""

    items: list[Item]
    total_record_count: Natural
    start_index: int | None = None


class View(msgspec.Struct, frozen=True, rename="pascal"):
    """A library, as a user sees it. A mixed one has no `collection_type`."""

    id: str
    collection_type: str | None = None


class Views(msgspec.Struct, frozen=True, rename="pascal"):
    """The libraries of a user."""

    items: list[View]


class SessionUser(msgspec.Struct, frozen=True, rename="pascal"):
    """A further person in front of the same screen."""

    user_id: str


class PlayingItem(msgspec.Struct, frozen=True, rename="pascal"):
    """What a session plays."""

    id: str


class Session(msgspec.Struct, frozen=True, rename="pascal"):
    """A client that is connected. One that an API key opened has no user: no property (Emby) or 32 zeros (Jellyfin)."""

    user_id: str | None = None
    additional_users: list[SessionUser] | None = None
    now_playing_item: PlayingItem | None = None


class PublicInfo(msgspec.Struct, frozen=True, rename="pascal"):
    """What a server tells anybody. Only Jellyfin has a product name."""

    id: str | None = None
    server_name: str | None = None
    version: str | None = None
    product_name: str | None = None


class Policy(msgspec.Struct, frozen=True, rename="pascal"):
    """What a user may do."""

    is_administrator: bool = False
    is_disabled: bool = False


class User(msgspec.Struct, frozen=True, rename="pascal"):
    """`UserDto`."""

    id: Id
    name: str | None = None
    policy: Policy | None = None


USER_DATA = msgspec.json.Decoder(UserData)
ITEM = msgspec.json.Decoder(Item)
ITEMS = msgspec.json.Decoder(Items)
VIEWS = msgspec.json.Decoder(Views)
SESSIONS = msgspec.json.Decoder(list[Session])
PUBLIC_INFO = msgspec.json.Decoder(PublicInfo)
USERS = msgspec.json.Decoder(list[User])
