"""Reading the library: sections, listings, single items, what is below them."""

from typing import Any

from msgspec.structs import replace

from watchstate_plex.simulator.asgi import Answer, Caller, Request, refuse
from watchstate_plex.simulator.finding import find
from watchstate_plex.simulator.meta import meta
from watchstate_plex.simulator.paging import answer, cut
from watchstate_plex.simulator.query import Order, Query, read_query
from watchstate_plex.simulator.records import Account, Item, Section
from watchstate_plex.simulator.routing import Route
from watchstate_plex.simulator.rows import row, view_of
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element, container

IDENTIFIER = "com.plexapp.plugins.library"
_COMMON = {
    "allowSync": True,
    "identifier": IDENTIFIER,
    "mediaTagPrefix": "/system/bundle/media/flags/",
    "mediaTagVersion": 1775731696,
}
_LEAF_KINDS = {"movie": "movie", "show": "episode", "artist": "track", "photo": "photo"}


def visible_item(server: Server, account: Account, rating_key: str | None) -> Item:
    """Return an item that an account may see, or refuse with 404."""
    item = server.library.items.get(rating_key or "")
    if item is None or not server.may_see(account, item):
        refuse(404)
    return item


def _visible_section(server: Server, account: Account, key: str) -> Section:
    section = server.library.sections.get(key)
    if section is None or (account.sections is not None and key not in account.sections):
        refuse(404)
    return section


def _sections(server: Server, request: Request, caller: Caller) -> Answer:
    shared = caller.account.sections
    shown = [each for each in server.library.sections.values() if shared is None or each.key in shared]
    attributes = {"allowSync": False, "title1": "Plex Library"}
    return answer(request, container(attributes, [_section(server, each) for each in shown]))


def _section(server: Server, section: Section) -> Element:
    now = server.now()
    attributes: dict[str, Any] = {
        "allowSync": True,
        "art": f"/:/resources/{section.kind}-fanart.jpg",
        "composite": f"/library/sections/{section.key}/composite/{now}",
        "filters": True,
        "refreshing": False,
        "thumb": f"/:/resources/{section.kind}.png",
        "key": section.key,
        "type": section.kind,
        "title": section.title,
        "agent": section.agent,
        "scanner": section.scanner,
        "language": "en-US" if section.agent.startswith("tv.") else "en",
        "uuid": section.uuid,
        "metadataAgentProviderGroupId": int(section.key) if server.rules.has_provider_groups else None,
        "updatedAt": section.created_at,
        "createdAt": section.created_at,
        "scannedAt": now,
        "content": True,
        "directory": True,
        "contentChangedAt": server.library.revision,
        "hidden": section.hidden,
    }
    location = Element(name="Location", attributes={"id": int(section.key), "path": f"/media/{section.title}"})
    return Element(name="Directory", attributes=attributes, children=[location])


def _listing(server: Server, request: Request, caller: Caller, query: Query) -> Answer:
    section = server.library.sections.get(query.section_key or "")
    found = find(server, caller.account, query)
    page = cut(server, request, found)
    view = view_of(request, caller.account, names_section=section is None)
    rows = [row(server, item, view) for item in page.rows]
    lead = [meta(section, query.kind)] if section is not None and request.flag("includeMeta") else []
    attributes = {"size": len(rows), **page.attributes, **_COMMON, **_titles(section, query.kind)}
    listing = Element(name="MediaContainer", attributes=attributes, children=[*lead, *rows])
    if server.switches.shift_pages and page.is_first_of_several:
        server.switches.shift_pages -= 1
        server.add_before(page.rows[0])
    return answer(request, listing, page.headers)


def _titles(section: Section | None, kind: str) -> dict[str, Any]:
    if section is None:
        return {}
    return {
        "art": f"/:/resources/{section.kind}-fanart.jpg",
        **_section_names(section),
        "nocache": None if section.kind == "movie" else True,
        "thumb": f"/:/resources/{section.kind}.png",
        "title1": section.title,
        "title2": f"All {kind.capitalize()}s",
        "viewGroup": kind,
        "viewMode": 65592,
    }


def _section_names(section: Section) -> dict[str, Any]:
    return {
        "librarySectionID": int(section.key),
        "librarySectionTitle": section.title,
        "librarySectionUUID": section.uuid,
    }


def _section_all(server: Server, request: Request, caller: Caller) -> Answer:
    section = _visible_section(server, caller.account, request.params["key"])
    return _listing(server, request, caller, read_query(request, section.key, section.kind))


def _section_leaves(server: Server, request: Request, caller: Caller) -> Answer:
    section = _visible_section(server, caller.account, request.params["key"])
    return _listing(server, request, caller, read_query(request, section.key, _LEAF_KINDS[section.kind]))


def _collections(server: Server, request: Request, caller: Caller) -> Answer:
    section = _visible_section(server, caller.account, request.params["key"])
    return _listing(server, request, caller, read_query(request, section.key, "collection"))


def _recently_added(server: Server, request: Request, caller: Caller) -> Answer:
    section = _visible_section(server, caller.account, request.params["key"])
    query = read_query(request, section.key, _LEAF_KINDS[section.kind])
    return _listing(server, request, caller, replace(query, order=(Order("", "addedAt", is_descending=True),)))


def _all(server: Server, request: Request, caller: Caller) -> Answer:
    return _listing(server, request, caller, read_query(request, None, "movie"))


def _metadata(server: Server, request: Request, caller: Caller) -> Answer:
    asked = dict.fromkeys(request.words("ids"))
    known = [item for key in asked if (item := server.library.items.get(key)) is not None]
    found = [item for item in known if server.may_see(caller.account, item)]
    if not found or (server.switches.refuses_partial_batches and len(found) < len(asked)):
        refuse(404)
    view = view_of(request, caller.account, is_detail=True)
    sections = {item.section_key for item in found}
    names = _section_names(server.library.sections[sections.pop()]) if len(sections) == 1 else {}
    attributes = {**_COMMON, **names}
    return answer(request, container(attributes, [row(server, item, view) for item in found]))


def _refresh(_server: Server, _request: Request, _caller: Caller) -> Answer:
    return Answer()


def _library(_server: Server, request: Request, _caller: Caller) -> Answer:
    rows = [Element(name="Directory", attributes={"key": "sections", "title": "Library Sections"})]
    return answer(request, container({"allowSync": False, "title1": "Plex Library"}, rows))


ROUTES = [
    Route(pattern="/library", handle=_library, access="owner"),
    Route(pattern="/library/sections", handle=_sections),
    Route(pattern="/library/sections/all", handle=_sections),
    Route(pattern="/library/sections/{key}/all", handle=_section_all),
    Route(pattern="/library/sections/{key}/allLeaves", handle=_section_leaves),
    Route(pattern="/library/sections/{key}/collections", handle=_collections),
    Route(pattern="/library/sections/{key}/recentlyAdded", handle=_recently_added),
    Route(
        pattern="/library/sections/{key}/refresh",
        handle=_refresh,
        methods=("GET", "POST", "DELETE"),
        access="owner",
    ),
    Route(pattern="/library/all", handle=_all),
    Route(pattern="/library/metadata/{ids}", handle=_metadata),
]
