import json
from contextlib import suppress
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plugins.emby.tests.canned import MACHINE, USER

from watchstate.api import Event, EventKind, WebhookRejected, WebhookRequest
from watchstate_emby.forms import unpack
from watchstate_emby.webhook import parse

AT = 1_767_380_400_123
BOUNDARY = "7d3b1c9e-2f0a-4a56-9a0e-0f6f1f1f1f1f"


def notification(kind, **more):
    return {
        "Title": "bob a marqué S comme lu",
        "Date": "2026-01-02T19:00:00.1234567Z",
        "Event": kind,
        "User": {"Name": "bob", "Id": USER},
        "Item": {
            "Name": "Pilot",
            "Id": "240252",
            "Type": "Episode",
            "SeriesId": "240202",
            "ProviderIds": {"Tvdb": "349232"},
            "Studios": [{"Name": "A", "Id": 1252}],
        },
        "Server": {"Name": "S", "Id": MACHINE, "Version": "4.9.1.0"},
        **more,
    }


def stopped(**playback):
    return notification("playback.stop", PlaybackInfo={"PositionTicks": 1, "PlaylistIndex": 0, **playback})


def as_json(body):
    return "application/json; charset=utf-8", json.dumps(body, ensure_ascii=False).encode()


def as_form(body):
    return "application/x-www-form-urlencoded", urlencode({"data": json.dumps(body, ensure_ascii=False)}).encode()


def as_multipart(body, name="data", more=""):
    """Pack as .NET does: the boundary is quoted in the header, the name of the part is not."""
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name={name}{more}"
    content = f"--{BOUNDARY}\r\n{head}\r\n\r\n{json.dumps(body, ensure_ascii=False)}\r\n--{BOUNDARY}--\r\n"
    return f'multipart/form-data; boundary="{BOUNDARY}"', content.encode()


def as_quoted_multipart(body):
    return as_multipart(body, '"data"')


ENCODINGS = [as_json, as_form, as_multipart, as_quoted_multipart]


def hear(packed):
    content_type, body = packed
    return parse(WebhookRequest(headers={"content-type": content_type}, body=body))


def event(kind, watched=None, user_id=USER):
    return Event(kind=kind, machine_id=MACHINE, user_id=user_id, entry_id="240252", at=AT, watched=watched)


@pytest.mark.parametrize("pack", ENCODINGS)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (notification("item.markplayed"), event(EventKind.STATE, watched=True)),
        (notification("item.markunplayed"), event(EventKind.STATE, watched=False)),
        (notification("playback.start", PlaybackInfo={"PositionTicks": 99}), event(EventKind.PLAYING)),
        (stopped(PlayedToCompletion=True), event(EventKind.STOPPED, watched=True)),
        (stopped(PlayedToCompletion=False), event(EventKind.STOPPED)),
        (stopped(), event(EventKind.STOPPED)),
    ],
)
def test_what_happened_is_heard_however_it_is_packed(pack, body, expected):
    assert hear(pack(body)) == (expected,)


@pytest.mark.parametrize("pack", ENCODINGS)
def test_an_added_file_concerns_everybody(pack):
    body = notification("library.new")
    del body["User"]
    assert hear(pack(body)) == (event(EventKind.ADDED, user_id=None),)


@pytest.mark.parametrize("pack", ENCODINGS)
def test_letters_of_every_script_survive(pack):
    body = notification("item.markplayed", Title="故人之子 & 50% + more; =", Description="é\r\n--x")
    assert hear(pack(body)) == (event(EventKind.STATE, watched=True),)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/form-data", "nonsense"])
@pytest.mark.parametrize("pack", ENCODINGS)
def test_the_content_type_does_not_matter(pack, content_type):
    _, body = pack(notification("playback.start"))
    assert hear((content_type, body)) == (event(EventKind.PLAYING),)


def test_a_byte_order_mark_does_not_matter():
    content_type, body = as_json(notification("playback.start"))
    assert hear((content_type, b"\xef\xbb\xbf" + body)) == (event(EventKind.PLAYING),)


def test_other_parts_do_not_matter():
    content_type, body = as_multipart(notification("playback.start"))
    other = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="thumb"; filename="data"\r\n\r\n\xff\xd8\r\n'
    assert hear((content_type, other.encode("latin-1") + body)) == (event(EventKind.PLAYING),)


def test_the_part_may_have_a_file_name():
    packed = as_multipart(notification("playback.start"), more='; filename="x.json"')
    assert hear(packed) == (event(EventKind.PLAYING),)


@pytest.mark.parametrize(
    "kind",
    [
        "playback.pause",
        "playback.unpause",
        "item.rate",
        "library.deleted",
        "user.authenticated",
        "user.authenticationfailed",
        "system.serverrestartrequired",
        "external.externalnotification",
        "Later",
    ],
)
def test_other_events_are_not_heard(kind):
    assert hear(as_json(notification(kind))) == ()


@pytest.mark.parametrize("kind", ["system.notificationtest", "system.webhooktest"])
@pytest.mark.parametrize("pack", ENCODINGS)
def test_the_servers_own_test_is_understood_and_means_nothing(kind, pack):
    body = {"Title": "Test Notification", "Event": kind, "Severity": "Info", "Server": {"Id": "ours", "Name": "S"}}
    assert hear(pack(body)) == ()


@pytest.mark.parametrize("item_type", ["Audio", "Series", "Season", "MusicAlbum", "Video", "Trailer", "BoxSet"])
@pytest.mark.parametrize("kind", ["item.markplayed", "playback.stop", "library.new"])
def test_only_movies_and_episodes_are_heard(kind, item_type):
    assert hear(as_json(notification(kind, Item={"Id": "7", "Type": item_type}))) == ()


@pytest.mark.parametrize("item", [None, {}, {"Type": "Movie"}, {"Id": ""}, {"Id": "Latest"}, {"Id": "../1"}])
def test_an_event_without_an_item_is_rejected(item):
    with pytest.raises(WebhookRejected, match="without the id of an item"):
        hear(as_json(notification("item.markplayed", Item=item)))


def test_an_id_may_come_as_a_number():
    assert hear(as_json(notification("item.markplayed", Item={"Id": 240252}))) == (
        event(EventKind.STATE, watched=True),
    )


def test_who_and_where_and_when_may_be_unknown():
    body = {"Event": "item.markunplayed", "Item": {"Id": "7"}, "User": {"Id": "jakehu"}, "Date": "soon"}
    expected = Event(kind=EventKind.STATE, machine_id=None, user_id=None, entry_id="7", watched=False)
    assert hear(as_json(body)) == (expected,)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html>",
        b"data",
        b"data=",
        b"other=%7B%7D",
        b"&".join(b"a%d=1" % number for number in range(200)),
        b"--",
        b"--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=other\r\n\r\n{}\r\n--x--",
        b"--x\r\nContent-Disposition: form-data; name=data\r\n\r\n{",
        b'{"Event": "\xff"}',
    ],
)
def test_a_body_that_is_no_notification_is_rejected_with_advice(body):
    with pytest.raises(WebhookRejected, match="no notification of Emby's webhooks"):
        hear(("application/json", body))


def test_an_object_of_another_kind_is_not_heard():
    assert hear(as_json({"NotificationType": "UserDataSaved", "ItemId": USER})) == ()


def test_a_field_is_unpacked_as_it_was_packed():
    text = '{"a": "50% +&=é"}'
    assert unpack(b"data=" + quote_plus(text).encode()).decode() == text


EVENTS = ["item.markplayed", "item.markunplayed", "playback.start", "playback.stop", "library.new"]
NAMES = st.sampled_from(["Event", "Date", "Item", "User", "Server", "PlaybackInfo", "Session", "Other"])
INNER = st.sampled_from(["Id", "Type", "Name", "PlayedToCompletion", "PositionTicks"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([USER, "Movie", "28", "²"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(INNER | st.text(), each, max_size=4),
    max_leaves=8,
)


@given(st.binary(), st.text())
@example(b"[" * 100_000, "")
@example(b'{"x":' * 100_000, "application/json")
@example(b"--" * 50_000, "multipart/form-data; boundary=x")
@example(b"--x\r\n" * 20_000, "multipart/form-data; boundary=x")
@example(b"data=" + b"%" * 50_000, "")
def test_no_body_makes_the_parser_fail(body, content_type):
    with suppress(WebhookRejected):
        hear((content_type, body))


@given(
    st.binary(), st.sampled_from([b"--x\r\n", b"data=", b"{", b'--x\r\nContent-Disposition: form-data; name="data"'])
)
def test_no_ending_of_a_known_beginning_makes_the_parser_fail(body, start):
    with suppress(WebhookRejected):
        hear(("", start + body))


@given(st.dictionaries(NAMES, VALUES), st.sampled_from(EVENTS), st.sampled_from(ENCODINGS))
def test_no_object_makes_the_parser_fail(body, kind, pack):
    try:
        events = hear(pack({**body, "Event": kind}))
    except WebhookRejected:
        return
    assert all(each.entry_id.isdigit() for each in events)
