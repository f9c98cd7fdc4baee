import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchstate.api import Event, EventKind, WebhookRejected, WebhookRequest
from watchstate_jellyfin.webhook import parse

ITEM = "0123456789abcdef0123456789abcdef"
USER = "89abcdef89abcdef89abcdef89abcdef"
SERVER = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
AT = 1_767_380_400_123


def notification(kind, **more):
    """What the plugin sends with Send All Properties."""
    return {
        "ServerId": SERVER,
        "ServerVersion": "10.11.8",
        "NotificationType": kind,
        "Timestamp": "2026-01-02T20:00:00.1234567+01:00",
        "UtcTimestamp": "2026-01-02T19:00:00.1234567Z",
        "Name": "Pilot",
        "ItemId": ITEM,
        "ItemType": "Episode",
        "Video_0_ColorTransfer": None,
        "NotificationUsername": "bob",
        "UserId": USER,
        **more,
    }


def saved(reason, **more):
    return notification("UserDataSaved", SaveReason=reason, PlayCount=0, PlaybackPositionTicks=0, **more)


def dashed(guid):
    return f"{guid[:8]}-{guid[8:12]}-{guid[12:16]}-{guid[16:20]}-{guid[20:]}"


def hear(body, content_type="text/plain; charset=utf-8"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(WebhookRequest(headers={"content-type": content_type}, body=content))


def event(kind, watched=None, user_id=USER):
    return Event(kind=kind, machine_id=SERVER, user_id=user_id, entry_id=ITEM, at=AT, watched=watched)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (saved("TogglePlayed", Played=True), event(EventKind.STATE, watched=True)),
        (saved("TogglePlayed", Played=False), event(EventKind.STATE, watched=False)),
        (saved("UpdateUserData", Played=False), event(EventKind.STATE, watched=False)),
        (saved("UpdateUserData", Played=True), event(EventKind.STATE, watched=True)),
        (saved("PlaybackFinished", Played=True), event(EventKind.STATE, watched=True)),
        (saved("Import", Played=True), event(EventKind.STATE, watched=True)),
        (notification("PlaybackStart"), event(EventKind.PLAYING)),
        (notification("PlaybackStop", PlayedToCompletion=True), event(EventKind.STOPPED)),
        (notification("PlaybackStop", PlayedToCompletion=False), event(EventKind.STOPPED)),
    ],
)
def test_what_happened_is_heard(body, expected):
    assert hear(body) == (expected,)


def test_an_added_file_concerns_everybody():
    body = notification("ItemAdded")
    del body["UserId"]
    assert hear(body) == (event(EventKind.ADDED, user_id=None),)


def test_the_start_of_a_play_is_no_unmark_though_it_clears_the_flag():
    assert hear(saved("PlaybackStart", Played=False)) == (event(EventKind.PLAYING),)


def test_stopping_halfway_is_no_unmark():
    assert hear(saved("PlaybackFinished", Played=False)) == (event(EventKind.STATE),)


@pytest.mark.parametrize("reason", ["PlaybackProgress", "UpdateUserRating"])
@pytest.mark.parametrize("played", [True, False])
def test_a_save_without_news_is_not_heard(reason, played):
    assert hear(saved(reason, Played=played)) == ()


@pytest.mark.parametrize(
    "kind",
    ["PlaybackProgress", "ItemDeleted", "SessionStart", "AuthenticationSuccess", "Generic", "TaskCompleted", "Later"],
)
def test_other_notifications_are_not_heard(kind):
    assert hear(notification(kind)) == ()


@pytest.mark.parametrize("item_type", ["Audio", "MusicAlbum", "Season", "Series", "Video", "Book"])
@pytest.mark.parametrize("kind", ["UserDataSaved", "PlaybackStart", "PlaybackStop", "ItemAdded"])
def test_only_movies_and_episodes_are_heard(kind, item_type):
    assert hear(notification(kind, ItemType=item_type)) == ()


def test_a_template_makes_strings_and_dashes():
    body = {
        "NotificationType": "UserDataSaved",
        "ServerId": dashed(SERVER),
        "UserId": dashed(USER).upper(),
        "ItemId": dashed(ITEM),
        "ItemType": "Movie",
        "UtcTimestamp": "2026-01-02T19:00:00.1234567Z",
        "Played": "False",
        "PlayedToCompletion": "",
        "SaveReason": "TogglePlayed",
    }
    assert hear(body) == (event(EventKind.STATE, watched=False),)


def test_what_a_template_leaves_out_is_unknown():
    body = {"NotificationType": "UserDataSaved", "ItemId": ITEM, "ItemType": "", "UserId": "", "Played": ""}
    assert hear(body) == (Event(kind=EventKind.STATE, machine_id=None, user_id=None, entry_id=ITEM),)


def test_a_play_flag_without_a_reason_is_no_unmark():
    assert hear({"NotificationType": "UserDataSaved", "ItemId": ITEM, "Played": "False"})[0].watched is None


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_the_content_type_does_not_matter(content_type):
    assert hear(notification("PlaybackStart"), content_type) == (event(EventKind.PLAYING),)


def test_a_byte_order_mark_does_not_matter():
    body = b"\xef\xbb\xbf" + json.dumps(notification("PlaybackStart")).encode()
    assert hear(body) == (event(EventKind.PLAYING),)


@pytest.mark.parametrize("item_id", ["", "42", None, dashed(ITEM)[:-1]])
def test_an_event_without_an_item_is_rejected_with_advice(item_id):
    with pytest.raises(WebhookRejected, match="Send All Properties"):
        hear(notification("PlaybackStart", ItemId=item_id))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"<html>", b"NotificationType=ItemAdded", b'{"a": "\xff'])
def test_a_body_that_is_no_object_is_rejected(body):
    with pytest.raises(WebhookRejected):
        hear(body)


def test_an_object_without_a_type_is_not_heard():
    assert hear({"Event": "Play", "Item": {"Id": ITEM}}) == ()


NAMES = st.sampled_from(
    ["NotificationType", "ItemId", "ItemType", "UserId", "ServerId", "UtcTimestamp", "Played", "SaveReason", "Other"]
)
TYPES = st.sampled_from(["UserDataSaved", "PlaybackStart", "PlaybackStop", "ItemAdded"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([ITEM, "Movie", "True"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=8,
)


@given(st.binary())
@example(b"[" * 100_000)
@example(b'{"x":' * 100_000)
def test_no_body_makes_the_parser_fail(body):
    with suppress(WebhookRejected):
        hear(body)


@given(st.dictionaries(NAMES, VALUES), TYPES)
def test_no_object_makes_the_parser_fail(body, kind):
    try:
        events = hear({**body, "NotificationType": kind})
    except WebhookRejected:
        return
    assert all(len(each.entry_id) == 32 for each in events)
