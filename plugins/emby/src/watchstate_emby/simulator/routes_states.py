"""Play states: marks, user data, favourites, and the reports of players."""

from msgspec import Struct

from watchstate_emby.simulator.asgi import Request, refuse_null, refuse_unhandled
from watchstate_emby.simulator.auth import acting_user
from watchstate_emby.simulator.body import Fields
from watchstate_emby.simulator.dto import user_data_dto
from watchstate_emby.simulator.routes_library import visible_item
from watchstate_emby.simulator.server import EmbyServer
from watchstate_emby.simulator.states import SentState
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.records import Item, User
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.states import Patch
from watchstate_mediabrowser.simulator.wire import read_played_date


def _mark(server: EmbyServer, request: Request) -> Answer:
    user, item = _target(server, request)
    server.states.mark_played(user, item, _read_played_at(request))
    return Answer(value=user_data_dto(server, user, item))


def _unmark(server: EmbyServer, request: Request) -> Answer:
    user, item = _target(server, request)
    server.states.mark_unplayed(user, item)
    return Answer(value=user_data_dto(server, user, item))


def _write(server: EmbyServer, request: Request) -> Answer:
    user, item = _target(server, request)
    fields = Fields(request)
    sent = SentState(
        played=fields.flag("Played"),
        position_ticks=fields.number("PlaybackPositionTicks"),
        is_favorite=fields.flag("IsFavorite"),
        play_count=fields.number("PlayCount"),
        last_played=fields.date("LastPlayedDate"),
        rating=fields.fraction("Rating"),
    )
    server.states.overwrite(user, item, sent)
    return nothing(server.rules.user_data_status)


def _favour(server: EmbyServer, request: Request) -> Answer:
    return _set_favorite(server, request, wanted=True)


def _unfavour(server: EmbyServer, request: Request) -> Answer:
    return _set_favorite(server, request, wanted=False)


def _set_favorite(server: EmbyServer, request: Request, *, wanted: bool) -> Answer:
    user, item = _target(server, request)
    server.states.patch(user, item, Patch(is_favorite=wanted))
    return Answer(value=user_data_dto(server, user, item))


def _target(server: EmbyServer, request: Request) -> tuple[User, Item]:
    user = acting_user(server, request)
    if user is None:
        refuse_unhandled()
    return user, visible_item(server, user, request.id("Id"))


def _read_played_at(request: Request) -> int | None:
    value = request.text("DatePlayed")
    try:
        return None if value is None else read_played_date(value)
    except ValueError:
        request.refuse_value("DatePlayed", value or "")


class _Report(Struct, frozen=True, kw_only=True):
    """What a player says."""

    item_id: str | None
    media_source_id: str | None
    play_session_id: str | None
    position_ticks: int | None
    is_paused: bool = False
    can_seek: bool = False
    play_method: str | None = None
    has_failed: bool = False


def _read_report(request: Request) -> _Report:
    fields = Fields(request)
    return _Report(
        item_id=fields.text("ItemId"),
        media_source_id=fields.text("MediaSourceId"),
        play_session_id=fields.text("PlaySessionId"),
        position_ticks=fields.number("PositionTicks"),
        is_paused=bool(fields.flag("IsPaused")),
        can_seek=bool(fields.flag("CanSeek")),
        play_method=fields.text("PlayMethod"),
        has_failed=bool(fields.flag("Failed")),
    )


def _read_short_report(request: Request) -> _Report:
    return _Report(
        item_id=request.id("Id"),
        media_source_id=request.text("MediaSourceId"),
        play_session_id=request.text("PlaySessionId"),
        position_ticks=request.number("PositionTicks", bits=64),
        is_paused=bool(request.flag("IsPaused")),
        can_seek=bool(request.flag("CanSeek")),
        play_method=request.text("PlayMethod"),
    )


def _started(server: EmbyServer, request: Request) -> Answer:
    return _take_play(server, request, _read_report(request), begins=True)


def _progressed(server: EmbyServer, request: Request) -> Answer:
    return _take_play(server, request, _read_report(request), begins=False)


def _stopped(server: EmbyServer, request: Request) -> Answer:
    return _take_stop(server, request, _read_report(request))


def _started_short(server: EmbyServer, request: Request) -> Answer:
    return _take_play(server, request, _read_short_report(request), begins=True)


def _progressed_short(server: EmbyServer, request: Request) -> Answer:
    return _take_play(server, request, _read_short_report(request), begins=False)


def _stopped_short(server: EmbyServer, request: Request) -> Answer:
    return _take_stop(server, request, _read_short_report(request))


def _check_session(report: _Report) -> None:
    """Refuse a report that belongs to no play session, as was seen of progress; the others are taken to be alike."""
    if not report.play_session_id or not report.media_source_id:
        refuse_null("key")


def _take_play(server: EmbyServer, request: Request, report: _Report, *, begins: bool) -> Answer:
    _check_session(report)
    item = server.library.items.get(report.item_id or "")
    session = server.touch_session(request.caller, request.caller.user_id)
    session.play(
        item,
        report.position_ticks,
        now=server.now(),
        media_source_id=report.media_source_id,
        is_paused=report.is_paused,
    )
    session.can_seek, session.play_method = report.can_seek, report.play_method
    user = server.users.get(session.user_id or "")
    if item is not None and user is not None:
        if begins:
            server.states.start(user, item)
        else:
            server.states.progress(user, item, report.position_ticks)
    return nothing()


def _take_stop(server: EmbyServer, request: Request, report: _Report) -> Answer:
    """End a play; one that has ended already ends no more."""
    _check_session(report)
    session = server.touch_session(request.caller, request.caller.user_id)
    user, item = server.users.get(session.user_id or ""), server.library.items.get(report.item_id or "")
    is_playing = item is not None and session.playing_id == item.item_id
    session.stop()
    if item is not None and user is not None and is_playing and not report.has_failed:
        server.states.stop(user, item, report.position_ticks)
    return nothing()


ROUTES = [
    Route(method="POST", pattern="/Users/{UserId}/PlayedItems/{Id}", handle=_mark, is_write=True),
    Route(method="DELETE", pattern="/Users/{UserId}/PlayedItems/{Id}", handle=_unmark, is_write=True),
    Route(method="POST", pattern="/Users/{UserId}/PlayedItems/{Id}/Delete", handle=_unmark, is_write=True),
    Route(method="POST", pattern="/Users/{UserId}/Items/{Id}/UserData", handle=_write, is_write=True),
    Route(method="POST", pattern="/Users/{UserId}/FavoriteItems/{Id}", handle=_favour),
    Route(method="DELETE", pattern="/Users/{UserId}/FavoriteItems/{Id}", handle=_unfavour),
    Route(method="POST", pattern="/Users/{UserId}/FavoriteItems/{Id}/Delete", handle=_unfavour),
    Route(method="POST", pattern="/Sessions/Playing", handle=_started, is_write=True),
    Route(method="POST", pattern="/Sessions/Playing/Progress", handle=_progressed, is_write=True),
    Route(method="POST", pattern="/Sessions/Playing/Stopped", handle=_stopped, is_write=True),
    Route(method="POST", pattern="/Users/{UserId}/PlayingItems/{Id}", handle=_started_short, is_write=True),
    Route(method="POST", pattern="/Users/{UserId}/PlayingItems/{Id}/Progress", handle=_progressed_short, is_write=True),
    Route(method="DELETE", pattern="/Users/{UserId}/PlayingItems/{Id}", handle=_stopped_short, is_write=True),
    Route(method="POST", pattern="/Users/{UserId}/PlayingItems/{Id}/Delete", handle=_stopped_short, is_write=True),
]
