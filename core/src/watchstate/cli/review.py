"""`watchstate state review`: un-watches that the brake holds (R5)."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Annotated, Any, Final

from cyclopts import Parameter
from msgspec import to_builtins

from watchstate.cli.finding import find_one
from watchstate.cli.options import NONE_GIVEN, Common, Output, ServersFilter, selected_servers
from watchstate.cli.output import OutputFormat, say, show_rows, show_value
from watchstate.cli.run_view import told_date
from watchstate.sync.reviewing import Decision, HeldAccount, HeldChange, decide, list_held
from watchstate.sync.titles import account_title, entry_title

COLUMNS: Final = ("server", "title", "seen", "decision")
_MOST_SHOWN: Final = 10
_THEN: Final = {"accept": "state import applies them", "reject": "state export writes the watched marks back"}


async def review(
    decision: Annotated[Decision | None, Parameter(help="Without it, list what is held.")] = None,
    items: Annotated[tuple[str, ...], Parameter(help="Only these titles, written as for state explain.")] = (),
    /,
    *,
    servers_filter: ServersFilter = None,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> None:
    """List un-watches that were too many at once to be believed; accept or reject them, all or by title.

    accept: the next import applies them. reject: the next export marks the titles watched again.

    Example: watchstate state review reject --servers-filter home
    """
    context = common.start()
    names = selected_servers(context, servers_filter)
    async with context.services() as services:
        members = services.household(names).members
        if decision is None:
            held = await list_held(services.engine, members)
        else:
            chosen = frozenset([(await find_one(services, item)).item_id for item in items])
            decided = await decide(services.engine, members, decision, chosen if items else None)
    if decision is None:
        _show(held, output, context.settings.timezone)
    elif output != "table":
        show_value({"decision": decision, "changes": decided}, output)
    else:
        say(f"{decided} held changes {decision}ed: the next {_THEN[decision]}.")


def _show(held: Sequence[HeldAccount], output: OutputFormat, zone: tzinfo) -> None:
    if output != "table":
        changes = [one for account in held for one in account.changes]
        show_value([to_builtins(one) | {"title": entry_title(one.entry)} for one in changes], output)
        return
    if not held:
        say("Nothing is held.")
    for account in held:
        say(_why(account))
        show_rows([_row(one, zone) for one in account.changes[:_MOST_SHOWN]], COLUMNS, "table")
        if len(account.changes) > _MOST_SHOWN:
            say(f"… and {len(account.changes) - _MOST_SHOWN} more; --output json has all of them.")
        say("")
    if held:
        say("Did you un-watch them yourself? watchstate state review accept. Did the server lose them? … reject.")


def _why(account: HeldAccount) -> str:
    who = account_title(account.server, account.identity)
    count, titles = len(account.changes), len({one.entry.show_title or one.entry.title for one in account.changes})
    return (
        f"{who} shows {count} of {account.watched} watched entries ({titles} titles) as unwatched at once. "
        "That looks like a server that lost them, so nothing is un-watched anywhere until you decide (R5)."
    )


def _row(one: HeldChange, zone: tzinfo) -> dict[str, Any]:
    return {
        "server": one.server,
        "title": entry_title(one.entry),
        "seen": told_date(one.seen.ends, zone),
        "decision": one.decision,
    }
