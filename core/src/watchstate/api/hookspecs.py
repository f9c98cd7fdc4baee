"""The contract: what a backend implements.

A backend is one object per backend *type* ("jellyfin"), without state: the configured server and the account come as
arguments, so that one plugin serves five servers. It is found through the entry-point group ``watchstate.backends``
(entry-point name = backend type), constructed without arguments, and its hooks are marked with `hookimpl`::

    class MyBackend:
        Options = CommonOptions

        @hookimpl
        async def fetch_library(self, account, http, scope): ...

Four hooks are required, the others optional. Hooks take the arguments they name; a later version of core may offer
more without breaking them. Raise the errors of `watchstate.api` and nothing else.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, ClassVar, Protocol

import pluggy

from watchstate.api.capabilities import Capabilities
from watchstate.api.http import Http
from watchstate.api.models import (
    Account,
    Change,
    Event,
    LibraryBatch,
    PushOutcome,
    Scope,
    Server,
    ServerInfo,
    User,
    WebhookRequest,
)
from watchstate.api.options import CommonOptions

PROJECT = "watchstate"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def fetch_library(account: Account, http: Http, scope: Scope) -> AsyncIterator[LibraryBatch] | None:
    """Yield the entries of a scope with the account's play state of each, batch by batch.

    Required, an async generator. Report what the server shows, unfiltered and uninterpreted; leave out what is no
    movie or episode file (extras, trailers, live TV, missing episodes). A scan counts as complete only if the
    generator ends normally and the distinct entries equal `LibraryBatch.total`.
    Don't yield inside a task group or a timeout.
    """


@hookspec(firstresult=True)
def push_state(account: Account, http: Http, changes: Sequence[Change]) -> Awaitable[Sequence[PushOutcome]] | None:
    """Write changes, and return one outcome for each, in any order.

    Required, a coroutine. Idempotent; an entry that this account is playing now is left alone (`Outcome.BUSY`).
    Partial failure is data, not an exception: `Outcome.FAILED` only if the change was certainly not applied,
    `Outcome.UNKNOWN` if it was sent and no answer came.
    """


@hookspec(firstresult=True)
def parse_webhook(request: WebhookRequest) -> Sequence[Event] | None:
    """Turn a webhook request into events.

    Required, a plain and pure function. Return ``()`` for a request that is understood and says nothing about play
    states; raise `WebhookRejected` for one that can't be read.
    """


@hookspec(firstresult=True)
def list_users(server: Server, http: Http, known: Sequence[User]) -> Awaitable[Sequence[User]] | None:
    """Return the people on a server, with what is needed to act as each.

    Required, a coroutine. `known` is what it returned last time, as far as core still relies on it: where tokens are
    dear, ask for those that are missing only. Who is gone is not in the answer, whatever is known of them.
    """


@hookspec(firstresult=True)
def identify_server(server: Server, http: Http) -> Awaitable[ServerInfo] | None:
    """Return who answers there: machine id, name, version, clock.

    Optional, a coroutine. Needs no right beyond the configured token's. Without it, a server that was swapped behind
    its URL goes unnoticed.
    """


@hookspec(firstresult=True)
def capabilities(info: ServerInfo | None) -> Capabilities | None:
    """Return what this type and version of server can do and means.

    Optional, a plain and pure function. Without it core assumes the least. `info` is None where the backend has no
    `identify_server`.
    """


class Backend(Protocol):
    """The precise signatures, for a type checker: end a plugin with ``_: type[Backend] = MyBackend``."""

    Options: ClassVar[type[CommonOptions]]

    def fetch_library(self, account: Account, http: Http, scope: Scope) -> AsyncIterator[LibraryBatch]:
        """See the hook of this name."""
        ...

    async def push_state(self, account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
        """See the hook of this name."""
        ...

    def parse_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """See the hook of this name."""
        ...

    async def list_users(self, server: Server, http: Http, *args: Any, **kwargs: Any) -> Sequence[User]:  # noqa: ANN401
        """See the hook of this name."""
        ...
