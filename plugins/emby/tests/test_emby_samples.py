"""What real servers sent goes through the decoders and the webhook parser."""

from pathlib import Path

import msgspec
import pytest

from watchstate.api import BackendProtocolError, Event, EventKind, HttpResponse, PlayState, ProviderId, WebhookRequest
from watchstate_emby import webhook
from watchstate_emby.library import read_row
from watchstate_emby.wire import WHOLE_ITEM, WHOLE_USER_DATA
from watchstate_mediabrowser import wire
from watchstate_mediabrowser.calls import decode
from watchstate_mediabrowser.convert import to_entry, to_state, to_users

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "emby"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder with captured answers is not here")

PN41 = "f40a5bd0c6b64051bdbed00580fa1118"
ADMIN = "e6a9dd89fd954d689870e7e0e3e72947"
HEARD = {
    "webhook_library.new_episode_4.8.8.0_1.json": (
        Event(
            kind=EventKind.ADDED,
            machine_id="1e42f547a683452097426ca9d044a2d9",
            user_id=None,
            entry_id="1718",
            at=1_719_396_625_260,
        ),
    ),
    "webhook_playback.start_episode_4.7.13.0.json": (
        Event(kind=EventKind.PLAYING, machine_id=PN41, user_id=ADMIN, entry_id="240252", at=1_692_406_340_520),
    ),
    # 22 % in: "PlayedToCompletion": false
    "webhook_playback.stop_movie_4.7.13.0.json": (
        Event(kind=EventKind.STOPPED, machine_id=PN41, user_id=ADMIN, entry_id="240270", at=1_692_406_147_852),
    ),
    "webhook_system.webhooktest_4.9.1.10.json": (),
}
ANSWERS = {
    "api_AuthenticateByName_4.9.5.0.json": msgspec.json.Decoder(dict[str, msgspec.Raw]),
    "api_Auth_Keys_4.9.5.0.json": msgspec.json.Decoder(dict[str, msgspec.Raw]),
    "api_Item_detail_movie_inprogress_4.9.5.0.json": WHOLE_ITEM,
    "api_Items_episodes_defaultfields_4.9.5.0.json": wire.ITEMS,
    "api_Items_movie_fields_ProviderIds_4.9.5.0.json": wire.ITEMS,
    "api_PlayedItems_DELETE_4.9.5.0.json": WHOLE_USER_DATA,
    "api_PlayedItems_POST_4.9.5.0.json": WHOLE_USER_DATA,
    "api_PlayedItems_POST_series_4.9.5.0.json": WHOLE_USER_DATA,
    "api_System_Info_Public_4.9.5.0.json": wire.PUBLIC_INFO,
    "api_Users_Public_4.9.5.0.json": wire.USERS,
    "api_Users_Views_4.9.5.0.json": wire.VIEWS,
}
NOT_READ = {"ws_LibraryChanged_4.9.5.0.json", "ws_UserDataChanged_start_4.9.5.0.json"}
REFUSAL = "api_401_no_token_4.9.5.0.txt"


def sample(name):
    return (SAMPLES / name).read_bytes()


def test_every_sample_has_its_test():
    assert {path.name for path in SAMPLES.iterdir()} == {*HEARD, *ANSWERS, *NOT_READ, REFUSAL}


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_notification_is_heard(name):
    assert webhook.parse(WebhookRequest(headers={}, body=sample(name))) == HEARD[name]


@pytest.mark.parametrize("name", sorted(NOT_READ))
def test_a_message_of_the_websocket_is_no_notification(name):
    assert webhook.parse(WebhookRequest(headers={}, body=sample(name))) == ()


@pytest.mark.parametrize("name", ANSWERS)
def test_a_captured_answer_is_read(name):
    assert ANSWERS[name].decode(sample(name))


def test_a_captured_refusal_is_text_and_no_answer():
    answer = HttpResponse(
        server="den", operation="GET /x", status=200, headers={}, content=sample(REFUSAL), began_at=1, ended_at=2
    )
    with pytest.raises(BackendProtocolError):
        decode(answer, wire.ITEMS)


def test_a_captured_movie_in_the_middle_has_its_whole_state():
    name = "api_Item_detail_movie_inprogress_4.9.5.0.json"
    item = wire.ITEM.decode(sample(name))
    assert item.user_data is not None
    expected = PlayState(watched=False, position_ms=120_000, play_count=1, watched_at=1_788_912_167_000)
    assert to_state(item.user_data) == expected
    entry = to_entry(item, ())
    assert (entry.entry_id, entry.kind, entry.runtime_ms, entry.provider_ids) == ("28", "movie", 600_000, ())
    assert entry.path is not None
    assert entry.added_at == 1_788_911_970_000
    assert WHOLE_ITEM.decode(sample(name)).user_data.is_favorite is False


def test_captured_episodes_of_a_list_tell_nothing_about_plays():
    items = wire.ITEMS.decode(sample("api_Items_episodes_defaultfields_4.9.5.0.json"))
    assert (items.total_record_count, items.start_index) == (3, None)
    for item in items.items:
        assert item.user_data is not None
        state, is_detailed = read_row(item.user_data)
        assert state == PlayState(watched=False, position_ms=0, play_count=None, watched_at=None)
        assert not is_detailed
        assert (item.series_id, item.path, item.production_year) == ("12", None, None)
    assert [(item.parent_index_number, item.index_number) for item in items.items] == [(1, 1), (1, 2), (2, 1)]


def test_a_captured_row_has_provider_ids_and_numbers_of_studios():
    (item,) = wire.ITEMS.decode(sample("api_Items_movie_fields_ProviderIds_4.9.5.0.json")).items
    assert to_entry(item, ()).provider_ids == (ProviderId("Imdb", "tt999999999"), ProviderId("Tmdb", "999999999"))


def test_a_captured_mark_and_unmark_show_what_they_did():
    marked = to_state(WHOLE_USER_DATA.decode(sample("api_PlayedItems_POST_4.9.5.0.json")))
    unmarked = to_state(WHOLE_USER_DATA.decode(sample("api_PlayedItems_DELETE_4.9.5.0.json")))
    assert marked == PlayState(watched=True, position_ms=0, play_count=1, watched_at=1_788_912_167_000)
    assert unmarked == PlayState(watched=False, position_ms=0, play_count=0, watched_at=0)


def test_captured_users_without_a_policy_are_people():
    (user,) = to_users(wire.USERS.decode(sample("api_Users_Public_4.9.5.0.json")))
    assert (user.name, user.is_admin) == ("reference-admin", False)


def test_captured_views_tell_what_is_in_them():
    views = wire.VIEWS.decode(sample("api_Users_Views_4.9.5.0.json")).items
    assert [(view.id, view.collection_type) for view in views] == [("3", "movies"), ("7", "music"), ("5", "tvshows")]
