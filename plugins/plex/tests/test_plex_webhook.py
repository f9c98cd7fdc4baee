import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchstate.api import Event, EventKind, WebhookRejected, WebhookRequest
from watchstate_plex.webhook import parse

SERVER = "0123456789abcdef0123456789abcdef01234567"
THUMB = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\r\n\r\n--not-the-boundary\r\n\xff\xd9"


def notification(name, *, account=1, **metadata):
    """What Plex sends, as far as it matters."""
    return {
        "event": name,
        "user": True,
        "owner": True,
        "Account": {"id": account, "title": "owner"},
        "Server": {"title": "Office", "uuid": SERVER},
        "Player": {"local": True, "title": "Living Room"},
        "Metadata": {
            "librarySectionType": "show",
            "ratingKey": "40294",
            "type": "episode",
            "index": 3,
            "Guid": [{"id": "tvdb://8555555"}],
            **metadata,
        },
    }


def multipart(payload, *, thumb=True, boundary="----------------------------a1b2", newline="\r\n"):
    text = payload if isinstance(payload, str) else json.dumps(payload)
    begin = f"--{boundary}{newline}".encode()
    parts = begin + newline.join(['Content-Disposition: form-data; name="payload"', "", text, ""]).encode()
    if thumb:
        head = [
            'Content-Disposition: form-data; name="thumb"; filename="thumb.jpg"',
            "Content-Type: image/jpeg",
            "",
            "",
        ]
        parts += begin + newline.join(head).encode() + THUMB + newline.encode()
    return parts + f"--{boundary}--{newline}".encode()


def hear(body, content_type="multipart/form-data; boundary=----------------------------a1b2"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(WebhookRequest(headers={"content-type": content_type}, body=content))


def event(kind, *, user_id="1", at=None, watched=None):
    return Event(kind=kind, machine_id=SERVER, user_id=user_id, entry_id="40294", at=at, watched=watched)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            notification("media.scrobble", viewCount=1, lastViewedAt=1_689_000_000),
            event(EventKind.STATE, at=1_689_000_000_000, watched=True),
        ),
        (notification("media.scrobble", viewCount=1), event(EventKind.STATE, watched=True)),
        (notification("media.play", lastViewedAt=1_689_000_000), event(EventKind.PLAYING)),
        (notification("media.resume", viewOffset=5_000), event(EventKind.PLAYING)),
        (notification("media.pause", viewOffset=5_000, viewCount=2), event(EventKind.STATE)),
        (notification("media.stop", viewOffset=1_127_000), event(EventKind.STOPPED)),
        (notification("library.new"), event(EventKind.ADDED, user_id=None)),
        (notification("library.new", type="movie"), event(EventKind.ADDED, user_id=None)),
        (notification("media.stop", account=31646104), event(EventKind.STOPPED, user_id="31646104")),
    ],
)
@pytest.mark.parametrize("send", [multipart, json.dumps, lambda body: urlencode({"payload": json.dumps(body)})])
def test_what_happened_is_heard_however_it_is_sent(body, expected, send):
    sent = send(body)
    assert hear(sent if isinstance(sent, bytes) else sent.encode()) == (expected,)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_the_content_type_does_not_matter(content_type):
    assert hear(multipart(notification("media.play")), content_type) == (event(EventKind.PLAYING),)
    assert hear(notification("media.play"), content_type) == (event(EventKind.PLAYING),)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("thumb", [True, False])
def test_the_picture_may_be_there_or_not(newline, thumb):
    body = multipart(notification("media.play"), thumb=thumb, newline=newline)
    assert hear(body) == (event(EventKind.PLAYING),)


def test_a_text_that_looks_like_a_form_is_only_text():
    body = notification("media.play", title='x&payload=y "\r\n--a1b2')
    for sent in (multipart(body), json.dumps(body).encode()):
        assert hear(sent) == (event(EventKind.PLAYING),)


@pytest.mark.parametrize(
    "name",
    [
        "media.rate",
        "library.on.deck",
        "playback.started",
        "admin.database.backup",
        "device.new",
        "media.later",
        "",
        None,
    ],
)
def test_other_events_are_not_heard(name):
    assert hear(notification(name)) == ()


def test_an_event_without_metadata_that_needs_none_is_not_heard():
    assert hear({"event": "admin.database.backup", "user": True, "owner": True}) == ()


@pytest.mark.parametrize("kind", ["clip", "track", "photo", "season", "show", "album"])
@pytest.mark.parametrize("name", ["media.play", "media.scrobble", "library.new"])
def test_only_movies_and_episodes_are_heard(name, kind):
    assert hear(notification(name, type=kind)) == ()


@pytest.mark.parametrize("live", [1, "1", True])
def test_live_television_is_not_heard(live):
    assert hear(notification("media.play", live=live, type="movie")) == ()


@pytest.mark.parametrize("live", [0, "0", False, None, ""])
def test_a_recording_is_heard(live):
    assert hear(notification("media.play", live=live, type="movie")) == (event(EventKind.PLAYING),)


@pytest.mark.parametrize("key", [None, "", "abc", "-1", "../1", "\uff11\uff12"])
def test_an_event_without_a_title_is_rejected_with_advice(key):
    with pytest.raises(WebhookRejected, match="without a ratingKey"):
        hear(notification("media.play", ratingKey=key))


def test_a_rating_key_may_be_a_number():
    assert hear(notification("media.play", ratingKey=40294)) == (event(EventKind.PLAYING),)


@pytest.mark.parametrize("last_viewed_at", ["2024-01-02", "", 1.5, None])
def test_a_date_that_is_none_is_no_date(last_viewed_at):
    assert hear(notification("media.scrobble", lastViewedAt=last_viewed_at))[0].at is None


def test_an_event_may_not_say_who_and_where():
    body = notification("media.play")
    body["Account"], body["Server"] = {}, None
    assert hear(body) == (Event(kind=EventKind.PLAYING, machine_id=None, user_id=None, entry_id="40294"),)


# Tautulli


def tautulli(action, **metadata):
    """What the template for Tautulli makes: everything is a string, dates in any form."""
    return {
        "event": f"tautulli.{action}",
        "Account": {"id": "31646104", "thumb": "", "title": "owner"},
        "Server": {"title": "Office", "uuid": SERVER, "version": "1.43.1"},
        "Player": {"local": "1", "publicAddress": "", "title": "TV", "uuid": "x"},
        "Metadata": {
            "ratingKey": "40294",
            "guid": "plex://episode/615580a9fa828e7f1a0caabd",
            "type": "episode",
            "index": "3",
            "viewOffset": "",
            "lastViewedAt": "2024-01-02",
            "Guids": {"imdb": "", "tvdb": "8555555"},
            **metadata,
        },
    }


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("play", EventKind.PLAYING),
        ("resume", EventKind.PLAYING),
        ("pause", EventKind.STATE),
        ("stop", EventKind.STOPPED),
        ("watched", EventKind.STATE),
        ("created", EventKind.ADDED),
    ],
)
def test_tautulli_is_heard_and_names_neither_owner_nor_state(action, kind):
    assert hear(tautulli(action)) == (event(kind, user_id=None),)


@pytest.mark.parametrize("action", ["change", "buffer", "error", "intro", "newdevice", "plexupdate"])
def test_other_notifications_of_tautulli_are_not_heard(action):
    assert hear(tautulli(action, ratingKey="", type="")) == ()


def test_a_show_that_tautulli_tells_of_is_not_heard():
    assert hear(tautulli("created", type="show")) == ()


# Anything


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html>",
        b"a=b",
        b"payload=",
        b"payload=%ff",
        b"payload=" + b"&a=1" * 99,
        b"--x",
        b"--",
        b"--x\r\n\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="thumb"\r\n\r\n{}\r\n--x--',
        b'{"event": "media.play", "Metadata": 7}',
    ],
)
def test_a_body_without_a_notification_is_rejected(body):
    with pytest.raises(WebhookRejected):
        hear(body)


NAMES = st.sampled_from(
    ["event", "Account", "Server", "Metadata", "ratingKey", "type", "id", "uuid", "live", "lastViewedAt"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1", "episode"])
VALUES = st.recursive(
    LEAVES,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES | st.text(), each, max_size=4),
    max_leaves=12,
)


@given(st.binary())
@example(b"[" * 100_000)
@example(b'{"x":' * 100_000)
@example(b"--\n" * 10_000)
@example(b"-" * 100_000)
def test_no_body_makes_the_parser_fail(body):
    for sent in (body, b"--x\r\n" + body, b"payload=" + body, b'--x\nname="payload"\n\n' + body):
        with suppress(WebhookRejected):
            hear(sent)


@given(st.dictionaries(NAMES, VALUES), st.sampled_from(["media.scrobble", "library.new", "tautulli.watched"]))
def test_no_object_makes_the_parser_fail(body, name):
    try:
        events = hear({**body, "event": name})
    except WebhookRejected:
        return
    assert all(each.entry_id.isdigit() and (each.at or 0) >= 0 for each in events)
