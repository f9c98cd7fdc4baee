"""The WS_* settings, read from the environment once and checked."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from watchstate.api import ConfigError, Secret
from watchstate.config.database_url import translate_pdo
from watchstate.config.nearest import did_you_mean

T = TypeVar("T")

_CONTAINER_DATA: Final = Path("/config")

_KNOWN: Final = frozenset(
    {
        "WS_BRAKE_ITEMS",
        "WS_BRAKE_PERCENT",
        "WS_BRAKE_TITLES",
        "WS_CRON_EXPORT",
        "WS_CRON_EXPORT_AT",
        "WS_CRON_IMPORT",
        "WS_CRON_IMPORT_AT",
        "WS_CRON_PUSH",
        "WS_CRON_PUSH_AT",
        "WS_DATA_PATH",
        "WS_DISABLE_HTTP",
        "WS_GID",
        "WS_LOGGER_FILE",
        "WS_LOGGER_FILE_ENABLE",
        "WS_LOGGER_FILE_LEVEL",
        "WS_LOGGER_STDERR_ENABLED",
        "WS_LOGGER_STDERR_LEVEL",
        "WS_LOGGER_SYSLOG_ENABLED",
        "WS_LOGGER_SYSLOG_FACILITY",
        "WS_LOGGER_SYSLOG_LEVEL",
        "WS_LOGGER_SYSLOG_NAME",
        "WS_NO_CHOWN",
        "WS_STORAGE_PDO_DSN",
        "WS_STORAGE_PDO_PASSWORD",
        "WS_STORAGE_PDO_USERNAME",
        "WS_STORAGE_URL",
        "WS_TMP_DIR",
        "WS_TZ",
        "WS_UID",
        "WS_WEBHOOK_DEBUG",
        "WS_WEBHOOK_TOKEN_LENGTH",
    }
)

_LEVELS: Final[Mapping[str, int]] = {
    "DEBUG": logging.DEBUG,
    "100": logging.DEBUG,
    "INFO": logging.INFO,
    "200": logging.INFO,
    "NOTICE": logging.INFO + 5,
    "250": logging.INFO + 5,
    "WARNING": logging.WARNING,
    "300": logging.WARNING,
    "ERROR": logging.ERROR,
    "400": logging.ERROR,
    "CRITICAL": logging.CRITICAL,
    "500": logging.CRITICAL,
    "ALERT": logging.CRITICAL,
    "550": logging.CRITICAL,
    "EMERGENCY": logging.CRITICAL,
    "600": logging.CRITICAL,
}
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class Settings(Struct, frozen=True, kw_only=True):
    """What the environment says, with the defaults filled in."""

    data_path: Path
    tmp_path: Path
    storage_url: Secret
    """An SQLAlchemy URL; secret because it may carry a password."""
    timezone: tzinfo = UTC
    """For display only; what is stored is UTC."""
    webhook_token_length: int = 16
    """In bytes; a token is written as twice as many hexadecimal digits."""
    webhook_debug: bool = False
    """Also keep webhooks that are ignored."""
    stderr_level: int | None = logging.WARNING
    """A level of `logging`; None: nothing is logged to stderr."""
    brake_items: int = 20
    brake_percent: int = 5
    brake_titles: int = 3

    @property
    def servers_file(self) -> Path:
        """Where the servers are configured."""
        return self.data_path / "config" / "servers.yaml"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; an empty value counts as not set.

    Raises:
        ConfigError: a value is wrong; names the variable, the value (unless it is a secret) and what is expected.
    """
    read = _Reader(environ)
    data_path = read.take("WS_DATA_PATH", _path) or _default_data_path(environ)
    return Settings(
        data_path=data_path,
        tmp_path=read.take("WS_TMP_DIR", _path) or data_path,
        storage_url=_storage_url(read, data_path),
        timezone=read.take("WS_TZ", _timezone) or UTC,
        webhook_token_length=read.whole_number("WS_WEBHOOK_TOKEN_LENGTH", 16, least=8),
        webhook_debug=bool(read.take("WS_WEBHOOK_DEBUG", _truth)),
        stderr_level=_stderr_level(read),
        brake_items=read.whole_number("WS_BRAKE_ITEMS", 20),
        brake_percent=read.whole_number("WS_BRAKE_PERCENT", 5, most=100),
        brake_titles=read.whole_number("WS_BRAKE_TITLES", 3),
    )


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """Return one line for each WS_* variable that nothing knows, with the nearest name that is known."""
    names = sorted(name for name in environ if name.startswith("WS_") and name not in _KNOWN)
    return [f"{name} is no setting of watchstate and is ignored{did_you_mean(name, _KNOWN)}" for name in names]


class _Reader:
    """Takes values out of the environment; its errors name the variable."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def take(self, name: str, convert: Callable[[str], T], *, is_secret: bool = False) -> T | None:
        text = self._environ.get(name, "").strip()
        if not text:
            return None
        try:
            return convert(text)
        except ValueError as error:
            got = "" if is_secret else f"={text}"
            raise ConfigError(f"{name}{got}: expected {error}") from None

    def whole_number(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        limits = f"{least} or more" if most is None else f"{least} to {most}"

        def convert(text: str) -> int:
            if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least or (most is not None and int(text) > most):
                raise ValueError(f"a whole number, {limits}")
            return int(text)

        number = self.take(name, convert)
        return default if number is None else number


def _default_data_path(environ: Mapping[str, str]) -> Path:
    if _CONTAINER_DATA.is_dir():
        return _CONTAINER_DATA
    base = environ.get("XDG_DATA_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    home = Path(base) if base.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return home / "watchstate"


def _storage_url(read: _Reader, data_path: Path) -> Secret:
    url = read.take("WS_STORAGE_URL", _sqlalchemy_url, is_secret=True)
    if url is None:
        user = read.take("WS_STORAGE_PDO_USERNAME", str)
        password = read.take("WS_STORAGE_PDO_PASSWORD", str, is_secret=True)

        def translate(dsn: str) -> str:
            return translate_pdo(dsn, user, password)

        url = read.take("WS_STORAGE_PDO_DSN", translate, is_secret=True)
    return Secret(url or f"sqlite:///{data_path / 'db' / 'watchstate.db'}")


def _stderr_level(read: _Reader) -> int | None:
    level = read.take("WS_LOGGER_STDERR_LEVEL", _level)
    if read.take("WS_LOGGER_STDERR_ENABLED", _truth) is False:
        return None
    return logging.WARNING if level is None else level


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _truth(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("true or false")


def _level(text: str) -> int:
    level = _LEVELS.get(text.upper())
    if level is None:
        raise ValueError(f"one of {', '.join(_LEVELS)}")
    return level


def _timezone(text: str) -> tzinfo:
    if text.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone such as Europe/Berlin") from None


def _sqlalchemy_url(text: str) -> str:
    if not re.match(r"(sqlite|postgresql|mysql|mariadb)(\+\w+)?://", text):
        raise ValueError("an SQLAlchemy URL such as sqlite:////config/db/watchstate.db or postgresql+psycopg://…")
    return text
