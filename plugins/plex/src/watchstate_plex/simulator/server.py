"""The server's whole memory, which every route reads and changes."""

from hashlib import md5

from watchstate.clock import SECOND, Clock
from watchstate.testing import Title
from watchstate_plex.simulator.library import Library
from watchstate_plex.simulator.people import People
from watchstate_plex.simulator.prefs import Prefs
from watchstate_plex.simulator.records import Account, Item, Play, Session
from watchstate_plex.simulator.states import States
from watchstate_plex.simulator.switches import Switches
from watchstate_plex.simulator.versions import Rules


class Server:
    """Accounts, sessions, items, play states and history of one installation."""

    def __init__(self, *, rules: Rules, clock: Clock, name: str, seed: int, switches: Switches) -> None:
        self.rules = rules
        self.name = name
        self.switches = switches
        self.clock = clock
        self._seed = f"{seed}/{name}"
        self.machine_id = self.make_machine_id("first")
        self.prefs = Prefs()
        self.people = People(self._seed)
        self.library = Library(self._seed, self.now)
        self.states = States(self.library, switches, self.now)
        self.sessions: dict[tuple[str, str, str], Session] = {}
        """By account, client and what the client calls its session."""
        self.history: list[Play] = []
        self.last_found: tuple[object, list[Item]] | None = None
        """The last listing, for the next page of it."""
        self._sessions = 0
        self._plays = 0

    def now_ms(self) -> int:
        """Return the server's time in milliseconds."""
        return self.clock() + self.switches.skew_ms

    def now(self) -> int:
        """Return the server's time in seconds."""
        return self.now_ms() // SECOND

    def make_machine_id(self, purpose: str) -> str:
        """Derive a machine id of 40 digits."""
        digest = md5(f"{self._seed}/machine/{purpose}".encode(), usedforsecurity=False).hexdigest()
        return f"{digest}{digest[:8]}"

    def may_see(self, account: Account, item: Item) -> bool:
        """Say whether an item's section is shared with an account."""
        return account.sections is None or item.section_key in account.sections

    def open_session(self, account: Account, client_id: str, client_session: str, item: Item) -> Session:
        """Return what a client plays in a session, made if need be; another item is another session."""
        key = (account.account_id, client_id, client_session)
        session = self.sessions.get(key)
        if session is None or session.item is not item:
            self._sessions += 1
            session = Session(
                session_key=self._sessions,
                session_id=md5(f"{self._seed}/session/{self._sessions}".encode(), usedforsecurity=False).hexdigest(),
                account=account,
                client_id=client_id,
                item=item,
                state="",
                offset_ms=0,
            )
            self.sessions[key] = session
        return session

    def close_sessions(self, item: Item) -> None:
        """End what plays an item that is gone."""
        self.sessions = {key: each for key, each in self.sessions.items() if each.item is not item}

    def record_play(self, account: Account, item: Item) -> None:
        """Add a row to the play history."""
        self._plays += 1
        self.history.append(Play(number=self._plays, account_id=account.account_id, item=item, viewed_at=self.now()))

    def add_before(self, first: Item) -> None:
        """Add a file of the same kind, in the same place, that every order but that by id puts before this one."""
        number = len(self.library.items)
        title = Title(kind="movie", title=f"Arrived {number}")
        if first.kind == "episode":
            season = self.library.parent(first)
            show = self.library.parent(season)
            title = Title(
                kind="episode",
                title=title.title,
                show=show.title if show is not None else "",
                season=season.index if season is not None else None,
                episodes=(number,),
            )
        item = self.library.add(self.library.sections[first.section_key], title)
        item.added_at, item.updated_at, item.title = 0, 0, ""
        item.index = None if item.index is None else 0
