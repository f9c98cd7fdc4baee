"""`watchstate servers`: what can be done about `servers.yaml` without an editor."""

import asyncio
from typing import Annotated, Final

from cyclopts import App, Parameter
from msgspec import structs

from watchstate.api import UsageError, WatchStateError
from watchstate.cli.contact import Contact, ask_server, check_server, list_people
from watchstate.cli.options import (
    NONE_GIVEN,
    SWITCH,
    Common,
    Context,
    Output,
    ServersFilter,
    require_server,
    select_servers,
)
from watchstate.cli.output import say, show_rows, show_value, warn
from watchstate.cli.server_flags import ServerFlags, with_webhook_token
from watchstate.cli.server_view import COLUMNS, USER_COLUMNS, list_row, user_row, view_rows, viewed
from watchstate.config import ServerConfig, save_servers

PARTLY: Final = 3
NO_FLAGS: Final = ServerFlags()

app = App(
    name="servers",
    help="Add, change, show and test media servers.",
    help_epilogue="Example: watchstate servers add --help",
)


@app.command(name="list", help_epilogue="Example: watchstate servers list --output json")
def list_(*, output: Output = "table", common: Common = NONE_GIVEN) -> None:
    """List the configured servers."""
    servers = common.start().servers()
    if not servers:
        warn("no server is configured yet; see watchstate servers add --help")
    show_rows([list_row(name, config) for name, config in servers.items()], COLUMNS, output)


@app.command(help_epilogue="Example: watchstate servers view --servers-filter home -- webhook.token")
def view(
    path: Annotated[str | None, Parameter(help="Only this setting, such as import.enabled.")] = None,
    /,
    *,
    servers_filter: ServersFilter = None,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> None:
    """Show the settings of servers. Tokens are masked, unless you ask for webhook.token."""
    servers = select_servers(common.start().servers(), servers_filter)
    values = {name: viewed(config, path) for name, config in servers.items()}
    if output != "table":
        show_value(values, output)
        return
    rows = [row for name, value in values.items() for row in view_rows(name, path, value)]
    show_rows(rows, ("server", "setting", "value"), output)


@app.command(
    help_epilogue="Example: watchstate servers add home --type jellyfin --url http://192.0.2.10:8096 "
    "--token-file /run/secrets/jellyfin --user alice"
)
async def add(name: str, /, *, flags: ServerFlags = NO_FLAGS, common: Common = NONE_GIVEN) -> None:
    """Add a server. It is asked who it is and who its users are; with it down, give the user as an id."""
    await _add(common.start(may_create=True), name, flags)


@app.command(help_epilogue="Example: watchstate servers manage home --no-import --export")
async def manage(
    name: str,
    /,
    *,
    flags: ServerFlags = NO_FLAGS,
    add: Annotated[bool, SWITCH, Parameter(("--add", "-a"), help="Add it, as `servers add` does.")] = False,
    regenerate_api_key: Annotated[
        bool, SWITCH, Parameter(("--regenerate-api-key", "-g"), help="Make a new webhook token.")
    ] = False,
    accept_new_machine: Annotated[
        bool, SWITCH, Parameter(help="Another installation answers there now, and that is right.")
    ] = False,
    common: Common = NONE_GIVEN,
) -> None:
    """Change a server. Without a flag, the server is asked again who it is."""
    context = common.start(may_create=add)
    if add:
        await _add(context, name, flags)
        return
    servers = context.servers()
    config = flags.changed(name, require_server(servers, name))
    if regenerate_api_key:
        config = with_webhook_token(config, context.settings)
        say(f"{name}: new webhook token; see it with: watchstate servers view --servers-filter {name} webhook.token")
    if accept_new_machine or flags.need_server() or not (flags.are_given() or regenerate_api_key):
        contact = await _ask(context, servers | {name: config}, name, accept_new_machine=accept_new_machine)
    else:
        contact = Contact(config=config)
    if servers[name].import_.enabled and not config.import_.enabled:
        await _note_import_off(context, name)
    await _save(context, servers, name, contact)
    say(f"{name}: saved")


@app.command(help_epilogue="Example: watchstate servers users home")
async def users(name: str, /, *, output: Output = "table", common: Common = NONE_GIVEN) -> None:
    """List the people on a server, with the ids that `users:` in servers.yaml wants. Tokens are never shown."""
    context = common.start()
    config = require_server(context.servers(), name)
    async with context.services({name: config}) as services:
        _, people = await list_people(services, name)
    if isinstance(people, WatchStateError):
        raise people
    show_rows([user_row(user) for user in people], USER_COLUMNS, output)


@app.command(help_epilogue="Example: watchstate servers remove home")
async def remove(name: str, /, *, common: Common = NONE_GIVEN) -> None:
    """Remove a server from servers.yaml, and the tokens of its people. What was watched stays known."""
    from watchstate.cli.server_records import forget_tokens  # noqa: PLC0415 - it brings the database

    context = common.start()
    servers = context.servers()
    require_server(servers, name)
    save_servers(context.servers_file, {other: config for other, config in servers.items() if other != name})
    say(f"{name}: removed; the file as it was is {context.servers_file}.bak, and what was watched stays known")
    async with context.services({}) as services:
        await forget_tokens(services, name)


@app.command(help_epilogue="Example: watchstate servers rename home attic")
async def rename(old: str, new: str, /, *, common: Common = NONE_GIVEN) -> None:
    """Give a server another name, in servers.yaml and in the database."""
    from watchstate.cli.server_records import holding, rename_records  # noqa: PLC0415 - it brings the database

    context = common.start()
    servers = context.servers()
    NO_FLAGS.changed(new, require_server(servers, old))  # checks the new name
    if new in servers:
        raise UsageError(f"there is a server {new} already; choose another name")
    renamed = {new if name == old else name: config for name, config in servers.items()}
    async with context.services() as services, holding(services, old, "servers rename"):
        await rename_records(services, old, new, servers[old].uuid)
        try:
            save_servers(context.servers_file, renamed)
        except WatchStateError:
            await rename_records(services, new, old)
            raise
    say(f"{old} is now called {new}")


@app.command(name="test", help_epilogue="Example: watchstate servers test --servers-filter home")
async def try_(*, servers_filter: ServersFilter = None, output: Output = "table", common: Common = NONE_GIVEN) -> int:
    """Try address, token and users of the configured servers."""
    context = common.start()
    names = list(select_servers(context.servers(), servers_filter))
    async with context.services() as services:
        results = await asyncio.gather(*(check_server(services, name) for name in names))
    rows = [structs.asdict(result) for result in results]
    show_rows(rows, ("server", "ok", "name", "version", "users", "detail"), output)
    failed = sum(not result.ok for result in results)
    if not failed:
        return 0
    return 1 if failed == len(results) else PARTLY


async def _note_import_off(context: Context, name: str) -> None:
    from watchstate.cli.server_records import import_switched_off  # noqa: PLC0415 - it brings the database

    async with context.services() as services:
        await import_switched_off(services, name)


async def _add(context: Context, name: str, flags: ServerFlags) -> None:
    servers = context.servers()
    if name in servers:
        raise UsageError(f"there is a server {name} already; change it with: watchstate servers manage {name}")
    config = with_webhook_token(flags.new_server(name), context.settings)
    contact = await _ask(context, servers | {name: config}, name, is_new=True)
    await _save(context, servers, name, contact)
    say(f"{name}: added")


async def _ask(
    context: Context,
    servers: dict[str, ServerConfig],
    name: str,
    *,
    is_new: bool = False,
    accept_new_machine: bool = False,
) -> Contact:
    async with context.services(servers) as services:
        contact = await ask_server(services, name, is_new=is_new, accept_new_machine=accept_new_machine)
        if accept_new_machine:
            from watchstate.cli.server_records import accept_machine  # noqa: PLC0415 - it brings the database

            await accept_machine(services, name, contact.config.uuid)
    if contact.found:
        say(f"{name}: {contact.found}")
    if contact.unchecked:
        warn(contact.unchecked)
    return contact


async def _save(context: Context, servers: dict[str, ServerConfig], name: str, contact: Contact) -> None:
    """Save a server's settings, and what has to be kept of its people."""
    saved = servers | {name: contact.config}
    save_servers(context.servers_file, saved)
    if contact.people is None:
        return
    from watchstate.cli.server_records import remember_people  # noqa: PLC0415 - it brings the database

    async with context.services({name: contact.config}) as services:
        await remember_people(services, name, contact.people)
