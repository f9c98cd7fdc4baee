"""A household to which things happen: servers of mixed kinds, one or more persons, one clock."""

from dataclasses import dataclass, field

from msgspec.structs import replace
from tests.property.happenings import Deed
from tests.property.mishaps import befall
from tests.property.recorded import RecordedHousehold
from tests.property.setups import (
    ANSWERS,
    FAULTS,
    KINDS,
    MISHAPS,
    ONE_WAY,
    PERSON,
    TIGHT_BRAKE,
    TOPOLOGIES,
    Setup,
    Step,
)
from tests.sync.household import START, Answer, Page, Scan
from tests.sync.media_server import JELLYFIN_10, Shown

from watchstate.clock import DAY, MINUTE, SECOND


@dataclass
class Life:
    """The household of each person (they share the servers' files, not the play states), and one clock."""

    setup: Setup
    household: type[RecordedHousehold] = RecordedHousehold
    homes: list[RecordedHousehold] = field(default_factory=list)
    now: int = START
    scans: dict[tuple[int, str], Scan] = field(default_factory=dict)
    arriving: list[tuple[int, Scan | None, Page]] = field(default_factory=list)
    """Pages that were read and not yet processed."""
    down: set[str] = field(default_factory=set)
    trash: list[tuple[str, str, list[Shown]]] = field(default_factory=list)
    """Entries that left their server: name, entry id, and every person's state."""
    serial: int = 0
    shared: set[int] = field(default_factory=set)
    """States that several entries share."""
    faults: int = 0

    def __post_init__(self) -> None:
        for person in range(self.setup.persons):
            home = self._home(person)
            self.homes.append(home)
            if self.setup.is_met:
                home.round()
                home.wait(60)
            self.now = max(self.now, home.now)

    def _home(self, person: int) -> RecordedHousehold:
        setup = self.setup
        home = self.household(TIGHT_BRAKE if setup.has_tight_brake else None)
        number = person
        for name, kind, entries in zip("ABCD", setup.kinds, TOPOLOGIES[setup.topology], strict=False):
            rules = KINDS[kind]
            home.add(name, rules).entries.clear()
            states: dict[tuple[int, ...], Shown] = {}
            for entry_id, items in entries.items():
                is_shared = setup.shares and rules is JELLYFIN_10 and items in states
                shown = states[items] if is_shared else Shown(items)
                if is_shared:
                    self.shared.add(id(shown))
                states[items] = shown
                story = home.appears(name, entry_id, shown)
                if setup.watched >> (number % 8) & 1 and not is_shared:
                    at = START - (1 + number) * DAY
                    shown.watched, shown.count, shown.date = True, 1, at
                    story.watch = story.seen_watch = Deed(at, watched=True)
                elif is_shared:
                    first = home.stories_of(shown)[0]
                    story.watch = story.seen_watch = first.watch
                number += 1
        last = home.books["ABCD"[len(setup.kinds) - 1]]
        last.imports, last.exports = ONE_WAY[setup.last_is]
        return home

    def do(self, step: Step) -> None:
        """Let one thing happen, and time pass."""
        person, name, entry_id = self.resolve(step)
        home = self.homes[person]
        home.now = max(self.now, home.now) + 1
        if step.what in FAULTS:
            self.faults += 1
        if step.what in PERSON:
            if entry_id:
                self._person(home, step, name, entry_id)
        elif step.what in MISHAPS:
            befall(self, person, step, name, entry_id)
        else:
            self._engine(person, step, name, entry_id)
        self.now = max(self.now, home.now)
        self.wait(step.minutes)

    def resolve(self, step: Step) -> tuple[int, str, str]:
        """Say to whom, on which server and to which entry a step happens."""
        person = step.person % len(self.homes)
        every = [(name, entry_id) for name, entry_id, _ in self.homes[person].shown()]
        name, entry_id = every[step.which % len(every)] if every else ("A", "")
        return person, name, entry_id

    def wait(self, minutes: float) -> None:
        """Let time pass for everybody."""
        for home in self.homes:
            home.now = max(home.now, self.now)
            home.wait(minutes)
        self.now = max(home.now for home in self.homes)

    # Persons.

    def _person(self, home: RecordedHousehold, step: Step, name: str, entry_id: str) -> None:
        if step.what.endswith(" show"):
            for one in list(home.books[name].server.entries):
                home.now += SECOND
                self._act(home, step.what.removesuffix(" show"), name, one, step.detail)
        elif step.what == "watch":
            self._act(home, "start", name, entry_id, 0)
            home.now += 90 * MINUTE
            self._act(home, "finish", name, entry_id, 0)
        elif step.what == "play":
            self._act(home, "start", name, entry_id, 0)
            home.now += 40 * MINUTE
            self._act(home, "play on", name, entry_id, step.detail)
            self._act(home, "stop", name, entry_id, 0)
        else:
            self._act(home, step.what, name, entry_id, step.detail)

    def _act(self, home: RecordedHousehold, what: str, name: str, entry_id: str, detail: int) -> None:
        """Let a person do something, if it can be done and changes anything."""
        server = home.books[name].server
        shown = server.entries[entry_id]
        before = (shown.watched, shown.position_ms, shown.count, shown.date, shown.is_playing)
        deed = Deed(home.now, None, clock_ms=server.skew_ms)
        is_watched = home.stories_of(shown)[0].watch is not None
        match what:
            case "mark":
                home.mark(name, entry_id)
                deed.watched = True
            case "unmark":
                home.unmark(name, entry_id)
                deed.watched, deed.position_ms = (False, None) if is_watched else (None, 0)
            case "start" if not shown.is_playing:
                home.start(name, entry_id)
                deed.is_start = True
            case "play on" if shown.is_playing:
                minutes = (0.5, 20, 30, 95)[detail % 4]
                home.reach(name, minutes, entry_id)
                deed.position_ms = int(minutes * MINUTE)
            case "stop" if shown.is_playing:
                home.stop(name, entry_id)
                deed.position_ms, deed.is_stop = shown.position_ms, True
            case "finish" if shown.is_playing:
                home.finish(name, entry_id)
                deed.watched = True
            case _:
                return
        if before != (shown.watched, shown.position_ms, shown.count, shown.date, shown.is_playing):
            home.observer.does(home.stories_of(shown), deed)

    # The engine.

    def _engine(self, person: int, step: Step, name: str, entry_id: str) -> None:
        home = self.homes[person]
        if step.what in ("restart", "other process"):
            self._change_process(step)
            return
        if name in self.down:
            return
        self.measure(home, name)
        if step.what in ANSWERS:
            self._deliver(home, step, name)
        elif step.what == "deliver, meanwhile":
            self._deliver_meanwhile(home, step, name)
        elif step.what == "hint" and entry_id:
            home.reread(name, entry_id)
        elif step.what == "look":
            home.look(name)
        elif step.what == "forced export" and home.books[name].exports and not home.books[name].held:
            self.drop_work(person, name)
            home.export_forced(name)
        else:
            self._read(person, step, name)

    def _change_process(self, step: Step) -> None:
        """A crash and a new start, or another process that has its own memory (W7); pages under way are refused."""
        self.drop_work()
        for home in self.homes:
            if step.what == "restart":
                home.restart()
            else:
                home.change_process(step.detail % 2)

    def _deliver(self, home: RecordedHousehold, step: Step, name: str) -> None:
        answer = ANSWERS[step.what]
        home.late_by = (MINUTE // 12, 2 * MINUTE, 20 * MINUTE)[step.detail % 3] + 1
        if answer in (Answer.CRASHED_AFTER, Answer.CRASHED_BEFORE):
            self.drop_work()
        home.deliver(name, answer)

    def _read(self, person: int, step: Step, name: str) -> None:
        home = self.homes[person]
        match step.what:
            case "scan":
                self.scans.pop((person, name), None)
                home.scan(name, page_size=1 + step.detail % 3)
            case "scan fails":
                scan = home.begin_scan(name)
                home.process_page(scan, home.read_page(scan, 1))
            case "scan begins":
                self.scans[person, name] = home.begin_scan(name)
            case "scan page":
                current = self.scans.get((person, name))
                if current is not None and current.to_read:
                    self.arriving.append((person, current, home.read_page(current, 1 + step.detail % 2)))
            case "scan ends":
                self._end_scan(person, name)
            case "read":
                self.arriving.append((person, None, home.read(name)))
            case "page arrives":
                self._arrive(step)

    def _end_scan(self, person: int, name: str) -> None:
        current = self.scans.pop((person, name), None)
        if current is None:
            return
        home = self.homes[person]
        while current.to_read:
            home.process_page(current, home.read_page(current, 2))
        late = [one for one in self.arriving if one[1] is current]
        self.arriving = [one for one in self.arriving if one[1] is not current]
        for _, _, page in late:
            home.process_page(current, page)
        home.end_scan(current)

    def _arrive(self, step: Step) -> None:
        """Process a page that was read a while ago; it may have taken until now to come."""
        if not self.arriving:
            return
        person, scan, page = self.arriving.pop(step.which % len(self.arriving))
        home = self.homes[person]
        home.now = max(home.now, self.now)
        if step.detail % 2:
            slow = {one: replace(seen, read_to=home.now) for one, seen in page.facts.items()}
            page = Page(page.account, slow, page.read_from)
        if scan is None:
            home.process(page)
        elif self.scans.get((person, page.account)) is scan:
            home.process_page(scan, page)

    def _deliver_meanwhile(self, home: RecordedHousehold, step: Step, name: str) -> None:
        """Deliver; a person does something to the same account before the write leaves, or before its answer."""

        def act() -> None:
            entries = list(home.books[name].server.entries)
            if entries:
                home.now += SECOND
                what = ("mark", "unmark", "start", "stop")[step.detail % 4]
                self._act(home, what, name, entries[step.which % len(entries)], 0)
                home.now += SECOND

        if step.detail % 3:
            home.deliver(name, before_answer=act)
        else:
            home.deliver(name, before_sending=act)

    def measure(self, home: RecordedHousehold, name: str) -> None:
        """Ask a server for its clock, as every run does; the answer may be a second wrong."""
        book = home.books[name]
        error = ((self.setup.errors + ord(name)) % 3 - 1) * SECOND if self.setup.errors else 0
        book.skew_ms = book.server.skew_ms + error

    def drop_work(self, person: int | None = None, name: str | None = None) -> None:
        """Forget what was being read: a crash, or another process has taken over (its pages are refused)."""
        if person is None or name is None:
            self.scans.clear()
            self.arriving.clear()
            return
        self.scans.pop((person, name), None)
        self.arriving = [one for one in self.arriving if (one[0], one[2].account) != (person, name)]
