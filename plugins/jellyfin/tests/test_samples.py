"""What real servers sent goes through the decoders and the webhook parser."""

from pathlib import Path

import pytest

from watchstate.api import Event, EventKind, PlayState, WebhookRequest
from watchstate_jellyfin import webhook
from watchstate_mediabrowser import wire
from watchstate_mediabrowser.convert import to_entry, to_state

SHARED = Path(__file__).parents[4] / "shared"
SAMPLES = SHARED / "samples" / "jellyfin"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder with captured answers is not here")

HEARD = {
    "webhook_AuthenticationSuccess_user-login.json": (),
    "webhook_ItemAdded_episode_10.8.11.json": (
        Event(
            kind=EventKind.ADDED,
            machine_id="b552c5f7ec134aeb81c5343c13f1358e",
            user_id=None,
            entry_id="139a8526725bd660fae1c8b0a03e5104",
            at=1_719_400_983_904,
        ),
    ),
    # 7 % in, and yet "PlayedToCompletion": true
    "webhook_PlaybackStop_movie_10.8.8.json": (
        Event(
            kind=EventKind.STOPPED,
            machine_id="e7f44197df844fc4a503f7366b746adc",
            user_id="50e1109a03fd4e13a3a5dd9bb27e08ec",
            entry_id="9871a124b152901edc3aafa0f374d14e",
            at=1_672_814_172_853,
        ),
    ),
    "webhook_UserDataSaved_TogglePlayed_unmark_episode_10.10.3.json": (
        Event(
            kind=EventKind.STATE,
            machine_id="16588a9f062a40c4966586b1d220bffc",
            user_id="02700c8344d542619b39319296c0d4c7",
            entry_id="9250ab3d1101d01705c353b78cbb572e",
            at=1_755_292_208_769,
            watched=False,
        ),
    ),
    "webhook_template_UserDataSaved_TogglePlayed_played_10.11.11.json": (
        Event(
            kind=EventKind.STATE,
            machine_id=None,
            user_id=None,
            entry_id="2c0d61a793f1a78957bccedd56eea531",
            watched=True,
        ),
    ),
}
ANSWERS = {
    "api_Items_episode_2024-11.json": wire.ITEMS,
    "api_System_Info_Public_10.11.6.json": wire.PUBLIC_INFO,
    "api_UserViews_2026-01.json": wire.VIEWS,
}
ONE_SESSION = "api_session_valid_music_10.9.11.json"


def test_every_sample_has_its_test():
    assert {path.name for path in SAMPLES.iterdir() if path.suffix == ".json"} == {*HEARD, *ANSWERS, ONE_SESSION}


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_notification_is_heard(name):
    request = WebhookRequest(headers={"content-type": "text/plain; charset=utf-8"}, body=(SAMPLES / name).read_bytes())
    assert webhook.parse(request) == HEARD[name]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_captured_answer_is_read(name):
    assert ANSWERS[name].decode((SAMPLES / name).read_bytes())


def test_a_captured_episode_becomes_a_fact():
    (item,) = wire.ITEMS.decode((SAMPLES / "api_Items_episode_2024-11.json").read_bytes()).items
    entry = to_entry(item, ())
    assert (entry.kind, entry.show_title, entry.season, entry.episodes) == ("episode", "One Piece", 1, (3,))
    assert item.user_data is not None
    assert to_state(item.user_data) == PlayState(
        watched=True, position_ms=0, play_count=1, watched_at=1_732_223_089_571
    )


def test_captured_views_include_a_mixed_library():
    views = wire.VIEWS.decode((SAMPLES / "api_UserViews_2026-01.json").read_bytes()).items
    assert None in {view.collection_type for view in views}


def test_a_captured_session_names_its_user_and_what_it_plays():
    (session,) = wire.SESSIONS.decode(b"[" + (SAMPLES / ONE_SESSION).read_bytes() + b"]")
    assert session.user_id == "1ae8a43ed293456da28274f1a89cd2a5"
    assert session.now_playing_item is not None
    assert session.now_playing_item.id == "7648c5d1a50b1e03f225a2ce76baef07"


def test_a_captured_answer_of_emby_is_told_from_jellyfins():
    info = wire.PUBLIC_INFO.decode((SHARED / "samples/emby/api_System_Info_Public_4.9.5.0.json").read_bytes())
    assert info.product_name is None
