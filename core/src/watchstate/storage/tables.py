"""The schema: what is kept, and nothing about how it is read or written.

Instants and durations are milliseconds (instants in UTC). Lists of numbers are text, ``1,2,3``: see
`watchstate.storage.number_list`. The repositories use the Core tables at the end and return frozen structs.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


def _exact(length: int) -> String:
    """Return the type of a text that is compared byte by byte, which MySQL does only when told to."""
    return String(length).with_variant(String(length, collation="utf8mb4_bin"), "mysql", "mariadb")


_WORD = _exact(255)
_KEY = _exact(512)
_BODY = LargeBinary(2**24 - 1)
_CLUSTERED = {"sqlite_with_rowid": False}


class Schema(SQLModel):
    """The base of our tables: every constraint has a name, so that a migration can drop it."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Server(Schema, table=True):
    """A configured server, as it was last identified."""

    __tablename__ = "server"

    id: int = Field(primary_key=True)
    name: str = Field(sa_type=_WORD, unique=True)
    type: str = Field(sa_type=_WORD)
    machine_id: str | None = Field(sa_type=_WORD)
    version: str | None = Field(sa_type=_WORD)
    clock_skew_ms: int | None = Field(sa_type=BigInteger)


class Person(Schema, table=True):
    """A person on a server, as `list_users` last told, with the token to act as them where there is one."""

    __tablename__ = "person"
    __table_args__ = _CLUSTERED

    server_id: int = Field(primary_key=True, foreign_key="server.id")
    user_id: str = Field(primary_key=True, sa_type=_WORD)
    name: str = Field(sa_type=Text)
    is_admin: bool
    is_disabled: bool
    token: str | None = Field(sa_type=Text)
    note: str = Field(sa_type=Text)
    asked_at: int = Field(sa_type=BigInteger)


class Account(Schema, table=True):
    """One identity's user on one server."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("server_id", "identity", "user_id"),)

    id: int = Field(primary_key=True)
    server_id: int = Field(foreign_key="server.id")
    identity: str = Field(sa_type=_exact(64))
    user_id: str = Field(sa_type=_WORD)
    imports: bool | None
    scan_began_at: int | None = Field(sa_type=BigInteger)
    paused_reason: str | None = Field(sa_type=Text)
    paused_at: int | None = Field(sa_type=BigInteger)


class Lease(Schema, table=True):
    """Who works on an account, and until when that is believed (W7)."""

    __tablename__ = "lease"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    owner: str = Field(sa_type=_WORD)
    until: int = Field(sa_type=BigInteger)


class Cursor(Schema, table=True):
    """Where an account's next incremental read continues."""

    __tablename__ = "cursor"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    value: str = Field(sa_type=Text)
    taken_at: int = Field(sa_type=BigInteger)


class Item(Schema, table=True):
    """A movie or an episode, as the household knows it. Ids are never used twice: the journal outlives items."""

    __tablename__ = "item"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(primary_key=True)
    kind: str = Field(sa_type=_exact(16))
    title: str = Field(sa_type=Text)
    show_title: str = Field(sa_type=Text)
    year: int | None
    season: int | None
    episode: int | None
    created_at: int = Field(sa_type=BigInteger)


class Entry(Schema, table=True):
    """One server's record of an item, shared by all identities."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("server_id", "entry_id"),)

    id: int = Field(primary_key=True)
    server_id: int = Field(foreign_key="server.id")
    entry_id: str = Field(sa_type=_WORD)
    fingerprint: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=_exact(16))
    title: str = Field(sa_type=Text)
    show_title: str = Field(sa_type=Text)
    year: int | None
    season: int | None
    episodes: str = Field(sa_type=Text)
    runtime_ms: int | None = Field(sa_type=BigInteger)
    path: str | None = Field(sa_type=Text)
    library_id: str | None = Field(sa_type=_WORD)
    match: str = Field(sa_type=_exact(16))
    candidates: str = Field(sa_type=Text)


class EntryKey(Schema, table=True):
    """A key that an entry carries (M1, M2)."""

    __tablename__ = "entry_key"
    __table_args__ = _CLUSTERED

    entry_row: int = Field(primary_key=True, foreign_key="entry.id")
    key: str = Field(primary_key=True, sa_type=_KEY, index=True)


class EntryItem(Schema, table=True):
    """The items that an entry stands for, in the order of its episodes (M5)."""

    __tablename__ = "entry_item"
    __table_args__ = _CLUSTERED

    entry_row: int = Field(primary_key=True, foreign_key="entry.id")
    position: int = Field(primary_key=True)
    item_id: int = Field(foreign_key="item.id", index=True)


class HubState(Schema, table=True):
    """The household's truth about an item, for an identity: `watchstate.states.HubState`."""

    __tablename__ = "hub_state"
    __table_args__ = _CLUSTERED

    item_id: int = Field(primary_key=True, foreign_key="item.id")
    identity: str = Field(primary_key=True, sa_type=_exact(64))
    watched: bool | None
    changed_begins: int | None = Field(sa_type=BigInteger)
    changed_ends: int | None = Field(sa_type=BigInteger)
    watched_at: int | None = Field(sa_type=BigInteger)
    position_ms: int = Field(sa_type=BigInteger)
    position_begins: int | None = Field(sa_type=BigInteger)
    position_ends: int | None = Field(sa_type=BigInteger)
    position_runtime_ms: int | None = Field(sa_type=BigInteger)
    origin: str | None = Field(sa_type=_WORD)


class Agreed(Schema, table=True):
    """What an account's entry last showed: `watchstate.states.Agreed` with its own write."""

    __tablename__ = "agreed"
    __table_args__ = _CLUSTERED

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    entry_row: int = Field(primary_key=True, foreign_key="entry.id")
    watched: bool | None
    position_ms: int | None = Field(sa_type=BigInteger)
    play_count: int | None = Field(sa_type=BigInteger)
    raw_watched_at: int | None = Field(sa_type=BigInteger)
    read_from: int = Field(sa_type=BigInteger)
    read_to: int = Field(sa_type=BigInteger)
    is_rewatching: bool
    added_at: int | None = Field(sa_type=BigInteger)
    items: str = Field(sa_type=Text)
    missed_scans: int
    unkept_position_ms: int | None = Field(sa_type=BigInteger)
    write_sent_at: int | None = Field(sa_type=BigInteger)
    write_answered_at: int | None = Field(sa_type=BigInteger)
    write_watched: bool | None
    write_position_ms: int | None = Field(sa_type=BigInteger)
    write_raw_date_sent: int | None = Field(sa_type=BigInteger)
    write_count_before: int | None = Field(sa_type=BigInteger)
    write_raw_date_before: int | None = Field(sa_type=BigInteger)
    write_is_filled_in: bool | None


class Intent(Schema, table=True):
    """A write under way: `watchstate.states.Intent`."""

    __tablename__ = "intent"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    entry_row: int = Field(primary_key=True, foreign_key="entry.id")
    run_id: int = Field(foreign_key="run.id")
    watched: bool | None
    position_ms: int | None = Field(sa_type=BigInteger)
    raw_date_sent: int | None = Field(sa_type=BigInteger)
    sent_at: int = Field(sa_type=BigInteger)
    gave_up_at: int | None = Field(sa_type=BigInteger)
    before_watched: bool
    before_position_ms: int | None = Field(sa_type=BigInteger)
    before_count: int | None = Field(sa_type=BigInteger)
    before_raw_date: int | None = Field(sa_type=BigInteger)


class Attempt(Schema, table=True):
    """How often a delivery was tried, and when it may be tried again (W5)."""

    __tablename__ = "attempt"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    entry_row: int = Field(primary_key=True, foreign_key="entry.id")
    tries: int
    next_try_at: int = Field(sa_type=BigInteger)
    reason: str = Field(sa_type=Text)


class HeldChange(Schema, table=True):
    """An un-mark that the brake holds for a person to decide (R5)."""

    __tablename__ = "held_change"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    entry_row: int = Field(primary_key=True, foreign_key="entry.id")
    begins: int = Field(sa_type=BigInteger)
    ends: int = Field(sa_type=BigInteger)
    run_id: int = Field(foreign_key="run.id")
    decision: str | None = Field(sa_type=_exact(16))


class Journal(Schema, table=True):
    """One change of a hub state, or one write to a server. Items and servers in it may be gone."""

    __tablename__ = "journal"

    id: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger, index=True)
    identity: str = Field(sa_type=_exact(64))
    item_id: int | None = Field(index=True)
    server: str | None = Field(sa_type=_WORD)
    entry_id: str | None = Field(sa_type=_WORD)
    event: str = Field(sa_type=_WORD)
    rule: str = Field(sa_type=_exact(16))
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    run_id: int | None = Field(foreign_key="run.id", index=True)


class Run(Schema, table=True):
    """One run of a command, or one life of `serve`."""

    __tablename__ = "run"

    id: int = Field(primary_key=True)
    command: str = Field(sa_type=_WORD)
    owner: str = Field(sa_type=_WORD)
    began_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(sa_type=BigInteger)
    outcome: str | None = Field(sa_type=_WORD)
    counts: str = Field(sa_type=Text)


class Event(Schema, table=True):
    """Something that a server told by webhook: a row for each server that it concerns."""

    __tablename__ = "event"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(primary_key=True)
    received_at: int = Field(sa_type=BigInteger)
    backend: str = Field(sa_type=_WORD)
    headers: str = Field(sa_type=Text)
    body: bytes = Field(sa_type=_BODY)
    server: str | None = Field(sa_type=_WORD)
    identity: str | None = Field(sa_type=_exact(64))
    entry_id: str | None = Field(sa_type=_WORD)
    kind: str | None = Field(sa_type=_exact(16))
    state: str = Field(sa_type=_exact(16), index=True)
    tries: int
    next_try_at: int | None = Field(sa_type=BigInteger)
    error: str | None = Field(sa_type=Text)
    result: str | None = Field(sa_type=Text)


server = Schema.metadata.tables["server"]
person = Schema.metadata.tables["person"]
account = Schema.metadata.tables["account"]
lease = Schema.metadata.tables["lease"]
cursor = Schema.metadata.tables["cursor"]
item = Schema.metadata.tables["item"]
entry = Schema.metadata.tables["entry"]
entry_key = Schema.metadata.tables["entry_key"]
entry_item = Schema.metadata.tables["entry_item"]
hub_state = Schema.metadata.tables["hub_state"]
agreed = Schema.metadata.tables["agreed"]
intent = Schema.metadata.tables["intent"]
attempt = Schema.metadata.tables["attempt"]
held_change = Schema.metadata.tables["held_change"]
journal = Schema.metadata.tables["journal"]
run = Schema.metadata.tables["run"]
event = Schema.metadata.tables["event"]
