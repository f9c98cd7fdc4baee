"""The process behind `watchstate serve`: a socket, signals, and an end that loses nothing."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from watchstate.api import UsageError
from watchstate.app import Services
from watchstate.server.application import Application

ANSWERING: Final = 3
"""Seconds that requests which are under way have to end, once the process is told to."""


class _Quiet(uvicorn.Server):
    """Leaves the signals to us: it would raise them again, and end the process before everything is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UsageError: it can't; says why.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"can't listen on {host}, port {port}: {reason}; choose another --host or --port") from error


async def serve(services: Services, listener: socket.socket, told: Callable[[str], None]) -> None:
    """Serve until a signal ends it (SIGINT or SIGTERM); `told` gets the line that says where.

    Raises:
        ConfigError: servers of two types share a webhook token.
        StorageError: the database doesn't answer.
    """
    config = uvicorn.Config(
        Application(services).app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,  # it would show the apikey
        server_header=False,
        timeout_graceful_shutdown=ANSWERING,
    )
    server = _Quiet(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    host, port = listener.getsockname()[:2]
    told(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}")
    await server.serve(sockets=[listener])
