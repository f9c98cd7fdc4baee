"""What lies between a process and a simulated server: what arrives there, what doesn't, and what is late."""

import re
from urllib.parse import parse_qs

from watchstate.testing.asgi import AsgiApp

_WORD = re.compile(r"[0-9A-Za-z]+")


class Wire:
    """The way of one process to one server."""

    def __init__(self, place, fate, home) -> None:
        self._place, self._fate, self._home = place, fate, home
        self._elsewhere: AsgiApp | None = next(iter(place.simulator.elsewhere.values()), None)

    async def __call__(self, scope, receive, send) -> None:
        await self._fate.next_operation()
        self._home.take_time()
        if self._place.name in self._home.down:
            self._home.faults["down"] += 1
            raise ConnectionResetError
        if scope["method"] != "GET" or "/:/" in scope["path"]:
            await self._write(scope, receive, send)
        else:
            await self._place.simulator.app(scope, receive, send)

    async def elsewhere(self, scope, receive, send) -> None:
        """Answer for the service of the server on the internet."""
        await self._fate.next_operation()
        assert self._elsewhere is not None
        await self._elsewhere(scope, receive, send)

    async def _write(self, scope, receive, send) -> None:
        simulator = self._place.simulator
        if self._home.late.get(self._place.name) == "next write":
            self._home.late[self._place.name] = _Late(scope, await _body(receive))
            self._home.faults["applied later"] += 1
            self._home.ledger.is_unsure(self._place.name, *self._whose(scope))
            raise ConnectionResetError
        entry_id, user = self._whose(scope)
        self._home.note_mark(self._place, scope, entry_id, user)
        before = len(simulator.writes())
        try:
            await simulator.app(scope, receive, send)
        finally:
            if len(simulator.writes()) > before:
                self._home.ledger.is_written(self._place.name, entry_id, user)
                self._fate.has_written()

    def _whose(self, scope) -> tuple[str | None, str | None]:
        """Return the entry and the person that a write is about, as far as the request tells."""
        users = self._home.users[self._place.name].values()
        asked = parse_qs(scope["query_string"].decode())
        if self._place.kind == "plex":
            headers = {name.lower(): value for name, value in scope["headers"]}
            token = headers.get(b"x-plex-token", b"").decode()
            who = next((user for user in users if self._place.simulator.token_for(user) == token), None)
            return next(iter(asked.get("key", []) + asked.get("ratingKey", [])), None), who
        words = {*_WORD.findall(scope["path"].replace("-", "")), *(each for given in asked.values() for each in given)}
        entries = self._place.simulator.entry_ids()
        return next((one for one in entries if one in words), None), next((one for one in users if one in words), None)


class _Late:
    """A write that a server, or a proxy before it, applies when nobody waits for its answer any more."""

    def __init__(self, scope, body: bytes) -> None:
        self.scope, self.body = scope, body

    async def arrive(self, app: AsgiApp) -> None:
        async def receive():
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(_message) -> None:
            pass

        await app(self.scope, receive, send)


async def _body(receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body
