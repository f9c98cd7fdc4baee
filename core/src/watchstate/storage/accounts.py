"""Servers and accounts: who they are, who works on them, and what is known of each as a whole."""

from msgspec import Struct
from sqlalchemy import Connection, bindparam, select

from watchstate.api.errors import UsageError
from watchstate.storage import tables
from watchstate.storage.bulk import upsert


class ServerRow(Struct, frozen=True, kw_only=True):
    """A server, as it was last identified."""

    server_id: int
    name: str
    type: str
    machine_id: str | None = None
    version: str | None = None
    clock_skew_ms: int | None = None


class AccountRow(Struct, frozen=True, kw_only=True):
    """One identity's user on one server."""

    account_id: int
    server_id: int
    identity: str
    user_id: str
    imports: bool | None = None
    """The import switch as it was last seen (R8); None before the first run."""
    scan_began_at: int | None = None
    """When its last complete full scan began."""
    paused_reason: str | None = None
    paused_at: int | None = None


_server = tables.server
_account = tables.account

_SERVERS = select(
    _server.c.id.label("server_id"),
    _server.c.name,
    _server.c.type,
    _server.c.machine_id,
    _server.c.version,
    _server.c.clock_skew_ms,
).order_by(_server.c.id)
_SERVER = _SERVERS.where(_server.c.name == bindparam("name"))
_ACCOUNTS = select(
    _account.c.id.label("account_id"),
    _account.c.server_id,
    _account.c.identity,
    _account.c.user_id,
    _account.c.imports,
    _account.c.scan_began_at,
    _account.c.paused_reason,
    _account.c.paused_at,
).order_by(_account.c.id)
_ACCOUNT = _ACCOUNTS.where(
    _account.c.server_id == bindparam("server_id"),
    _account.c.identity == bindparam("identity"),
    _account.c.user_id == bindparam("user_id"),
)
_LEASE = select(tables.lease.c.owner, tables.lease.c.until).where(tables.lease.c.account_id == bindparam("account_id"))
_CURSOR = select(tables.cursor.c.value).where(tables.cursor.c.account_id == bindparam("account_id"))


def ensure_server(conn: Connection, name: str, type: str) -> ServerRow:  # noqa: A002 - the word of `servers.yaml`
    """Return the server of this name, created if need be; its type becomes the given one."""
    found = conn.execute(_SERVER, {"name": name}).mappings().first()
    if found is None:
        conn.execute(_server.insert(), {"name": name, "type": type})
    elif found["type"] != type:
        conn.execute(_server.update().where(_server.c.name == name), {"type": type})
    else:
        return ServerRow(**found)
    return ServerRow(**conn.execute(_SERVER, {"name": name}).mappings().one())


def servers(conn: Connection) -> list[ServerRow]:
    """Return every server ever seen, in the order they came."""
    return [ServerRow(**row) for row in conn.execute(_SERVERS).mappings()]


def server(conn: Connection, server_id: int) -> ServerRow:
    """Return one server as it was last identified."""
    return next(row for row in servers(conn) if row.server_id == server_id)


def rename_server(conn: Connection, old: str, new: str, machine_id: str | None = None) -> None:
    """Give a server another name, also where the hub and the journal mention it. An unknown one is left alone.

    So is one that was renamed by a command that was killed then: the new name has its machine id, if one is given.

    Raises:
        UsageError: the new name is taken.
    """
    known = {row.name: row for row in servers(conn)}
    if old not in known and new in known and known[new].machine_id == machine_id is not None:
        return
    if conn.execute(_SERVER, {"name": new}).first() is not None:
        raise UsageError(f"cannot rename {old}: a server named {new} is known already; choose another name")
    for column in (_server.c.name, tables.hub_state.c.origin, tables.journal.c.server, tables.event.c.server):
        conn.execute(column.table.update().where(column == old).values({column: new}))


def remember_server(
    conn: Connection, server_id: int, *, machine_id: str | None, version: str | None, clock_skew_ms: int | None
) -> None:
    """Keep what a server said of itself."""
    said = {"machine_id": machine_id, "version": version, "clock_skew_ms": clock_skew_ms}
    conn.execute(_server.update().where(_server.c.id == server_id), said)


def ensure_account(conn: Connection, server_id: int, identity: str, user_id: str) -> AccountRow:
    """Return an account, created if need be."""
    key = {"server_id": server_id, "identity": identity, "user_id": user_id}
    found = conn.execute(_ACCOUNT, key).mappings().first()
    if found is None:
        conn.execute(_account.insert(), key)
        found = conn.execute(_ACCOUNT, key).mappings().one()
    return AccountRow(**found)


def accounts(conn: Connection) -> list[AccountRow]:
    """Return every account ever seen, in the order they came."""
    return [AccountRow(**row) for row in conn.execute(_ACCOUNTS).mappings()]


def account(conn: Connection, account_id: int) -> AccountRow:
    """Return one account as it is now."""
    return next(row for row in accounts(conn) if row.account_id == account_id)


def set_imports(conn: Connection, account_id: int, imports: bool) -> None:
    """Remember the import switch as it is now."""
    _set(conn, account_id, imports=imports)


def set_scan_began(conn: Connection, account_id: int, began_at: int) -> None:
    """Remember when a full scan began, once it is complete."""
    _set(conn, account_id, scan_began_at=began_at)


def pause_account(conn: Connection, account_id: int, reason: str, at: int) -> None:
    """Pause an account, for a reason that `status` shows (W5)."""
    _set(conn, account_id, paused_reason=reason, paused_at=at)


def resume_account(conn: Connection, account_id: int) -> None:
    """End an account's pause."""
    _set(conn, account_id, paused_reason=None, paused_at=None)


def _set(conn: Connection, account_id: int, **values: bool | int | str | None) -> None:
    conn.execute(_account.update().where(_account.c.id == account_id), values)


def forget_agreements(conn: Connection, account_id: int) -> None:
    """Make every entry first contact for an account (R4, R8). What we wrote ourselves stays known."""
    forgotten = {
        "watched": None,
        "position_ms": None,
        "play_count": None,
        "raw_watched_at": None,
        "is_rewatching": False,
        "added_at": None,
        "items": "",
        "missed_scans": 0,
        "unkept_position_ms": None,
    }
    conn.execute(tables.agreed.update().where(tables.agreed.c.account_id == account_id), forgotten)
    for table in (tables.intent, tables.held_change, tables.attempt, tables.cursor):
        conn.execute(table.delete().where(table.c.account_id == account_id))
    _set(conn, account_id, scan_began_at=None)


def take_lease(conn: Connection, account_id: int, owner: str, now: int, until: int) -> str | None:
    """Take or renew the lease of an account (W7); return who has it if it is somebody else's and still runs."""
    lease = tables.lease
    is_free = (lease.c.owner == owner) | (lease.c.until <= now)
    taking = lease.update().where(lease.c.account_id == account_id, is_free)
    if conn.execute(taking, {"owner": owner, "until": until}).rowcount:
        return None
    other = lease_owner(conn, account_id, now)
    if other is None:
        conn.execute(lease.insert(), {"account_id": account_id, "owner": owner, "until": until})
    return other


def release_lease(conn: Connection, account_id: int, owner: str) -> None:
    """Give a lease back. Somebody else's is left alone."""
    lease = tables.lease
    conn.execute(lease.delete().where(lease.c.account_id == account_id, lease.c.owner == owner))


def lease_owner(conn: Connection, account_id: int, now: int) -> str | None:
    """Return who works on an account now."""
    found = conn.execute(_LEASE, {"account_id": account_id}).first()
    return found.owner if found is not None and found.until > now else None


def cursor(conn: Connection, account_id: int) -> str | None:
    """Return where an account's next incremental read continues."""
    value: str | None = conn.execute(_CURSOR, {"account_id": account_id}).scalar()
    return value


def set_cursor(conn: Connection, account_id: int, value: str, taken_at: int) -> None:
    """Remember where an account's next incremental read continues."""
    upsert(conn, tables.cursor, [{"account_id": account_id, "value": value, "taken_at": taken_at}])
