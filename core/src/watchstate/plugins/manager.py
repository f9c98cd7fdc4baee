"""The one place that calls hooks: typed methods in front of pluggy, errors and answers checked at this edge."""

import re
from asyncio import CancelledError
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, Final, Self
from urllib.parse import quote

import pluggy

from watchstate.api import (
    Account,
    Capabilities,
    Change,
    CommonOptions,
    Event,
    Http,
    LibraryBatch,
    Outcome,
    PluginCrashed,
    PushOutcome,
    Scope,
    Secret,
    Server,
    ServerInfo,
    UnknownBackend,
    User,
    WatchStateError,
    WebhookRequest,
    hookspecs,
)
from watchstate.plugins.contract import KINDS, implemented_hooks, problems_of
from watchstate.plugins.discovery import NotLoadedError, load_backend, one_line, shorten, suggestion
from watchstate.plugins.records import PluginRecord, PluginStatus
from watchstate.plugins.validation import Shape

_SECRET_HEADER: Final = re.compile("auth|cookie|key|secret|token", re.IGNORECASE)

_BATCH: Final = Shape[LibraryBatch](LibraryBatch)
_OUTCOMES: Final = Shape[list[PushOutcome]](list[PushOutcome])
_EVENTS: Final = Shape[tuple[Event, ...]](tuple[Event, ...])
_USERS: Final = Shape[tuple[User, ...]](tuple[User, ...])
_INFO: Final = Shape[ServerInfo](ServerInfo)
_CAPABILITIES: Final = Shape[Capabilities](Capabilities)


class PluginManager:
    """The backends that are loaded. A server's type decides which of them answers.

    Every method raises `UnknownBackend` where the type isn't loaded, and `PluginCrashed` where a hook raises something
    that isn't a `WatchStateError` or returns something that isn't what the contract says.
    """

    def __init__(self) -> None:
        self._pluggy = pluggy.PluginManager(hookspecs.PROJECT)
        self._pluggy.add_hookspecs(hookspecs)
        self._records: dict[str, PluginRecord] = {}
        self._hooks: dict[tuple[str, str], pluggy.HookCaller] = {}

    @classmethod
    def load(cls, names: Iterable[str]) -> Self:
        """Load the installed backends of these names, each for itself; what fails is in `records`."""
        manager = cls()
        for name in dict.fromkeys(names):
            try:
                plugin, offer = load_backend(name)
            except NotLoadedError as error:
                manager._records[name] = error.record
            else:
                manager._register(name, plugin, offer.distribution, offer.version)
        manager._make_callers()
        return manager

    @classmethod
    def of(cls, plugins: Mapping[str, object]) -> Self:
        """Take objects instead of installed plugins, through the same checks."""
        manager = cls()
        for name, plugin in plugins.items():
            manager._register(name, plugin)
        manager._make_callers()
        return manager

    def records(self) -> tuple[PluginRecord, ...]:
        """Return what became of each name that was asked for, in that order."""
        return tuple(self._records.values())

    def options_type(self, backend: str) -> type[CommonOptions]:
        """Return what types the ``options:`` of a server of this backend."""
        self._check_is_ready(backend)
        options: type[CommonOptions] = getattr(self._pluggy.get_plugin(backend), "Options", CommonOptions)
        return options

    def capabilities(self, backend: str, info: ServerInfo | None) -> Capabilities:
        """Return what an identified server can do; the least where the backend doesn't say."""
        if not self._implements(backend, "capabilities"):
            return Capabilities()
        with _edge(backend, "capabilities"):
            answer = self._call(backend, "capabilities", info=info)
        return _CAPABILITIES.check(answer, backend, "capabilities")

    async def fetch_library(self, account: Account, http: Http, scope: Scope) -> AsyncGenerator[LibraryBatch, None]:
        """Yield the entries of a scope with their play states, batch by batch.

        Close it (`contextlib.aclosing`): that closes the plugin's generator at once.
        """
        backend = account.server.type
        with _edge(backend, "fetch_library", account.token, account.server.token):
            async with aclosing(self._call(backend, "fetch_library", account=account, http=http, scope=scope)) as pages:
                async for page in pages:
                    yield _BATCH.check(page, backend, "fetch_library")

    async def push_state(self, account: Account, http: Http, changes: Sequence[Change]) -> list[PushOutcome]:
        """Write changes; return exactly one outcome for each, in their order.

        What the plugin says nothing about is `Outcome.UNKNOWN`, since it may have been sent. An outcome for an entry
        that nobody asked to change, or a second one for an entry, is a crash: then nothing it says can be relied on.
        """
        backend = account.server.type
        with _edge(backend, "push_state", account.token, account.server.token):
            answer = await self._call(backend, "push_state", account=account, http=http, changes=changes)
        return _outcome_of_each(changes, _OUTCOMES.check(answer, backend, "push_state"), backend)

    def parse_webhook(self, backend: str, request: WebhookRequest) -> tuple[Event, ...]:
        """Turn a webhook request into events; raises `WebhookRejected` for one that can't be read."""
        with _edge(backend, "parse_webhook", *_secrets_in(request.headers)):
            answer = self._call(backend, "parse_webhook", request=request)
        return _EVENTS.check(answer, backend, "parse_webhook")

    async def list_users(self, server: Server, http: Http, known: Sequence[User] = ()) -> tuple[User, ...]:
        """Return the people on a server; `known` is what this returned last time."""
        with _edge(server.type, "list_users", server.token, *(user.token for user in known if user.token)):
            answer = await self._call(server.type, "list_users", server=server, http=http, known=known)
        return _USERS.check(answer, server.type, "list_users")

    async def identify_server(self, server: Server, http: Http) -> ServerInfo | None:
        """Return who answers there; None where the backend can't tell."""
        if not self._implements(server.type, "identify_server"):
            return None
        with _edge(server.type, "identify_server", server.token):
            answer = await self._call(server.type, "identify_server", server=server, http=http)
        return _INFO.check(answer, server.type, "identify_server")

    def _register(self, name: str, plugin: object, distribution: str = "", version: str = "") -> None:
        hooks: tuple[str, ...] = ()
        try:
            hooks = implemented_hooks(plugin)
            problems = problems_of(plugin)
            if not problems:
                self._pluggy.register(plugin, name)
                self._pluggy.check_pending()
        except Exception as error:  # noqa: BLE001 - not even an object that can't be looked at stops the others
            problems = [shorten(one_line(error))]
        self._records[name] = PluginRecord(
            name=name,
            status=PluginStatus.CONTRACT_ERROR if problems else PluginStatus.READY,
            distribution=distribution,
            version=version,
            reason="; ".join(problems),
            hooks=hooks,
        )

    def _make_callers(self) -> None:
        """Make one caller per backend and hook. The others are left out as they are now, so nothing registers later."""
        loaded = dict(self._pluggy.list_name_plugin())
        for backend in loaded:
            others = [plugin for name, plugin in loaded.items() if name != backend]
            for hook in KINDS:
                self._hooks[backend, hook] = self._pluggy.subset_hook_caller(hook, others)

    def _call(self, backend: str, hook: str, **arguments: object) -> Any:  # noqa: ANN401 - pluggy is untyped here
        self._check_is_ready(backend)
        return self._hooks[backend, hook](**arguments)

    def _implements(self, backend: str, hook: str) -> bool:
        self._check_is_ready(backend)
        return hook in self._records[backend].hooks

    def _check_is_ready(self, backend: str) -> None:
        record = self._records.get(backend)
        if record is None:
            ready = [name for name, other in self._records.items() if other.status is PluginStatus.READY]
            raise UnknownBackend(f"no backend {backend} is loaded; {suggestion(backend, ready)}{self._failures()}")
        if record.status is not PluginStatus.READY:
            raise UnknownBackend(f"the backend {backend} is not loaded: {record.status}: {record.reason}")

    def _failures(self) -> str:
        failed = [record for record in self._records.values() if record.status is not PluginStatus.READY]
        reasons = "; ".join(f"{record.name} ({record.status}: {record.reason})" for record in failed)
        return f"; not loaded: {reasons}" if reasons else ""


@contextmanager
def _edge(backend: str, hook: str, *secrets: Secret) -> Iterator[None]:
    """Let only our own errors out of a plugin, and none of these secrets."""
    try:
        yield
    except (WatchStateError, KeyboardInterrupt, CancelledError, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, even SystemExit
        text = one_line(error)
        shown = _redacted(text, secrets)
        raise PluginCrashed(backend, hook, f"raised {shorten(shown)}") from (error if shown == text else None)


def _redacted(text: str, secrets: Iterable[Secret]) -> str:
    for secret in filter(None, secrets):
        for form in (secret.reveal(), quote(secret.reveal(), safe="")):
            text = text.replace(form, Secret.MASK)
    return text


def _secrets_in(headers: Mapping[str, str]) -> list[Secret]:
    return [Secret(value) for name, value in headers.items() if _SECRET_HEADER.search(name)]


def _outcome_of_each(changes: Sequence[Change], outcomes: Iterable[PushOutcome], backend: str) -> list[PushOutcome]:
    asked = {change.entry_id for change in changes}
    told: dict[str, PushOutcome] = {}
    for outcome in outcomes:
        if outcome.entry_id not in asked:
            raise PluginCrashed(
                backend, "push_state", f"returned an outcome for {outcome.entry_id}, which nobody asked"
            )
        if outcome.entry_id in told:
            raise PluginCrashed(backend, "push_state", f"returned two outcomes for {outcome.entry_id}")
        told[outcome.entry_id] = outcome
    return [told.get(change.entry_id) or _untold(change) for change in changes]


def _untold(change: Change) -> PushOutcome:
    return PushOutcome(entry_id=change.entry_id, outcome=Outcome.UNKNOWN, detail="the plugin did not say")
