"""The simulated server and the hands of the people in front of it."""

from abc import abstractmethod
from typing import Generic

from watchstate.api import PlayState
from watchstate.clock import Clock
from watchstate.testing import AsgiApp, FaultInjector, Simulator, Title
from watchstate_mediabrowser.simulator.app import MediaBrowserApp
from watchstate_mediabrowser.simulator.asgi import Caller
from watchstate_mediabrowser.simulator.records import Item, User
from watchstate_mediabrowser.simulator.routing import RequestT, ServerT
from watchstate_mediabrowser.simulator.states import Patch
from watchstate_mediabrowser.simulator.switches import Switches
from watchstate_mediabrowser.simulator.wire import TICKS_PER_MS, TICKS_PER_SECOND


class MediaBrowserSimulator(Switches, Simulator, Generic[ServerT, RequestT]):
    """A simulated server of the family; a subclass says which one in `make_app`.

    `admin_token` is an API key: it may do everything, but stands for no user.
    """

    def __init__(self, *, clock: Clock, version: str | None = None, name: str = "simulated", seed: int = 0) -> None:
        self.clock = clock
        self._app = self.make_app(version, name, seed)
        self._server = self._app.server
        self._removed: dict[str, Item] = {}
        self._machines = 0
        self.requests = self._app.requests
        self.faults = FaultInjector(self._app)
        self.machine_id = self._server.machine_id
        self.admin_token = self.add_api_key("admin")

    @abstractmethod
    def make_app(self, version: str | None, name: str, seed: int) -> MediaBrowserApp[ServerT, RequestT]:
        """Make the server and what answers for it."""

    @property
    @abstractmethod
    def web_client(self) -> str:
        """What the server's own web client calls itself."""

    @property
    def app(self) -> AsgiApp:
        """The server, with its faults, as an ASGI app."""
        return self.faults

    # People

    def add_user(
        self,
        name: str,
        *,
        password: str = "",
        is_admin: bool = False,
        is_hidden: bool = False,
        may_change_preferences: bool = True,
        shows_missing: bool = False,
        libraries: frozenset[str] | None = None,
    ) -> str:
        """Add a person; return the user id. `libraries`: those that they may see, None for all."""
        user = User(
            user_id=self._server.make_secret(f"user {name}"),
            name=name,
            created=self._server.now(),
            password=password,
            is_admin=is_admin,
            is_hidden=is_hidden,
            may_change_preferences=may_change_preferences,
            shows_missing=shows_missing,
            libraries=libraries,
        )
        self._server.users[user.user_id] = user
        return user.user_id

    def disable_user(self, user_id: str) -> None:
        """Lock a person out: their tokens are void, their password too."""
        self._server.users[user_id].is_disabled = True
        self._server.devices = [device for device in self._server.devices if device.user_id != user_id]

    def token_for(self, user_id: str) -> str:
        """Return a token that acts as this user."""
        device_id = f"simulated-{user_id}"
        for device in self._server.devices:
            if (device.user_id, device.device_id) == (user_id, device_id):
                return device.token
        user = self._server.users[user_id]
        return self._server.sign_in(
            user, client="watchstate", device="simulated", device_id=device_id, version="1"
        ).token

    def add_api_key(self, name: str = "watchstate") -> str:
        """Make an API key; return it."""
        return self._server.add_api_key(name).token

    # The library

    def add_library(self, name: str, kind: str) -> str:
        """Add a library (``movies``, ``shows``, ``mixed``); return its id."""
        return self._server.library.add_library(name, kind).item_id

    def add(self, library_id: str, title: Title) -> str:
        """Put a file into a library, now; return the entry id."""
        library = self._server.library
        return library.add(library.items[library_id], title).item_id

    def add_virtual_episode(self, library_id: str, title: Title, *, premiere: int | None = None) -> str:
        """Add an episode that has no file, as metadata plugins do; `premiere`: when it aired or will (ms)."""
        library = self._server.library
        episode = library.add(library.items[library_id], title, is_virtual=True)
        episode.premiere = None if premiere is None else premiere * TICKS_PER_MS
        episode.runtime_ticks = None
        return episode.item_id

    def add_version(self, entry_id: str, path: str) -> str:
        """Add another file of the same movie, which the server lists only inside the first one."""
        return self._server.library.add_version(self._item(entry_id), path).item_id

    def add_box_set(self, name: str, entry_ids: list[str]) -> str:
        """Put movies into a collection; return its id."""
        return self._server.library.add_box_set(name, [self._item(entry_id) for entry_id in entry_ids]).item_id

    def remove(self, entry_id: str) -> None:
        """Take a file away."""
        item = self._item(entry_id)
        for session in self._server.sessions.values():
            if session.playing_id == entry_id:
                session.stop()
        self._removed[entry_id] = item
        self._server.library.drop(item)

    def restore(self, entry_id: str, *, keeps_state: bool = False) -> str:
        """Bring a removed file back without its state; return the id it has now (a new one, as after a move).

        `keeps_state`: as a real server does, which finds the state again by the provider ids.
        """
        old = self._removed.pop(entry_id)
        if not keeps_state:
            self._server.states.forget(old)
        item = self._server.library.bring_back(old, f"/moved{old.path}")
        if keeps_state:
            self._server.states.carry_over(old, item)
        return item.item_id

    def replace_file(self, entry_id: str) -> None:
        """Replace the file behind an entry: same id, new added date, state lost."""
        item = self._item(entry_id)
        self._server.states.forget(item)
        item.date_created = item.date_saved = self._server.now()
        self._server.library.revision += 1

    def redate(self, entry_id: str, at: int) -> None:
        """Give an entry the added date of its file (ms), as libraries do that take dates from there."""
        self._item(entry_id).date_created = at * TICKS_PER_MS
        self._server.library.revision += 1

    def reidentify(self, entry_id: str, ids: dict[str, str]) -> None:
        """Change the entry's own provider ids, as a re-match in the server's UI does."""
        item = self._item(entry_id)
        item.provider_ids = self._server.library.spell_providers(ids)
        item.date_saved = self._server.now()
        self._server.library.revision += 1

    def entry_ids(self) -> list[str]:
        """Return the ids of all movies and episodes that are there."""
        items = self._server.library.items.values()
        return [
            item.item_id for item in items if not item.is_folder and not item.is_virtual and item.version_of is None
        ]

    # The installation

    def change_machine(self) -> None:
        """Become another installation behind the same URL: a new machine id, and nobody has watched anything."""
        self._machines += 1
        self.machine_id = self._server.machine_id = self._server.make_secret(f"machine {self._machines}")
        self._server.states.forget_everything()

    def restart(self) -> None:
        """Restart the server: what only its memory holds is gone, and so are the sessions."""
        self._server.states.restart()
        self._server.sessions.clear()

    # Play states

    def state(self, user_id: str, entry_id: str) -> PlayState:
        """Return the state that the server shows this user."""
        state = self._server.states.read(self._user(user_id), self._item(entry_id))
        return PlayState(
            watched=state.played,
            position_ms=state.position_ticks // TICKS_PER_MS,
            play_count=state.play_count,
            watched_at=(state.last_played or 0) // TICKS_PER_MS,
        )

    def watch(self, user_id: str, entry_id: str, *, at: int | None = None) -> None:
        """Press the played button, now or with a date; the web client sends either in whole seconds."""
        when = self._server.now() if at is None else at * TICKS_PER_MS
        whole = when // TICKS_PER_SECOND * TICKS_PER_SECOND
        self._server.states.mark_played(self._user(user_id), self._item(entry_id), whole)

    def unwatch(self, user_id: str, entry_id: str) -> None:
        """Press the played button again."""
        self._server.states.mark_unplayed(self._user(user_id), self._item(entry_id))

    def set_state(self, user_id: str, entry_id: str, patch: Patch) -> None:
        """Write the state itself, as an import or another program does."""
        self._server.states.patch(self._user(user_id), self._item(entry_id), patch)

    def start(self, user_id: str, entry_id: str) -> None:
        """The person starts playing it, and is playing it from now on."""
        item = self._item(entry_id)
        self._server.touch_session(self._browser(user_id), user_id).play(item, 0, now=self._server.now())
        self._server.states.start(self._user(user_id), item)

    def progress(self, user_id: str, entry_id: str, *, position_ms: int) -> None:
        """The player reports how far the person has got."""
        item, position = self._item(entry_id), position_ms * TICKS_PER_MS
        self._server.touch_session(self._browser(user_id), user_id).play(item, position, now=self._server.now())
        self._server.states.progress(self._user(user_id), item, position)

    def stop(self, user_id: str, entry_id: str, *, position_ms: int | None) -> None:
        """The person stops at a position; None: at the end, which players report as the position that it is."""
        item = self._item(entry_id)
        position = (item.runtime_ticks or 0) if position_ms is None else position_ms * TICKS_PER_MS
        self._server.states.stop(self._user(user_id), item, position)
        self._server.touch_session(self._browser(user_id), user_id).stop()

    def _browser(self, user_id: str) -> Caller:
        return Caller(
            user_id=user_id,
            client=self.web_client,
            device="Firefox",
            device_id=self._server.make_secret(f"browser of {user_id}"),
            version=self._server.version,
        )

    def _user(self, user_id: str) -> User:
        return self._server.users[user_id]

    def _item(self, entry_id: str) -> Item:
        return self._server.library.items[entry_id]
