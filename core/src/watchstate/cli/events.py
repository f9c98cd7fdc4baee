"""`watchstate events`: what servers told by webhook, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from typing import Annotated, Any, Final

from cyclopts import App, Parameter
from msgspec.structs import asdict

from watchstate.api import UsageError
from watchstate.cli.options import NONE_GIVEN, Common, Output
from watchstate.cli.output import OutputFormat, say, show_rows, show_value
from watchstate.cli.run_view import told_date
from watchstate.storage import inbox
from watchstate.storage.inbox import Kept, State

app = App(
    name="events",
    help="Show what servers told by webhook, and what became of it.",
    help_epilogue="Example: watchstate events list",
)

COLUMNS: Final = ("event", "received", "server", "entry", "kind", "state", "tries", "result")
Numbers = Annotated[tuple[int, ...], Parameter(help="Only these, by the number that events list shows.")]


@app.command(name="list", help_epilogue="Example: watchstate events list --state parked")
async def list_events(
    *,
    state: Annotated[State | None, Parameter("--state", help="Only those in this state.", show_default=False)] = None,
    limit: Annotated[int, Parameter("--limit", help="How many at most.")] = 50,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> None:
    """List what servers told, the newest first."""
    context = common.start()
    wanted: Collection[State] = () if state is None else (state,)
    async with context.services() as services:
        found = await services.storage.read(partial(inbox.events, states=wanted, limit=max(limit, 1)))
    if output != "table":
        show_rows([_value(one) for one in found], COLUMNS, output)
    elif not found:
        say("No server has told anything that is kept.")
    else:
        show_rows([_row(one, context.settings.timezone) for one in found], COLUMNS, output)


@app.command(help_epilogue="Example: watchstate events show 12")
async def show(number: int, /, *, output: Output = "table", common: Common = NONE_GIVEN) -> None:
    """Show everything about an event, with what came as long as it is kept.

    NUMBER is what events list shows.
    """
    context = common.start()
    async with context.services() as services:
        found = await services.storage.read(partial(inbox.events, numbers=[number]))
    if not found:
        raise UsageError(f"there is no event {number}; see watchstate events list")
    (one,) = found
    if output != "table":
        show_value({**_value(one), "body": _text(one.body)}, output)
        return
    zone = context.settings.timezone
    row = _row(one, zone) | {"error": one.error, "result": one.result, "next try": told_date(one.next_try_at, zone)}
    for name, value in (row | {"user": one.identity, "type": one.backend}).items():
        if value is not None:
            say(f"{name}: {value}")
    for name, value in one.headers.items():
        say(f"header {name}: {value}")
    if one.body:
        say(f"body: {_text(one.body)}")


@app.command(help_epilogue="Example: watchstate events retry 12")
async def retry(numbers: Numbers = (), /, *, output: Output = "table", common: Common = NONE_GIVEN) -> None:
    """Try parked events again: all of them, or some. A server that runs takes them up within ten seconds."""
    context = common.start()
    async with context.services() as services:
        chosen = await services.storage.write(partial(inbox.retry, numbers=numbers or None))
    _tell(numbers, chosen, "tried again by watchstate serve", "is not parked", output)


@app.command(help_epilogue="Example: watchstate events drop 12")
async def drop(numbers: Numbers = (), /, *, output: Output = "table", common: Common = NONE_GIVEN) -> None:
    """Forget events: all that are parked, or some, whatever became of them."""
    context = common.start()
    async with context.services() as services:
        chosen = await services.storage.write(partial(inbox.drop, numbers=numbers or None))
    _tell(numbers, chosen, "dropped", "is not there", output)


def _tell(wanted: Sequence[int], chosen: Sequence[int], done: str, otherwise: str, output: OutputFormat) -> None:
    if missing := [number for number in wanted if number not in chosen]:
        others = f"; the others are {done}" if chosen else ""
        raise UsageError(f"event {', '.join(map(str, missing))} {otherwise}{others}; see watchstate events list")
    if output == "table":
        say(f"{len(chosen)} events are {done}.")
    else:
        show_value({"events": list(chosen)}, output)


def _row(one: Kept, zone: tzinfo) -> dict[str, Any]:
    return {
        "event": one.event_id,
        "received": told_date(one.received_at, zone),
        "server": one.server,
        "entry": one.entry_id,
        "kind": one.kind,
        "state": one.state,
        "tries": one.tries,
        "result": one.error or one.result,
    }


def _value(one: Kept) -> Mapping[str, Any]:
    """Return an event for another program; its body can be long, and is shown alone."""
    fields = asdict(one)
    del fields["body"]
    return fields


def _text(body: bytes) -> str:
    return body.decode(errors="replace")
