"""Answers that tell what went wrong, as problem documents (RFC 9457)."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

_log = logging.getLogger(__name__)


def problem(status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> Response[dict[str, Any]]:
    """Return an answer that says what went wrong. `kind` is what a program tells it by."""
    document = {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(document, status_code=status, media_type="application/problem+json", headers=headers)


def on_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """Answer what Litestar refuses: an unknown path, another method, a body that is too long."""
    kind = HTTPStatus(error.status_code).name.lower().replace("_", "-")
    return problem(error.status_code, kind, error.detail, error.headers)


def on_mistake(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Answer for a mistake of ours; the log has the rest. The query is never told: a token may be in it."""
    _log.error("%s %s ended with a fault of watchstate", request.method, request.scope["path"], exc_info=error)
    return problem(500, "fault", "a fault of watchstate; its log says more")
