import pytest

from watchstate.api import ConfigError
from watchstate.config import load_settings


def url(dsn: str, user: str = "", password: str = "") -> str:
    environ = {"WS_STORAGE_PDO_DSN": dsn, "WS_STORAGE_PDO_USERNAME": user, "WS_STORAGE_PDO_PASSWORD": password}
    return load_settings(environ).storage_url.reveal()


def test_sqlite() -> None:
    assert url("sqlite:/config/db/watchstate.db") == "sqlite:////config/db/watchstate.db"


def test_mysql_with_login_port_and_characters_that_need_quoting() -> None:
    dsn = "mysql:host=db;port=3306;dbname=watch;charset=utf8mb4"
    assert url(dsn, "ann@home", "p:/@ss") == "mysql+pymysql://ann%40home:p%3A%2F%40ss@db:3306/watch"


def test_mysql_through_a_socket() -> None:
    dsn = "mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=watch"
    assert url(dsn, "ann") == "mysql+pymysql://ann@localhost/watch?unix_socket=/run/mysqld/mysqld.sock"


def test_postgresql_with_the_login_in_the_name_and_spaces_between() -> None:
    dsn = "pgsql:host=db port=5432 dbname=watch user=ann password=secret"
    assert url(dsn) == "postgresql+psycopg://ann:secret@db:5432/watch"


@pytest.mark.parametrize("dsn", ["sqlite:", "mysql:host=db", "mysql:dbname=watch", "odbc:x", "watchstate.db"])
def test_anything_else_says_what_was_expected(dsn: str) -> None:
    with pytest.raises(ConfigError, match="WS_STORAGE_PDO_DSN: expected a PDO data source name: sqlite:PATH"):
        url(dsn)
