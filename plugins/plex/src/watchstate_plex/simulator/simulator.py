"""The simulated server, its plex.tv, and the hands of the people in front of it."""

from collections.abc import Mapping

from msgspec.structs import replace

from watchstate.api import PlayState
from watchstate.clock import SECOND, Clock
from watchstate.testing import (
    AsgiApp,
    AsgiMessage,
    AsgiReceive,
    AsgiSend,
    FaultInjector,
    LoggedRequest,
    Simulator,
    Title,
)
from watchstate_plex.simulator.app import PlexApp
from watchstate_plex.simulator.cloud import PlexTv
from watchstate_plex.simulator.notices import Notices
from watchstate_plex.simulator.people import OWNER_ID
from watchstate_plex.simulator.playback import Playback, Report
from watchstate_plex.simulator.records import Account, AccountKind, Item
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.switches import Switches
from watchstate_plex.simulator.versions import RULES

_AT_PLEX_TV = "watchstate.plex_tv"
_BROWSER = "browser"
PLEX_TV = "https://plex.tv"
_LEGACY_AGENTS = {"movies": "com.plexapp.agents.imdb", "shows": "com.plexapp.agents.thetvdb"}


class PlexSimulator(Switches, Simulator):
    """A Plex Media Server of one of three versions, the newest unless told otherwise, and plex.tv.

    The owner is there from the beginning, as the user `owner_id`; `admin_token` is their account's, which both the
    server and plex.tv take. Whoever is added belongs to the home unless another `kind` is given. What else can be set
    up is at its place: `library` (clips, versions, recordings, music), `people`, `prefs`, `plex_tv.pins`, `notices`.
    """

    backend = "plex"
    versions = tuple(RULES)
    owner_id = OWNER_ID

    def __init__(self, *, clock: Clock, version: str | None = None, name: str = "simulated", seed: int = 0) -> None:
        self.clock = clock
        rules = RULES[version or self.versions[-1]]
        self.obey(rules)
        self._server = Server(rules=rules, clock=clock, name=name, seed=seed, switches=self)
        self.library = self._server.library
        self.people = self._server.people
        self.prefs = self._server.prefs
        self.notices = Notices(self._server)
        self._playback = Playback(self._server, self.notices)
        self.requests: list[LoggedRequest] = []
        self._app = PlexApp(self._server, self._playback, self.notices, self.requests)
        self.plex_tv = PlexTv(self._server, self.notices, self.requests)
        self._removed: dict[str, Item] = {}
        self._machines = 0
        self.faults = FaultInjector(self._answer)
        self.machine_id = self._server.machine_id
        self.admin_token = self.people.owner.server_token

    @property
    def app(self) -> AsgiApp:
        """The server, with its faults, as an ASGI app."""
        return self.faults

    @property
    def elsewhere(self) -> Mapping[str, AsgiApp]:
        """plex.tv, with the same faults and the same log of requests."""
        return {PLEX_TV: self._answer_at_plex_tv}

    async def _answer_at_plex_tv(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        await self.faults({**scope, _AT_PLEX_TV: True}, receive, send)

    async def _answer(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        await (self.plex_tv if _AT_PLEX_TV in scope else self._app)(scope, receive, send)

    # People

    def add_user(
        self,
        name: str,
        *,
        kind: AccountKind = "home",
        pin: str | None = None,
        sections: frozenset[str] | None = None,
        has_server: bool = True,
    ) -> str:
        """Add a person; return the user id. `sections`: those that are shared with them, None for all."""
        return self.people.add(name, kind, pin=pin, sections=sections, has_server=has_server).account_id

    def token_for(self, user_id: str) -> str:
        """Return a token that acts as this user."""
        return self._account(user_id).server_token

    def renew_token(self, user_id: str) -> None:
        """Let a user's token for the server expire; plex.tv and `token_for` have the next one."""
        self.people.renew_token(self._account(user_id))

    # The library

    def add_library(self, name: str, kind: str, *, agent: str | None = None, hidden: int = 0) -> str:
        """Add a library (``movies``, ``shows``, ``music``, ``photos``, ``videos``); return its id.

        `agent`: the identifier of the agent that names its items, like ``com.plexapp.agents.hama``.
        """
        return self.library.add_section(name, kind, agent=agent, hidden=hidden).key

    def add_old_library(self, name: str, kind: str) -> str:
        """Add a library of a legacy agent, which puts one id into the guid and gives episodes those of their show."""
        return self.add_library(name, kind, agent=_LEGACY_AGENTS[kind])

    def add(self, library_id: str, title: Title, *, edition: str | None = None) -> str:
        """Put a file into a library, now; return the entry id."""
        item = self.library.add(self.library.sections[library_id], _spelled(title), edition=edition)
        self.notices.added(item)
        return item.rating_key

    def add_shared_file(self, library_id: str, titles: list[Title], path: str) -> list[str]:
        """Put one file of several episodes into a library as Plex's own scanner does; return an entry id for each."""
        section = self.library.sections[library_id]
        items = self.library.add_shared_file(section, [_spelled(title) for title in titles], path)
        return [item.rating_key for item in items]

    def remove(self, entry_id: str) -> None:
        """Take a file away, and empty the trash."""
        item = self._item(entry_id)
        self._server.close_sessions(item)
        self._removed[entry_id] = item
        self.library.drop(item)
        self.notices.deleted(item)

    def restore(self, entry_id: str, *, keeps_state: bool = False) -> str:
        """Bring a removed file back without its state; return the id it has now (a new one, as after a move).

        `keeps_state`: as a real server does, which finds the state again by the guid.
        """
        old = self._removed.pop(entry_id)
        item = self.library.bring_back(old)
        if keeps_state:
            self._server.states.carry_over(old, item)
        else:
            self._server.states.forget(old)
        return item.rating_key

    def trash(self, entry_id: str) -> None:
        """Let a file go missing, as an unplugged disk does: its entry stays listed, as deleted."""
        self._item(entry_id).deleted_at = self._server.now()
        self.library.touch(self._item(entry_id))

    def untrash(self, entry_id: str) -> None:
        """Let a missing file be found again: same id, same state."""
        self._item(entry_id).deleted_at = None
        self.library.touch(self._item(entry_id))

    def replace_file(self, entry_id: str) -> None:
        """Replace the file behind an entry: same id, new added date, state lost."""
        item = self._item(entry_id)
        self._server.states.forget(item)
        item.added_at = self._server.now()
        self.library.touch(item)

    def reidentify(self, entry_id: str, ids: dict[str, str]) -> None:
        """Change the entry's own provider ids, as a re-match in the server's UI does."""
        self.library.rename(self._item(entry_id), _lower_case(ids))

    def entry_ids(self) -> list[str]:
        """Return the ids of all movies and episodes that are there."""
        items = self.library.items.values()
        return [item.rating_key for item in items if item.kind in {"movie", "episode"} and item.deleted_at is None]

    # The installation

    def change_machine(self) -> None:
        """Become another installation behind the same URL: a new machine id, and nobody has watched anything."""
        self._machines += 1
        self.machine_id = self._server.machine_id = self._server.make_machine_id(str(self._machines))
        self._server.states.forget_everything()
        self._server.sessions.clear()
        self._server.history.clear()

    # Play states

    def state(self, user_id: str, entry_id: str) -> PlayState:
        """Return the state that the server shows this user."""
        state = self._server.states.read(self._account(user_id), self._item(entry_id))
        return PlayState(
            watched=state.view_count > 0,
            position_ms=state.view_offset or 0,
            play_count=state.view_count,
            watched_at=(state.last_viewed_at or 0) * SECOND,
        )

    def watch(self, user_id: str, entry_id: str, *, at: int | None = None) -> None:
        """Mark it watched. The server knows no other date than now: with `at`, the mark was made then."""
        at_seconds = None if at is None else at // SECOND
        self._server.states.scrobble(self._account(user_id), self._item(entry_id), at_seconds)

    def unwatch(self, user_id: str, entry_id: str) -> None:
        """Mark it unwatched."""
        self._server.states.unscrobble(self._account(user_id), self._item(entry_id))

    def set_state(
        self, user_id: str, entry_id: str, *, play_count: int = 0, position_ms: int | None = None, at: int | None = None
    ) -> None:
        """Write the state itself, as an old database or the cloud may have it; `at` None: no date (else ms)."""
        state = self._server.states.change(self._account(user_id), self._item(entry_id))
        state.view_count, state.view_offset = play_count, position_ms
        state.last_viewed_at = None if at is None else at // SECOND

    def start(self, user_id: str, entry_id: str) -> None:
        """Start playing it, from the position that is known."""
        account, item = self._account(user_id), self._item(entry_id)
        position = self._server.states.read(account, item).view_offset or 0
        self._report(account, item, "playing", position)

    def progress(self, user_id: str, entry_id: str, *, position_ms: int) -> None:
        """Let the player report how far the person has got."""
        self._report(self._account(user_id), self._item(entry_id), "playing", position_ms)

    def stop(self, user_id: str, entry_id: str, *, position_ms: int | None) -> None:
        """Stop at a position; None: at the end. The player has reported on the way there."""
        account, item = self._account(user_id), self._item(entry_id)
        position = (item.runtime_ms or 0) if position_ms is None else position_ms
        if position > SECOND:
            self._report(account, item, "playing", SECOND)
        self._report(account, item, "stopped", position)

    def drop_listeners(self) -> None:
        """Break the connections of all who listen, without a proper end."""
        self._app.live.drop()

    def play_live(self, user_id: str, title: str) -> None:
        """Start watching television."""
        account = self._account(user_id)
        programme = Item(
            rating_key="1000000000",
            kind="movie",
            section_key="",
            title=title,
            guid="tv.plex.xmltv://movie/live",
            added_at=None,
            updated_at=self._server.now(),
        )
        session = self._server.open_session(account, _BROWSER, "live", programme)
        session.is_live, session.state = True, "playing"

    def _report(self, account: Account, item: Item, state: str, position_ms: int) -> None:
        report = Report(
            client_id=f"{_BROWSER}-of-{account.account_id}",
            client_session=item.rating_key,
            state=state,
            time_ms=position_ms,
            duration_ms=item.runtime_ms or 0,
        )
        self._playback.report(account, item, report)

    def _account(self, user_id: str) -> Account:
        return self.people.accounts[user_id]

    def _item(self, entry_id: str) -> Item:
        return self.library.items[entry_id]


def _spelled(title: Title) -> Title:
    """Return a title with the names of its providers as Plex writes them."""
    return replace(title, ids=_lower_case(title.ids), show_ids=_lower_case(title.show_ids))


def _lower_case(ids: dict[str, str]) -> dict[str, str]:
    return {provider.lower(): value for provider, value in ids.items()}
