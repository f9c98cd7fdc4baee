"""`watchstate items`: change what the hub holds."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from watchstate.cli.finding import check_identity, find_one
from watchstate.cli.options import NONE_GIVEN, Common
from watchstate.cli.output import say
from watchstate.config.servers import MAIN
from watchstate.sync.marking import mark_item
from watchstate.sync.titles import item_title

app = App(
    name="items",
    help="Change what the hub holds about a title.",
    help_epilogue="Example: watchstate items mark imdb:tt0133093 watched",
)


@app.command(help_epilogue="Example: watchstate items mark imdb:tt0133093 watched")
async def mark(
    item: str,
    state: Literal["watched", "unwatched"],
    /,
    *,
    user: Annotated[str, Parameter(("--user", "-u"), help="Whose state: an identity of servers.yaml.")] = MAIN,
    common: Common = NONE_GIVEN,
) -> int:
    """Mark a title watched or unwatched in the hub; the next export brings it to every server.

    ITEM is a part of its title, a provider id (imdb:tt0133093) or an item id.
    """
    context = common.start()
    async with context.services() as services:
        found = await find_one(services, item)
        changed = await mark_item(services.engine, found, check_identity(services, user), watched=state == "watched")
    title = item_title(found)
    say(f"{title} is {state} now; the next export delivers it." if changed else f"{title} was {state} already.")
    return 0
