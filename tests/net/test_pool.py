"""Clients are kept and shared, and settings of a server are honoured."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from watchstate.api import BackendProtocolError, BackendUnavailable, Server
from watchstate.net.client import HttpPool


def test_all_accounts_of_a_server_share_a_client(bare: HttpPool, server: Callable[..., Server]) -> None:
    assert bare._connection(server()) is bare._connection(server())


@pytest.mark.parametrize(
    "change", [{"url": "http://other.test"}, {"verify_tls": False}, {"proxy": "http://proxy.test"}, {"timeout": 1.0}]
)
def test_different_settings_need_different_clients(
    bare: HttpPool, server: Callable[..., Server], change: dict[str, Any]
) -> None:
    assert bare._connection(server()) is not bare._connection(server(**change))


def test_a_tls_context_is_made_once(bare: HttpPool) -> None:
    assert bare._tls_context(True) is bare._tls_context(True)


def test_what_the_machine_trusts_is_trusted_too(bare: HttpPool, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    def note(context: ssl.SSLContext) -> None:
        loaded.append(context)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", note)
    assert loaded == [bare._tls_context(True)]


def test_connecting_never_takes_longer_than_five_seconds(bare: HttpPool, server: Callable[..., Server]) -> None:
    timeout = bare._connection(server(timeout=60)).client.timeout
    assert (timeout.connect, timeout.read) == (5, 60)


def test_a_short_timeout_holds_for_connecting_too(bare: HttpPool, server: Callable[..., Server]) -> None:
    assert bare._connection(server(timeout=2)).client.timeout.connect == 2


def test_the_environment_has_no_say(
    bare: HttpPool, server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    assert not bare._connection(server()).client.trust_env


async def test_the_longest_mount_answers(server: Callable[..., Server]) -> None:
    asked: list[str] = []

    def app_named(name: str) -> Any:
        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            asked.append(name)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return app

    pool = HttpPool(lambda: 0, {"http://a.test": app_named("whole"), "http://a.test/emby": app_named("part")})
    await pool.for_server(server("http://a.test/emby/")).get("/")
    await pool.for_server(server("http://a.test/embyx")).get("/")
    await pool.close()
    assert asked == ["part", "whole"]


@pytest.mark.parametrize(
    "url",
    ["", "home:8096", "ftp://home", "http://", "http://home:99999", "http://home:0", "http://home:x", "http://[::1"],
)
async def test_a_url_that_is_none_is_told_at_the_first_request(
    bare: HttpPool, server: Callable[..., Server], url: str
) -> None:
    with pytest.raises(BackendProtocolError, match=r"fix its url in servers\.yaml"):
        await bare.for_server(server(url)).get("/Items")


@pytest.mark.parametrize("proxy", ["nonsense", "ftp://user:hidden@proxy.test", "socks5://proxy.test:1"])
async def test_a_proxy_that_is_none_is_told(bare: HttpPool, server: Callable[..., Server], proxy: str) -> None:
    with pytest.raises(BackendProtocolError, match=r"options\.proxy can't be used") as caught:
        await bare.for_server(server(proxy=proxy)).get("/Items")
    assert "hidden" not in str(caught.value)


async def test_a_missing_ca_file_is_named(bare: HttpPool, server: Callable[..., Server], tmp_path: Path) -> None:
    missing = str(tmp_path / "ca.pem")
    with pytest.raises(BackendProtocolError, match=r"ca\.pem can't be read; fix options\.verify_tls"):
        await bare.for_server(server("https://home.test", verify_tls=missing)).get("/Items")


async def test_a_ca_file_without_certificates_is_named(
    bare: HttpPool, server: Callable[..., Server], tmp_path: Path
) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    with pytest.raises(BackendProtocolError, match=r"ca\.pem can't be read"):
        await bare.for_server(server("https://home.test", verify_tls=str(empty))).get("/Items")


async def test_a_closed_pool_opens_again(fake: Any, pool: HttpPool, server: Callable[..., Server]) -> None:
    http = pool.for_server(server())
    await http.get("/")
    kept = pool._connection(server()).client
    await pool.close()
    assert kept.is_closed
    assert (await http.get("/")).status == 200


async def test_a_mount_needs_no_proxy(fake: Any, pool: HttpPool, server: Callable[..., Server]) -> None:
    await pool.for_server(server(proxy="http://proxy.test:3128")).get("/")
    assert len(fake.seen) == 1


async def test_a_mount_that_breaks_looks_like_a_network(
    fake: Any, pool: HttpPool, server: Callable[..., Server]
) -> None:
    fake.answers.append(RuntimeError("any exception counts"))
    with pytest.raises(BackendUnavailable, match="the connection broke"):
        await pool.for_server(server()).send("POST", "/")


async def test_another_host_of_the_service_is_asked_with_the_same_options(server: Callable[..., Server]) -> None:
    asked: list[str] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    pool = HttpPool(lambda: 0, {"http://elsewhere.test": app})
    answer = await pool.for_server(server("http://home.invalid")).elsewhere("http://elsewhere.test/api").get("/users")
    await pool.close()
    assert asked == ["/api/users"]
    assert answer.server == "home"


async def test_a_message_about_another_host_names_it(server: Callable[..., Server]) -> None:
    async def breaking(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ConnectionResetError

    pool = HttpPool(lambda: 0, {"http://elsewhere.test": breaking})
    http = pool.for_server(server("http://home.invalid")).elsewhere("http://elsewhere.test/api")
    with pytest.raises(BackendUnavailable, match=r"home: POST elsewhere\.test/users: the connection broke"):
        await http.send("POST", "/users")
    await pool.close()
