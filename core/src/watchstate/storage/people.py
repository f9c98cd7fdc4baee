"""The people of a server, as it last told, and the tokens to act as them."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection, bindparam, select

from watchstate.api.models import User
from watchstate.api.secret import Secret
from watchstate.storage import tables
from watchstate.storage.bulk import upsert


class Told(Struct, frozen=True):
    """A person, and when the server was asked about them; 0: ask again."""

    user: User
    asked_at: int


_person = tables.person
_PEOPLE = (
    select(_person)
    .join(tables.server, tables.server.c.id == _person.c.server_id)
    .where(tables.server.c.name == bindparam("server"))
    .order_by(_person.c.user_id)
)


def people(conn: Connection, server: str) -> dict[str, Told]:
    """Return by user id who is on the server of this name; nobody if it was never asked."""
    return {
        row.user_id: Told(
            User(
                user_id=row.user_id,
                name=row.name,
                is_admin=row.is_admin,
                is_disabled=row.is_disabled,
                token=None if row.token is None else Secret(row.token),
                note=row.note,
            ),
            row.asked_at,
        )
        for row in conn.execute(_PEOPLE, {"server": server})
    }


def keep_people(conn: Connection, server_id: int, users: Iterable[User], asked_at: int) -> None:
    """Replace what is known of a server's people by its newest answer."""
    forget_people(conn, server_id)
    rows = [
        {
            "server_id": server_id,
            "user_id": user.user_id,
            "name": user.name,
            "is_admin": user.is_admin,
            "is_disabled": user.is_disabled,
            "token": None if user.token is None else user.token.reveal(),
            "note": user.note,
            "asked_at": asked_at,
        }
        for user in users
    ]
    upsert(conn, _person, rows)


def forget_people(conn: Connection, server_id: int) -> None:
    """Forget everybody on a server, with their tokens."""
    conn.execute(_person.delete().where(_person.c.server_id == server_id))


def forget_token(conn: Connection, server_id: int, user_id: str, token: Secret) -> None:
    """Forget a token that the server refuses, unless there is another one by now; the server is to be asked again."""
    refused = (_person.c.server_id == server_id) & (_person.c.user_id == user_id) & (_person.c.token == token.reveal())
    conn.execute(_person.update().where(refused), {"token": None, "asked_at": 0})
