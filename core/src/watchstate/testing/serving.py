"""An ASGI app behind a real socket, for the demo and for tests of what only a socket can do."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from watchstate.testing.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend
from watchstate.testing.faults import ConnectionDroppedError

_SHUTDOWN_SECONDS = 5


@contextmanager
def serve(app: AsgiApp) -> Iterator[str]:
    """Serve an app on a free port of 127.0.0.1 from a thread of its own; yield its base URL.

    The app sends its own ``Date``. Leaving the block closes the connections that are still open.

    Raises:
        TimeoutError: the server did not stop in time.
    """
    import uvicorn  # noqa: PLC0415 - a plugin author's unit tests need no web server

    listener = socket.create_server(("127.0.0.1", 0))
    # Connections inherit it. Without it, each body waits some 40 ms for the headers before it to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        _dropping(app),
        http="h11",
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="watchstate-serve")
    thread.start()
    try:
        # The socket listens already: what connects before the server runs is answered when it does.
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_SHUTDOWN_SECONDS)
        listener.close()
        if thread.is_alive():
            msg = "the test server did not stop"
            raise TimeoutError(msg)


def _dropping(app: AsgiApp) -> AsgiApp:
    async def serve_or_drop(scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        try:
            await app(scope, receive, send)
        except ConnectionDroppedError:
            # uvicorn would answer 500; only the object behind its `send` knows the connection.
            send.__self__.transport.close()  # type: ignore[attr-defined]
            while (await receive())["type"] != "http.disconnect":
                pass

    return serve_or_drop
