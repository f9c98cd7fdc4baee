from importlib.metadata import PackageNotFoundError, version
from urllib.parse import unquote

import pytest
from plugins.emby.tests.canned import ACCOUNT, USER

from watchstate.api import BackendAuthError, Secret
from watchstate_emby import __version__
from watchstate_emby.calls import acting_as, authorization, is_item_id, item_path


def parts(headers):
    scheme, _, rest = headers["Authorization"].partition(" ")
    assert scheme == "Emby"
    return {key: unquote(value.strip('"')) for key, _, value in (part.partition("=") for part in rest.split(", "))}


def test_one_header_says_who_asks():
    assert list(acting_as(ACCOUNT)) == ["Authorization"]
    assert parts(acting_as(ACCOUNT)) == {
        "Client": "watchstate",
        "Device": "watchstate",
        "DeviceId": f"watchstate-{USER}",
        "Version": __version__,
        "Token": "key",
    }


def test_odd_characters_in_a_token_do_not_end_it():
    header = authorization(Secret('a", Token="b\u00e9'))
    assert parts(header)["Token"] == 'a", Token="b\u00e9'
    assert header["Authorization"].isascii()


def test_the_version_is_that_of_the_distribution():
    try:
        installed = version("watchstate-emby")
    except PackageNotFoundError:
        pytest.skip("the distribution is on the path without being installed")
    assert __version__ == installed


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("28", True), ("240252", True), ("", False), ("Latest", False), ("..", False), ("2 8", False), ("²", False)],
)
def test_ids_of_items_are_digits(text, is_id):
    assert is_item_id(text) is is_id


def test_ids_can_not_leave_their_place_in_a_path():
    assert item_path(ACCOUNT, "../Users") == f"/Users/{USER}/Items/..%2FUsers"


async def test_the_server_accepts_the_header_of_a_user_and_of_an_api_key(any_world):
    for token in (any_world.alice.token.reveal(), any_world.simulator.admin_token):
        await any_world.everything(any_world.with_token(any_world.alice, token))


async def test_an_expired_token_is_told_though_the_answer_is_mere_text(any_world):
    with pytest.raises(BackendAuthError, match="wrong or was revoked"):
        await any_world.everything(any_world.with_token(any_world.alice, "0" * 32))


async def test_each_account_may_use_its_token_under_the_same_device(any_world):
    await any_world.everything(any_world.alice)
    await any_world.everything(any_world.bob)
    await any_world.everything(any_world.alice)
