"""A configured server and its accounts, as `servers.yaml` has them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from watchstate.api import ConfigError, Secret

MAIN: Final = "main"
"""The identity of a server's own ``user:``."""

_QUOTES: Final = frozenset("\"'\u2018\u2019\u201c\u201d")


class Direction(Struct, frozen=True, kw_only=True):
    """Whether play states travel in one direction."""

    enabled: bool = True


class Webhook(Struct, frozen=True, kw_only=True):
    """How the server's webhooks are told from a stranger's."""

    token: Secret | None = None


class UserConfig(Struct, frozen=True, kw_only=True):
    """A further identity's user; without a token of its own it acts with the server's."""

    user: str
    token: Secret | None = None
    token_file: str | None = None
    token_env: str | None = None


class ServerConfig(Struct, frozen=True, kw_only=True):
    """One server. Exactly one of the three kinds of token is set."""

    type: str
    url: str
    token: Secret | None = None
    token_file: str | None = None
    """The absolute path of a file that holds the token and nothing else."""
    token_env: str | None = None
    """The name of an environment variable that holds it."""
    uuid: str | None = None
    """The machine id; None until the server was first reached."""
    user: str | None = None
    """The user of the identity `MAIN`; None where only further identities have an account."""
    import_: Direction = field(default=Direction(), name="import")
    export: Direction = field(default=Direction())
    webhook: Webhook = field(default=Webhook())
    options: dict[str, Any] = field(default_factory=dict)
    """As written; `decode_options` checks them once the backend is known."""
    users: dict[str, UserConfig] = field(default_factory=dict)
    """Further identities by name."""

    def find_token(self, name: str, environ: Mapping[str, str] = os.environ) -> Secret:
        """Return the token of this server, whose name is `name`.

        Raises:
            ConfigError: the file or the variable that should hold it does not.
        """
        return _find_token(self, name, environ)

    def accounts(self, name: str, environ: Mapping[str, str] = os.environ) -> list[tuple[str, str, Secret]]:
        """Return (identity, user id, token to act with) for everyone with an account on this server.

        Raises:
            ConfigError: a file or a variable that should hold a token does not.
        """
        own = self.find_token(name, environ)
        found = [] if self.user is None else [(MAIN, self.user, own)]
        for identity, user in self.users.items():
            has_token = bool(token_kinds(user))
            token = _find_token(user, f"{name}.users.{identity}", environ) if has_token else own
            found.append((identity, user.user, token))
        return found


def token_kinds(config: ServerConfig | UserConfig) -> list[str]:
    """Return which of the three kinds of token are set."""
    return [kind for kind in ("token", "token_file", "token_env") if getattr(config, kind) is not None]


def is_quoted(token: str) -> bool:
    """Say whether quotes stayed around a token, as an env file or a word processor leaves them: no server uses any."""
    return token[0] in _QUOTES or token[-1] in _QUOTES


def _find_token(config: ServerConfig | UserConfig, name: str, environ: Mapping[str, str]) -> Secret:
    if config.token_file is not None:
        return _from_file(config.token_file, name)
    if config.token_env is not None:
        value = environ.get(config.token_env, "").strip()
        if not value:
            raise ConfigError(
                f"{name}: the environment variable {config.token_env} (token_env) is empty or not set; "
                "set it, or use token or token_file instead"
            )
        if is_quoted(value):
            raise ConfigError(f"{name}: the token in {config.token_env} (token_env) is in quotes; leave them out")
        return Secret(value)
    if config.token is None:
        raise ConfigError(f"{name}: there is no token; set token, token_file or token_env")
    return config.token


def _from_file(path: str, name: str) -> Secret:
    try:
        value = Path(path).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(
            f"{name}: the token can't be read from {path} (token_file): {reason}; "
            "make the file readable, or use token or token_env instead"
        ) from error
    if len(value.splitlines()) > 1:
        raise ConfigError(f"{name}: {path} (token_file) holds more than a token; keep nothing else in it")
    if not value:
        raise ConfigError(
            f"{name}: {path} (token_file) is empty; put the token there, or use token or token_env instead"
        )
    if is_quoted(value):
        raise ConfigError(f"{name}: the token in {path} (token_file) is in quotes; leave them out")
    return Secret(value)
