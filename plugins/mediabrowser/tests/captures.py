"""Comparing answers with captured ones: not their values, but what kind of values they are."""

import re
from typing import Any

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,7}Z")
GUID = re.compile(r"[0-9a-f]{32}")


def shape(value: Any) -> Any:
    """Reduce a value to its type, and texts to what kind of text they are."""
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "date" if DATE.fullmatch(value) else "guid" if GUID.fullmatch(value) else "text"
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return {name: shape(inner) for name, inner in value.items()}


def same_shapes(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the common properties that differ in shape; an empty list is like any list."""
    found = {}
    for name in ours.keys() & theirs.keys():
        mine, captured = shape(ours[name]), shape(theirs[name])
        if mine != captured and [] not in (mine, captured) and not isinstance(mine, dict):
            found[name] = (mine, captured)
    return found
