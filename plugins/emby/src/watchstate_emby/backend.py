"""The Emby backend: Emby 4.7 to 4.10."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import ClassVar

from watchstate.api import (
    Account,
    Backend,
    Capabilities,
    Change,
    CommonOptions,
    Event,
    Http,
    LibraryBatch,
    PushOutcome,
    Scope,
    Server,
    ServerInfo,
    User,
    WebhookRequest,
    hookimpl,
)
from watchstate_emby import library, push, servers, webhook


class EmbyBackend:
    """Hooks only: each leads to the module that does it."""

    Options: ClassVar[type[CommonOptions]] = CommonOptions

    @hookimpl
    async def fetch_library(self, account: Account, http: Http, scope: Scope) -> AsyncIterator[LibraryBatch]:
        """Yield what an account has and has watched."""
        async with aclosing(library.fetch(account, http, scope)) as batches:
            async for batch in batches:
                yield batch

    @hookimpl
    async def push_state(self, account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
        """Write changes."""
        return await push.push(account, http, changes)

    @hookimpl
    def parse_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read a notification of the built-in webhooks."""
        return webhook.parse(request)

    @hookimpl
    async def list_users(self, server: Server, http: Http) -> Sequence[User]:
        """Return all users of a server."""
        return await servers.list_users(server, http)

    @hookimpl
    async def identify_server(self, server: Server, http: Http) -> ServerInfo:
        """Return who answers."""
        return await servers.identify(server, http)

    @hookimpl
    def capabilities(self, info: ServerInfo | None) -> Capabilities:
        """Return what a version can do."""
        return servers.capabilities(info)


_: type[Backend] = EmbyBackend
