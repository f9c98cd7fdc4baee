"""How plex.tv prints an answer of its second API: one document, as JSON or as XML."""

import json
from typing import Any, NoReturn

from watchstate_plex.simulator.asgi import Answer, Refusal, Request
from watchstate_plex.simulator.wire import Element, print_xml

_JSON = "application/json; charset=utf-8"
_XML = "application/xml; charset=utf-8"


def document(request: Request, name: str, value: object, status: int = 200) -> Answer:
    """Answer with a document; `name` is the root's in XML."""
    if request.wants_json:
        return Answer(status=status, body=json.dumps(value).encode(), content_type=_JSON)
    return xml(_element(name, value), status)


def xml(element: Element, status: int = 200) -> Answer:
    """Answer in XML, as the first API always does."""
    return Answer(status=status, body=print_xml(element), content_type=_XML)


def refuse(
    request: Request, status: int, code: int, message: str, headers: tuple[tuple[str, str], ...] = ()
) -> NoReturn:
    """Refuse with an error of plex.tv."""
    answer = document(request, "errors", [{"code": code, "message": message, "status": status}], status)
    if request.wants_json:
        answer.body = b'{"errors":' + answer.body + b"}"
    answer.headers = headers
    raise Refusal(answer)


def _element(name: str, value: object) -> Element:
    if isinstance(value, list):
        return Element(name=name, attributes={}, children=[_element(name.removesuffix("s"), each) for each in value])
    if not isinstance(value, dict):
        return Element(name=name, attributes={"id": value})
    attributes: dict[str, Any] = {}
    children: list[Element] = []
    for key, inner in value.items():
        if isinstance(inner, dict | list):
            children.append(_element(key, inner))
        else:
            attributes[key] = "" if inner is None else inner
    return Element(name=name, attributes=attributes, children=children)
