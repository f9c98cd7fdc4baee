"""Every answer of the door, and what may never be seen: a token."""

import json
import logging
import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient
from tests.engine.home import Home
from tests.server.house import TOKENS, House, emby, jellyfin

from watchstate.api import ConfigError, Event, WebhookRequest, hookimpl
from watchstate.config import decode_server
from watchstate.server.application import Application
from watchstate.server.problems import on_mistake
from watchstate.server.webhooks import MOST_BYTES
from watchstate_jellyfin.backend import JellyfinBackend


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
async def door(house):
    async with house.listening() as door:
        yield door


def saved(house, **changes) -> bytes:
    fields = {"Played": True, "SaveReason": "TogglePlayed"} | changes
    return json.dumps(jellyfin(house, "jelly", house.film["jelly"], **fields)).encode()


async def states(door):
    return [event.state for event in await door.events()]


async def test_the_token_may_come_in_the_address_or_in_a_header(house, door):
    for headers, token in [({}, TOKENS["jellyfin"]), ({"X-apikey": TOKENS["jellyfin"]}, "")]:
        answer = await door.post(saved(house), token=token, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    assert await states(door) == ["new", "new"]


async def test_the_seeds_address_with_an_empty_first_parameter_works(house, door):
    answer = await door.client.post(f"/?&apikey={TOKENS['jellyfin']}", content=saved(house))
    assert answer.json() == {"status": "accepted"}


@pytest.mark.parametrize("token", ["", "wrong", TOKENS["jellyfin"][:-1], TOKENS["jellyfin"] + "x", "ü\udcff"])
async def test_a_wrong_or_missing_token_is_refused_and_nothing_is_kept(house, door, token):
    query = token.encode(errors="surrogateescape").decode("latin-1")
    answer = await door.client.post("/", params={"apikey": query}, content=saved(house))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "webhook-token"
    assert await states(door) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"NotificationType": "UserDataSaved"}'])
async def test_what_cannot_be_read_is_told_so(door, body):
    answer = await door.post(body, token=TOKENS["jellyfin"])
    assert (answer.status_code, answer.json()["type"]) == (400, "webhook-rejected")
    assert await states(door) == []


async def test_a_token_belongs_to_one_type_of_server(house, door):
    answer = await door.post(saved(house), token=TOKENS["plex"])
    assert answer.json() == {"status": "ignored", "reason": "it tells nothing about what was watched"}


async def test_two_types_of_servers_can_not_share_a_token(house):
    house.configs["emby"] = house.config(house["emby"], webhook={"token": TOKENS["plex"]})
    async with house.services() as services:
        with pytest.raises(ConfigError, match=r"plex and emby have the same webhook\.token") as caught:
            Application(services)
    assert TOKENS["plex"] not in str(caught.value)


@pytest.mark.parametrize("has_length", [True, False])
async def test_what_is_too_long_is_refused_before_it_is_kept(house, door, has_length):
    body = b"x" * (MOST_BYTES + 1)

    async def parts():
        yield body

    answer = await door.client.post("/", params={"apikey": TOKENS["jellyfin"]}, content=body if has_length else parts())
    assert (answer.status_code, answer.json()["type"]) == (413, "request-entity-too-large")
    assert await states(door) == []


async def test_what_is_just_short_enough_is_kept(house, door):
    body = saved(house)
    answer = await door.post(body + b" " * (MOST_BYTES - len(body)), token=TOKENS["jellyfin"])
    assert answer.json() == {"status": "accepted"}


IGNORED = {
    "a machine id": ({"ServerId": "0" * 32}, "no server of this token has the machine id " + "0" * 32),
    "a user": ({"UserId": "1" * 32}, "no account of jelly has the user id " + "1" * 32),
    "an event": ({"NotificationType": "PendingRestart"}, "it tells nothing about what was watched"),
    "a type of item": ({"ItemType": "Audio"}, "it tells nothing about what was watched"),
}


@pytest.mark.parametrize(("changes", "reason"), IGNORED.values(), ids=IGNORED)
async def test_what_concerns_nobody_is_ignored_with_a_reason(house, door, changes, reason):
    answer = await door.post(saved(house, **changes), token=TOKENS["jellyfin"])
    assert (answer.status_code, answer.json()) == (200, {"status": "ignored", "reason": reason})
    assert await states(door) == []


async def test_what_is_ignored_is_kept_for_whoever_looks_for_a_mistake(house):
    house.environ["WS_WEBHOOK_DEBUG"] = "1"
    async with house.listening() as door:
        await door.post(saved(house, UserId="1" * 32), token=TOKENS["jellyfin"])
        await door.hearing.settle()
        (event,) = await door.events()
        assert (event.state, event.result) == ("ignored", "no account of jelly has the user id " + "1" * 32)


async def test_while_nothing_can_be_kept_nothing_is_accepted(house, door):
    with closing(sqlite3.connect(house.folder / "db" / "watchstate.db")) as other:
        other.execute("ALTER TABLE event RENAME TO gone")
        answer = await door.post(saved(house), token=TOKENS["jellyfin"])
        assert (answer.status_code, answer.json()["type"]) == (503, "storage")
        assert int(answer.headers["retry-after"]) > 0
        other.execute("ALTER TABLE gone RENAME TO event")
    answer = await door.post(saved(house), token=TOKENS["jellyfin"])
    assert answer.json() == {"status": "accepted"}


class Clumsy(JellyfinBackend):
    """Trips over every webhook."""

    @hookimpl
    def parse_webhook(self, request: WebhookRequest) -> tuple[Event, ...]:
        raise RuntimeError(f"what is this: {len(request.body)}")


async def test_what_a_plugin_trips_over_is_parked_and_read_again_when_a_person_says_so(tmp_path):
    house = House(tmp_path, one="jellyfin", two="jellyfin")
    await house.sync()
    house["one"].watch(house.film["one"])
    body = json.dumps(jellyfin(house, "one", house.film["one"], Played=True, SaveReason="TogglePlayed")).encode()
    async with house.listening(Clumsy()) as door:
        answer = await door.post(body, token=TOKENS["jellyfin"])
        assert (answer.status_code, answer.json()["status"]) == (200, "parked")
        assert await states(door) == ["parked"]
    async with house.listening() as door:
        await door.retry()
        await door.hearing.settle()
        assert await states(door) == ["done"]
    assert house["two"].is_watched(house.film["two"])


async def test_what_comes_for_a_backend_that_is_not_there_is_parked(house):
    other = {"type": "kodi", "url": "http://kodi.test", "token": "t", "user": "1", "webhook": {"token": "hook-of-kodi"}}
    house.configs["kodi"] = decode_server("kodi", other)
    async with house.listening() as door:
        answer = await door.post(b"{}", token="hook-of-kodi")
        assert (answer.status_code, answer.json()["status"]) == (200, "parked")
        assert [(event.state, event.backend) for event in await door.events()] == [("parked", "kodi")]


def a_form(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    body = (
        b'--limit\r\nContent-Disposition: form-data; name="thumb"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        b'\xff\xd8\r\n--limit\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n'
        b"" + content + b"\r\n--limit--\r\n"
    )
    return body, {"content-type": "multipart/form-data; boundary=limit"}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/octet-stream"])
async def test_json_is_read_whatever_it_is_called(house, door, content_type):
    answer = await door.post(saved(house), token=TOKENS["jellyfin"], headers={"content-type": content_type})
    assert answer.json() == {"status": "accepted"}


async def test_forms_are_read_as_emby_and_plex_send_them(house, door):
    marked = json.dumps(emby(house, "emby", house.film["emby"], "item.markplayed"))
    body, headers = a_form("data", marked.encode())
    assert (await door.post(body, token=TOKENS["emby"], headers=headers)).json() == {"status": "accepted"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"data": marked}).encode()
    assert (await door.post(body, token=TOKENS["emby"], headers=headers)).json() == {"status": "accepted"}


async def test_tautulli_may_put(house, door):
    simulator = house["plex"].simulator
    body = json.dumps(
        {
            "event": "tautulli.watched",
            "Account": {"id": "31646104"},
            "Server": {"uuid": simulator.machine_id},
            "Metadata": {"ratingKey": house.film["plex"], "type": "movie"},
        }
    ).encode()
    answer = await door.post(body, token=TOKENS["plex"], method="PUT")
    assert answer.json() == {"status": "accepted"}


async def test_other_addresses_and_methods_are_told_as_problems(door):
    for method, path, status in [("GET", "/", 405), ("GET", "/nothing", 404), ("DELETE", "/health", 405)]:
        answer = await door.client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["status"] == status


async def test_no_token_is_in_a_log_an_answer_or_the_database(house, caplog):
    caplog.set_level(logging.DEBUG)
    secret = TOKENS["jellyfin"]
    proxied = {
        "Authorization": f"Bearer {secret}",
        "Cookie": f"a={secret}",
        "X-apikey": secret,
        "X-Original-URI": f"/?apikey={secret}",
        "Referer": f"http://proxy.test/?apikey={secret}",
        "User-Agent": "Jellyfin-Server/10.11.8",
    }
    shown = []
    async with house.listening() as door:
        for body in (saved(house), b"{", saved(house, UserId="1" * 32)):
            answer = await door.post(body, token=secret, headers=proxied)
            shown += [answer.text, *answer.headers.values()]
        answer = await door.post(saved(house), token=secret, headers={"X-apikey": "another-wrong-key"})
        shown += [answer.text, *answer.headers.values()]
        await door.hearing.settle()
        (event,) = await door.events()
        assert event.headers["user-agent"] == "Jellyfin-Server/10.11.8"
        assert secret not in str(event.headers)
        files = [file.read_bytes() for file in (house.folder / "db").iterdir()]
    ours = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] != "httpx"]
    assert len(ours) >= 3
    for text in [*shown, *ours]:
        assert secret not in text
        assert "another-wrong-key" not in text
    assert all(secret.encode() not in content for content in files)


async def test_a_fault_of_ours_is_told_without_the_address(caplog):
    @get("/")
    async def broken() -> None:
        raise RuntimeError("boom")

    app = Litestar([broken], exception_handlers={Exception: on_mistake}, logging_config=None)
    async with AsyncTestClient(app) as client:
        answer = await client.get("/", params={"apikey": "s3cret"})
    assert (answer.status_code, answer.json()["type"]) == (500, "fault")
    assert "boom" not in answer.text
    assert "GET / ended with a fault of watchstate" in caplog.text
    assert "boom" in caplog.text
    assert "s3cret" not in caplog.text


async def test_without_its_database_it_is_not_ready(house):
    async with house.services() as services, AsyncTestClient(Application(services).app) as client:
        with closing(sqlite3.connect(house.folder / "db" / "watchstate.db")) as other:
            other.execute("ALTER TABLE server RENAME TO gone")
            answer = await client.get("/ready")
            other.execute("ALTER TABLE gone RENAME TO server")
        assert (answer.status_code, answer.json()["type"]) == (503, "storage")
        assert (await client.get("/health")).status_code == 200


async def test_health_and_readiness_are_told_to_anybody(house):
    async with house.services() as services, AsyncTestClient(Application(services).app) as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
        assert (await client.get("/ready")).json() == {"status": "ready"}


async def test_who_does_not_work_is_healthy_but_not_ready(door):
    assert (await door.client.get("/health")).status_code == 200
    answer = await door.client.get("/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "not-ready")


async def test_it_listens_also_without_any_server(tmp_path):
    home = Home(tmp_path)
    async with home.services() as services:
        door = Application(services)
        await door.hearing.open()
        await door.hearing.settle()
        await door.hearing.close()
