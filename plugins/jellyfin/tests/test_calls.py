from importlib.metadata import version
from urllib.parse import unquote

import pytest
from plugins.jellyfin.tests.canned import ACCOUNT, CannedHttp

from watchstate.api import BackendProtocolError, Secret
from watchstate_jellyfin import __version__
from watchstate_jellyfin.calls import acting_as, authorization
from watchstate_mediabrowser.calls import read
from watchstate_mediabrowser.wire import ITEMS


def parts(headers):
    scheme, _, rest = headers["Authorization"].partition(" ")
    assert scheme == "MediaBrowser"
    return {key: unquote(value.strip('"')) for key, _, value in (part.partition("=") for part in rest.split(", "))}


def test_one_header_says_who_asks():
    assert list(acting_as(ACCOUNT)) == ["Authorization"]
    assert parts(acting_as(ACCOUNT)) == {
        "Client": "watchstate",
        "Device": "watchstate",
        "DeviceId": f"watchstate-{ACCOUNT.user_id}",
        "Version": __version__,
        "Token": "key",
    }


def test_each_account_is_a_device_of_its_own():
    assert parts(authorization(Secret("a"), "1"))["DeviceId"] != parts(authorization(Secret("a"), "2"))["DeviceId"]


def test_odd_characters_in_a_token_do_not_end_it():
    header = authorization(Secret('a", Token="b\u00e9'))
    assert parts(header)["Token"] == 'a", Token="b\u00e9'
    assert header["Authorization"].isascii()


def test_the_version_is_that_of_the_distribution():
    assert __version__ == version("watchstate-jellyfin")


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"Items": [{"Id": 1}]}', b'{"Items": "\xff"}', b"[" * 9_999]
)
async def test_an_answer_of_another_shape_is_an_error(body):
    with pytest.raises(BackendProtocolError):
        await read(CannedHttp(Items=[body]), "/Items", ITEMS)
