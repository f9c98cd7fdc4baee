"""The HTTP client that hooks receive: bound to one server, timed, limited, its errors translated."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, NamedTuple, Self

import httpx
import msgspec
import stamina
from msgspec.structs import replace

from watchstate import __version__
from watchstate.api.http import HttpResponse, Params
from watchstate.api.models import Server
from watchstate.clock import SECOND, Clock
from watchstate.net.asgi import AsgiApp, AsgiTransport
from watchstate.net.failures import FOREIGN, Failure, UnusableRequestError, cause_of, of_exception, of_status
from watchstate.net.headers import clock_skew_ms

BODY_LIMIT: Final = 256 * 1024 * 1024
"""Bytes of an answer, after decompression."""

LONGEST_PAUSE_MS: Final = 10 * SECOND
"""A server that asks for more patience than this is not asked again within the same read."""

_CONNECT_SECONDS: Final = 5.0
_retrying = stamina.AsyncRetryingCaller(attempts=3, timeout=None, wait_initial=0.2, wait_max=2.0, wait_jitter=0.3)


class Connection(NamedTuple):
    """A kept client and the slots for requests in flight."""

    client: httpx.AsyncClient
    slots: asyncio.Semaphore


class ServerHttp:
    """Requests to one configured server; implements `watchstate.api.Http`. Made by `HttpPool.for_server`."""

    def __init__(
        self, server: Server, connect: Callable[[Server], Connection], clock: Clock, *, host: str = ""
    ) -> None:
        """`host`: what a message names before the path, where it isn't the server itself that is asked."""
        self._server = server
        self._host = host
        self._connect = connect
        self._clock = clock

    def elsewhere(self, url: str) -> Self:
        """Return the client for another host that belongs to the server's service.

        A server at home may have a certificate of its own making; a service on the internet has none.
        """
        options = replace(self._server.options, verify_tls=True)
        there = replace(self._server, url=url, options=options)
        return type(self)(there, self._connect, self._clock, host=httpx.URL(url).host)

    async def get(
        self, path: str, *, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Read. Up to three attempts, and no pause of more than `LONGEST_PAUSE_MS` between them."""
        try:
            return await _retrying(_pause, self._attempt, "GET", path, params, headers)
        except Failure as failure:
            raise failure.error from failure.__cause__

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,  # noqa: ANN401 - whatever msgspec can encode
    ) -> HttpResponse:
        """Write. Sent once and never repeated."""
        content = None if json is None else msgspec.json.encode(json)
        try:
            return await self._attempt(method, path, params, headers, content)
        except Failure as failure:
            raise failure.error from failure.__cause__

    async def _attempt(
        self,
        method: str,
        path: str,
        params: Params | None,
        headers: Mapping[str, str] | None,
        content: bytes | None = None,
    ) -> HttpResponse:
        operation = f"{method} {self._host}{path.partition('?')[0]}"
        try:
            connection = self._connect(self._server)
            request = connection.client.build_request(method, self._url(path, params), headers=headers, content=content)
            if content is not None:
                request.headers.setdefault("content-type", "application/json")
            response = await self._exchange(connection, request, operation)
        except FOREIGN as error:
            raise of_exception(error, self._server.name, operation) from cause_of(error)
        failure = of_status(response)
        if failure is not None:
            raise failure
        return response

    async def _exchange(self, connection: Connection, request: httpx.Request, operation: str) -> HttpResponse:
        async with connection.slots:
            began_at = self._clock()
            try:
                async with asyncio.timeout(self._server.options.timeout):
                    answer, content = await _whole_answer(connection.client, request)
            except TimeoutError as error:
                raise httpx.ReadTimeout("the answer did not end in time") from error
            ended_at = self._clock()
        headers = dict(answer.headers)
        return HttpResponse(
            server=self._server.name,
            operation=operation,
            status=answer.status_code,
            headers=headers,
            content=content,
            began_at=began_at,
            ended_at=ended_at,
            clock_skew_ms=clock_skew_ms(headers, began_at, ended_at),
        )

    def _url(self, path: str, params: Params | None) -> httpx.URL:
        url = httpx.URL(f"{self._server.url.rstrip('/')}/{path.lstrip('/')}")
        return url.copy_merge_params(dict(params)) if params else url


class HttpPool:
    """The clients of all servers, each kept for as long as the app lives. Belongs to one event loop.

    `mounts` maps the beginning of a URL to an ASGI app that answers there instead of the network.
    """

    def __init__(self, clock: Clock, mounts: Mapping[str, AsgiApp] | None = None) -> None:
        self._clock = clock
        self._mounts = mounts or {}
        self._connections: dict[tuple[object, ...], Connection] = {}
        self._tls_contexts: dict[bool | str, ssl.SSLContext] = {}
        for chatty in ("httpx", "httpcore"):  # they log whole URLs
            logging.getLogger(chatty).setLevel(logging.WARNING)

    def for_server(self, server: Server) -> ServerHttp:
        """Return the client for a server. Connects to nothing; wrong settings show at the first request."""
        return ServerHttp(server, self._connection, self._clock)

    async def close(self) -> None:
        """Close all connections."""
        connections, self._connections = list(self._connections.values()), {}
        for connection in connections:
            await connection.client.aclose()

    def _connection(self, server: Server) -> Connection:
        options = server.options
        key = (server.url, options.verify_tls, options.proxy, options.timeout, options.concurrency)
        connection = self._connections.get(key)
        if connection is None:
            connection = Connection(self._client(server), asyncio.Semaphore(options.concurrency))
            self._connections[key] = connection
        return connection

    def _client(self, server: Server) -> httpx.AsyncClient:
        options = server.options
        _check_url(server.url)
        app = self._app(server.url)
        try:
            return httpx.AsyncClient(
                transport=None if app is None else AsgiTransport(app),
                verify=self._tls_context(options.verify_tls) if _speaks_tls(server) else False,
                proxy=options.proxy if app is None else None,
                timeout=httpx.Timeout(options.timeout, connect=min(_CONNECT_SECONDS, options.timeout)),
                limits=httpx.Limits(max_connections=options.concurrency, max_keepalive_connections=options.concurrency),
                # A client is shared by all users of a server: no cookie of one may go out with another's request.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                headers={"user-agent": f"watchstate/{__version__}"},
                # A proxy for the internet is not for the household, and ~/.netrc is nobody's token.
                trust_env=False,
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            raise UnusableRequestError("options.proxy can't be used", "give it as http://host:port") from None

    def _app(self, url: str) -> AsgiApp | None:
        address = url.rstrip("/") + "/"
        fitting = [prefix for prefix in self._mounts if address.startswith(prefix.rstrip("/") + "/")]
        return self._mounts[max(fitting, key=len)] if fitting else None

    def _tls_context(self, verify: bool | str) -> ssl.SSLContext:
        """Return a context that servers share: making one takes 30 ms."""
        context = self._tls_contexts.get(verify)
        if context is None:
            context = self._tls_contexts[verify] = _new_tls_context(verify)
        return context


def _speaks_tls(server: Server) -> bool:
    """Say whether a context with all trusted authorities, which takes 30 ms to make, is needed at all."""
    return any(url is not None and url.lower().startswith("https:") for url in (server.url, server.options.proxy))


def _pause(error: Exception) -> bool | float:
    """Tell stamina whether, and after how many seconds, to try again."""
    if not isinstance(error, Failure) or not error.may_pass:
        return False
    if error.retry_after_ms is None:
        return True
    return error.retry_after_ms <= LONGEST_PAUSE_MS and error.retry_after_ms / SECOND


async def _whole_answer(client: httpx.AsyncClient, request: httpx.Request) -> tuple[httpx.Response, bytes]:
    answer = await client.send(request, stream=True)
    try:
        return answer, await _read(answer)
    finally:
        await answer.aclose()


async def _read(answer: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise UnusableRequestError(
                f"the answer is larger than {BODY_LIMIT >> 20} MB", "check the url: is it the server that answers?"
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _check_url(url: str) -> None:
    parsed = httpx.URL(url)
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise httpx.InvalidURL("port out of range")


def _new_tls_context(verify: bool | str) -> ssl.SSLContext:
    if isinstance(verify, str):
        try:
            return ssl.create_default_context(cafile=verify)
        except OSError as error:  # ssl.SSLError is one
            raise UnusableRequestError(
                f"the CA file {verify} can't be read", "fix options.verify_tls: it takes true, false or a CA file"
            ) from error
    context = httpx.create_ssl_context(verify=verify)
    if verify:
        context.load_default_certs()  # besides the certificates that come with httpx, what this machine trusts
    return context
