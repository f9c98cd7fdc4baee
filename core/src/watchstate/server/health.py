"""`/health` and `/ready`: for whoever watches over the process."""

import logging
from collections.abc import Callable
from typing import Any

from litestar import Response, get

from watchstate.api import StorageError
from watchstate.server.problems import problem
from watchstate.storage import Storage, accounts

_log = logging.getLogger(__name__)


def health_checks(storage: Storage, is_working: Callable[[], bool]) -> list[Any]:
    """Make the handlers. `is_working` says whether events are being handled."""

    @get("/health", name="health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @get("/ready", name="ready")
    async def ready() -> Response[Any]:
        if not is_working():
            return problem(503, "not-ready", "events are not being handled")
        try:
            await storage.read(accounts.servers)
        except StorageError as error:
            _log.error("not ready: %s", error)
            return problem(503, error.problem, "the database can't be read")
        return Response({"status": "ready"})

    return [health, ready]
