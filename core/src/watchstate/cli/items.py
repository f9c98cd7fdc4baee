"""`watchstate items`: change what the hub holds."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from watchstate.api import UsageError
from watchstate.cli.options import NONE_GIVEN, Common
from watchstate.cli.output import say
from watchstate.config.servers import MAIN
from watchstate.sync.explain import find
from watchstate.sync.marking import mark_item
from watchstate.sync.titles import item_title

app = App(
    name="items",
    help="Change what the hub holds about a title.",
    help_epilogue="Example: watchstate items mark imdb:tt0133093 watched",
)

_MOST_SHOWN = 8


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
        identities = {member.account.identity for member in services.household().members} | {MAIN}
        if user not in identities:
            raise UsageError(f"there is no user {user}; known are: {', '.join(sorted(identities))}")
        found = await find(services.engine, item)
        if len(found) != 1:
            names = "; ".join(f"{item_title(one)} (item {one.item_id})" for one in found[:_MOST_SHOWN])
            if not names:
                raise UsageError(f"nothing is known as {item!r}; try a part of the title, or import first")
            raise UsageError(f"{len(found)} titles fit {item!r}: {names}; give the item id")
        changed = await mark_item(services.engine, found[0], user, watched=state == "watched")
    title = item_title(found[0])
    say(f"{title} is {state} now; the next export delivers it." if changed else f"{title} was {state} already.")
    return 0
