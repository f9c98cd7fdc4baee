"""What every simulated server offers to the demo, the contract suite and the engine's tests.

A simulator is an ASGI app that follows the real server's rules, with per-account state, an injected clock, a log of
its requests and faults on demand. Besides the wire it has *hands*: what a person does at the screen (watch, un-watch,
play) and what happens to files (add, remove, replace). The hands use the same state machine as the wire does.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct, field

from watchstate.api import Kind, PlayState
from watchstate.clock import Clock
from watchstate.testing.asgi import AsgiApp
from watchstate.testing.faults import FaultInjector


class Title(Struct, frozen=True, kw_only=True):
    """A file to put on a simulated server."""

    kind: Kind
    title: str
    year: int | None = None
    ids: dict[str, str] = field(default_factory=dict)
    """Provider → id of the movie or episode itself."""
    show: str = ""
    show_ids: dict[str, str] = field(default_factory=dict)
    season: int | None = None
    episodes: tuple[int, ...] = ()
    runtime_ms: int = 5_400_000
    path: str | None = None


class LoggedRequest(Struct, frozen=True, kw_only=True):
    """One request that reached the simulator."""

    method: str
    path: str
    query: str
    status: int
    is_write: bool
    """It could have changed a play state."""


class Simulator(ABC):
    """A simulated media server. Entry, user and library ids are in the real server's form."""

    backend: ClassVar[str]
    """The backend type it stands for."""
    versions: ClassVar[tuple[str, ...]]
    """The versions it can be, newest last."""
    owner_id: ClassVar[str] = ""
    """The person who is there from the beginning, where a server has one; empty: nobody is."""

    clock: Clock
    faults: FaultInjector
    requests: list[LoggedRequest]
    admin_token: str
    machine_id: str

    @abstractmethod
    def __init__(self, *, clock: Clock, version: str | None = None, name: str = "simulated", seed: int = 0) -> None:
        """Make an empty server. `seed` decides all its ids and tokens: two servers need different ones."""

    @property
    @abstractmethod
    def app(self) -> AsgiApp:
        """The server, with its faults, as an ASGI app."""

    @property
    def elsewhere(self) -> Mapping[str, AsgiApp]:
        """Further hosts of its service by base URL, for backends that reach them through `Http.elsewhere`."""
        return {}

    @abstractmethod
    def add_user(self, name: str) -> str:
        """Add a person; return the user id."""

    @abstractmethod
    def token_for(self, user_id: str) -> str:
        """Return a token that acts as this user."""

    @abstractmethod
    def add_library(self, name: str, kind: str) -> str:
        """Add a library (``movies``, ``shows``, ``mixed``); return its id."""

    def add_old_library(self, name: str, kind: str) -> str:
        """Add a library whose titles carry ids as they were given years ago, where the server knows such libraries."""
        return self.add_library(name, kind)

    @abstractmethod
    def add(self, library_id: str, title: Title) -> str:
        """Put a file into a library, now; return the entry id."""

    @abstractmethod
    def remove(self, entry_id: str) -> None:
        """Take a file away."""

    @abstractmethod
    def restore(self, entry_id: str) -> str:
        """Bring a removed file back without its state; return the id it has now (a new one, as after a move)."""

    @abstractmethod
    def replace_file(self, entry_id: str) -> None:
        """Replace the file behind an entry: same id, new added date, state lost."""

    @abstractmethod
    def reidentify(self, entry_id: str, ids: dict[str, str]) -> None:
        """Change the entry's own provider ids, as a re-match in the server's UI does."""

    @abstractmethod
    def change_machine(self) -> None:
        """Become another installation behind the same URL: a new machine id."""

    @abstractmethod
    def entry_ids(self) -> list[str]:
        """Return the ids of all movies and episodes that are there."""

    @abstractmethod
    def state(self, user_id: str, entry_id: str) -> PlayState:
        """Return the state that the server shows this user."""

    @abstractmethod
    def watch(self, user_id: str, entry_id: str, *, at: int | None = None) -> None:
        """The person marks it watched in the server's UI, now or with a date."""

    @abstractmethod
    def unwatch(self, user_id: str, entry_id: str) -> None:
        """The person marks it unwatched in the server's UI."""

    @abstractmethod
    def start(self, user_id: str, entry_id: str) -> None:
        """The person starts playing it, and is playing it from now on."""

    @abstractmethod
    def stop(self, user_id: str, entry_id: str, *, position_ms: int | None) -> None:
        """The person stops at a position; None: at the end."""

    def writes(self) -> list[LoggedRequest]:
        """Return the requests so far that could have changed a play state."""
        return [request for request in self.requests if request.is_write]
