"""How the server prints an answer: one tree of elements, as XML or as JSON."""

import json
import re
from typing import Any
from xml.sax.saxutils import escape

from msgspec import Struct, field

_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_QUOTING = {'"': "&quot;", "\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Element(Struct, kw_only=True):
    """An element with attributes and children. An attribute that is None is left out."""

    name: str
    """What it is called in XML."""
    attributes: dict[str, Any]
    children: list["Element"] = field(default_factory=list)
    group: str = ""
    """What the list of its kind is called in JSON, if not the same."""
    is_single: bool = False
    """JSON has it as an object and not as a list of one."""


def container(attributes: dict[str, Any], children: list[Element]) -> Element:
    """Return what every answer is: a container that tells how many rows it has."""
    return Element(name="MediaContainer", attributes={"size": len(children), **attributes}, children=children)


def print_json(element: Element, *, numbers_as_text: bool = False) -> bytes:
    """Print an answer as JSON."""
    value = {element.name: _value(element)}
    return json.dumps(_as_text(value) if numbers_as_text else value, ensure_ascii=False, separators=(",", ":")).encode()


def _value(element: Element) -> dict[str, Any]:
    value = {name: each for name, each in element.attributes.items() if each is not None}
    for child in element.children:
        name = child.group or child.name
        if child.is_single:
            value[name] = _value(child)
        else:
            value.setdefault(name, []).append(_value(child))
    return value


def _as_text(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def print_xml(element: Element) -> bytes:
    """Print an answer as XML."""
    return (_XML_HEAD + _markup(element)).encode()


def _markup(element: Element) -> str:
    words = "".join(f' {name}="{_attribute(value)}"' for name, value in element.attributes.items() if value is not None)
    if not element.children and element.name != "MediaContainer":
        return f"<{element.name}{words} />\n"
    inner = "".join(_markup(child) for child in element.children)
    return f"<{element.name}{words}>\n{inner}</{element.name}>\n"


def _attribute(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return _UNPRINTABLE.sub("", escape(str(value), _QUOTING))
