"""`watchstate doctor`: is everything as it should be, and if not, what to do."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from cyclopts import App
from msgspec import Struct

from watchstate.api import BackendError, User, WatchStateError
from watchstate.app import Services
from watchstate.cli.contact import check_tokens, list_people, read_a_little
from watchstate.cli.options import NONE_GIVEN, Common, Output
from watchstate.cli.output import show_rows
from watchstate.clock import SECOND
from watchstate.plugins.records import PluginStatus
from watchstate.storage import journal

app = App(name="doctor", help="Check plugins, database and servers, and say what to do.")

_MOST_SKEW = 60 * SECOND


class Finding(Struct, frozen=True):
    """One thing that was checked."""

    what: str
    is_well: bool
    text: str


@app.default
async def doctor(*, output: Output = "table", common: Common = NONE_GIVEN) -> int:
    """Check plugins, database, every server, its token and its clock.

    Example: watchstate doctor --output json
    """
    context = common.start()
    findings = []
    async with context.services() as services:
        findings += [
            Finding(f"plugin {record.name}", record.status is PluginStatus.READY, record.reason or str(record.status))
            for record in services.plugins.records()
        ]
        findings.append(await _checked("database", partial(_database, services)))
        for name in services.servers:
            findings.append(await _checked(f"server {name}", partial(_server, services, name)))
    if len(findings) == 1:
        findings.append(Finding("servers", False, "none is configured yet; add one: watchstate servers add --help"))
    rows = [{"check": one.what, "result": "ok" if one.is_well else "TROUBLE", "says": one.text} for one in findings]
    show_rows(rows, ("check", "result", "says"), output)
    return 0 if all(one.is_well for one in findings) else 1


async def _checked(what: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, True, await check())
    except WatchStateError as error:
        return Finding(what, False, str(error))


async def _database(services: Services) -> str:
    lines = await services.storage.write(journal.count)  # what can't be written is trouble
    return f"opens; {lines} lines in the journal"


async def _server(services: Services, name: str) -> str:
    info, people = await list_people(services, name)
    if isinstance(people, BackendError):
        await read_a_little(services, name)
        told = f"its libraries can be read; who its users are can't: {people.operation}: {people.reason}"
    else:
        _check_users(services, name, {user.user_id: user for user in people})
        told = "the token is good"
    await check_tokens(services, name, info)
    if info is None:
        return f"answers; {told}"
    if info.clock_skew_ms is not None and abs(info.clock_skew_ms) > _MOST_SKEW:
        raise WatchStateError(
            f"{name}: its clock differs by {info.clock_skew_ms // SECOND} s; set the time of both machines by NTP"
        )
    return f"{info.name} {info.version} answers; {told}"


def _check_users(services: Services, name: str, users: Mapping[str, User]) -> None:
    for member in services.household([name]).members:
        user = users.get(member.account.user_id)
        if user is None:
            known = ", ".join(f"{one.name} ({one.user_id})" for one in users.values())
            raise WatchStateError(f"{name}: there is no user {member.account.user_id}; the server has: {known}")
        if user.is_disabled:
            raise WatchStateError(f"{name}: the user {user.name} is disabled on the server")
