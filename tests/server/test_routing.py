import pytest

from watchstate.api import Account, CommonOptions, Event, EventKind, Secret, Server
from watchstate.sync.routing import Hint, route
from watchstate.sync.work import Member

IDS = {"attic": "f54e0267aea29099287b7d821c116c5a", "cellar": "0123456789abcdef0123456789abcdef"}
ALEX, SAM = "d54ee67f0b63febc35ac3a46cf59463a", "1f0e3dad99908345f7439f8ffabdffc4"


def member(server: str, identity: str = "main", user_id: str = ALEX) -> Member:
    there = Server(name=server, type="jellyfin", url="http://x", token=Secret("t"), options=CommonOptions())
    account = Account(server=there, identity=identity, user_id=user_id, token=there.token)
    return Member(account=account, imports=True, exports=True)


HOUSEHOLD = [member("attic"), member("attic", "sam", SAM), member("cellar")]


def event(machine_id: str | None = IDS["attic"], user_id: str | None = ALEX) -> Event:
    return Event(kind=EventKind.STATE, machine_id=machine_id, user_id=user_id, entry_id="e1")


def targets(one: Event, ids: dict[str, str | None] = IDS) -> list[tuple[str, str | None]]:
    return [(hint.server, hint.identity) for hint in route(one, HOUSEHOLD, ids).hints]


def test_an_event_concerns_the_account_of_its_user_on_its_server():
    assert route(event(), HOUSEHOLD, IDS).hints == (Hint("attic", "main", "e1", "state"),)
    assert targets(event(user_id=SAM)) == [("attic", "sam")]


def test_an_event_without_a_user_concerns_everybody_on_its_server():
    assert targets(event(user_id=None)) == [("attic", None)]


def test_an_event_without_a_machine_concerns_its_user_wherever_they_are():
    assert targets(event(machine_id=None)) == [("attic", "main"), ("cellar", "main")]
    assert targets(event(machine_id=None, user_id=SAM)) == [("attic", "sam")]


@pytest.mark.parametrize("spelled", [ALEX.upper(), "d54ee67f-0b63-febc-35ac-3a46cf59463a"])
def test_an_id_may_be_spelled_otherwise(spelled: str):
    assert targets(event(user_id=spelled)) == [("attic", "main")]


def test_an_unknown_machine_is_told_with_its_id():
    found = route(event("elsewhere"), HOUSEHOLD, IDS)
    assert (found.hints, found.reason) == ((), "no server of this token has the machine id elsewhere")


def test_an_unknown_user_is_told_with_server_and_id():
    found = route(event(user_id="stranger"), HOUSEHOLD, IDS)
    assert (found.hints, found.reason) == ((), "no account of attic has the user id stranger")


def test_the_only_server_that_was_never_reached_may_be_the_one():
    assert targets(event("elsewhere"), {"attic": None, "cellar": IDS["cellar"]}) == [("attic", "main")]


def test_of_two_servers_that_were_never_reached_neither_is_guessed():
    assert targets(event("elsewhere"), {"attic": None, "cellar": None}) == []


def test_a_known_machine_is_not_taken_for_one_that_was_never_reached():
    assert targets(event(IDS["cellar"]), {"attic": None, "cellar": IDS["cellar"]}) == [("cellar", "main")]
