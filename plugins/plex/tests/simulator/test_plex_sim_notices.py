"""What the server tells of its own accord (rules 11 and 12 of the protocol page, §23.3; §15, §17)."""

import asyncio
import json
from contextlib import asynccontextmanager
from email.parser import BytesParser

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import IDENTIFIER, MOVIE, NOW, RUNTIME

from watchstate.testing.faults import ConnectionDroppedError

HALF = RUNTIME // 2


def payloads(home):
    """Return what was to be sent to the webhooks, and what files came along."""
    found = []
    for each in home.server.notices.deliveries:
        head = f"Content-Type: {each.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(head + each.body).get_payload()
        named = {part.get_param("name", header="content-disposition"): part for part in parts}
        payload = json.loads(named["payload"].get_payload(decode=True))
        assert payload["event"] == each.event
        found.append((payload, "thumb" in named))
    return found


class TestWebhooks:
    @pytest.fixture(autouse=True)
    def _webhook(self, home):
        home.server.notices.webhook_urls.append("http://hook.test")

    def events(self, home):
        return [payload["event"] for payload, _ in payloads(home)]

    async def test_marks_make_none(self, home):
        await home.mark(home.movie)
        await home.mark(home.movie, "unscrobble")
        home.server.watch(home.owner, home.movie)
        assert self.events(home) == []

    async def test_a_play_from_begin_to_end_tells_each_step(self, home):
        for state, position in (("playing", 0), ("playing", HALF), ("paused", HALF), ("playing", HALF)):
            await home.report(home.movie, position, state=state)
        await home.report(home.movie, RUNTIME)
        await home.report(home.movie, RUNTIME, state="stopped")
        assert self.events(home) == [
            "media.play",
            "media.pause",
            "media.resume",
            "media.scrobble",
            "media.stop",
        ]

    async def test_a_scrobble_has_counted_and_has_no_position(self, home):
        home.server.start(home.owner, home.movie)
        home.server.stop(home.owner, home.movie, position_ms=None)
        payload = next(each for each, _ in payloads(home) if each["event"] == "media.scrobble")
        shown = payload["Metadata"]
        assert (shown["viewCount"], shown["lastViewedAt"], "viewOffset" in shown) == (1, NOW, False)

    async def test_a_stop_in_the_middle_has_the_position(self, home):
        home.server.start(home.owner, home.movie)
        home.server.stop(home.owner, home.movie, position_ms=HALF)
        assert payloads(home)[-1][0]["Metadata"]["viewOffset"] == HALF

    async def test_a_pause_of_what_was_watched_has_both(self, home):
        home.server.watch(home.owner, home.movie)
        await home.report(home.movie, 1_000)
        await home.report(home.movie, HALF, state="paused")
        shown = payloads(home)[-1][0]["Metadata"]
        assert (shown["viewCount"], shown["viewOffset"]) == (1, HALF)

    async def test_the_metadata_has_ids_and_a_section_and_no_files(self, home):
        home.server.start(home.owner, home.episodes[0])
        shown = payloads(home)[0][0]["Metadata"]
        assert (shown["librarySectionType"], shown["librarySectionID"]) == ("show", 2)
        assert (shown["Guid"], shown["grandparentRatingKey"]) == ([{"id": "tvdb://9001"}], home.show)
        assert "Media" not in shown

    async def test_a_trailer_has_no_section(self, home):
        clip = home.server.library.add_clip(home.server.library.items[home.movie], "Teaser")
        home.server.start(home.owner, clip.rating_key)
        shown = payloads(home)[0][0]["Metadata"]
        assert (shown["type"], shown["subtype"]) == ("clip", "trailer")
        assert not [name for name in shown if name.startswith("librarySection")]

    async def test_it_says_who_did_it_on_which_server(self, home):
        home.server.start(home.owner, home.movie)
        home.server.start(home.alice, home.movie)
        (mine, _), (hers, _) = payloads(home)
        assert (mine["Account"]["id"], mine["user"], mine["owner"]) == (1, True, True)
        assert (hers["Account"]["id"], hers["user"], hers["owner"]) == (int(home.alice), False, True)
        assert hers["Server"] == {"title": "simulated", "uuid": home.server.machine_id}
        assert hers["Player"]["uuid"]

    async def test_a_picture_comes_along_with_some_events(self, home):
        home.server.start(home.owner, home.movie)
        home.server.stop(home.owner, home.movie, position_ms=HALF)
        assert [(payload["event"], has_thumb) for payload, has_thumb in payloads(home)] == [
            ("media.play", True),
            ("media.stop", False),
        ]

    async def test_the_request_looks_like_the_servers(self, home):
        home.server.start(home.owner, home.movie)
        headers = home.server.notices.deliveries[0].headers
        assert headers["user-agent"] == "PlexMediaServer/1.43.1.10611-1e34174b1"
        assert headers["content-type"].startswith("multipart/form-data; boundary=")

    async def test_a_rating_is_told(self, home):
        await home.ask(f"/:/rate?key={home.movie}&identifier={IDENTIFIER}&rating=7")
        ((payload, has_thumb),) = payloads(home)
        assert (payload["event"], payload["rating"], payload["Metadata"]["userRating"]) == ("media.rate", 7.0, 7.0)
        assert has_thumb

    async def test_a_new_file_is_told_without_a_player(self, home):
        home.server.add(home.movies, replace(MOVIE, title="Ronin"))
        ((payload, _),) = payloads(home)
        assert (payload["event"], payload["Metadata"]["title"], "Player" in payload) == ("library.new", "Ronin", False)


def test_without_an_address_nothing_is_made(home):
    home.server.start(home.owner, home.movie)
    assert home.server.notices.deliveries == []


class Listener:
    """A client of the websocket or of the events, without a network."""

    def __init__(self, app, scope, first):
        self.sent = []
        self._incoming = asyncio.Queue()
        if first is not None:
            self._incoming.put_nowait(first)
        self.task = asyncio.create_task(app(scope, self._incoming.get, self._take))

    async def _take(self, message):
        self.sent.append(message)

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)
        return self.sent

    async def leave(self, kind):
        self._incoming.put_nowait({"type": kind})
        await self.task


def scope_of(kind, path, token):
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"x-plex-token", token.encode())],
    }


@asynccontextmanager
async def socket(home, token=None, path="/:/websockets/notifications"):
    scope = scope_of("websocket", path, home.server.admin_token if token is None else token)
    listener = Listener(home.server.app, scope, {"type": "websocket.connect"})
    await listener.settle()
    yield listener
    if not listener.task.done():
        await listener.leave("websocket.disconnect")


def frames(listener):
    texts = [message["text"] for message in listener.sent if message["type"] == "websocket.send"]
    return [json.loads(text)["NotificationContainer"] for text in texts]


class TestSocket:
    @pytest.mark.parametrize("path", ["/:/websockets/notifications", "/:/websocket/notifications"])
    async def test_every_report_is_a_frame(self, home, path):
        async with socket(home, path=path) as listener:
            home.server.start(home.alice, home.movie)
            home.server.progress(home.alice, home.movie, position_ms=HALF)
            await listener.settle()
        assert listener.sent[0] == {"type": "websocket.accept"}
        entries = [frame["PlaySessionStateNotification"][0] for frame in frames(listener)]
        assert [(each["ratingKey"], each["viewOffset"], each["state"]) for each in entries] == [
            (home.movie, 0, "playing"),
            (home.movie, HALF, "playing"),
        ]
        assert {"User", "title", "duration"}.isdisjoint(entries[0])

    async def test_a_new_item_is_created_and_then_finished(self, home):
        async with socket(home) as listener:
            entry_id = home.server.add(home.movies, replace(MOVIE, title="Ronin"))
            await listener.settle()
        entries = [frame["TimelineEntry"][0] for frame in frames(listener)]
        assert [(each["itemID"], each["state"], each.get("metadataState")) for each in entries] == [
            (entry_id, 0, "created"),
            (entry_id, 5, None),
        ]
        assert (entries[0]["type"], entries[0]["sectionID"]) == (1, home.movies)

    async def test_an_item_that_goes_is_deleted(self, home):
        async with socket(home) as listener:
            home.server.remove(home.movie)
            await listener.settle()
        entry = frames(listener)[0]["TimelineEntry"][0]
        assert (entry["itemID"], entry["state"], entry["metadataState"]) == (home.movie, 9, "deleted")

    @pytest.mark.parametrize(("is_told", "kinds"), [(False, []), (True, ["activity"])])
    async def test_a_mark_is_no_news_but_now_and_then_an_activity(self, home, is_told, kinds):
        home.server.refresh_activity = is_told
        async with socket(home) as listener:
            await home.mark(home.movie)
            await listener.settle()
        found = frames(listener)
        assert [frame["type"] for frame in found] == kinds
        for frame in found:
            activity = frame["ActivityNotification"][0]
            assert (activity["event"], activity["Activity"]["type"]) == ("ended", "library.refresh.items")
            assert activity["Activity"]["Context"]["key"] == f"/library/metadata/{home.movie}"

    async def test_a_shared_user_hears_only_of_their_own_plays(self, home):
        async with socket(home, home.server.token_for(home.friend)) as listener:
            home.server.start(home.alice, home.movie)
            home.server.start(home.friend, home.movie)
            await listener.settle()
        assert len(frames(listener)) == 1

    async def test_a_wrong_token_is_shown_out(self, home):
        async with socket(home, "wrong") as listener:
            assert listener.sent == [{"type": "websocket.close", "code": 1008}]

    async def test_a_connection_can_break_without_an_end(self, home):
        async with socket(home) as listener:
            home.server.drop_listeners()
            with pytest.raises(ConnectionDroppedError):
                await listener.task
        assert [message["type"] for message in listener.sent] == ["websocket.accept"]

    async def test_after_the_client_has_left_nothing_is_sent(self, home):
        async with socket(home) as listener:
            pass
        home.server.start(home.alice, home.movie)
        assert frames(listener) == []


async def test_the_same_comes_as_events(home):
    scope = scope_of("http", "/:/eventsource/notifications", home.server.admin_token)
    listener = Listener(home.server.app, scope, {"type": "http.request", "body": b""})
    await listener.settle()
    home.server.start(home.alice, home.movie)
    await listener.settle()
    await listener.leave("http.disconnect")
    start, event = listener.sent[:2]
    assert (start["status"], start["headers"][0]) == (200, (b"content-type", b"text/event-stream"))
    name, data = event["body"].decode().strip().split("\n")
    assert name == "event: playing"
    assert json.loads(data.removeprefix("data: "))["NotificationContainer"]["type"] == "playing"
