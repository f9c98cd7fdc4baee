"""The real process: killed at any moment, told to stop, and started again."""

import json
import re
import signal
import sqlite3
import time
import urllib.request
from contextlib import ExitStack, closing, contextmanager

import pytest
from tests.crash.command import DEADLINE, SCRIPT, running
from tests.crash.gate import Gate, Moment
from tests.engine.home import Place, movie
from tests.server.house import TOKENS

from watchstate.clock import system_clock
from watchstate.config import save_servers
from watchstate.testing.serving import serve

pytestmark = pytest.mark.timeout(200)  # several processes, on a machine that may be busy


class Household:
    """Two servers on sockets, and a process that listens to them."""

    def __init__(self, folder, stack):
        self.folder, self.gate = folder, Gate()
        self.places = {
            name: Place(name, "jellyfin", system_clock, seed, None) for seed, name in enumerate(("one", "two"))
        }
        self.film = {name: place.add(movie(1)) for name, place in self.places.items()}
        for name, place in self.places.items():
            place.url = stack.enter_context(serve(self.gate.before(name, place.simulator.app)))
        configs = {
            name: place.config(uuid=place.simulator.machine_id, webhook={"token": TOKENS["jellyfin"]})
            for name, place in self.places.items()
        }
        save_servers(folder / "config" / "servers.yaml", configs)

    @contextmanager
    def serving(self):
        with running([SCRIPT, "serve", "--port", "0"], self.folder) as process:
            line = process.first_line()
            found = re.fullmatch(r"watchstate: listening on (http://127\.0\.0\.1:\d+)\n", line)
            assert found, line
            process.url = found[1]
            yield process

    def tell(self, process):
        """Mark the film on one server, and let it tell so."""
        self.places["one"].watch(self.film["one"])
        notice = {
            "ServerId": self.places["one"].simulator.machine_id,
            "NotificationType": "UserDataSaved",
            "ItemId": self.film["one"],
            "ItemType": "Movie",
            "UserId": self.places["one"].user,
            "Played": True,
            "SaveReason": "TogglePlayed",
        }
        request = urllib.request.Request(
            process.url, json.dumps(notice).encode(), {"X-apikey": TOKENS["jellyfin"]}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            assert json.load(answer) == {"status": "accepted"}

    def state(self):
        with closing(sqlite3.connect(self.folder / "db" / "watchstate.db")) as database:
            return [state for (state,) in database.execute("SELECT state FROM event")]

    def is_everywhere(self):
        return self.state() == ["done"] and self.places["two"].is_watched(self.film["two"])


def wait_for(holds):
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture
def household(tmp_path):
    with ExitStack() as stack:
        household = Household(tmp_path, stack)
        with running([SCRIPT, "state", "sync"], tmp_path) as first:
            assert first.finish().code == 0, first.err
        yield household


@pytest.mark.parametrize(
    ("moment", "only_writes"),
    [(Moment.RECEIVED, False), (Moment.APPLIED, True)],
    ids=["before it is read", "when it was written"],
)
def test_what_was_accepted_survives_a_kill(household, moment, only_writes):
    with household.serving() as process:
        household.gate.watch(process)
        household.gate.arm(moment, 1, only_writes=only_writes)
        household.tell(process)
        wait_for(lambda: process.was_killed)
        assert household.state() == ["new"]
    household.gate.disarm()
    with household.serving():
        wait_for(household.is_everywhere)
    assert len(household.places["two"].simulator.writes()) == 1


def test_it_stops_within_ten_seconds_in_the_midst_of_something_and_goes_on_after_the_next_start(household):
    with household.serving() as process:
        with household.gate.holding(3):
            household.tell(process)
            household.gate.wait()
            process.send(signal.SIGTERM)
            began = time.monotonic()
            assert not process.lives_for(10)
            assert time.monotonic() - began < 10
        assert (process.finish().code, process.err.count("\n")) == (0, 1)
        assert household.state() == ["new"]
    with household.serving():
        wait_for(household.is_everywhere)


def test_it_stops_at_once_when_there_is_nothing_to_do(household):
    with household.serving() as process:
        household.tell(process)
        wait_for(household.is_everywhere)
        process.send(signal.SIGINT)
        assert not process.lives_for(10)
        assert process.finish().code == 0
    assert TOKENS["jellyfin"] not in process.err


def test_a_port_that_is_taken_is_a_wrong_command_line(household):
    with household.serving() as process:
        port = process.url.rpartition(":")[2]
        with running([SCRIPT, "serve", "--port", port], household.folder) as other:
            other.finish()
    assert other.code == 2
    assert re.fullmatch(rf"watchstate: can't listen on 127\.0\.0\.1, port {port}: .*; choose another .*\n", other.err)
