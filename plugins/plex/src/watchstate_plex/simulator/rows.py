"""Items as rows of an answer, with the state of the account that asks."""

from typing import Any

from msgspec import Struct

from watchstate_plex.simulator.records import Account, Item, Medium, Section
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element

_ELEMENTS = {"movie": "Video", "episode": "Video", "clip": "Video", "track": "Track", "photo": "Photo"}
_HOISTED = ("grandparentRatingKey", "grandparentTitle", "grandparentThumb", "parentIndex", "parentTitle")
_SEASON_NAMES = ("parentRatingKey", "parentKey", "parentTitle", "parentThumb", "parentGuid")


class View(Struct, frozen=True, kw_only=True):
    """Who looks, and at how much."""

    account: Account
    with_guids: bool = False
    is_detail: bool = False
    names_section: bool = False
    """Rows tell their section, which the container of a section's listing tells for all of them."""
    is_hoisted: bool = False
    with_extras: bool = False


def row(server: Server, item: Item, view: View) -> Element:
    """Return an item as a row."""
    attributes: dict[str, Any] = {"ratingKey": item.rating_key, "key": _key(item)}
    parents = _parents(server, item)
    attributes |= _parent_keys(parents)
    attributes |= {"guid": item.guid} | _parent_guids(parents)
    attributes |= {"slug": _slug(server, item)}
    attributes |= {"type": item.kind, "title": item.title}
    attributes |= _parent_names(parents)
    if view.is_detail or view.names_section:
        attributes |= _section_names(server.library.sections[item.section_key], item)
    attributes |= {"editionTitle": item.edition, "summary": "", "index": item.index}
    attributes |= _parent_numbers(parents)
    attributes |= _state(server, view.account, item)
    attributes |= {"year": item.year} | _pictures(item, parents)
    attributes |= {
        "duration": item.runtime_ms,
        "originallyAvailableAt": item.released,
        **_counts(server, view.account, item),
        "addedAt": item.added_at,
        "updatedAt": item.updated_at,
        "deletedAt": item.deleted_at,
        **_oddities(item),
    }
    _take_away(server, view, item, attributes)
    return Element(
        name=_ELEMENTS.get(item.kind, "Directory"),
        attributes=attributes,
        children=_children(server, item, view),
        group="Metadata",
    )


def _key(item: Item) -> str:
    path = f"/library/metadata/{item.rating_key}"
    return f"{path}/children" if item.kind in {"show", "season", "artist", "album"} else path


def _parents(server: Server, item: Item) -> list[Item]:
    """Return the season and show of an episode, the show of a season."""
    found: list[Item] = []
    parent = server.library.parent(item)
    while parent is not None:
        found.append(parent)
        parent = server.library.parent(parent)
    return found


def _prefixed(parents: list[Item], name: str, values: list[Any]) -> dict[str, Any]:
    return {f"{prefix}{name}": value for prefix, _, value in zip(_PREFIXES, parents, values, strict=False)}


_PREFIXES = ("parent", "grandparent")


def _parent_keys(parents: list[Item]) -> dict[str, Any]:
    return _prefixed(parents, "RatingKey", [each.rating_key for each in parents])


def _parent_guids(parents: list[Item]) -> dict[str, Any]:
    return _prefixed(parents, "Guid", [each.guid for each in parents])


def _parent_names(parents: list[Item]) -> dict[str, Any]:
    keys = _prefixed(parents, "Key", [f"/library/metadata/{each.rating_key}" for each in parents])
    return dict(reversed(keys.items())) | dict(
        reversed(_prefixed(parents, "Title", [each.title for each in parents]).items())
    )


def _parent_numbers(parents: list[Item]) -> dict[str, Any]:
    return {"parentIndex": parents[0].index, "parentYear": parents[0].year} if parents else {}


def _slug(server: Server, item: Item) -> str | None:
    if not server.rules.decorates_rows or item.kind not in {"movie", "show"} or not item.guid.startswith("plex://"):
        return None
    return "-".join(word for word in item.title.lower().split() if word.isalnum()) or None


def _section_names(section: Section, item: Item) -> dict[str, Any]:
    if item.kind == "clip":
        return {}
    return {
        "librarySectionTitle": section.title,
        "librarySectionID": int(section.key),
        "librarySectionKey": f"/library/sections/{section.key}",
    }


def _state(server: Server, account: Account, item: Item) -> dict[str, Any]:
    state = server.states.read(account, item)
    return {
        "userRating": state.user_rating,
        "viewOffset": state.view_offset,
        "lastRatedAt": state.last_rated_at,
        "viewCount": state.view_count or None,
        "lastViewedAt": state.last_viewed_at,
    }


def _pictures(item: Item, parents: list[Item]) -> dict[str, Any]:
    own = {"thumb": _picture(item, "thumb"), "art": _picture(parents[-1] if parents else item, "art")}
    thumbs = _prefixed(parents, "Thumb", [_picture(each, "thumb") for each in parents])
    return own | thumbs | ({"grandparentArt": _picture(parents[1], "art")} if len(parents) > 1 else {})


def _picture(item: Item, name: str) -> str:
    return f"/library/metadata/{item.rating_key}/{name}/{item.updated_at}"


def _counts(server: Server, account: Account, item: Item) -> dict[str, Any]:
    if item.kind not in {"show", "season"}:
        return {}
    viewed, total = server.states.count_viewed(account, item)
    counts: dict[str, Any] = {"leafCount": total, "viewedLeafCount": viewed}
    return counts | ({"childCount": len(server.library.children(item.rating_key))} if item.kind == "show" else {})


def _oddities(item: Item) -> dict[str, Any]:
    if item.is_recording:
        return {"oneShot": "1"}
    if item.kind == "clip":
        return {"subtype": "trailer", "extraType": 1}
    return {}


def _take_away(server: Server, view: View, item: Item, attributes: dict[str, Any]) -> None:
    if item.kind == "episode" and server.switches.hides_seasons:
        for name in _SEASON_NAMES:
            attributes.pop(name, None)
        attributes["skipParent"] = True
    if item.kind == "episode" and server.switches.omits_show_keys:
        attributes.pop("grandparentRatingKey", None)
    if view.is_hoisted:
        for name in _HOISTED if item.kind == "episode" else ("parentTitle", "parentIndex"):
            attributes.pop(name, None)


def _children(server: Server, item: Item, view: View) -> list[Element]:
    children = [_medium(item, medium) for medium in item.media]
    if server.rules.decorates_rows and item.kind in {"movie", "show"}:
        children.append(Element(name="Image", attributes={"alt": item.title, **_cover(item)}))
    if item.is_recording:
        children.append(Element(name="Channel", attributes={"id": 1, "tag": "001 SIM"}))
    if view.with_guids or view.is_detail:
        children += [Element(name="Guid", attributes={"id": each}) for each in item.external_ids]
    if view.is_detail and item.kind == "show":
        path = f"/media/{server.library.sections[item.section_key].title}/{item.title}"
        children.append(Element(name="Location", attributes={"path": path}))
    if view.with_extras and (extras := server.library.extras(item)):
        rows = [row(server, extra, View(account=view.account)) for extra in extras]
        children.append(Element(name="Extras", attributes={"size": len(rows)}, children=rows, is_single=True))
    return children


def _cover(item: Item) -> dict[str, Any]:
    return {"type": "coverPoster", "url": _picture(item, "thumb")}


def _medium(item: Item, medium: Medium) -> Element:
    format_ = medium.parts[0].path.rpartition(".")[2]
    parts = [
        Element(
            name="Part",
            attributes={
                "id": part.part_id,
                "key": f"/library/parts/{part.part_id}/{item.added_at or 0}/file.{format_}",
                "duration": item.runtime_ms,
                "file": part.path,
                "size": 1_000_000_000,
                "container": format_,
                "videoProfile": "high",
            },
        )
        for part in medium.parts
    ]
    attributes = {
        "id": medium.media_id,
        "duration": item.runtime_ms,
        "bitrate": 3250,
        "width": 1280,
        "height": 720,
        "aspectRatio": 1.78,
        "audioChannels": 2,
        "audioCodec": "aac",
        "videoCodec": "h264",
        "videoResolution": "720",
        "container": format_,
        "videoFrameRate": "24p",
        "videoProfile": "high",
    }
    return Element(name="Media", attributes=attributes, children=parts)
