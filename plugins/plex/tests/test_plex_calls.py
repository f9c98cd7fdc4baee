import tomllib
from pathlib import Path

import msgspec
import pytest
from plugins.plex.tests.canned import ACCOUNT, CannedHttp

from watchstate.api import BackendProtocolError, Secret
from watchstate_plex import __version__
from watchstate_plex.calls import acting_as, address, headers, read
from watchstate_plex.wire import ROWS


def test_the_headers_say_who_asks_and_for_json():
    assert acting_as(ACCOUNT) == {
        "Accept": "application/json",
        "X-Plex-Client-Identifier": "watchstate-12345",
        "X-Plex-Product": "watchstate",
        "X-Plex-Version": __version__,
        "X-Plex-Token": "token-of-alice",
    }


def test_each_account_is_a_device_of_its_own_and_stays_it():
    other = msgspec.structs.replace(ACCOUNT, user_id="1")
    identifiers = [acting_as(account)["X-Plex-Client-Identifier"] for account in (ACCOUNT, other, ACCOUNT)]
    assert identifiers[0] == identifiers[2] != identifiers[1]


def test_odd_characters_in_a_user_id_can_be_sent():
    assert headers(Secret("a"), "müller\r\n")["X-Plex-Client-Identifier"] == "watchstate-m%C3%BCller%0D%0A"


def test_a_newer_form_of_answers_is_never_asked_for():
    assert "X-Plex-Pms-Api-Version" not in acting_as(ACCOUNT)


def test_filters_keep_their_order_and_their_operators():
    query = (("push", 1), ("lastViewedAt>>", "5"), ("or", 1), ("addedAt>>", "5"), ("or", 1), ("title", "a & b"))
    assert address("/all", query) == "/all?push=1&lastViewedAt%3E%3E=5&or=1&addedAt%3E%3E=5&or=1&title=a%20%26%20b"


def test_the_version_is_that_of_the_distribution():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"[]",
        b"{}",
        b'{"MediaContainer": []}',
        b'{"MediaContainer": {"Metadata": [{"ratingKey": [1]}]}}',
        b'{"MediaContainer": {"totalSize": "many"}}',
        b'{"MediaContainer": "\xff"}',
        b"[" * 9_999,
        b'<?xml version="1.0"?><MediaContainer size="0"/>',
    ],
)
async def test_an_answer_of_another_shape_is_an_error(body):
    with pytest.raises(BackendProtocolError):
        await read(CannedHttp({"/all": [body]}), "/all", ROWS)


async def test_an_old_servers_answer_is_an_error_and_no_crash():
    body = {"_elementType": "MediaContainer", "_children": [{"_elementType": "Video", "ratingKey": "1"}]}
    with pytest.raises(BackendProtocolError):
        await read(CannedHttp({"/all": [body]}), "/all", ROWS)
