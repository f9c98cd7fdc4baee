"""Every error that a user can cause or meet.

::

    WatchStateError                 exit 1
    ├── UsageError                  exit 2   options that make no sense together, an unknown server or item
    ├── ConfigError                          servers.yaml or a WS_ setting
    ├── StorageError                         the database
    ├── BusyError                   exit 5   another process works on the account
    ├── PluginError
    │   ├── UnknownBackend                   no such type, or its plugin did not load
    │   └── PluginCrashed                    a hook raised something of its own, or returned nonsense
    ├── BackendError                         a server: which, what was tried, what to do
    │   ├── BackendUnavailable               refused, timed out, 5xx, starting
    │   ├── BackendAuthError                 401, 403
    │   ├── BackendRateLimited               429
    │   ├── BackendProtocolError             an answer that is none
    │   └── MachineChanged                   another server answers behind the same URL
    └── WebhookRejected                      a webhook body that can't be read

Each class states its exit code and the type of its HTTP problem document. A programmer's mistake is not in this tree:
it traces back.
"""

from typing import ClassVar, Final

_LONGEST_REASON: Final = 300


class WatchStateError(Exception):
    """The root. Its text is one line for a person and never holds a secret."""

    exit_code: ClassVar[int] = 1
    problem: ClassVar[str] = "error"


class UsageError(WatchStateError):
    """The command line asks for something that makes no sense."""

    exit_code = 2
    problem = "usage"


class ConfigError(WatchStateError):
    """A setting or `servers.yaml` is wrong; names the file, the path in it, and the nearest known key."""

    problem = "config"


class StorageError(WatchStateError):
    """The database can't be opened, read or written."""

    problem = "storage"


class BusyError(WatchStateError):
    """Another process works on the account; see W7 of the sync rules."""

    exit_code = 5
    problem = "busy"


class PluginError(WatchStateError):
    """A plugin, not a server, is at fault."""

    problem = "plugin"


class UnknownBackend(PluginError):
    """No loaded plugin provides this backend type."""

    problem = "unknown-backend"


class PluginCrashed(PluginError):
    """A hook raised an error outside this tree, or returned something that breaks the contract."""

    problem = "plugin-crashed"

    def __init__(self, backend: str, hook: str, reason: str) -> None:
        self.backend = backend
        self.hook = hook
        super().__init__(f"plugin {backend}: {hook} {reason}; this is a fault of the plugin, report it to its author")


class BackendError(WatchStateError):
    """Something about one server: its name, what was tried, what happened, what to do."""

    problem = "backend"

    def __init__(self, server: str, operation: str, reason: str, advice: str = "") -> None:
        self.server = server
        self.operation = _told(operation)
        self.reason = _told(reason)
        self.advice = advice
        super().__init__(f"{server}: {self.operation}: {self.reason}" + (f"; {advice}" if advice else ""))


def _told(text: str) -> str:
    """Return a text as a part of one line: what a server calls itself and its items may have any length and form."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


class BackendUnavailable(BackendError):
    """No connection, no answer in time, a 5xx answer, or a server that is still starting.

    `sent` is False only where the request certainly did not reach the server. `status` is that of the answer, where
    one came. `retry_after_ms` is how long the server asks to wait, where it says so.
    """

    problem = "backend-unavailable"

    def __init__(
        self,
        server: str,
        operation: str,
        reason: str,
        advice: str = "",
        *,
        sent: bool = True,
        status: int | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(server, operation, reason, advice)
        self.sent = sent
        self.status = status
        self.retry_after_ms = retry_after_ms


class BackendAuthError(BackendError):
    """The server says no: a wrong token, a disabled user, or a right that is missing."""

    problem = "backend-auth"


class BackendRateLimited(BackendError):
    """The server asks for patience; `retry_after_ms` is how long, where it says so."""

    problem = "backend-rate-limited"

    def __init__(
        self, server: str, operation: str, reason: str, advice: str = "", *, retry_after_ms: int | None = None
    ) -> None:
        super().__init__(server, operation, reason, advice)
        self.retry_after_ms = retry_after_ms


class BackendProtocolError(BackendError):
    """An answer that can't be understood: a web page, truncated JSON, a redirect, pages that repeat."""

    problem = "backend-protocol"


class MachineChanged(BackendError):
    """Another server answers behind the configured URL; nothing is read or written until it is accepted (R4)."""

    problem = "machine-changed"


class WebhookRejected(WatchStateError):
    """A webhook body that can't be read."""

    problem = "webhook-rejected"
