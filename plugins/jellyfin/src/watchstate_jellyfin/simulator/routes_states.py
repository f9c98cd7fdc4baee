"""Play states: marks, user data, favourites, and the reports of players."""

from watchstate_jellyfin.simulator.asgi import Request, refuse_text, refuse_words
from watchstate_jellyfin.simulator.auth import acting_user
from watchstate_jellyfin.simulator.body import Fields
from watchstate_jellyfin.simulator.dto import user_data_dto
from watchstate_jellyfin.simulator.routes_library import visible_item
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_mediabrowser.simulator.asgi import Answer, nothing
from watchstate_mediabrowser.simulator.records import Item, User
from watchstate_mediabrowser.simulator.routing import Route
from watchstate_mediabrowser.simulator.states import Patch
from watchstate_mediabrowser.simulator.wire import read_played_date


def _mark(server: JellyfinServer, request: Request) -> Answer:
    user, item = _target(server, request)
    at = _read_played_at(request)
    server.touch_session(request.caller, user.user_id)
    server.states.mark_played(user, item, at)
    return Answer(value=user_data_dto(server, user, item))


def _unmark(server: JellyfinServer, request: Request) -> Answer:
    user, item = _target(server, request)
    server.touch_session(request.caller, user.user_id)
    server.states.mark_unplayed(user, item)
    return Answer(value=user_data_dto(server, user, item))


def _read(server: JellyfinServer, request: Request) -> Answer:
    user, item = _target(server, request)
    return Answer(value=user_data_dto(server, user, item))


def _write(server: JellyfinServer, request: Request) -> Answer:
    patch = _read_patch(request)
    user, item = _target(server, request)
    if not request.caller.is_admin and not user.may_change_preferences:
        refuse_words(403, "User is not allowed to update this item user data.")
    server.states.patch(user, item, patch)
    return Answer(value=user_data_dto(server, user, item))


def _favorite(server: JellyfinServer, request: Request) -> Answer:
    user, item = _target(server, request)
    server.states.patch(user, item, Patch(is_favorite=request.method == "POST"))
    return Answer(value=user_data_dto(server, user, item))


def _target(server: JellyfinServer, request: Request) -> tuple[User, Item]:
    item_id = request.id("itemId")
    user = acting_user(server, request)
    return user, visible_item(server, user, item_id)


def _read_played_at(request: Request) -> int | None:
    value = request.text("datePlayed")
    if value is None:
        return None
    try:
        return read_played_date(value)
    except ValueError:
        request.refuse_value("datePlayed", value)


def _read_patch(request: Request) -> Patch:
    fields = Fields(request, "userDataDto")
    return Patch(
        position_ticks=fields.number("PlaybackPositionTicks"),
        play_count=fields.number("PlayCount"),
        is_favorite=fields.flag("IsFavorite"),
        likes=fields.flag("Likes"),
        played=fields.flag("Played"),
        last_played=fields.date("LastPlayedDate"),
        rating=fields.fraction("Rating"),
    )


_BODIES = {"": "playbackStartInfo", "progress": "playbackProgressInfo", "stopped": "playbackStopInfo"}


def _report(server: JellyfinServer, request: Request) -> Answer:
    step = request.path.rstrip("/").rpartition("/")[2].lower().removeprefix("playing")
    fields = Fields(request, _BODIES[step])
    item_id, position = fields.guid("ItemId"), fields.number("PositionTicks")
    is_paused, has_failed = fields.flag("IsPaused"), fields.flag("Failed")
    if step == "stopped" and position is not None and position < 0:
        refuse_text(400)
    session = server.touch_session(request.caller, request.caller.user_id)
    item = server.library.items.get(item_id or "")
    if step == "stopped":
        session.stop()
    else:
        session.play(item, position, now=server.now(), is_paused=bool(is_paused))
        session.can_seek = bool(fields.flag("CanSeek"))
        session.play_method = fields.text("PlayMethod") or "Transcode"
    user = server.users.get(session.user_id or "")
    if item is not None and user is not None and not has_failed:
        if step == "":
            server.states.start(user, item)
        elif step == "progress":
            server.states.progress(user, item, position)
        else:
            server.states.stop(user, item, position)
    return nothing()


ROUTES = [
    Route(method=method, pattern=pattern, handle=handle, is_write=is_write)
    for method, handle, is_write, patterns in (
        ("POST", _mark, True, ("/UserPlayedItems/{itemId}", "/Users/{userId}/PlayedItems/{itemId}")),
        ("DELETE", _unmark, True, ("/UserPlayedItems/{itemId}", "/Users/{userId}/PlayedItems/{itemId}")),
        ("GET", _read, False, ("/UserItems/{itemId}/UserData", "/Users/{userId}/Items/{itemId}/UserData")),
        ("POST", _write, True, ("/UserItems/{itemId}/UserData", "/Users/{userId}/Items/{itemId}/UserData")),
        ("POST", _favorite, False, ("/UserFavoriteItems/{itemId}", "/Users/{userId}/FavoriteItems/{itemId}")),
        ("DELETE", _favorite, False, ("/UserFavoriteItems/{itemId}", "/Users/{userId}/FavoriteItems/{itemId}")),
        ("POST", _report, True, ("/Sessions/Playing", "/Sessions/Playing/Progress", "/Sessions/Playing/Stopped")),
    )
    for pattern in patterns
]
