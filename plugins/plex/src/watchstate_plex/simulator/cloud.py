"""The simulated plex.tv: who somebody is, the members of a home, tokens for the server, PINs to sign in with."""

import re
from collections.abc import Callable
from email.utils import formatdate
from typing import Literal
from urllib.parse import parse_qsl

from msgspec import Struct

from watchstate.clock import SECOND
from watchstate.testing import AsgiMessage, AsgiReceive, AsgiSend, LoggedRequest
from watchstate_plex.simulator import cloud_documents
from watchstate_plex.simulator.asgi import Answer, Refusal, Request, read_request, send_answer
from watchstate_plex.simulator.cloud_pins import Pins
from watchstate_plex.simulator.cloud_wire import document, refuse, xml
from watchstate_plex.simulator.notices import Notices
from watchstate_plex.simulator.records import Account
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element

_GONE = b'<Response code="410" status="This endpoint was deprecated and removed"/>'


class Ask(Struct, frozen=True):
    """A request to plex.tv, and who makes it."""

    request: Request
    account: Account


class _Route(Struct, frozen=True):
    method: str
    path: re.Pattern[str]
    handle: Callable[[Ask], Answer]
    needs: Literal["account", "owner"] = "account"


class PlexTv:
    """plex.tv as an ASGI app. Of all its accounts it knows those with access to one server."""

    def __init__(self, server: Server, notices: Notices, log: list[LoggedRequest]) -> None:
        self._server = server
        self._notices = notices
        self._log = log
        self._last_switch: int | None = None
        self.pins = Pins(server)
        self.server_uri = "http://192.0.2.9:32400"
        """The address that it knows of the server."""
        self._routes = [
            _Route("GET", _path("/api/v2/user"), self._user),
            _Route("GET", _path("/api/v2/home/users"), self._members, "owner"),
            _Route("GET", _path("/api/home/users"), self._members_v1, "owner"),
            _Route("POST", _path("/api/v2/home/users/{member}/switch"), self._switch),
            _Route("POST", _path("/api/home/users/{member}/switch"), self._switch_v1),
            _Route("GET", _path("/api/v2/resources"), self._resources),
            _Route("GET", _path("/api/users"), self._friends, "owner"),
            _Route("GET", _path("/api/servers/{machine_id}/shared_servers"), self._shares, "owner"),
            _Route("GET", _path("/api/v2/user/webhooks"), self._webhooks),
            _Route("POST", _path("/api/v2/user/webhooks"), self._set_webhooks),
        ]

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request."""
        request = await read_request(scope, receive)
        try:
            answer = self._answer(request)
        except Refusal as refusal:
            answer = refusal.answer
        self._log.append(
            LoggedRequest(
                method=request.method,
                path=scope["path"],
                query=scope["query_string"].decode(),
                status=answer.status,
                is_write=False,
            )
        )
        await send_answer(send, answer, [("Date", formatdate(self._server.clock() / SECOND, usegmt=True))])

    def _answer(self, request: Request) -> Answer:
        path = request.path.rstrip("/")
        if path.startswith("/api/v2/") and request.plex("X-Plex-Client-Identifier") is None:
            refuse(request, 400, 1000, "X-Plex-Client-Identifier is missing")
        if path == "/api/v2/ping":
            return _pong(request)
        if path == "/api/friends":
            return Answer(status=410, body=_GONE, content_type="application/xml")
        if path == "/api/v2/pins" or path.startswith("/api/v2/pins/"):
            return self.pins.answer(request, path)
        account = self._server.people.by_cloud_token(request.plex("X-Plex-Token") or "")
        if path == "/users/account.json" and account is None:
            return Answer(status=422, body=b'{"error":"Invalid token"}', content_type="application/json")
        if account is None:
            refuse(request, 401, 1001, "User could not be authenticated")
        return self._route(request, path, account)

    def _route(self, request: Request, path: str, account: Account) -> Answer:
        for route in self._routes:
            match = route.path.fullmatch(path)
            if match is None or route.method != request.method:
                continue
            if route.needs == "owner" and not account.is_owner:
                refuse(request, 403, 1003, "Only the admin of the home may do this")
            request.params = match.groupdict()
            return route.handle(Ask(request, account))
        return refuse(request, 404, 1002, "There is no such thing")

    # Accounts

    def _user(self, ask: Ask) -> Answer:
        value = cloud_documents.user(ask.account, len(self._server.people.household))
        return document(ask.request, "user", value)

    def _members(self, ask: Ask) -> Answer:
        members = [cloud_documents.member(each) for each in self._server.people.household]
        home = {"id": ask.account.plex_id, "name": "Home", "guestUserID": None, "guestEnabled": False}
        return document(ask.request, "home", {**home, "subscription": True, "users": members})

    def _members_v1(self, ask: Ask) -> Answer:
        rows = [cloud_documents.member_v1(each) for each in self._server.people.household]
        attributes = {
            "friendlyName": "myPlex",
            "identifier": "com.plexapp.plugins.myplex",
            "machineIdentifier": self._server.machine_id,
            "totalSize": len(rows),
            "size": len(rows),
        }
        return xml(Element(name="MediaContainer", attributes=attributes, children=rows))

    def _switch(self, ask: Ask) -> Answer:
        member = self._switched(ask)
        value = cloud_documents.user(member, len(self._server.people.household))
        return document(ask.request, "user", value, 201)

    def _switch_v1(self, ask: Ask) -> Answer:
        member = self._switched(ask)
        shown = cloud_documents.member_v1(member)
        shown.name = "user"
        shown.attributes["authenticationToken"] = member.cloud_token
        return xml(shown, 201)

    def _switched(self, ask: Ask) -> Account:
        """Return the member of the home who is to act from now on."""
        self._check_patience(ask.request)
        wanted = ask.request.params["member"]
        home = self._server.people.household if not ask.account.is_external else []
        member = next((each for each in home if wanted in {each.uuid, str(each.plex_id)}), None)
        if member is None:
            refuse(ask.request, 404, 1002, "There is no such member")
        if member.pin is not None and ask.request.text("pin") != member.pin:
            refuse(ask.request, 403, 1041, "The PIN is missing or wrong")
        return member

    def _check_patience(self, request: Request) -> None:
        now, pause = self._server.clock(), self._server.switches.switch_pause_ms
        last, self._last_switch = self._last_switch, now
        if last is not None and now - last < pause:
            self._last_switch = last
            seconds = -(-(pause - (now - last)) // SECOND)
            refuse(request, 429, 1004, "Too many requests", (("Retry-After", str(seconds)),))

    # The server

    def _resources(self, ask: Ask) -> Answer:
        found = [cloud_documents.player(ask.account)]
        if ask.account.has_server:
            found.append(cloud_documents.resource(self._server, ask.account, self.server_uri))
        return document(ask.request, "resources", found)

    def _friends(self, ask: Ask) -> Answer:
        self._check_externals(ask)
        others = [each for each in self._server.people.accounts.values() if not each.is_owner]
        rows = [cloud_documents.friend(self._server, each) for each in others]
        attributes = {
            "friendlyName": "myPlex",
            "identifier": "com.plexapp.plugins.myplex",
            "machineIdentifier": self._server.machine_id,
            "totalSize": len(rows),
            "size": len(rows),
        }
        return xml(Element(name="MediaContainer", attributes=attributes, children=rows))

    def _shares(self, ask: Ask) -> Answer:
        self._check_externals(ask)
        if ask.request.params["machine_id"] != self._server.machine_id:
            refuse(ask.request, 404, 1002, "There is no such server")
        has_all = self._server.switches.shares_name_members
        others = [each for each in self._server.people.accounts.values() if not each.is_owner and each.has_server]
        shares = [each for each in others if each.is_external or has_all]
        rows = [cloud_documents.shared_server(self._server, each) for each in shares]
        attributes = {
            "friendlyName": "myPlex",
            "identifier": "com.plexapp.plugins.myplex",
            "machineIdentifier": self._server.machine_id,
            "size": len(rows),
        }
        return xml(Element(name="MediaContainer", attributes=attributes, children=rows))

    def _check_externals(self, ask: Ask) -> None:
        if not self._server.switches.serves_externals:
            refuse(ask.request, 403, 1003, "This is not available")

    # Webhooks

    def _webhooks(self, ask: Ask) -> Answer:
        return document(ask.request, "webhooks", [{"url": url} for url in self._notices.webhook_urls])

    def _set_webhooks(self, ask: Ask) -> Answer:
        given = parse_qsl(ask.request.body.decode("latin-1"))
        self._notices.webhook_urls[:] = [url for name, url in given if name == "urls[]"]
        return document(ask.request, "webhooks", [{"url": url} for url in self._notices.webhook_urls], 201)


def _pong(request: Request) -> Answer:
    if request.wants_json:
        return document(request, "pong", {"pong": True})
    return Answer(body=b"<pong>true</pong>", content_type="application/xml; charset=utf-8")


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))
