import asyncio
import json
from functools import partial

import pytest

from watchstate.clock import MINUTE
from watchstate.storage import inbox, open_storage
from watchstate.storage.inbox import Arrival

NOON = 1_764_072_000_000
"""2025-11-25 12:00 UTC."""


class Inbox:
    """The inbox of the household's database."""

    def __init__(self, data_path):
        self._url = f"sqlite:///{data_path / 'db' / 'watchstate.db'}"

    def do(self, job):
        async def once():
            storage = open_storage(self._url, clock=lambda: NOON)
            try:
                return await storage.write(job)
            finally:
                await storage.close()

        return asyncio.run(once())

    def add(self, **changes):
        fields = {
            "backend": "fake",
            "headers": {"user-agent": "Fake/1"},
            "body": b'{"title": "The \xe2\x80\xae film"}',
            "server": "home",
            "identity": "main",
            "entry_id": "e1",
            "kind": "state",
        }
        return self.do(partial(inbox.add, arrivals=[Arrival(**fields | changes)], at=NOON))[0]

    def park(self, number, error="it always fails"):
        self.do(partial(inbox.park, number=number, tries=5, error=error))

    def states(self):
        return {one.event_id: one.state for one in self.do(inbox.events)}


@pytest.fixture
def mail(home, household, data_path):
    return Inbox(data_path)


def test_what_servers_told_is_listed_the_newest_first(command, mail):
    older, newer = mail.add(), mail.add(entry_id="e2")
    mail.park(older)
    lines = command("events list").out.splitlines()
    assert lines[0].split() == ["EVENT", "RECEIVED", "SERVER", "ENTRY", "KIND", "STATE", "TRIES", "RESULT"]
    assert lines[1].split() == [str(newer), "2025-11-25", "12:00", "home", "e2", "state", "new", "0", "-"]
    assert lines[2].endswith("parked  5      it always fails")


def test_an_empty_inbox_says_so(command, mail):
    assert command("events list").out == "No server has told anything that is kept.\n"


def test_events_are_listed_by_state_for_another_program(command, mail):
    mail.add()
    parked = mail.add()
    mail.park(parked)
    (one,) = json.loads(command("events list --state parked --output json").out)
    assert (one["event_id"], one["tries"], one["error"]) == (parked, 5, "it always fails")
    assert "body" not in one


def test_an_event_is_shown_with_what_came_without_its_control_characters(command, mail):
    number = mail.add()
    out = command(f"events show {number}").out
    assert "header user-agent: Fake/1" in out
    assert 'body: {"title": "The  film"}' in out


def test_an_event_is_shown_in_full_for_another_program(command, mail):
    number = mail.add(backend="other", server=None, identity=None, entry_id=None, kind=None, state="parked")
    shown = json.loads(command(f"events show {number} --output json").out)
    assert (shown["body"], shown["headers"]) == ('{"title": "The \u202e film"}', {"user-agent": "Fake/1"})
    assert "type: other" in command(f"events show {number}").out


def test_an_unknown_event_is_a_wrong_command_line(command, mail):
    done = command("events show 77")
    assert (done.code, done.err) == (2, "watchstate: there is no event 77; see watchstate events list\n")


def test_all_parked_events_are_tried_again(command, mail):
    parked, new = mail.add(), mail.add()
    mail.park(parked)
    assert command("events retry").out == "1 events are tried again by watchstate serve.\n"
    assert mail.states() == {parked: "new", new: "new"}


def test_an_event_that_is_not_parked_is_not_tried_again(command, mail):
    parked, new = mail.add(), mail.add()
    mail.park(parked)
    done = command(f"events retry {parked} {new}")
    assert done.code == 2
    assert f"event {new} is not parked; the others are tried again" in done.err


def test_parked_events_are_dropped_and_others_only_by_number(command, mail):
    parked, new, other = mail.add(), mail.add(), mail.add()
    mail.park(parked)
    assert json.loads(command("events drop --output json").out) == {"events": [parked]}
    assert command(f"events drop {new}").out == "1 events are dropped.\n"
    assert mail.states() == {other: "new"}


def test_the_time_of_an_event_is_told_in_the_household_s_zone(command, mail, monkeypatch):
    monkeypatch.setenv("WS_TZ", "Europe/Berlin")
    number = mail.add()
    mail.do(partial(inbox.put_off, number=number, tries=1, next_try_at=NOON + MINUTE, error="no answer"))
    assert "next try: 2025-11-25 13:01" in command(f"events show {number}").out
