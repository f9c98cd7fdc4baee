"""The flags of `servers add` and `servers manage`, and what they make of a server's settings."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from watchstate.api import ConfigError, Secret, UsageError
from watchstate.config import ServerConfig, Settings, decode_server, plain_settings
from watchstate.config.servers import Webhook


@Parameter(name="*")
@dataclass(frozen=True)
class ServerFlags:
    """What can be said about a server; None leaves it as it is."""

    type: Annotated[str | None, Parameter(help="Its backend, as `watchstate plugins list` names it.")] = None
    url: Annotated[str | None, Parameter(help="Its address, with a base path if it has one.")] = None
    token: Annotated[str | None, Parameter(help="An API key or token.")] = field(default=None, repr=False)
    token_file: Annotated[Path | None, Parameter(help="A file that holds the token.")] = None
    token_env: Annotated[str | None, Parameter(help="An environment variable that holds the token.")] = None
    user: Annotated[str | None, Parameter(help="Whose play states to sync: a user's id or name.")] = None
    import_: Annotated[
        bool | None, Parameter("--import", negative="--no-import", help="Whether to read play states from it.")
    ] = None
    export: Annotated[
        bool | None, Parameter("--export", negative="--no-export", help="Whether to write play states to it.")
    ] = None

    def are_given(self) -> bool:
        """Tell whether any flag is there."""
        return self != ServerFlags()

    def need_server(self) -> bool:
        """Tell whether the server should be asked about what they say."""
        return self != ServerFlags(import_=self.import_, export=self.export)

    def new_server(self, name: str) -> ServerConfig:
        """Return the settings of a new server.

        Raises:
            UsageError: something is missing or wrong.
        """
        missing = [f"--{key}" for key in ("type", "url", "user") if getattr(self, key) is None]
        if not self._tokens():
            missing.append("--token, --token-file or --token-env")
        if missing:
            raise UsageError(f"to add {name}, give also {' and '.join(missing)}")
        return self._checked(name, {})

    def changed(self, name: str, config: ServerConfig) -> ServerConfig:
        """Return the settings of a server with what the flags say.

        Raises:
            UsageError: something is wrong with it.
        """
        return self._checked(name, plain_settings(config))

    def _checked(self, name: str, settings: dict[str, Any]) -> ServerConfig:
        said = {"type": self.type, "url": self.url, "user": self.user}
        settings |= {key: value for key, value in said.items() if value is not None}
        if tokens := self._tokens():
            for kind in ("token", "token_file", "token_env"):
                settings.pop(kind, None)
            settings |= tokens
        for direction, enabled in (("import", self.import_), ("export", self.export)):
            if enabled is not None:
                settings[direction] = {"enabled": enabled}
        try:
            return decode_server(name, settings)
        except ConfigError as error:
            raise UsageError(str(error)) from error

    def _tokens(self) -> dict[str, str]:
        file = None if self.token_file is None else str(self.token_file.expanduser().absolute())
        tokens = {"token": self.token, "token_file": file, "token_env": self.token_env}
        return {kind: value for kind, value in tokens.items() if value is not None}


def with_webhook_token(config: ServerConfig, settings: Settings) -> ServerConfig:
    """Return a server's settings with a new webhook token."""
    token = Secret(secrets.token_hex(settings.webhook_token_length))
    return msgspec.structs.replace(config, webhook=Webhook(token=token))
