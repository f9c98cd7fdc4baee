"""Which servers a webhook token stands for."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct

from watchstate.api import ConfigError, Secret
from watchstate.config import ServerConfig


class Senders(Struct, frozen=True):
    """The servers that share a token. They are of one type, which tells how to read what they send."""

    backend: str
    servers: tuple[str, ...]


class Tokens:
    """The webhook tokens of the configured servers."""

    def __init__(self, servers: Mapping[str, ServerConfig]) -> None:
        """Take the tokens of servers.

        Raises:
            ConfigError: servers of two types share one.
        """
        self._senders: list[tuple[bytes, Senders]] = []
        by_token: dict[Secret, list[str]] = {}
        for name, config in servers.items():
            if config.webhook.token is not None:
                by_token.setdefault(config.webhook.token, []).append(name)
        for token, names in by_token.items():
            types = {servers[name].type for name in names}
            if len(types) > 1:
                raise ConfigError(
                    f"{' and '.join(names)} have the same webhook.token, but are of different types; give one of them "
                    f"another: watchstate servers manage --regenerate-api-key {names[-1]}"
                )
            self._senders.append((_digest(token.reveal()), Senders(types.pop(), tuple(names))))

    def find(self, token: str) -> Senders | None:
        """Return whose token it is. How long that takes tells nothing about the tokens."""
        shown, found = _digest(token), None
        for digest, senders in self._senders:
            if hmac.compare_digest(digest, shown):
                found = senders
        return found


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()
