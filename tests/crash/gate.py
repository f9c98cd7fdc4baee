"""Stands before the simulators, counts what arrives, and kills the process that asks at the moment that was chosen."""

import asyncio
import re
import threading
from contextlib import contextmanager
from enum import StrEnum

from tests.crash.command import DEADLINE

from watchstate.testing.faults import ConnectionDroppedError

WRITES = ("scrobble", "unscrobble", "timeline", "PlayedItems", "UserPlayedItems", "UserData")


class Moment(StrEnum):
    """Where in the life of a request the process dies."""

    RECEIVED = "received, never applied"
    APPLIED = "applied, never answered"
    ANSWERED = "just answered"
    LATE = "received, applied after the restart"
    HELD = "received, and nobody dies: it is answered when the test says so"


def is_write(scope):
    """Tell whether a request changes a play state. Plex writes by GET, and the others read at some of these paths."""
    words = scope["path"].split("/")
    return any(word in WRITES for word in words) and (scope["method"] != "GET" or ":" in words)


class Gate:
    """Shared by all servers of the household, each of which answers in a thread of its own."""

    def __init__(self):
        self._lock = threading.Lock()
        self._late = []
        self.disarm()
        self.late = set()
        """(server, entry) of each write that was applied after the process that sent it had died."""
        self._marked = {}
        self._before = self._process = None

    def disarm(self):
        self._moment, self._number, self._only_writes = None, 0, False
        self.requests = self.writes = 0
        self.is_hit = False
        self._held_by = ""
        self._reached, self._go = threading.Event(), threading.Event()

    @contextmanager
    def holding(self, number=1, *, only_writes=False):
        """Hold the number-th request, or write, from now on until the end of the block."""
        self.arm(Moment.HELD, number, only_writes=only_writes)
        try:
            yield self
        finally:
            self._go.set()

    def let_go(self):
        """Answer what is held."""
        self._go.set()

    def wait(self):
        """Wait until a request is held; return the name of its server."""
        assert self._reached.wait(DEADLINE), "no such request came"
        return self._held_by

    def arm(self, moment, number, *, only_writes):
        """Do this at the number-th request, or write, from now on."""
        self.disarm()
        self._moment, self._number, self._only_writes = moment, number, only_writes

    def watch(self, process):
        """The process to kill, once it runs."""
        self._before, self._process = self._process, process

    def is_undated(self, name, entry):
        """Tell whether Emby marked an entry for a process that died before it sent the date."""
        return any(process is not None and process.was_killed for process in self._marked.get((name, entry), ()))

    def before(self, name, app):
        """Return the app behind the gate."""

        async def pass_on(scope, receive, send):
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            moment = self._moment_of(scope)
            if moment is Moment.HELD:
                self._held_by = name
                self._reached.set()
                await asyncio.to_thread(self._go.wait, DEADLINE)
                moment = None
            if moment in {None, Moment.APPLIED, Moment.ANSWERED}:
                self._note_mark(name, scope)
                send = self._noting_date(name, scope, _nobody if moment is Moment.APPLIED else send)
            if moment is None:
                await self._apply_late(name, app)
                await app(scope, receive, send)
            elif moment is Moment.ANSWERED:
                await app(scope, receive, send)
                self._process.kill()
            elif moment is Moment.APPLIED:
                await app(scope, receive, send)
                self._process.kill()
                raise ConnectionDroppedError
            else:
                if moment is Moment.LATE:
                    self._late.append((name, scope, [await receive()]))
                self._process.kill()
                raise ConnectionDroppedError

        return pass_on

    def _moment_of(self, scope):
        with self._lock:
            self.requests += 1
            self.writes += is_write(scope)
            count = self.writes if self._only_writes else self.requests
            if self.is_hit or count != self._number:
                return None
            self.is_hit = True
            return self._moment

    def _note_mark(self, name, scope):
        words = scope["path"].split("/")
        if "PlayedItems" in words and scope["method"] == "POST":
            # What a process sent right before its death may be read when the next one has begun.
            self._marked[name, words[-1]] = (self._before, self._process)

    def _noting_date(self, name, scope, send):
        """A date has been set once it is answered: a process may die between the head and the body of a request."""
        words = scope["path"].split("/")

        async def send_on(message):
            if "UserData" in words and message.get("status", 500) < 300:
                self._marked.pop((name, words[-2]), None)
            await send(message)

        return send_on

    async def _apply_late(self, name, app):
        for held in [one for one in self._late if one[0] == name]:
            self._late.remove(held)
            _, scope, messages = held
            if is_write(scope):
                self.late |= {(name, word) for word in _words(scope)}

            async def receive(messages=messages):
                return messages.pop(0) if messages else {"type": "http.disconnect"}

            await app(scope, receive, _nobody)


def _words(scope):
    """Return all that stands in an address; the entry's id is among it."""
    return re.split("[/?&=]", scope["path"] + "?" + scope["query_string"].decode())


async def _nobody(_message):
    """The answer reaches nobody."""
