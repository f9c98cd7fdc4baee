"""Cutting a result into the page that was asked for."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from watchstate_plex.simulator.asgi import JSON, XML, Answer, Request
from watchstate_plex.simulator.query import read_paging
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.switches import Switches
from watchstate_plex.simulator.wire import Element

T = TypeVar("T")


class Page(Struct, Generic[T], kw_only=True):
    """The rows to show, and what the answer says about them."""

    rows: list[T]
    attributes: dict[str, Any]
    """For the container; only where a page was asked for."""
    headers: tuple[tuple[str, str], ...]
    is_first_of_several: bool = False


def cut(server: Server, request: Request, found: Sequence[T], *, may_be_whole: bool = False) -> Page[T]:
    """Return the page of a result that a request asks for. `may_be_whole`: a size is never required."""
    switches = server.switches
    wanted = None if may_be_whole and request.plex("X-Plex-Container-Size") is None else read_paging(request, switches)
    if wanted is None:
        return Page(rows=list(found), attributes={}, headers=_headers(switches, 0, len(found)))
    begin = 0 if switches.repeat_pages else wanted.start
    rows = list(found[begin : begin + wanted.size])
    if switches.short_pages and len(rows) > 1:
        rows = rows[:-1]
    total = None if switches.omits_total else len(found)
    return Page(
        rows=rows,
        attributes={"totalSize": total, "offset": wanted.start},
        headers=_headers(switches, wanted.start, len(found)),
        is_first_of_several=wanted.start == 0 and 0 < len(rows) < len(found),
    )


def _headers(switches: Switches, start: int, total: int) -> tuple[tuple[str, str], ...]:
    if switches.omits_total:
        return ()
    return (("X-Plex-Container-Start", str(start)), ("X-Plex-Container-Total-Size", str(total)))


def answer(request: Request, element: Element, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer with a container, in the form that is asked for."""
    return Answer(element=element, content_type=JSON if request.wants_json else XML, headers=headers)
