"""`POST /`: what a media server tells is answered for once it is kept."""

import logging
from typing import Any, Final

from litestar import Request, Response, route

from watchstate.api import StorageError, WebhookRejected, WebhookRequest
from watchstate.server.problems import problem
from watchstate.server.tokens import Tokens
from watchstate.sync.receiving import Receipt, Receiver, without_secrets

MOST_BYTES: Final = 4 * 1024 * 1024
"""The longest body. Plex sends a picture along, which is a few hundred kilobytes at most."""

_RETRY_AFTER: Final = {"Retry-After": "10"}
_log = logging.getLogger(__name__)


def webhooks(tokens: Tokens, receiver: Receiver) -> Any:  # noqa: ANN401 - what a decorator of Litestar makes
    """Make the handler."""

    # Tautulli's webhooks are sent with PUT unless told otherwise.
    @route("/", http_method=["POST", "PUT"], status_code=200, request_max_body_size=MOST_BYTES, name="webhooks")
    async def receive(request: Request[Any, Any, Any]) -> Response[Any]:
        token = request.headers.get("x-apikey") or request.query_params.get("apikey") or ""
        senders = tokens.find(token)
        if senders is None:
            _log.warning("a webhook was refused: %s", "no apikey" if not token else "no server has that webhook.token")
            return problem(401, "webhook-token", "the apikey is missing, or is no server's webhook.token")
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.body()
        try:
            receipt = await receiver.receive(
                senders.backend,
                senders.servers,
                WebhookRequest(headers=without_secrets(headers, token), body=body),
            )
        except WebhookRejected as error:
            _log.warning("a webhook of %s was rejected: %s", senders.backend, error)
            return problem(400, error.problem, str(error))
        except StorageError as error:
            _log.error("a webhook can't be kept: %s", error)
            return problem(503, error.problem, "the database can't be written now; try again", _RETRY_AFTER)
        return Response(_told(receipt))

    return receive


def _told(receipt: Receipt) -> dict[str, str]:
    return {"status": receipt.status} | ({"reason": receipt.reason} if receipt.reason else {})
