import pytest
from tests.storage.shelf import NOW

from watchstate.api import Secret, User
from watchstate.storage import accounts, people
from watchstate.storage.people import Told

OWNER = User(user_id="1", name="boss", is_admin=True)
ALICE = User(user_id="12", name="Alice", token=Secret("alices"))
CHILD = User(user_id="13", name="Child", is_disabled=True, note="needs a PIN")


@pytest.fixture
def kept(shelf):
    people.keep_people(shelf.conn, shelf.server_id, [OWNER, ALICE, CHILD], NOW)
    return shelf


def test_of_a_server_that_was_never_asked_nobody_is_known(conn):
    assert people.people(conn, "attic") == {}


def test_people_come_back_as_they_were_told(kept):
    assert people.people(kept.conn, "attic") == {user.user_id: Told(user, NOW) for user in (OWNER, ALICE, CHILD)}


def test_a_newer_answer_replaces_the_older_one(kept):
    people.keep_people(kept.conn, kept.server_id, [CHILD], NOW + 1)
    assert people.people(kept.conn, "attic") == {"13": Told(CHILD, NOW + 1)}


def test_people_are_those_of_one_server(kept):
    other = accounts.ensure_server(kept.conn, "shed", "plex")
    people.keep_people(kept.conn, other.server_id, [CHILD], NOW)
    people.forget_people(kept.conn, kept.server_id)
    assert (people.people(kept.conn, "attic"), people.people(kept.conn, "shed")) == ({}, {"13": Told(CHILD, NOW)})


def test_people_follow_a_renamed_server(kept):
    accounts.rename_server(kept.conn, "attic", "cellar")
    assert people.people(kept.conn, "cellar").keys() == {"1", "12", "13"}


def test_a_refused_token_is_forgotten_and_asked_for_again(kept):
    people.forget_token(kept.conn, kept.server_id, "12", Secret("alices"))
    told = people.people(kept.conn, "attic")
    assert (told["12"].user.token, told["12"].asked_at) == (None, 0)
    assert told["13"] == Told(CHILD, NOW)


def test_a_token_that_has_come_meanwhile_is_kept(kept):
    people.forget_token(kept.conn, kept.server_id, "12", Secret("an older one"))
    assert people.people(kept.conn, "attic")["12"] == Told(ALICE, NOW)


def test_a_token_does_not_show_itself(kept):
    assert "alices" not in repr(people.people(kept.conn, "attic"))
