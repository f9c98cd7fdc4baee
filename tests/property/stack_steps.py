"""What happens in a life, as steps that a seed or Hypothesis chooses: persons, files, servers, faults, runs, deaths."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace
from tests.property.stack_home import Copy, StackHome
from tests.property.stack_process import Killed

from watchstate.api import UsageError, WatchStateError
from watchstate.cli.server_records import accept_machine
from watchstate.clock import DAY, HOUR, MINUTE, SECOND
from watchstate.states import UNKNOWN_HUB
from watchstate.storage import accounts, catalogue, deliveries, runs, states
from watchstate.sync.importing import reread
from watchstate.sync.lease import lease, owner_name
from watchstate.sync.marking import mark_item
from watchstate.sync.planning import known_work
from watchstate.sync.preparing import identify
from watchstate.sync.reviewing import decide
from watchstate.sync.runs import Outcome, Request, run
from watchstate.sync.undoing import Lines, undo
from watchstate.sync.work import AccountReport
from watchstate.testing import Fault, FaultKind

PAUSES = (5 * SECOND, 30 * SECOND, 70 * SECOND, 10 * MINUTE, 3 * HOUR, DAY)
POSITIONS = (30 * SECOND, 11 * MINUTE, 20 * MINUTE, 35 * MINUTE, 38 * MINUTE, 115 * MINUTE)
SKEWS = (0, 0, 3 * MINUTE, -3 * MINUTE, 20 * MINUTE, -20 * MINUTE)
FAULTS = (
    {"kind": FaultKind.STATUS, "status": 500},
    {"kind": FaultKind.STATUS, "status": 503},
    {"kind": FaultKind.STATUS, "status": 429, "headers": (("retry-after", "120"),)},
    {"kind": FaultKind.DROP_BEFORE},
    {"kind": FaultKind.DROP_AFTER},
    {"kind": FaultKind.PAGE},
    {"kind": FaultKind.TRUNCATE},
    {"kind": FaultKind.RESET_MID_BODY},
)
WRITES = {"plex": ("/:/",), "jellyfin": ("Played", "UserData"), "emby": ("Played", "UserData")}
"""What is in the path of a write."""


@dataclass(frozen=True)
class Step:
    """One thing that happens; the numbers choose among what is possible then."""

    what: str
    first: int = 0
    second: int = 0
    third: int = 0


class Stage:
    """Lets steps happen in a household."""

    def __init__(self, home: StackHome) -> None:
        self.home = home
        self.kills = self.actions = self.runs = 0
        self.command = "sync"

    async def does(self, step: Step) -> None:
        """Let one step happen."""
        self.actions += 1
        result = getattr(self, f"_{step.what}")(step)
        if result is not None:
            await result
        self.home.clock.pass_time(PAUSES[step.third % len(PAUSES)] if step.what != "wait" else SECOND)

    def _copy(self, step: Step) -> Copy | None:
        there = self.home.there()
        return there[step.first % len(there)] if there else None

    def _identity(self, step: Step) -> str:
        identities = self.home.setup.identities
        return identities[step.second % len(identities)]

    def _place(self, step: Step):
        return list(self.home.places.values())[step.first % len(self.home.places)]

    # Persons

    def _hands(self, copy: Copy, identity: str, act, *, unmarks: bool = False, starts: bool = False) -> None:
        simulator, user = self.home[copy.place].simulator, self.home.users[copy.place][identity]
        before = replace(simulator.state(user, copy.entry_id))
        act(simulator, user)
        after = simulator.state(user, copy.entry_id)
        self.home.ledger.acts(copy, identity, before, after, unmarks=unmarks, starts=starts)

    def watched_once(self, copy: Copy, identity: str) -> None:
        """Let a person have watched something before watchstate came."""
        self._hands(copy, identity, lambda server, user: server.watch(user, copy.entry_id))

    def _watch(self, step: Step) -> None:
        if copy := self._copy(step):
            self._hands(copy, self._identity(step), lambda server, user: server.watch(user, copy.entry_id))

    def _unwatch(self, step: Step) -> None:
        if copy := self._copy(step):
            self._hands(
                copy, self._identity(step), lambda server, user: server.unwatch(user, copy.entry_id), unmarks=True
            )

    def _mark_show(self, step: Step) -> None:
        for copy in self.home.there(self._place(step).name):
            if copy.file.kind == "episode":
                self._hands(copy, self._identity(step), lambda server, user, one=copy: server.watch(user, one.entry_id))

    def _unmark_show(self, step: Step) -> None:
        for copy in self.home.there(self._place(step).name):
            if copy.file.kind == "episode":
                self._hands(
                    copy,
                    self._identity(step),
                    lambda server, user, one=copy: server.unwatch(user, one.entry_id),
                    unmarks=True,
                )

    def _contend(self, step: Step) -> None:
        """Watch and un-watch one title here and there, before anybody looks."""
        draw = random.Random(step.first * 4096 + step.second * 64 + step.third)
        titles = sorted({title for copy in self.home.there() for title in copy.titles})
        if not titles:
            return
        title = draw.choice(titles)
        there = self.home.there()
        copies = [number for number, copy in enumerate(there) if title in copy.titles]
        draw.shuffle(copies)
        for number in copies[: draw.choice((2, 2, 3))]:
            act = Step(draw.choice(("watch", "unwatch", "finish")), number, step.second)
            getattr(self, f"_{act.what}")(act)
            self.home.clock.pass_time(draw.choice(PAUSES[:4]))

    def _finish(self, step: Step) -> None:
        """Play from the beginning to the end."""
        if copy := self._copy(step):
            self._begins(copy, self._identity(step))
            self.home.clock.pass_time(40 * MINUTE)
            self._ends(copy, self._identity(step), None)

    def _abandon(self, step: Step) -> None:
        """Play a while and stop."""
        if copy := self._copy(step):
            self._begins(copy, self._identity(step))
            self.home.clock.pass_time(MINUTE)
            self._ends(copy, self._identity(step), POSITIONS[step.third % len(POSITIONS)])

    def _start(self, step: Step) -> None:
        """Start to play, and go on playing."""
        if copy := self._copy(step):
            self._begins(copy, self._identity(step))

    def _stop(self, step: Step) -> None:
        """End a play that is under way."""
        playing = sorted(self.home.playing)
        if not playing:
            return
        place, identity = playing[step.first % len(playing)]
        copy = self.home.playing[place, identity]
        places = (*POSITIONS, None, None)
        self._ends(copy, identity, places[step.second % len(places)])

    def _begins(self, copy: Copy, identity: str) -> None:
        if (copy.place, identity) in self.home.playing:
            self._ends(self.home.playing[copy.place, identity], identity, 11 * MINUTE)
        self._hands(copy, identity, lambda server, user: server.start(user, copy.entry_id), starts=True)
        self.home.playing[copy.place, identity] = copy

    def _ends(self, copy: Copy, identity: str, position: int | None) -> None:
        self.home.playing.pop((copy.place, identity), None)
        if copy.is_there:
            self._hands(
                copy,
                identity,
                lambda server, user: server.stop(user, copy.entry_id, position_ms=position),
                starts=False,
            )

    # Files

    def _remove(self, step: Step) -> None:
        if (copy := self._copy(step)) and len(self.home.there(copy.place)) > 1:
            self._stop_playing(copy)
            self.home[copy.place].simulator.remove(copy.entry_id)
            self.home.ledger.loses(copy)
            copy.is_there = False

    def _restore(self, step: Step) -> None:
        gone = [copy for copy in self.home.copies if not copy.is_there]
        if gone:
            self._comes_back(gone[step.first % len(gone)])

    def _comes_back(self, copy: Copy) -> None:
        """A file is there again, under another id."""
        entry_id = self.home[copy.place].simulator.restore(copy.entry_id)
        back = Copy(copy.place, entry_id, copy.titles, copy.file, copy.library)
        self.home.copies[self.home.copies.index(copy)] = back
        self.home.ledger.appears(back)

    def _replace(self, step: Step) -> None:
        if copy := self._copy(step):
            self._stop_playing(copy)
            self.home[copy.place].simulator.replace_file(copy.entry_id)
            self.home.ledger.loses(copy)

    def _rebuild(self, step: Step) -> None:
        """Every file of a server comes back under another id."""
        for copy in self.home.there(self._place(step).name):
            self._stop_playing(copy)
            self.home[copy.place].simulator.remove(copy.entry_id)
            self.home.ledger.loses(copy)
            copy.is_there = False
            self._comes_back(copy)

    def _rematch(self, step: Step) -> None:
        """A person matches a film with the ids of another one, or of none that anybody has."""
        films = [copy for copy in self.home.there() if copy.file.kind == "movie"]
        if not films:
            return
        copy = films[step.first % len(films)]
        other = "film 2" if copy.titles == ("film 1",) else "film 1"
        ids = {
            "film 1": {"Tmdb": "1399", "Imdb": "tt0000001"},
            "film 2": {"Tmdb": "603", "Imdb": "tt0000603"},
        }[other]
        self.home[copy.place].simulator.reidentify(copy.entry_id, ids)
        self.home.ledger.is_something_else(copy, (other,))
        copy.titles = (other,)

    def _stop_playing(self, copy: Copy) -> None:
        for who, played in list(self.home.playing.items()):
            if played is copy:
                self._ends(copy, who[1], 11 * MINUTE)

    # Servers

    def _change_machine(self, step: Step) -> None:
        place = self._place(step)
        for copy in self.home.there(place.name):
            self._stop_playing(copy)
        place.simulator.change_machine()
        self.home.ledger.loses_everything(place.name)

    def _skew(self, step: Step) -> None:
        place = self._place(step)
        place.simulator.skew_ms = SKEWS[step.second % len(SKEWS)]
        self.home.ledger.clock_moves(place.name)

    def _down(self, step: Step) -> None:
        self.home.down.add(self._place(step).name)

    def _up(self, step: Step) -> None:
        self.home.down.discard(self._place(step).name)

    def _short_pages(self, step: Step) -> None:
        place = self._place(step)
        place.simulator.short_pages = not place.simulator.short_pages
        self.home.faults["short pages"] += 1

    def _fault(self, step: Step) -> None:
        place = self._place(step)
        planned = FAULTS[step.second % len(FAULTS)]
        path = draw_path(place.kind, step.third)
        times = 1 + step.third % 4
        place.simulator.faults.plan(Fault(path=path, after=step.third % 7 if not path else 0, times=times, **planned))

    def _late_write(self, step: Step) -> None:
        self.home.late.setdefault(self._place(step).name, "next write")

    async def _arrive(self, step: Step) -> None:
        """A write that was given up takes effect after all."""
        place = self._place(step)
        late = self.home.late.get(place.name)
        if late is not None and not isinstance(late, str):
            del self.home.late[place.name]
            await late.arrive(place.simulator._app)

    def _meanwhile(self, step: Step) -> None:
        """A person acts after a page was made and before it arrives."""
        place = self._place(step)
        acts = ("watch", "unwatch", "abandon", "finish", "remove", "start", "watch", "unwatch")
        act = Step(acts[step.second % len(acts)], step.third, step.first, step.second)

        async def happens() -> None:
            self.home.ledger.is_in_request = True
            getattr(self, f"_{act.what}")(act)
            if step.third & 1:
                await self._reread_now(place.name)
            self.home.ledger.is_in_request = False

        place.simulator.faults.plan(Fault(kind=FaultKind.LATE, after=step.third % 9, meanwhile=happens))

    # Watchstate

    async def _import(self, step: Step) -> None:
        await self.run(Request(command="import", is_full=bool(step.first & 1)))

    async def _export(self, step: Step) -> None:
        await self.run(Request(command="export"))

    async def _sync(self, step: Step) -> None:
        await self.run(Request(command="sync"))

    async def _sync_full(self, step: Step) -> None:
        await self.run(Request(command="sync", is_full=True))

    async def _one(self, step: Step) -> None:
        """Sync one server."""
        await self.run(Request(command="sync", is_full=bool(step.second & 1)), self._place(step).name)

    async def _forced(self, step: Step) -> None:
        """W8: let the hub win over one server."""
        place = self._place(step).name
        self.home.ledger.overrules(place)
        await self.run(Request(command="export", is_full=True, ignores_date=True), place)

    async def _killed(self, step: Step) -> None:
        """A process dies between two of its operations."""
        process = self.home.process
        if step.first & 1:
            process.fate.dies_at_write = 1 + step.first % 3
        else:
            process.fate.dies_after((step.first * 7 + step.second) % 60)
        command = ("import", "sync", "export", "sync")[step.third % 4]
        await self.run(Request(command=command, is_full=bool(step.second & 1)))
        process.fate.lives()

    async def _restart(self, step: Step) -> None:
        await self.home.end_process()

    async def _two(self, step: Step) -> None:
        """W7: two processes at once."""
        other = self.home.new_process()
        first = run(
            self.home.process.engine,
            self.home.process.services.household(),
            Request(command="import", is_full=bool(step.first & 1)),
            self.home.lines,
        )
        second = run(other.engine, other.services.household(), Request(command="sync"), self.home.lines)
        self._begins_run()
        await asyncio.gather(first, second)
        await other.end()
        self._notes_held()

    async def run(self, request: Request, *names: str) -> Outcome | None:
        """Do a run; what undisturbed full scans have looked at is told to the ledger."""
        self._begins_run()
        self.command = request.command
        process, began = self.home.process, self.home.clock()
        troubles = self._troubles()
        try:
            outcome = await run(process.engine, process.services.household(names), request, self.home.lines)
        except Killed:
            self.kills += 1
            await self.home.end_process()
            return None
        finally:
            self._notes_held()
        if not request.is_full or request.command == "export" or troubles != self._troubles():
            return outcome
        for name in self.home.places:
            reports = [one for one in outcome.report.accounts if one.server == name]
            imports = self.home.setup.import_off != name
            if imports and reports and all(one.is_complete and not one.error for one in reports):
                self.home.ledger.is_looked_at(name, began, self.home.clock())
        return outcome

    def _begins_run(self) -> None:
        self.runs += 1
        self.home.run_began = self.home.clock()

    def _troubles(self) -> tuple[int, ...]:
        happened = [len(place.simulator.faults.happened) for place in self.home.places.values()]
        return (*happened, self.home.faults["applied later"], self.home.faults["down"])

    def _notes_held(self) -> None:
        def held(conn):
            works = known_work(self.home.process.engine, self.home.process.services.household().members, conn)
            return {work.server.name for work in works if deliveries.held(conn, work.account_id, None)}

        for name in self.home.process.ask(held):
            self.home.ledger.is_held(name)

    async def _hint(self, step: Step) -> None:
        """A server says that something happened to an entry; it may be late, doubled, or not even true."""
        if not self.home.copies:
            return
        copy, identity = self.home.copies[step.first % len(self.home.copies)], self._identity(step)
        process = self.home.process
        members = process.services.household([copy.place]).members
        known = process.ask(partial(known_work, process.engine, members))
        if not known or copy.place in self.home.down or self.home.setup.import_off == copy.place:
            return
        self._begins_run()
        owner, now = owner_name("serve"), self.home.clock()
        try:
            await identify(process.engine, members[0].account.server)
        except WatchStateError:
            return  # R4: nothing is read from another installation, or from one that doesn't answer
        run_id = await process.storage.write(partial(runs.begin_run, command="serve", owner=owner, at=now))
        for account in known:
            if account.account.identity == identity:
                work = replace(account, owner=owner, run_id=run_id)
                with suppress(WatchStateError):
                    async with lease(process.engine, work, self.home.lines):
                        report = AccountReport(server=copy.place, identity=identity)
                        await reread(process.engine, work, [copy.entry_id], report)
        self._notes_held()

    async def _reread_now(self, place: str) -> None:
        """The process that scans a server is told of all its entries, and reads them again before the page arrives."""
        process = self.home.process
        members = process.services.household([place]).members
        for known in process.ask(partial(known_work, process.engine, members)):
            newest = process.ask(lambda conn: runs.last_runs(conn, 1))[0].run_id
            work = replace(known, owner=owner_name(f"state {self.command}"), run_id=newest)
            with suppress(WatchStateError):
                report = AccountReport(server=place, identity=work.account.identity)
                await reread(process.engine, work, [copy.entry_id for copy in self.home.there(place)], report)

    async def _accept(self, step: Step) -> None:
        await self._decide("accept")

    async def _reject(self, step: Step) -> None:
        await self._decide("reject")

    async def _decide(self, decision) -> None:
        process = self.home.process

        def held(conn):
            works = known_work(process.engine, process.services.household().members, conn)
            rows = {
                (work.account.identity, work.server.name): deliveries.held(conn, work.account_id, None)
                for work in works
            }
            entries = catalogue.entries_by_row(conn, {row for own in rows.values() for row in own})
            return {(who, name, entries[row].entry_id) for (who, name), own in rows.items() for row in own}

        titles = {
            (identity, title)
            for identity, place, entry_id in process.ask(held)
            for copy in self.home.copies
            if (copy.place, copy.entry_id) == (place, entry_id)
            for title in copy.titles
        }
        self.home.ledger.decides(sorted(titles))
        await decide(process.engine, process.services.household().members, decision)

    async def _mark(self, step: Step) -> None:
        """A person marks a title in watchstate itself."""
        copy, identity = self._copy(step), self._identity(step)
        items = {} if copy is None else self.home.process.ask(partial(_items_of, copy=copy))
        if copy is None or len(items) != 1 or len(copy.titles) != 1:
            return
        watched, item = bool(step.third & 1), next(iter(items.values()))
        if await mark_item(self.home.process.engine, item, identity, watched=watched):
            self.home.ledger.says(identity, self._titles_of(item.item_id), watched=watched)

    async def _undo(self, step: Step) -> None:
        """A person takes back what a run did."""
        newest = self.home.process.ask(lambda conn: runs.last_runs(conn, 6))
        if not newest:
            return
        wanted = Lines(run_id=newest[step.first % len(newest)].run_id)
        with suppress(UsageError):
            found = await undo(self.home.process.engine, wanted, is_forced=bool(step.second & 1))
            for one in found:
                now = self.home.process.ask(partial(_hub, identity=one.identity, item=one.item.item_id))
                if now == one.after != one.now and one.after.watched is not one.now.watched:
                    titles = self._titles_of(one.item.item_id)
                    self.home.ledger.says(one.identity, titles, watched=bool(one.after.watched))

    def _titles_of(self, item: int) -> set[str]:
        """Return what an item is called; several if a file was matched with another title since it was seen."""
        row = self.home.process.ask(lambda conn: catalogue.items(conn, [item]))[item]
        found = {row.title.lower() if row.kind == "movie" else f"s{row.season}e{row.episode}"}
        for copy in self.home.copies:
            items = list(self.home.process.ask(partial(_items_of, copy=copy)))
            if item in items:
                found.add(copy.titles[items.index(item)] if len(items) == len(copy.titles) else copy.titles[0])
        return found

    def _wait(self, step: Step) -> None:
        self.home.clock.pass_time(PAUSES[step.first % len(PAUSES)])

    async def accept_machines(self) -> None:
        """Take whoever answers for the server that is known."""
        for name, place in self.home.places.items():
            await accept_machine(self.home.process.services, name, place.simulator.machine_id)


def _items_of(conn, copy: Copy):
    number = next((server.server_id for server in accounts.servers(conn) if server.name == copy.place), None)
    entry = None if number is None else catalogue.entries(conn, number, [copy.entry_id]).get(copy.entry_id)
    items = {} if entry is None else catalogue.items(conn, entry.items)
    return {item: items[item] for item in (() if entry is None else entry.items)}


def _hub(conn, identity: str, item: int):
    return states.hubs(conn, identity, [item]).get(item, UNKNOWN_HUB)


WEIGHTS = {
    "contend": 9,
    "watch": 12,
    "unwatch": 12,
    "finish": 6,
    "abandon": 6,
    "start": 2,
    "stop": 2,
    "mark_show": 2,
    "unmark_show": 1,
    "remove": 1,
    "restore": 2,
    "replace": 2,
    "rebuild": 1,
    "rematch": 1,
    "change_machine": 0.5,
    "skew": 1,
    "down": 1,
    "up": 2,
    "short_pages": 0.5,
    "fault": 8,
    "late_write": 2,
    "arrive": 1,
    "meanwhile": 5,
    "import": 2,
    "export": 3,
    "sync": 7,
    "sync_full": 5,
    "one": 2,
    "forced": 0.4,
    "killed": 8,
    "restart": 2,
    "two": 2,
    "hint": 6,
    "accept": 1,
    "reject": 1,
    "mark": 1,
    "undo": 1,
    "wait": 3,
    "quiet": 4,
    "backup": 0.6,
}
"""How often each kind of step is drawn."""


def draw_path(kind: str, number: int) -> str:
    """Choose what a fault happens to: any request, or (more often than not) a write."""
    writes = WRITES[kind]
    return "" if number % 5 < 2 else writes[number % len(writes)]


def draw_steps(seed: int, longest: int = 28) -> list[Step]:
    """Draw the steps of a life."""
    draw = random.Random(seed)
    chosen = draw.choices(list(WEIGHTS), list(WEIGHTS.values()), k=draw.randint(6, longest))
    return [Step(what, draw.randrange(64), draw.randrange(64), draw.randrange(64)) for what in chosen]
