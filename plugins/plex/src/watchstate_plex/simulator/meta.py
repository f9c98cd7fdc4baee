"""What a section tells about the ways to filter and sort it (`includeMeta=1`)."""

from watchstate_plex.simulator.records import Section
from watchstate_plex.simulator.wire import Element

_KINDS = {"movie": ("movie",), "show": ("show", "season", "episode"), "artist": ("artist", "album", "track")}
_NUMBERS = {"movie": 1, "show": 2, "season": 3, "episode": 4, "artist": 8, "album": 9, "track": 10, "photo": 13}
_FIELDS = {
    "title": ("Title", "string"),
    "year": ("Year", "integer"),
    "originallyAvailableAt": ("Release Date", "date"),
    "unmatched": ("Unmatched", "boolean"),
    "addedAt": ("Date Added", "date"),
    "viewCount": ("Plays", "integer"),
    "lastViewedAt": ("Last Played", "date"),
    "unwatched": ("Unplayed", "boolean"),
    "inProgress": ("In Progress", "boolean"),
    "trash": ("Trash", "boolean"),
}
_SORTS = {
    "titleSort": "Title",
    "originallyAvailableAt": "Release Date",
    "duration": "Duration",
    "addedAt": "Date Added",
    "lastViewedAt": "Date Viewed",
}
_OPERATORS = {
    "integer": {"=": "is", "!=": "is not", ">>=": "is greater than", "<<=": "is less than"},
    "string": {
        "=": "contains",
        "!=": "does not contain",
        "==": "is",
        "!==": "is not",
        "<=": "begins with",
        ">=": "ends with",
    },
    "boolean": {"=": "is true", "!=": "is false"},
    "date": {"<<=": "is before", ">>=": "is after"},
}


def meta(section: Section, active_kind: str) -> Element:
    """Return what a section tells about itself, for each kind of items in it."""
    types = [_type(section, kind, is_active=kind == active_kind) for kind in _KINDS.get(section.kind, (section.kind,))]
    operators = [_operators(kind, known) for kind, known in _OPERATORS.items()]
    return Element(name="Meta", attributes={}, children=[*types, *operators], is_single=True)


def _operators(kind: str, known: dict[str, str]) -> Element:
    children = [Element(name="Operator", attributes={"key": key, "title": title}) for key, title in known.items()]
    return Element(name="FieldType", attributes={"type": kind}, children=children)


def _type(section: Section, kind: str, *, is_active: bool) -> Element:
    scope = f"{kind}." if kind in {"show", "season", "episode"} else ""
    path = f"/library/sections/{section.key}"
    filters = [
        Element(
            name="Filter",
            attributes={
                "filter": f"{scope}{name}",
                "filterType": field_type,
                "key": f"{path}/{name}",
                "title": title,
                "type": "filter",
            },
        )
        for name, (title, field_type) in _FIELDS.items()
        if name in {"year", "unwatched", "inProgress", "unmatched"}
    ]
    sorts = [
        Element(
            name="Sort",
            attributes={
                "defaultDirection": "asc" if name == "titleSort" else "desc",
                "descKey": f"{name}:desc",
                "key": name,
                "title": title,
            },
        )
        for name, title in _SORTS.items()
    ]
    fields = [
        Element(name="Field", attributes={"key": f"{scope}{name}", "title": title, "type": field_type})
        for name, (title, field_type) in _FIELDS.items()
    ]
    attributes = {
        "key": f"{path}/all?type={_NUMBERS[kind]}",
        "type": kind,
        "title": f"{kind.capitalize()}s",
        "active": is_active,
    }
    return Element(name="Type", attributes=attributes, children=[*filters, *sorts, *fields])
