"""What the engine works with: its tools, one account's work, and what a run reports."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from watchstate.api import Account, Capabilities, Http, Server, WatchStateError
from watchstate.clock import Clock
from watchstate.plugins.manager import PluginManager
from watchstate.storage.engines import Storage
from watchstate.sync.brake import BrakeLimits
from watchstate.sync.titles import account_title


class Reporter(Protocol):
    """Who is told what happens while it happens."""

    def reading(self, account: Account, done: int, total: int | None) -> None:
        """So many entries of an account were read."""

    def writing(self, account: Account, done: int, total: int) -> None:
        """So many of the changes that an account needs were dealt with."""

    def line(self, text: str) -> None:
        """Something that a person should know now: waiting for another process, for example."""


class Silent:
    """Tells nobody."""

    def reading(self, account: Account, done: int, total: int | None) -> None:
        """Tell nobody."""

    def writing(self, account: Account, done: int, total: int) -> None:
        """Tell nobody."""

    def line(self, text: str) -> None:
        """Tell nobody."""


class Engine(Struct, frozen=True, kw_only=True):
    """The tools, built once by `watchstate.app`."""

    storage: Storage
    plugins: PluginManager
    clock: Clock
    http: Callable[[Server], Http]
    brake: BrakeLimits = BrakeLimits()
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """How to wait some seconds for another process."""
    newest_reads: dict[tuple[int, int], int] = field(default_factory=dict)
    """(account, entry row) → start of the newest targeted read that was processed: R0 and R3 in memory only."""


class Member(Struct, frozen=True, kw_only=True):
    """A configured account, and which ways it takes part."""

    account: Account
    imports: bool
    exports: bool


class Household(Struct, frozen=True):
    """The accounts of a run, and the servers that can't take part because of how they are configured."""

    members: Sequence[Member]
    broken: Mapping[str, WatchStateError] = {}


class AccountWork(Struct, frozen=True, kw_only=True):
    """One account in one run: who, what it may do, and what we know about its server."""

    account: Account
    account_id: int
    server_id: int
    imports: bool
    exports: bool
    capabilities: Capabilities
    skew_ms: int
    scan_began_at: int | None
    cursor: str | None
    """Where its next incremental read continues; None: only a full scan will do."""
    run_id: int
    owner: str
    """How this process signs the account's lease (W7)."""
    is_forced: bool = False
    """A forced export (W8) of this account's server."""

    @property
    def server(self) -> Server:
        """The configured server."""
        return self.account.server

    @property
    def label(self) -> str:
        """How a person knows the account."""
        return account_title(self.account.server.name, self.account.identity)


class AccountReport(Struct, kw_only=True):
    """What a run did for one account."""

    server: str
    identity: str
    read: int = 0
    total: int | None = None
    is_complete: bool = False
    new: int = 0
    """Entries met for the first time."""
    changed: int = 0
    """Hub states that changed."""
    unmatched: int = 0
    ambiguous: int = 0
    held: int = 0
    written: int = 0
    already: int = 0
    waiting: int = 0
    """Changes that could not be made now and will be tried again."""
    failed: int = 0
    """Writes of this run that failed or got no answer; they are among those that wait."""
    failure: str = ""
    """What the server said to the first of them."""
    missing: int = 0
    """Entries that a complete scan did not show."""
    note: str = ""
    error: str = ""
    exit_code: int = 0

    @property
    def label(self) -> str:
        """How a person knows the account."""
        return account_title(self.server, self.identity)

    def fail(self, error: WatchStateError) -> None:
        """Note what ended the account's part in the run."""
        self.error, self.exit_code = str(error), error.exit_code


class RunReport(Struct, kw_only=True):
    """What a run did."""

    run_id: int
    command: str
    accounts: list[AccountReport]

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 3 partly failed, 4 held for review, 5 busy."""
        failed = [account for account in self.accounts if account.error]
        if failed and len(failed) == len(self.accounts):
            codes = {account.exit_code for account in failed}
            return codes.pop() if len(codes) == 1 else 1
        if failed or any(account.note or account.failed for account in self.accounts):
            return 3
        return 4 if any(account.held for account in self.accounts) else 0
