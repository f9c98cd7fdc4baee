"""XML as plex.tv writes it for its older addresses: elements with attributes. Without document types and entities."""

from xml.parsers import expat

import msgspec

from watchstate.api import BackendProtocolError, HttpResponse


class Element(msgspec.Struct):
    """An element, its attributes, and what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = msgspec.field(default_factory=list)

    def each(self, tag: str) -> list["Element"]:
        """Return the elements of a kind that are directly in it."""
        return [child for child in self.children if child.tag == tag]


def read_markup(answer: HttpResponse) -> Element:
    """Return the outermost element of an answer.

    Raises:
        BackendProtocolError: it is no XML.
    """
    try:
        return parse(answer.content)
    except (expat.ExpatError, ValueError) as error:
        reason = f"answered with XML that cannot be read ({error})"
        raise BackendProtocolError(answer.server, answer.operation, reason, "try again") from error


def parse(content: bytes) -> Element:
    """Return the outermost element.

    Raises:
        ExpatError: it is no XML.
        ValueError: it has a document type; entities could make it grow without end.
    """
    outermost = Element("", {})
    open_elements = [outermost]

    def begin(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_tag: str) -> None:
        open_elements.pop()

    def refuse(*_what: object) -> None:
        raise ValueError("it has a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(content, True)
    return outermost.children[0]
