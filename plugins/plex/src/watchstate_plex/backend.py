"""The Plex backend: Plex Media Server, and plex.tv for its people."""

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
from watchstate_plex import library, people, push, servers, webhook
from watchstate_plex.options import PlexOptions


class PlexBackend:
    """Hooks only: each leads to the module that does it."""

    Options: ClassVar[type[CommonOptions]] = PlexOptions

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
        """Read a webhook of a Plex server, or a notification of Tautulli."""
        return webhook.parse(request)

    @hookimpl
    async def list_users(self, server: Server, http: Http, known: Sequence[User]) -> Sequence[User]:
        """Return the people of a server, with the tokens to act as each."""
        return await people.list_users(server, http, known)

    @hookimpl
    async def identify_server(self, server: Server, http: Http) -> ServerInfo:
        """Return who answers."""
        return await servers.identify(server, http)

    @hookimpl
    def capabilities(self, info: ServerInfo | None) -> Capabilities:
        """Return what a Plex server can do."""
        return servers.CAPABILITIES


_: type[Backend] = PlexBackend
