"""What a Plex Media Server and plex.tv send as JSON, as far as we read it. Other fields are ignored.

Unset fields are left out, and so are empty lists. Some servers send numbers as strings: all decoders accept that.
"""

import msgspec

from watchstate.api import Natural

Key = str | int
"""An id: a string on rows, a number where a container says it for all its rows."""


class Tag(msgspec.Struct, frozen=True):
    """An external id of a title, such as ``imdb://tt0903747``."""

    id: str


class Part(msgspec.Struct, frozen=True):
    """A file."""

    file: str | None = None


class Media(msgspec.Struct, frozen=True, rename="camel"):
    """One version of a title. An optimized one, made by the server itself, has a `proxy_type`."""

    proxy_type: int | None = None
    parts: list[Part] = msgspec.field(default_factory=list, name="Part")


class Row(msgspec.Struct, frozen=True, rename="camel"):
    """One title with its play state: a movie, a show, an episode, or something that is none of our business."""

    rating_key: Key | None = None
    type: str | None = None
    title: str | None = None
    year: int | None = None
    guid: str | None = None
    tags: list[Tag] = msgspec.field(default_factory=list, name="Guid")
    media: list[Media] = msgspec.field(default_factory=list, name="Media")
    library_section_id: Key | None = msgspec.field(default=None, name="librarySectionID")
    index: int | None = None
    parent_index: int | None = None
    grandparent_rating_key: Key | None = None
    grandparent_key: str | None = None
    grandparent_thumb: str | None = None
    grandparent_guid: str | None = None
    grandparent_title: str | None = None
    duration: int | None = None
    added_at: int | None = None
    deleted_at: int | None = None
    """Set: its file is missing and it is in the trash."""
    live: Key | bool | None = None
    view_count: int | None = None
    view_offset: int | None = None
    last_viewed_at: int | None = None


class Rows(msgspec.Struct, frozen=True, rename="camel"):
    """A page of rows, and what holds for all of them."""

    rows: list[Row] = msgspec.field(default_factory=list, name="Metadata")
    total_size: Natural | None = None
    offset: int | None = None
    library_section_id: Key | None = msgspec.field(default=None, name="librarySectionID")


class Section(msgspec.Struct, frozen=True):
    """A library."""

    key: Key
    type: str


class Sections(msgspec.Struct, frozen=True):
    """The libraries that a user sees."""

    sections: list[Section] = msgspec.field(default_factory=list, name="Directory")


class SessionUser(msgspec.Struct, frozen=True):
    """Who plays. The owner of the server is 1; others have the id of their plex.tv account."""

    id: Key | None = None


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """Something that is played at this moment."""

    rating_key: Key | None = None
    user: SessionUser | None = msgspec.field(default=None, name="User")


class Sessions(msgspec.Struct, frozen=True):
    """All that is played at this moment, by anybody."""

    sessions: list[Session] = msgspec.field(default_factory=list, name="Metadata")


class Identity(msgspec.Struct, frozen=True, rename="camel"):
    """What a server tells anybody."""

    machine_identifier: str | None = None
    version: str | None = None


class Timeline(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a report of a position."""

    termination_code: Key | None = None
    termination_text: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The wrapping of a page of rows."""

    container: Rows = msgspec.field(name="MediaContainer")


class SectionsAnswer(msgspec.Struct, frozen=True):
    """The wrapping of `Sections`."""

    container: Sections = msgspec.field(name="MediaContainer")


class SessionsAnswer(msgspec.Struct, frozen=True):
    """The wrapping of `Sessions`."""

    container: Sessions = msgspec.field(name="MediaContainer")


class IdentityAnswer(msgspec.Struct, frozen=True):
    """The wrapping of `Identity`; other programs send JSON without it."""

    container: Identity = msgspec.field(default_factory=Identity, name="MediaContainer")


class TimelineAnswer(msgspec.Struct, frozen=True):
    """The wrapping of `Timeline`."""

    container: Timeline = msgspec.field(name="MediaContainer")


class Resource(msgspec.Struct, frozen=True, rename="camel"):
    """A device of a plex.tv account: one of its servers, or one that is shared with it."""

    client_identifier: str
    """A server's machine id."""
    owned: bool = False
    access_token: str | None = None


class Person(msgspec.Struct, frozen=True, rename="camel"):
    """A plex.tv account, or a member of its Plex Home."""

    id: Key
    uuid: str | None = None
    friendly_name: str | None = None
    username: str | None = None
    title: str | None = None
    email: str | None = None
    admin: bool = False
    protected: bool = False
    """Switching to this member takes a PIN."""


class Home(msgspec.Struct, frozen=True):
    """The members of a Plex Home."""

    users: list[Person] = msgspec.field(default_factory=list)


class Switched(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a switch to a member of the home: a plex.tv token of that member."""

    auth_token: str


ROWS = msgspec.json.Decoder(Answer, strict=False)
SECTIONS = msgspec.json.Decoder(SectionsAnswer, strict=False)
SESSIONS = msgspec.json.Decoder(SessionsAnswer, strict=False)
IDENTITY = msgspec.json.Decoder(IdentityAnswer, strict=False)
TIMELINE = msgspec.json.Decoder(TimelineAnswer, strict=False)
RESOURCES = msgspec.json.Decoder(list[Resource], strict=False)
PERSON = msgspec.json.Decoder(Person, strict=False)
HOME = msgspec.json.Decoder(Home, strict=False)
SWITCHED = msgspec.json.Decoder(Switched, strict=False)
