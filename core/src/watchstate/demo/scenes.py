"""The story: what happens in the household, one scene after the other, and what must hold after each.

A scene yields what there is to see, and checks its end with the servers themselves.
"""

from collections.abc import AsyncIterator, Callable, Iterable

from msgspec import Struct

from watchstate.clock import DAY, HOUR
from watchstate.demo.household import DemoServer, differences
from watchstate.demo.stage import Stage, expect
from watchstate.demo.tables import Table, household_table, ids_table, seen_table
from watchstate.sync.planning import Planned
from watchstate.sync.work import RunReport

UNWATCHED = {"plex": "Vertigo (1958)", "jellyfin": "The Matrix (1999)", "emby": "Twin Peaks 1x03"}
"""What the person marks as not watched, and where."""
REPLACED = ("emby", "Alien (1979)")
"""Where a file is replaced."""


class Heading(Struct, frozen=True):
    """A scene begins."""

    text: str


class Prompt(Struct, frozen=True):
    """The command that a person would give for what comes next."""

    command: str


class Plan(Struct, frozen=True):
    """What would be written, per server."""

    planned: dict[str, list[Planned]]


Shown = Heading | Prompt | Plan | Table | RunReport | str
Scene = Callable[[Stage], AsyncIterator[Shown]]


async def play(stage: Stage) -> AsyncIterator[Shown]:
    """Play all scenes.

    Raises:
        DemoFailed: a server shows something else than it must.
    """
    for scene in SCENES:
        async for shown in scene(stage):
            yield shown


async def _household(stage: Stage) -> AsyncIterator[Shown]:
    servers = stage.household.servers
    yield Heading("One person watches on three servers: a simulated Plex, Jellyfin and Emby.")
    yield household_table(servers)
    yield "They have the same files. Each gives them ids of its own, and knows them by"
    yield "the ids of other providers:"
    yield ids_table(servers, "Alien (1979)")
    apart = differences(servers)
    expect(bool(apart), "the servers agree before anything was done")
    yield f"They disagree about {len(apart)} titles."


async def _import(stage: Stage) -> AsyncIterator[Shown]:
    yield Heading("1. What has been watched where?")
    yield Prompt("watchstate state import")
    yield await stage.run("import")
    _expect_writes(stage, dict.fromkeys(_writes(stage), 0))
    yield "This only reads: nothing was written to a server."


async def _plan(stage: Stage) -> AsyncIterator[Shown]:
    yield Heading("2. What does each server lack?")
    yield Prompt("watchstate state plan")
    planned = await stage.plan()
    for server in stage.household.servers:
        expect(bool(planned.get(server.name)), f"{server.name} is planned to get nothing")
    yield Plan(planned)


async def _export(stage: Stage) -> AsyncIterator[Shown]:
    servers = stage.household.servers
    anywhere = set.union(*(server.watched() for server in servers))
    yield Heading("3. Write it.")
    yield Prompt("watchstate state export")
    yield await stage.run("export")
    _expect_agreement(servers)
    for server in servers:
        expect(server.watched() == anywhere, f"{server.name} does not show what was watched on any server")
    yield "The servers themselves say now:"
    yield household_table(servers)
    yield "They agree about every title."


async def _unwatches(stage: Stage) -> AsyncIterator[Shown]:
    household = stage.household
    household.clock.pass_time(DAY)
    before = household.servers[0].watched()
    yield Heading("4. The next day the person un-watches a title on each server:")
    for name, title in UNWATCHED.items():
        expect(title in before, f"{title} was not watched")
        household[name].unwatch(title)
        yield f"   {title} on {name}"
    yield Prompt("watchstate state sync")
    yield await stage.run("sync")
    _expect_agreement(household.servers)
    for server in household.servers:
        expect(before - server.watched() == set(UNWATCHED.values()), f"{server.name} lost other titles than it should")
    yield "The servers themselves say now:"
    yield seen_table(household.servers, UNWATCHED.values())
    yield "Each un-watch reached the other two servers. Nothing else was un-watched."


async def _replaced_file(stage: Stage) -> AsyncIterator[Shown]:
    household = stage.household
    household.clock.pass_time(DAY)
    name, title = REPLACED
    server = household[name]
    before, watched, writes = server.state(title), server.watched(), _writes(stage)
    yield Heading(f"5. A file is replaced: {name} forgets that {title} was watched.")
    server.replace_file(title)
    expect(before.watched and not server.state(title).watched, f"{name} still knows that {title} was watched")
    yield Prompt("watchstate state sync")
    yield await stage.run("sync")
    _expect_agreement(household.servers)
    expect(server.watched() == watched, f"{name} did not get its mark back")
    expect(server.state(title).watched_at == before.watched_at, f"{name} got another date for {title}")
    _expect_writes(stage, writes | {name: server.writes()})
    yield "The servers themselves say now:"
    yield seen_table(household.servers, [title])
    yield f"{name} has its mark back, with the date it had. A lost mark is not taken for an"
    yield "un-watch: the other servers were not written to."


async def _new_server(stage: Stage) -> AsyncIterator[Shown]:
    household = stage.household
    household.clock.pass_time(DAY)
    newcomer, everybody = household.newcomer, (*household.servers, household.newcomer)
    before, writes = [server.states() for server in household.servers], _writes(stage)
    yield Heading("6. A new server comes, on which nothing was ever watched.")
    expect(not newcomer.watched() and not newcomer.begun(), "the new server is not new")
    stage.add(newcomer)
    yield Prompt(f"watchstate servers add {newcomer.name} ...")
    yield Prompt("watchstate state sync")
    yield await stage.run("sync")
    _expect_agreement(everybody)
    expect(before == [server.states() for server in household.servers], "the new server changed an old one")
    _expect_writes(stage, writes | {newcomer.name: newcomer.writes()})
    yield "The servers themselves say now:"
    yield household_table(everybody)
    yield "It got everything. Nobody lost anything: the others were not written to."


async def _nothing_to_do(stage: Stage) -> AsyncIterator[Shown]:
    writes, lines = _writes(stage), await stage.journal_lines()
    yield Heading("7. Once more, an hour later: what changed is read, where a server can list it.")
    stage.household.clock.pass_time(HOUR)
    yield Prompt("watchstate state sync")
    yield await stage.run("sync")
    yield "And the day after, when everything is read again:"
    stage.household.clock.pass_time(DAY)
    yield await stage.run("sync")
    _expect_writes(stage, writes)
    added = await stage.journal_lines() - lines
    expect(added == 0, f"two runs without a reason added {added} lines to the journal")
    yield "Nothing was written to a server, and nothing was added to the journal."
    yield "Converged means silent."


SCENES: tuple[Scene, ...] = (
    _household,
    _import,
    _plan,
    _export,
    _unwatches,
    _replaced_file,
    _new_server,
    _nothing_to_do,
)


def _expect_agreement(servers: Iterable[DemoServer]) -> None:
    apart = differences(servers)
    expect(not apart, f"the servers still disagree about {len(apart)} titles: {', '.join(apart[:3])}")


def _writes(stage: Stage) -> dict[str, int]:
    household = stage.household
    return {server.name: server.writes() for server in (*household.servers, household.newcomer)}


def _expect_writes(stage: Stage, expected: dict[str, int]) -> None:
    for name, writes in _writes(stage).items():
        more = writes - expected[name]
        expect(more == 0, f"{name} was written to {more} times without a reason")
