"""What `servers list`, `servers view` and `servers users` show."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from watchstate.api import User
from watchstate.config import ServerConfig, masked_settings, plain_settings

NOT_CONFIGURED: Final = "Not configured, or invalid key."
"""The seed's words."""

_SHOWN_SECRET: Final = "webhook.token"  # noqa: S105 - the one that has to be copied into a media server
COLUMNS: Final = ("name", "type", "url", "user", "import", "export", "users")

USER_COLUMNS: Final = ("id", "name", "admin", "disabled", "token_known", "note")


def list_row(name: str, config: ServerConfig) -> dict[str, Any]:
    """Return a server as one line of `servers list`."""
    return {
        "name": name,
        "type": config.type,
        "url": config.url,
        "user": config.user,
        "import": config.import_.enabled,
        "export": config.export.enabled,
        "users": list(config.users),
        "machine_id": config.uuid,
    }


def user_row(user: User) -> dict[str, Any]:
    """Return a person as one line of `servers users`."""
    return {
        "id": user.user_id,
        "name": user.name,
        "admin": user.is_admin,
        "disabled": user.is_disabled,
        "token_known": user.token is not None,
        "note": user.note,
    }


def viewed(config: ServerConfig, path: str | None) -> object:
    """Return a server's settings, or those under a dotted path; None where there is nothing.

    Secrets are masked, except the webhook token when just that is asked for.
    """
    settings = plain_settings(config) if path == _SHOWN_SECRET else masked_settings(config)
    value: object = settings
    for key in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def view_rows(name: str, path: str | None, value: object) -> Iterator[dict[str, Any]]:
    """Yield what `viewed` returned as lines: server, setting, value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from view_rows(name, f"{path}.{key}" if path else key, inner)
    else:
        yield {"server": name, "setting": path, "value": NOT_CONFIGURED if value is None else value}
