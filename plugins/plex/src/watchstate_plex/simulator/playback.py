"""What a player's reports do: sessions, positions, and the crossing of the point that counts as watched."""

from msgspec import Struct

from watchstate_plex.simulator.notices import Notices
from watchstate_plex.simulator.records import Account, Item, Session
from watchstate_plex.simulator.server import Server

PLAYER_STATES = ("playing", "paused", "buffering", "stopped")


class Report(Struct, frozen=True, kw_only=True):
    """What a player tells about itself."""

    client_id: str
    client_session: str = ""
    state: str
    time_ms: int
    duration_ms: int
    is_offline: bool = False
    """A client that was offline reports what happened then."""
    updated_at: int | None = None
    """When it happened, with `is_offline`."""


class Playback:
    """Takes the reports of players."""

    def __init__(self, server: Server, notices: Notices) -> None:
        self._server = server
        self._notices = notices

    def report(self, account: Account, item: Item, report: Report) -> None:
        """Take one report of a player."""
        if report.is_offline:
            self._take_offline(account, item, report)
            return
        session = self._server.open_session(account, report.client_id, report.client_session, item)
        before, session.state, session.offset_ms = session.state, report.state, report.time_ms
        if report.state == "stopped":
            del self._server.sessions[account.account_id, report.client_id, report.client_session]
        point = self._watched_point(item, report.duration_ms)
        has_crossed = session.is_armed and report.time_ms >= point
        session.is_armed = 0 < report.time_ms < point or (session.is_armed and not has_crossed)
        session.has_watched |= has_crossed
        if has_crossed:
            self._server.states.scrobble(account, item)
            self._server.record_play(account, item)
        elif not (session.has_watched and report.time_ms >= point):
            self._take_position(account, item, report.time_ms, point)
        self._notices.played(session)
        self._tell_webhooks(session, before, has_crossed=has_crossed)

    def _tell_webhooks(self, session: Session, before: str, *, has_crossed: bool) -> None:
        event = {
            ("", "playing"): "media.play",
            ("playing", "paused"): "media.pause",
            ("paused", "playing"): "media.resume",
        }.get((before, session.state))
        if event is not None:
            self._notices.happened(event, session)
        if has_crossed:
            self._notices.happened("media.scrobble", session)
        if session.state == "stopped":
            self._notices.happened("media.stop", session)

    def progress(self, account: Account, item: Item, time_ms: int) -> None:
        """Take a position without a session, as `/:/progress` does."""
        self._take_position(account, item, time_ms, self._watched_point(item, item.runtime_ms or 0))

    def _take_offline(self, account: Account, item: Item, report: Report) -> None:
        stored = self._server.states.read(account, item).last_viewed_at
        if report.updated_at is None or stored is None or report.updated_at >= stored:
            self._take_position(account, item, report.time_ms, self._watched_point(item, report.duration_ms))

    def _take_position(self, account: Account, item: Item, position_ms: int, point: int) -> None:
        is_late = position_ms >= point > 0 and not self._server.rules.keeps_late_positions
        if position_ms > self._server.prefs.minimum_progress_ms and not is_late:
            self._server.states.set_position(account, item, position_ms)

    def _watched_point(self, item: Item, reported_duration_ms: int) -> int:
        return self._server.prefs.watched_point(item, item.runtime_ms or reported_duration_ms, self._server.rules)
