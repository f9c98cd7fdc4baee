"""`watchstate serve`: take webhooks, and bring what they tell to the other servers at once."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from watchstate.cli.options import NONE_GIVEN, Common
from watchstate.cli.output import inform

PORT: Final = 8081

app = App(name="serve", help="Take webhooks of your servers, and sync what they tell at once.")


@app.default
async def serve(
    *,
    host: Annotated[str, Parameter("--host", help="The address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[int, Parameter("--port", help="The port to listen on; 0 is any that is free.")] = PORT,
    common: Common = NONE_GIVEN,
) -> int:
    """Take webhooks of your servers, and sync what they tell at once, until it is stopped.

    Example: watchstate serve --host 0.0.0.0 --port 8081
    """
    from watchstate.server import serving  # noqa: PLC0415 - the web framework takes half a second

    context = common.start()
    with serving.listen(host, port) as listener:
        async with context.services() as services:
            await serving.serve(services, listener, inform)
    return 0
