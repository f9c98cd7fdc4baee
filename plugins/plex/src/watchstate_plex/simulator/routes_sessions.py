"""What is being played, and what was."""

from typing import Any

from watchstate_plex.simulator.asgi import Answer, Caller, Request, refuse
from watchstate_plex.simulator.paging import answer, cut
from watchstate_plex.simulator.records import Play, Session
from watchstate_plex.simulator.routing import Route
from watchstate_plex.simulator.rows import View, row
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element, container

_ELEMENTS = {"track": "Track", "photo": "Photo"}


def _sessions(server: Server, request: Request, _caller: Caller) -> Answer:
    return answer(request, container({}, [_session(server, each) for each in server.sessions.values()]))


def _session(server: Server, session: Session) -> Element:
    account = session.account
    shown = row(server, session.item, View(account=account, names_section=True))
    shown.attributes |= {"sessionKey": str(session.session_key), "viewOffset": session.offset_ms}
    if session.is_live:
        shown.attributes |= {"key": f"/livetv/sessions/{session.session_id}", "live": "1"}
    user = {"id": account.account_id, "thumb": account.avatar, "title": account.name}
    player = {
        "address": "192.0.2.9",
        "local": True,
        "machineIdentifier": session.client_id,
        "platform": "Chrome",
        "product": "Plex Web",
        "relayed": False,
        "secure": True,
        "state": session.state,
        "title": "Chrome",
        "userID": int(account.account_id),
    }
    playback = {"id": session.session_id, "bandwidth": 7000, "location": "lan"}
    shown.children += [
        Element(name="User", attributes=user, is_single=True),
        Element(name="Player", attributes=player, is_single=True),
        Element(name="Session", attributes=playback, is_single=True),
    ]
    return shown


def _history(server: Server, request: Request, caller: Caller) -> Answer:
    found = [each for each in server.history if _fits(server, request, caller, each)]
    match request.text("sort"):
        case "viewedAt:desc":
            found.sort(key=lambda play: play.viewed_at, reverse=True)
        case _:
            found.sort(key=lambda play: play.viewed_at)
    page = cut(server, request, found, may_be_whole=True)
    rows = [_play(server, each) for each in page.rows]
    listing = Element(name="MediaContainer", attributes={"size": len(rows), **page.attributes}, children=rows)
    return answer(request, listing, page.headers)


def _fits(server: Server, request: Request, caller: Caller, play: Play) -> bool:
    account_id, since, after = request.number("accountID"), request.number("viewedAt>"), request.number("viewedAt>>")
    section, item = request.text("librarySectionID"), request.text("metadataItemID")
    return (
        (caller.account.is_owner or play.account_id == caller.account.account_id)
        and (account_id is None or play.account_id == str(account_id))
        and (since is None or play.viewed_at >= since)
        and (after is None or play.viewed_at > after)
        and (section is None or play.item.section_key == section)
        and (item is None or item in {each.rating_key for each in (play.item, *server.library.ancestors(play.item))})
    )


def _play(server: Server, play: Play) -> Element:
    item = play.item
    attributes: dict[str, Any] = {"historyKey": f"/status/sessions/history/{play.number}"}
    is_there = server.library.items.get(item.rating_key) is item
    if is_there:
        attributes |= {"key": f"/library/metadata/{item.rating_key}", "ratingKey": item.rating_key}
    attributes["librarySectionID"] = item.section_key
    parents = server.library.ancestors(item)
    for prefix, parent in zip(("parent", "grandparent"), parents, strict=False):
        attributes[f"{prefix}Key"] = f"/library/metadata/{parent.rating_key}"
    attributes["title"] = item.title
    if len(parents) > 1:
        attributes["grandparentTitle"] = parents[-1].title
    attributes["type"] = item.kind
    if is_there:
        attributes["thumb"] = f"/library/metadata/{item.rating_key}/thumb/{item.updated_at}"
    attributes |= {
        "index": item.index if item.kind == "episode" else None,
        "parentIndex": parents[0].index if parents else None,
        "originallyAvailableAt": item.released,
        "viewedAt": play.viewed_at,
        "accountID": int(play.account_id),
        "deviceID": 1,
    }
    return Element(name=_ELEMENTS.get(item.kind, "Video"), attributes=attributes, group="Metadata")


def _forget(server: Server, request: Request, _caller: Caller) -> Answer:
    kept = [each for each in server.history if str(each.number) != request.params["number"]]
    if len(kept) == len(server.history):
        refuse(404)
    server.history = kept
    return Answer()


ROUTES = [
    Route(pattern="/status/sessions", handle=_sessions, access="owner"),
    Route(pattern="/status/sessions/history/all", handle=_history),
    Route(pattern="/status/sessions/history/{number}", handle=_forget, methods=("DELETE",), access="owner"),
]
