"""The seed's PDO data source names as SQLAlchemy URLs."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

_DRIVERS: Final[Mapping[str, str]] = {"mysql": "mysql+pymysql", "pgsql": "postgresql+psycopg"}
_EXPECTED: Final = (
    "a PDO data source name: sqlite:PATH, mysql:host=…;dbname=… or pgsql:host=…;dbname=… "
    "(WS_STORAGE_URL takes an SQLAlchemy URL instead)"
)


def translate_pdo(dsn: str, user: str | None, password: str | None) -> str:
    """Return the SQLAlchemy URL for a PDO data source name.

    Raises:
        ValueError: its text is what was expected; it never repeats the name, which may hold a password.
    """
    prefix, _, rest = dsn.partition(":")
    if prefix == "sqlite" and rest:
        return f"sqlite:///{rest}"
    if prefix not in _DRIVERS:
        raise ValueError(_EXPECTED)
    parts = _parts(rest)
    if "dbname" not in parts or not ({"host", "unix_socket"} & parts.keys()):
        raise ValueError(_EXPECTED)
    login = _login(parts.get("user") or user, parts.get("password") or password)
    port = f":{parts['port']}" if "port" in parts else ""
    query = f"?unix_socket={quote(parts['unix_socket'], safe='/')}" if "unix_socket" in parts else ""
    return (
        f"{_DRIVERS[prefix]}://{login}{parts.get('host', 'localhost')}{port}/{quote(parts['dbname'], safe='')}{query}"
    )


def _parts(text: str) -> dict[str, str]:
    pairs = (piece.partition("=") for piece in re.split(r"[; ]+", text) if piece)
    return {key.strip(): value.strip() for key, _, value in pairs if value.strip()}


def _login(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    return quote(user, safe="") + ("" if password is None else f":{quote(password, safe='')}") + "@"
