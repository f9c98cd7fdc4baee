"""The same over real sockets: what a connection that fails really looks like."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from watchstate.api import BackendUnavailable, Server
from watchstate.net.client import HttpPool

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"

Listen = Callable[..., Awaitable[int]]


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def stop_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER[:-2])


async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.test ESMTP\r\n")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


async def failure_of(bare: HttpPool, server: Server) -> BackendUnavailable:
    with pytest.raises(BackendUnavailable) as caught:
        await bare.for_server(server).send("POST", "/State")
    return caught.value


async def test_an_answer_over_a_socket(bare: HttpPool, server: Callable[..., Server], listen: Listen) -> None:
    port = await listen(greet)
    assert (await bare.for_server(server(f"http://127.0.0.1:{port}")).get("/")).content == b"hello"


async def test_nobody_listens(bare: HttpPool, server: Callable[..., Server]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        error = await failure_of(bare, server(f"http://127.0.0.1:{port}"))
    assert not error.sent
    assert "refused; is it running, and is the url right?" in str(error)


async def test_a_name_that_does_not_exist(
    bare: HttpPool, server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    error = await failure_of(bare, server("http://home.invalid"))
    assert not error.sent
    assert "its name can't be found" in str(error)


async def test_a_connection_that_is_hung_up(bare: HttpPool, server: Callable[..., Server], listen: Listen) -> None:
    error = await failure_of(bare, server(f"http://127.0.0.1:{await listen(hang_up)}"))
    assert error.sent


async def test_an_answer_that_stops(bare: HttpPool, server: Callable[..., Server], listen: Listen) -> None:
    error = await failure_of(bare, server(f"http://127.0.0.1:{await listen(stop_in_the_middle)}"))
    assert error.sent


async def test_something_that_is_no_web_server(bare: HttpPool, server: Callable[..., Server], listen: Listen) -> None:
    error = await failure_of(bare, server(f"http://127.0.0.1:{await listen(babble)}"))
    assert "the answer is no HTTP" in str(error)


async def test_a_server_that_says_nothing(bare: HttpPool, server: Callable[..., Server], listen: Listen) -> None:
    async def stay_silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    port = await listen(stay_silent)
    error = await failure_of(bare, server(f"http://127.0.0.1:{port}", timeout=0.05))
    assert error.sent
    assert "no answer in time" in str(error)


async def test_a_certificate_that_nobody_signed(
    bare: HttpPool, server: Callable[..., Server], listen: Listen, tls: ssl.SSLContext
) -> None:
    error = await failure_of(bare, server(f"https://localhost:{await listen(greet, tls)}"))
    assert not error.sent
    assert "its TLS certificate is not trusted (unable to get local issuer certificate); set options.verify_tls" in str(
        error
    )


@pytest.mark.parametrize("is_checked", [True, False], ids=["CA file", "off"])
async def test_a_certificate_that_is_accepted(
    bare: HttpPool, server: Callable[..., Server], listen: Listen, tls: ssl.SSLContext, ca_file: str, is_checked: bool
) -> None:
    port = await listen(greet, tls)
    bound = server(f"https://localhost:{port}", verify_tls=ca_file if is_checked else False)
    assert (await bare.for_server(bound).get("/")).content == b"hello"


async def test_https_to_a_server_that_speaks_http(
    bare: HttpPool, server: Callable[..., Server], listen: Listen
) -> None:
    async def reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    error = await failure_of(bare, server(f"https://127.0.0.1:{await listen(reject)}"))
    assert not error.sent
    assert "no TLS connection; is the url's scheme right (http or https)?" in str(error)


async def test_http_to_a_server_that_speaks_https(
    bare: HttpPool, server: Callable[..., Server], listen: Listen, tls: ssl.SSLContext
) -> None:
    error = await failure_of(bare, server(f"http://localhost:{await listen(greet, tls)}"))
    assert error.sent
    assert "check the url (http or https?)" in str(error)


async def test_a_proxy_is_used(bare: HttpPool, server: Callable[..., Server], listen: Listen) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n"))
        await greet(reader, writer)

    port = await listen(proxy)
    await bare.for_server(server("http://home.invalid", proxy=f"http://127.0.0.1:{port}")).get("/Items")
    assert asked == [b"GET http://home.invalid/Items HTTP/1.1\r\n"]
