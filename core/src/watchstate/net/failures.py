"""What can go wrong with a request, in the words of `watchstate.api.errors`: no httpx exception gets past here.

No text of a foreign exception, no query and no header value goes into a message: they may hold a token.
"""

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final, NamedTuple

import httpx

from watchstate.api.errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimited,
    BackendUnavailable,
)
from watchstate.api.http import HttpResponse
from watchstate.net.headers import retry_after_ms


class Failure(Exception):
    """One attempt that went wrong: the error to raise in the end, and whether another attempt may help."""

    def __init__(self, error: BackendError, *, may_pass: bool, retry_after_ms: int | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.may_pass = may_pass
        self.retry_after_ms = retry_after_ms


class UnusableRequestError(Exception):
    """A request that can't be made, or an answer that can't be taken in: a reason and an advice for a person."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class _Broken(NamedTuple):
    """How a broken exchange is told."""

    reason: str
    advice: str
    sent: bool
    may_pass: bool = True


_FIX_URL: Final = "fix its url in servers.yaml (http://host:port, or https://…)"

_UNUSABLE: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (httpx.InvalidURL, "the url can't be read", _FIX_URL),
    (httpx.UnsupportedProtocol, "the url is neither http nor https", _FIX_URL),
    (UnicodeError, "the request holds characters that can't be sent", "check the url and the token"),
    (httpx.LocalProtocolError, "the request holds characters that can't be sent", "check the url and the token"),
    (httpx.DecodingError, "the answer's compression can't be read", "is a proxy in between spoiling answers?"),
    (httpx.TooManyRedirects, "redirects without end", "check the url"),
)

_BROKEN: Final[tuple[tuple[type[Exception], _Broken], ...]] = (
    (
        httpx.ConnectTimeout,
        _Broken("no connection in time", "is it running, and can this machine reach it?", sent=False),
    ),
    (
        httpx.PoolTimeout,
        _Broken("no free connection in time", "lower options.concurrency or raise options.timeout", sent=False),
    ),
    (httpx.ProxyError, _Broken("the proxy refuses", "check options.proxy", sent=False, may_pass=False)),
    (
        httpx.TimeoutException,
        _Broken("no answer in time", "it may be busy; if this stays, raise options.timeout", sent=True),
    ),
    (
        httpx.ProtocolError,
        _Broken(
            "the connection broke, or the answer is no HTTP",
            "check the url (http or https?) and the server's log",
            sent=True,
        ),
    ),
    (
        httpx.HTTPError,
        _Broken(
            "the connection broke",
            "try again; if this stays, check the network and the url (http or https?)",
            sent=True,
        ),
    ),
)

_REFUSED: Final = _Broken("the connection was refused", "is it running, and is the url right?", sent=False)
_NO_NAME: Final = _Broken("its name can't be found", "check the host in the url, and the DNS", sent=False)
_NO_WAY: Final = _Broken("no connection", "is it running, and can this machine reach it?", sent=False)
_NO_TLS: Final = _Broken("no TLS connection", "is the url's scheme right (http or https)?", sent=False, may_pass=False)

FOREIGN: Final[tuple[type[Exception], ...]] = (UnusableRequestError, UnicodeError, httpx.InvalidURL, httpx.HTTPError)
"""The exceptions that `of_exception` takes."""


def of_exception(error: Exception, server: str, operation: str) -> Failure:
    """Return what an exchange that raised one of `FOREIGN` means."""
    unusable = _unusable(error)
    if unusable is not None:
        return Failure(BackendProtocolError(server, operation, *unusable), may_pass=False)
    broken = _not_connected(error) if isinstance(error, httpx.ConnectError) else _broken(error)
    unavailable = BackendUnavailable(server, operation, broken.reason, broken.advice, sent=broken.sent)
    return Failure(unavailable, may_pass=broken.may_pass)


def cause_of(error: Exception) -> Exception | None:
    """Return the exception to chain: none where its text may hold a header value or a part of the url."""
    return None if isinstance(error, UnicodeError | httpx.LocalProtocolError | httpx.InvalidURL) else error


def of_status(response: HttpResponse) -> Failure | None:
    """Return what the status of an answer means; None if the caller has to look at it."""
    status, where = response.status, (response.server, response.operation)
    if 300 <= status < 400:
        target = _without_secrets(response.headers.get("location", "nowhere"))
        is_secure = target.startswith("https:")
        advice = "write https in the url" if is_secure else "check the url: perhaps a base path is missing"
        reason = f"redirects to {target}"
        return Failure(BackendProtocolError(*where, reason, advice), may_pass=False)
    if status == 401:
        reason = "answered 401: the token is wrong or was revoked"
        return Failure(BackendAuthError(*where, reason, "give it a new token in servers.yaml"), may_pass=False)
    if status == 403:
        reason = "answered 403: the user is disabled or may not do this"
        return Failure(BackendAuthError(*where, reason, "check the user's rights on the server"), may_pass=False)
    if status == 429:
        wait = retry_after_ms(response.headers, response.ended_at)
        reason, advice = "answered 429: too many requests", "lower options.concurrency if this stays"
        limited = BackendRateLimited(*where, reason, advice, retry_after_ms=wait)
        return Failure(limited, may_pass=True, retry_after_ms=wait)
    return _of_server_error(response) if status >= 500 else None


def _of_server_error(response: HttpResponse) -> Failure:
    status = response.status
    match status:
        case 503:
            reason, advice = "is starting or overloaded", "try again in a minute"
        case 502 | 504:
            reason, advice = "a proxy gets no answer from it", "is the server behind the proxy running?"
        case _:
            reason, advice = "it failed", "look into the server's log"
    wait = retry_after_ms(response.headers, response.ended_at)
    told = f"answered {status}: {reason}"
    error = BackendUnavailable(response.server, response.operation, told, advice, status=status, retry_after_ms=wait)
    return Failure(error, may_pass=status in {502, 503, 504}, retry_after_ms=wait)


def _unusable(error: Exception) -> tuple[str, str] | None:
    if isinstance(error, UnusableRequestError):
        return error.reason, error.advice
    return next(((reason, advice) for kind, reason, advice in _UNUSABLE if isinstance(error, kind)), None)


def _broken(error: Exception) -> _Broken:
    return next(broken for kind, broken in _BROKEN if isinstance(error, kind))


def _not_connected(error: httpx.ConnectError) -> _Broken:
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _Broken(
                f"its TLS certificate is not trusted ({cause.verify_message})",
                "set options.verify_tls to the CA file, or to false",
                sent=False,
                may_pass=False,
            )
    for kind, broken in ((ssl.SSLError, _NO_TLS), (socket.gaierror, _NO_NAME), (ConnectionRefusedError, _REFUSED)):
        if any(isinstance(cause, kind) for cause in causes):
            return broken
    return _NO_WAY


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk what is behind an exception; a host with several addresses has a group of causes."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _causes(member)
    behind = error.__cause__ or error.__context__
    if behind is not None:
        yield from _causes(behind)


def _without_secrets(location: str) -> str:
    return re.sub(r"//[^/]*@", "//", re.sub(r"[?#].*", "", location, flags=re.DOTALL))
