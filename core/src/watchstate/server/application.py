"""The application: its routes, and the worker that lives as long as it does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from litestar import Litestar
from litestar.exceptions import HTTPException
from msgspec.structs import replace

from watchstate.api import Account
from watchstate.app import Services
from watchstate.server.health import health_checks
from watchstate.server.problems import on_http_error, on_mistake
from watchstate.server.tokens import Tokens
from watchstate.server.webhooks import webhooks
from watchstate.sync.hearing import Hearing
from watchstate.sync.receiving import Receiver

PATIENCE: Final = 4.0
"""Seconds that turns which are under way have to end before they are interrupted."""

_log = logging.getLogger(__name__)


class Logging:
    """Tells the log what a person should know."""

    def reading(self, account: Account, done: int, total: int | None) -> None:
        """Tell nothing: one entry is read."""

    def writing(self, account: Account, done: int, total: int) -> None:
        """Tell nothing: one entry is written."""

    def line(self, text: str) -> None:
        """Log it."""
        _log.warning("%s", text)


class Application:
    """What `watchstate serve` serves: the application, and the worker behind it."""

    def __init__(self, services: Services, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Wire it up.

        Raises:
            ConfigError: servers of two types share a webhook token.
        """
        engine = replace(services.engine, pause=pause)
        household = services.household()
        for error in household.broken.values():
            _log.error("%s; its webhooks are ignored", error)
        self.hearing = Hearing(engine, household.members, Logging())
        receiver = Receiver(engine, household.members, self.hearing.hear, keeps_ignored=services.settings.webhook_debug)
        self._running: asyncio.Task[None] | None = None
        self.app = Litestar(
            [webhooks(Tokens(services.servers), receiver), *health_checks(services.storage, self._is_working)],
            lifespan=[self._lifespan],
            exception_handlers={HTTPException: on_http_error, Exception: on_mistake},
            openapi_config=None,
            logging_config=None,
        )

    def _is_working(self) -> bool:
        return self._running is not None and not self._running.done()

    @asynccontextmanager
    async def _lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        await self.hearing.open()
        self._running = asyncio.create_task(self.hearing.run())
        self._running.add_done_callback(_tell_if_it_failed)
        try:
            yield
        finally:
            await self.hearing.stop(self._running, PATIENCE)
            await self.hearing.close()


def _tell_if_it_failed(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()):
        _log.critical("what servers tell is kept, but no longer handled; start me again", exc_info=error)
