"""The table of failures, row by row."""

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from watchstate.api import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimited,
    BackendUnavailable,
    HttpResponse,
)
from watchstate.net.failures import FOREIGN, Failure, UnusableRequestError, of_exception, of_status

NOON = 1_767_268_800_000
URL_WITH_SECRET = "http://home.test/Items?api_key=hidden"


def unfold(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from unfold(below)


ALL_OF_HTTPX = sorted({*unfold(httpx.RequestError), httpx.InvalidURL}, key=lambda kind: kind.__name__)

BROKEN = {
    httpx.ConnectTimeout: (False, "no connection in time"),
    httpx.ConnectError: (False, "no connection"),
    httpx.PoolTimeout: (False, "no free connection"),
    httpx.ProxyError: (False, "the proxy refuses"),
    httpx.ReadTimeout: (True, "no answer in time"),
    httpx.WriteTimeout: (True, "no answer in time"),
    httpx.TimeoutException: (True, "no answer in time"),
    httpx.ReadError: (True, "the connection broke"),
    httpx.WriteError: (True, "the connection broke"),
    httpx.CloseError: (True, "the connection broke"),
    httpx.NetworkError: (True, "the connection broke"),
    httpx.RemoteProtocolError: (True, "the answer is no HTTP"),
    httpx.ProtocolError: (True, "the answer is no HTTP"),
    httpx.TransportError: (True, "the connection broke"),
    httpx.RequestError: (True, "the connection broke"),
}
UNUSABLE = {
    httpx.InvalidURL: "the url can't be read",
    httpx.UnsupportedProtocol: "neither http nor https",
    httpx.LocalProtocolError: "characters that can't be sent",
    httpx.DecodingError: "compression can't be read",
    httpx.TooManyRedirects: "redirects without end",
}


def error_of(error: Exception) -> BackendError:
    return of_exception(error, "home", "GET /Items").error


def answered(status: int, **headers: str) -> Failure | None:
    return of_status(
        HttpResponse(
            server="home",
            operation="GET /Items",
            status=status,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            content=b"",
            began_at=NOON,
            ended_at=NOON,
        )
    )


@pytest.mark.parametrize("kind", ALL_OF_HTTPX, ids=lambda kind: kind.__name__)
def test_every_exception_of_httpx_is_mapped(kind: type[Exception]) -> None:
    assert kind in BROKEN or kind in UNUSABLE, "httpx has an exception that this table doesn't know"
    assert issubclass(kind, FOREIGN)
    assert isinstance(error_of(kind("api_key=hidden")), BackendUnavailable | BackendProtocolError)


@pytest.mark.parametrize("kind", ALL_OF_HTTPX, ids=lambda kind: kind.__name__)
def test_the_text_of_a_foreign_exception_is_not_repeated(kind: type[Exception]) -> None:
    assert "hidden" not in str(error_of(kind("api_key=hidden")))


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_exchange_says_whether_it_was_sent(kind: type[Exception]) -> None:
    error = error_of(kind(""))
    sent, reason = BROKEN[kind]
    assert isinstance(error, BackendUnavailable)
    assert error.sent is sent
    assert reason in str(error)


@pytest.mark.parametrize("kind", UNUSABLE, ids=lambda kind: kind.__name__)
def test_what_waiting_does_not_cure_is_a_protocol_error(kind: type[Exception]) -> None:
    failure = of_exception(kind(""), "home", "GET /Items")
    assert isinstance(failure.error, BackendProtocolError)
    assert UNUSABLE[kind] in str(failure.error)
    assert not failure.may_pass


def test_characters_that_no_header_carries_are_told() -> None:
    error = error_of(UnicodeEncodeError("ascii", "hidden\xe9", 6, 7, "ordinal not in range"))
    assert isinstance(error, BackendProtocolError)
    assert "token" in str(error)
    assert "hidden" not in str(error)


def test_our_own_reason_and_advice_are_passed_on() -> None:
    error = error_of(UnusableRequestError("too large", "check the url"))
    assert str(error) == "home: GET /Items: too large; check the url"


@pytest.mark.parametrize(
    ("cause", "reason", "advice", "may_pass"),
    [
        (ConnectionRefusedError(), "refused", "is it running, and is the url right?", True),
        (socket.gaierror(-2, "hidden"), "its name can't be found", "check the host in the url", True),
        (OSError(113, "no route"), "no connection", "can this machine reach it?", True),
        (ssl.SSLError("hidden"), "no TLS connection", "http or https", False),
    ],
    ids=["refused", "name", "route", "tls"],
)
def test_no_connection_gives_fitting_advice(cause: Exception, reason: str, advice: str, may_pass: bool) -> None:
    error = httpx.ConnectError("hidden")
    error.__cause__ = cause
    failure = of_exception(error, "home", "GET /Items")
    assert reason in str(failure.error)
    assert advice in str(failure.error)
    assert failure.may_pass is may_pass


def test_a_cause_is_found_behind_a_group() -> None:
    error = httpx.ConnectError("")
    error.__cause__ = ExceptionGroup("several addresses", [OSError(101, "no net"), ConnectionRefusedError()])
    assert "refused" in str(error_of(error))


def test_401_is_a_wrong_token() -> None:
    failure = answered(401)
    assert failure is not None
    assert isinstance(failure.error, BackendAuthError)
    assert "the token is wrong or was revoked" in str(failure.error)


def test_403_is_a_missing_right() -> None:
    failure = answered(403)
    assert failure is not None
    assert isinstance(failure.error, BackendAuthError)
    assert "the user is disabled or may not do this" in str(failure.error)


def test_429_says_how_long_to_wait() -> None:
    failure = answered(429, retry_after="9")
    assert failure is not None
    assert isinstance(failure.error, BackendRateLimited)
    assert failure.error.retry_after_ms == 9_000


def test_503_says_that_it_is_starting() -> None:
    failure = answered(503, retry_after="Thu, 01 Jan 2026 12:00:05 GMT")
    assert failure is not None
    assert isinstance(failure.error, BackendUnavailable)
    assert failure.error.retry_after_ms == 5_000
    assert "starting or overloaded; try again in a minute" in str(failure.error)


@pytest.mark.parametrize("status", [500, 501, 502, 504, 520, 599])
def test_5xx_is_unavailable_and_was_sent(status: int) -> None:
    failure = answered(status)
    assert failure is not None
    assert isinstance(failure.error, BackendUnavailable)
    assert failure.error.sent


@pytest.mark.parametrize(("status", "may_pass"), [(429, True), (500, False), (502, True), (503, True), (504, True)])
def test_only_what_may_pass_is_worth_another_try(status: int, may_pass: bool) -> None:
    failure = answered(status)
    assert failure is not None
    assert failure.may_pass is may_pass


@pytest.mark.parametrize("status", [200, 204, 400, 404, 405, 409, 422])
def test_other_statuses_are_for_the_caller(status: int) -> None:
    assert answered(status) is None


@pytest.mark.parametrize(
    ("location", "shown", "advice"),
    [
        ("/web/index.html?token=hidden", "redirects to /web/index.html;", "perhaps a base path is missing"),
        (
            "https://user:hidden@home.test/login#hidden",
            "redirects to https://home.test/login;",
            "write https in the url",
        ),
    ],
)
def test_a_redirect_names_its_target_without_secrets(location: str, shown: str, advice: str) -> None:
    failure = answered(302, location=location)
    assert failure is not None
    assert isinstance(failure.error, BackendProtocolError)
    assert shown in str(failure.error)
    assert advice in str(failure.error)
    assert "hidden" not in str(failure.error)
