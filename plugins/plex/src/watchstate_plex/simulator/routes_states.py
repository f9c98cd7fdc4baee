"""Changing play states: marks, reports of players, ratings."""

import re

from watchstate_plex.simulator.asgi import Answer, Caller, Request, refuse
from watchstate_plex.simulator.notices import Notices
from watchstate_plex.simulator.paging import answer
from watchstate_plex.simulator.playback import PLAYER_STATES, Playback, Report
from watchstate_plex.simulator.records import Item
from watchstate_plex.simulator.routes_library import IDENTIFIER, visible_item
from watchstate_plex.simulator.routing import Route
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import container

_ITEM_PATH = re.compile(r"/library/metadata/(\d+)$")


class StateRoutes:
    """The routes that need more than the server's memory."""

    def __init__(self, server: Server, playback: Playback, notices: Notices) -> None:
        self._playback = playback
        self._notices = notices
        marks = ("GET", "PUT") if server.rules.accepts_put else ("GET",)
        self.routes = [
            Route(pattern="/:/scrobble", handle=self._scrobble, methods=marks, is_write=True),
            Route(pattern="/:/unscrobble", handle=self._unscrobble, methods=marks, is_write=True),
            Route(pattern="/:/timeline", handle=self._timeline, methods=("GET", "POST"), is_write=True),
            Route(pattern="/:/progress", handle=self._progress, methods=("GET", "PUT"), access="home", is_write=True),
            Route(pattern="/:/rate", handle=self._rate, methods=("GET", "PUT")),
            Route(pattern="/actions/removeFromContinueWatching", handle=_hide, methods=("PUT",)),
        ]

    def _scrobble(self, server: Server, request: Request, caller: Caller) -> Answer:
        item = _marked_item(server, request, caller)
        server.states.scrobble(caller.account, item)
        if server.rules.marks_make_history:
            for leaf in server.library.leaves(item):
                server.record_play(caller.account, leaf)
        return self._marked(server, item)

    def _unscrobble(self, server: Server, request: Request, caller: Caller) -> Answer:
        item = _marked_item(server, request, caller)
        server.states.unscrobble(caller.account, item)
        return self._marked(server, item)

    def _marked(self, server: Server, item: Item) -> Answer:
        if server.switches.refresh_activity:
            self._notices.refreshed(item)
        return Answer()

    def _timeline(self, server: Server, request: Request, caller: Caller) -> Answer:
        path = _ITEM_PATH.search(request.text("key") or "")
        item = visible_item(server, caller.account, request.text("ratingKey") or (path[1] if path else None))
        time, duration, state = request.number("time"), request.number("duration"), request.text("state")
        if state is not None and state not in PLAYER_STATES:
            refuse(400)
        if caller.client_id is None or duration is None or time is None or state is None:
            return answer(request, container({}, []))
        if time > duration and server.switches.refuses_beyond_end:
            refuse(400)
        report = Report(
            client_id=caller.client_id,
            client_session=caller.client_session,
            state=state,
            time_ms=time,
            duration_ms=duration,
            is_offline=request.flag("offline"),
            updated_at=request.number("updated"),
        )
        self._playback.report(caller.account, item, report)
        kept = server.states.read(caller.account, item)
        attributes = {
            "playbackState": "progress",
            "skipCount": 0,
            "viewCount": kept.view_count,
            "viewOffset": kept.view_offset or 0,
        }
        return answer(request, container(attributes, []))

    def _progress(self, server: Server, request: Request, caller: Caller) -> Answer:
        item = _marked_item(server, request, caller)
        time = request.number("time")
        if time is None:
            refuse(400)
        self._playback.progress(caller.account, item, time)
        return Answer()

    def _rate(self, server: Server, request: Request, caller: Caller) -> Answer:
        item = _marked_item(server, request, caller)
        try:
            rating = float(request.text("rating") or "")
        except ValueError:
            refuse(400)
        rated_at = request.number("ratedAt")
        if not (0 <= rating <= 10 or rating == -1) or (rated_at or 0) > server.now():
            refuse(400)
        server.states.rate(caller.account, item, None if rating == -1 else rating, rated_at)
        self._notices.rated(caller.account.account_id, item, rating)
        return Answer()


def _marked_item(server: Server, request: Request, caller: Caller) -> Item:
    """Return the item that is named by its key, or by the address that carries it."""
    address = _ITEM_PATH.search(request.text("uri") or "")
    key, identifier = request.text("key") or (address[1] if address else None), request.text("identifier")
    if key is None or identifier is None:
        refuse(400)
    if identifier != IDENTIFIER:
        refuse(404)
    return visible_item(server, caller.account, key)


def _hide(server: Server, request: Request, caller: Caller) -> Answer:
    visible_item(server, caller.account, request.text("ratingKey"))
    return Answer()
