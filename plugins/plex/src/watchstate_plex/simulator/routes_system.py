"""Who answers, how it is set, who lives there, and the search across everything."""

from typing import Any

from watchstate_plex.simulator.asgi import Answer, Caller, Request, refuse
from watchstate_plex.simulator.finding import find
from watchstate_plex.simulator.paging import answer
from watchstate_plex.simulator.prefs import list_settings
from watchstate_plex.simulator.query import Condition, Group, Query
from watchstate_plex.simulator.routing import Route
from watchstate_plex.simulator.rows import row, view_of
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element, container

_DIRECTORIES = ("activities", "butler", "clients", "devices", "hubs", "identity", "library", "playlists", "status")
_HUBS = {"movie": "Movies", "show": "Shows", "episode": "Episodes"}


def identity(server: Server, request: Request) -> Answer:
    """Answer who this is; nobody needs a token for that."""
    attributes = {
        "size": 0,
        "apiVersion": server.rules.api_version,
        "claimed": True,
        "machineIdentifier": server.machine_id,
        "version": server.rules.version,
    }
    return answer(request, container(attributes, []))


def _root(server: Server, request: Request, _caller: Caller) -> Answer:
    rows = [Element(name="Directory", attributes={"count": 1, "key": name, "title": name}) for name in _DIRECTORIES]
    attributes: dict[str, Any] = {
        "allowMediaDeletion": True,
        "allowSharing": True,
        "allowSync": True,
        "apiVersion": server.rules.api_version,
        "certificate": True,
        "eventStream": True,
        "friendlyName": server.name,
        "livetv": 7,
        "machineIdentifier": server.machine_id,
        "multiuser": True,
        "myPlex": True,
        "myPlexMappingState": "mapped",
        "myPlexSigninState": "ok",
        "myPlexSubscription": True,
        "myPlexUsername": server.people.owner.email,
        "ownerFeatures": "home,pass,webhooks",
        "platform": "Linux",
        "platformVersion": "6.17.0-23-generic",
        "transcoderVideo": True,
        "updatedAt": server.now(),
        "version": server.rules.version,
    }
    return answer(request, container(attributes, rows))


def _prefs(server: Server, request: Request, _caller: Caller) -> Answer:
    settings = list_settings(server.prefs, server.rules, server.name)
    return answer(request, container({}, [Element(name="Setting", attributes=each) for each in settings]))


def _accounts(server: Server, request: Request, _caller: Caller) -> Answer:
    names = {"0": ""} | {each.account_id: each.name for each in server.people.accounts.values()}
    rows = [
        Element(
            name="Account",
            attributes={
                "id": int(account_id),
                "key": f"/accounts/{account_id}",
                "name": name,
                "defaultAudioLanguage": "en",
                "autoSelectAudio": True,
                "defaultSubtitleLanguage": "en",
                "subtitleMode": 1,
                "thumb": "",
            },
        )
        for account_id, name in names.items()
    ]
    return answer(request, container({"identifier": "com.plexapp.system.accounts"}, rows))


def _search(server: Server, request: Request, caller: Caller) -> Answer:
    text = request.text("query")
    if text is None:
        refuse(400)
    limit = request.number("limit") or 3
    view = view_of(request, caller.account, names_section=True)
    has_title = Group(((Condition("", "title", "=", (text,)),),))
    hubs = []
    for kind, title in _HUBS.items():
        query = Query(section_key=request.text("sectionId"), kind=kind, filters=has_title)
        found = find(server, caller.account, query)
        attributes = {
            "hubKey": f"/library/sections/all?type={kind}",
            "type": kind,
            "hubIdentifier": kind,
            "size": len(found[:limit]),
            "more": len(found) > limit,
            "title": title,
        }
        rows = [row(server, item, view) for item in found[:limit]]
        hubs.append(Element(name="Hub", attributes=attributes, children=rows))
    return answer(request, container({"identifier": "com.plexapp.plugins.library"}, hubs))


ROUTES = [
    Route(pattern="/", handle=_root, access="owner"),
    Route(pattern="/:/prefs", handle=_prefs, access="owner"),
    Route(pattern="/accounts", handle=_accounts, access="owner"),
    Route(pattern="/hubs/search", handle=_search),
]
