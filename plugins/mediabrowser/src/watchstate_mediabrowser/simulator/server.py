"""The memory of one server, which every route reads and changes."""

from hashlib import md5

from watchstate.clock import Clock
from watchstate.testing import Title
from watchstate_mediabrowser.simulator.asgi import Caller
from watchstate_mediabrowser.simulator.library import Library
from watchstate_mediabrowser.simulator.records import ApiKey, Device, Item, Session, User
from watchstate_mediabrowser.simulator.states import States
from watchstate_mediabrowser.simulator.switches import Switches
from watchstate_mediabrowser.simulator.wire import TICKS_PER_MS, TICKS_PER_SECOND


class Server:
    """Users, tokens, sessions, items and play states of one installation."""

    library: Library
    states: States
    version: str

    def __init__(self, *, clock: Clock, name: str, seed: int, switches: Switches) -> None:
        self.name = name
        self.switches = switches
        self._clock = clock
        self._seed = seed
        self.machine_id = self.make_secret("machine")
        self.users: dict[str, User] = {}
        self.devices: list[Device] = []
        self.api_keys: list[ApiKey] = []
        self.sessions: dict[tuple[str, str], Session] = {}
        self._tokens = 0

    def now(self) -> int:
        """Return the server's time in ticks."""
        return (self._clock() + self.switches.skew_ms) * TICKS_PER_MS

    def make_secret(self, purpose: str) -> str:
        """Derive an id or token of 32 digits."""
        return md5(f"{self._seed}/{self.name}/{purpose}".encode(), usedforsecurity=False).hexdigest()

    def add_api_key(self, name: str) -> ApiKey:
        """Make an API key."""
        self._tokens += 1
        key = ApiKey(key_id=self._tokens, token=self.make_secret(f"key {self._tokens}"), name=name, created=self.now())
        self.api_keys.append(key)
        return key

    def sign_in(self, user: User, *, client: str, device: str, device_id: str, version: str) -> Device:
        """Give a user's device a token; the one it had before is void."""
        self.devices = [each for each in self.devices if (each.user_id, each.device_id) != (user.user_id, device_id)]
        self._tokens += 1
        made = Device(
            token=self.make_secret(f"token {self._tokens}"),
            user_id=user.user_id,
            client=client,
            device=device,
            device_id=device_id,
            version=version,
        )
        self.devices.append(made)
        return made

    def sign_out(self, caller: Caller) -> None:
        """Make a token void, and forget the session of its device."""
        self.devices = [device for device in self.devices if device.token != caller.token]
        self.sessions.pop((caller.client, caller.device_id), None)

    def touch_session(self, caller: Caller, user_id: str | None) -> Session:
        """Return the session of a client and device, made if need be, now belonging to this user."""
        key = (caller.client, caller.device_id)
        session = self.sessions.get(key)
        if session is None:
            session = Session(
                session_id=self.make_secret(f"session {caller.client}{caller.device_id}"),
                user_id=user_id,
                client=caller.client,
                device=caller.device,
                device_id=caller.device_id,
                version=caller.version,
                last_activity=self.now(),
            )
            self.sessions[key] = session
        session.user_id = user_id
        session.device, session.version, session.last_activity = caller.device, caller.version, self.now()
        self.touch_user(user_id)
        return session

    def touch_user(self, user_id: str | None) -> None:
        """Note that a user is there, at most once a minute."""
        user = self.users.get(user_id or "")
        if user is not None and self.now() - (user.last_activity or 0) > 60 * TICKS_PER_SECOND:
            user.last_activity = self.now()

    def user_named(self, name: str) -> User | None:
        """Return the user of a name, whose case plays no part."""
        return next((each for each in self.users.values() if each.name.lower() == name.lower()), None)

    def users_by_name(self, *, is_hidden: bool | None = None, is_disabled: bool | None = None) -> list[User]:
        """Return everybody, by name; or only those who are, or are not, hidden or disabled."""
        found = (
            user
            for user in self.users.values()
            if is_hidden in (None, user.is_hidden) and is_disabled in (None, user.is_disabled)
        )
        return sorted(found, key=lambda user: user.name)

    def add_before(self, first: Item) -> None:
        """Add a file of the same kind, in the same place, that every order puts before this one."""
        number = len(self.library.items)
        title = Title(kind="movie", title=f"Arrived {number}")
        if first.kind == "Episode":
            show = self.library.items[first.series_id or ""].name
            title = Title(kind="episode", title=title.title, show=show, season=first.parent_index, episodes=(number,))
        item = self.library.add(self.library.items[first.library_id], title)
        item.date_created, item.sort_name, item.name = 0, "", ""

    def may_see(self, user: User | None, item: Item) -> bool:
        """Say whether a user's libraries hold the item. Nobody in particular sees everything."""
        return user is None or user.libraries is None or item.library_id in user.libraries
