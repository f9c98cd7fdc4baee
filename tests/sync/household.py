"""A household in memory, built on nothing but the pure functions: the reference for how the engine uses them.

Model servers (`media_server`), one clock that only tests move, and the three things an engine does: `scan`, `reread`
and `deliver`, with switches for what can go wrong on the way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from tests.sync.media_server import MediaServer, Rules, Shown

from watchstate.clock import DAY, MINUTE, SECOND
from watchstate.states import Agreed, HubState, Intent, Interval, OwnWrite
from watchstate.sync.brake import BrakeLimits, must_hold
from watchstate.sync.case import Case, Context, Merged, Note, Seen, Verdict
from watchstate.sync.comparing import is_untouched
from watchstate.sync.echo import as_written
from watchstate.sync.intervals import is_open
from watchstate.sync.merge import merge
from watchstate.sync.target import GONE_AFTER, Entrant, Target, target

START = 1_700_000_000_000
REQUEST = 200
"""How long a request takes, in milliseconds."""


class Answer(Enum):
    """What becomes of a write."""

    GIVEN = "given"
    LOST_BEFORE = "lost before it was applied"
    LOST_AFTER = "lost after it was applied"
    FAILED = "failed, certainly not applied"
    NOT_FOUND = "not found"
    CRASHED_BEFORE = "we crashed before it was sent"
    CRASHED_AFTER = "we crashed after it was applied"
    LATE = "applied only after we gave up"


class Page(Struct, frozen=True):
    """Facts that were read, and perhaps not yet processed."""

    account: str
    facts: dict[str, Seen]
    read_from: int


class Write(Struct, frozen=True, kw_only=True):
    """A write that reached its server."""

    account: str
    entry_id: str
    watched: bool | None
    position_ms: int | None
    was_watched: bool
    """What the server showed when it was applied."""
    is_late: bool = False


class Sending(Struct, frozen=True):
    """A write whose intent is committed."""

    entry_id: str
    wanted: Target
    intent: Intent


@dataclass
class Scan:
    """A scan under way: pages may be read and processed long after each other."""

    account: str
    began: int
    to_read: list[str]
    is_forced: bool = False
    listed: set[str] = field(default_factory=set)
    held_back: dict[str, tuple[Seen, Interval]] = field(default_factory=dict)
    """Un-marks that wait for its end (R5)."""


@dataclass
class Book:
    """What is stored and remembered about one account."""

    server: MediaServer
    imports: bool = True
    exports: bool = True
    skew_ms: int = 0
    """The server's clock minus ours, as we measured it."""
    catalogue: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """What every entry that was ever read stands for."""
    agreed: dict[str, Agreed] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    retry_at: dict[str, int] = field(default_factory=dict)
    held: dict[str, Interval] = field(default_factory=dict)
    scan_began_at: int | None = None
    newest: dict[str, int] = field(default_factory=dict)
    """In memory only."""
    unwatched: list[tuple[int, str]] = field(default_factory=list)
    """When un-marks were applied outside scans, and of which title: the brake's window of a day."""
    looked_at: int = 0


class Household:
    """Servers, hub and books. Time passes only by `wait` and by requests."""

    judge: ClassVar[Callable[[Case], Merged]] = staticmethod(merge)
    """The merge; another one only where a test shows what a broken rule would do."""

    def __init__(self, limits: BrakeLimits | None = None) -> None:
        self.now = START
        self.books: dict[str, Book] = {}
        self.hubs: dict[int, HubState] = {}
        self.journal: list[Note] = []
        self.writes: list[Write] = []
        self.limits = limits or BrakeLimits()
        self.titles: dict[int, str] = {}
        self.late: list[tuple[int, Book, Sending]] = []
        self.late_by = 2 * MINUTE

    def add(
        self, name: str, rules: Rules, entries: dict[str, tuple[int, ...]] | None = None, **switches: bool
    ) -> MediaServer:
        """Add a server; without `entries`, one entry of item 1, named like the server."""
        shown = {entry_id: Shown(items) for entry_id, items in (entries or {name.lower(): (1,)}).items()}
        server = MediaServer(name, rules, shown)
        self.books[name] = Book(server, **switches)
        return server

    def wait(self, minutes: float = 10) -> None:
        """Let time pass; writes that are late arrive meanwhile."""
        until = self.now + int(minutes * MINUTE)
        for due, book, sending in [one for one in self.late if one[0] <= until]:
            self.now = max(self.now, due)
            self.late = [one for one in self.late if one[2] is not sending]
            self._apply(book, sending, is_late=True)
        self.now = max(self.now, until)

    # What a person does.

    def mark(self, name: str, entry_id: str = "") -> None:
        """Mark as watched."""
        self._server(name).mark(self._only(name, entry_id), self._clock(name))

    def unmark(self, name: str, entry_id: str = "") -> None:
        """Mark as unwatched."""
        self._server(name).unmark(self._only(name, entry_id), self._clock(name))

    def start(self, name: str, entry_id: str = "") -> None:
        """Start to play."""
        self._server(name).start(self._only(name, entry_id), self._clock(name))

    def reach(self, name: str, minutes: float, entry_id: str = "") -> None:
        """Play on until the player stands at this minute."""
        self._server(name).reach(self._only(name, entry_id), int(minutes * MINUTE), self._clock(name))

    def stop(self, name: str, entry_id: str = "") -> None:
        """Stop playing."""
        self._server(name).stop(self._only(name, entry_id), self._clock(name))

    def play_until(self, name: str, minutes: float, entry_id: str = "") -> None:
        """Start, play on to this minute, and stop."""
        self.start(name, entry_id)
        self.wait(minutes)
        self.reach(name, minutes, entry_id)
        self.stop(name, entry_id)

    def finish(self, name: str, entry_id: str = "") -> None:
        """Play to the end."""
        self._server(name).finish(self._only(name, entry_id), self._clock(name))

    # What the engine does.

    def read(self, name: str, entry_ids: Iterable[str] | None = None, *, is_detailed: bool = False) -> Page:
        """Send one request; the answer may be processed much later."""
        server = self._server(name)
        began, self.now = self.now, self.now + REQUEST
        wanted = server.entries if entry_ids is None else [one for one in entry_ids if one in server.entries]
        facts = {
            one: server.show(one, read_from=began, read_to=self.now, is_detailed=is_detailed) for one in list(wanted)
        }
        self.books[name].catalogue.update((one, server.entries[one].items) for one in facts)
        return Page(name, facts, began)

    def process(self, page: Page, *, is_forced: bool = False) -> None:
        """Take in what was read outside a scan: un-marks beyond the brake's limit within a day are held."""
        book = self.books[page.account]
        for entry_id, seen in page.facts.items():
            waiting = self._take(page.account, entry_id, seen, holds_back=True, is_forced=is_forced)
            if waiting is None:
                continue
            shown, interval = waiting
            recent = [title for at, title in book.unwatched if at > self.now - DAY]
            titles = self._titles(page.account, entry_id)
            if entry_id in book.held or must_hold(recent + titles, self._watched_items(page.account), self.limits):
                self._hold(book, entry_id, shown, interval)
            else:
                self._release(page.account, entry_id, shown, interval)
                book.unwatched += [(self.now, title) for title in titles]

    def reread(self, name: str, entry_id: str = "") -> None:
        """Follow a hint: read one entry in full detail and take it in."""
        self.process(self.read(name, [self._only(name, entry_id)], is_detailed=True))

    def scan(
        self,
        name: str,
        *,
        without: Iterable[str] = (),
        page_size: int = 1000,
        is_forced: bool = False,
        fails: bool = False,
    ) -> None:
        """Read everything. Entries in `without` are not listed; a scan that fails proves nothing missing."""
        scan = self.begin_scan(name, without=without, is_forced=is_forced)
        pages = []
        while scan.to_read:
            pages.append(self.read_page(scan, page_size))
        for page in pages:
            self.process_page(scan, page)
        if not fails:
            self.end_scan(scan)

    def begin_scan(self, name: str, *, without: Iterable[str] = (), is_forced: bool = False) -> Scan:
        """Begin to read everything."""
        left_out = set(without)
        ids = [one for one in self._server(name).entries if one not in left_out]
        return Scan(name, self.now, ids, is_forced)

    def read_page(self, scan: Scan, page_size: int) -> Page:
        """Read the next page of a scan."""
        ids, scan.to_read = scan.to_read[:page_size], scan.to_read[page_size:]
        return self.read(scan.account, ids)

    def process_page(self, scan: Scan, page: Page) -> None:
        """Take in a page of a scan; its un-marks wait for the scan's end (R5)."""
        for entry_id, seen in page.facts.items():
            waiting = self._take(scan.account, entry_id, seen, holds_back=True, is_forced=scan.is_forced)
            if waiting is not None:
                scan.held_back[entry_id] = waiting
            scan.listed.add(entry_id)

    def end_scan(self, scan: Scan) -> None:
        """Decide about a scan's un-marks at its end (R5), and note what was missing (R4)."""
        name, book = scan.account, self.books[scan.account]
        titles = [title for entry_id in scan.held_back for title in self._titles(name, entry_id)]
        is_too_much = must_hold(titles, self._watched_items(name), self.limits)
        for entry_id, (seen, interval) in scan.held_back.items():
            if is_too_much or entry_id in book.held:
                self._hold(book, entry_id, seen, interval)
            else:
                self._release(name, entry_id, seen, interval)
        for entry_id, agreed in book.agreed.items():
            if entry_id not in scan.listed and agreed.missed_scans < GONE_AFTER:
                book.agreed[entry_id] = replace(agreed, missed_scans=agreed.missed_scans + 1)
        book.scan_began_at = scan.began

    def look(self, name: str) -> None:
        """Read only what the server lists as changed; not a look at anything else."""
        book = self.books[name]
        lists_unwatches = book.server.rules.capabilities.lists_unwatches
        changed = [
            entry_id
            for entry_id, shown in book.server.entries.items()
            if shown.changed_at >= book.looked_at and (lists_unwatches or not shown.changed_by_unmark)
        ]
        book.looked_at = self._clock(name)
        self.process(self.read(name, changed))

    def wanted(self, name: str, entry_id: str = "", *, is_forced: bool = False) -> Target:
        """Return what an entry needs now."""
        book = self.books[name]
        one = self._only(name, entry_id)
        shown = book.server.entries[one]
        return target(
            Entrant(items=shown.items, runtime_ms=shown.runtime_ms),
            self.hubs,
            book.agreed.get(one),
            book.server.rules.capabilities,
            skew_ms=book.skew_ms,
            is_forced=is_forced,
        )

    def deliver(
        self,
        name: str,
        answer: Answer = Answer.GIVEN,
        *,
        is_forced: bool = False,
        before_sending: Callable[[], None] = lambda: None,
        before_answer: Callable[[], None] = lambda: None,
    ) -> int:
        """Write what the account needs: read, compare, write ahead, send, settle. Return how many writes were sent."""
        book = self.books[name]
        if not book.exports:
            return 0
        needed = [
            one
            for one in book.server.entries
            if one in book.intents or self.wanted(name, one, is_forced=is_forced).is_write
        ]
        if not needed:
            return 0
        there = self.read(name, needed, is_detailed=True)
        self.process(there, is_forced=is_forced)
        batch = [self._write_ahead(book, one, seen, is_forced=is_forced) for one, seen in there.facts.items()]
        before_sending()
        sent: list[str] = []
        for sending in batch:
            if sending is None or book.intents.get(sending.entry_id) is not sending.intent:
                continue
            if self._send(book, sending, answer, before_answer):
                sent.append(sending.entry_id)
            if answer in (Answer.CRASHED_BEFORE, Answer.CRASHED_AFTER):
                self.restart()
                break
        placed = [one for one in sent if is_open(book.agreed[one].position_ms) and one not in book.intents]
        if placed and answer is Answer.GIVEN:
            self.process(self.read(name, placed, is_detailed=True))
        return len(sent)

    def restart(self) -> None:
        """Start anew after a crash: memory is gone, and open writes are given up."""
        for book in self.books.values():
            book.newest.clear()
            for entry_id, intent in book.intents.items():
                book.intents[entry_id] = replace(intent, gave_up_at=intent.gave_up_at or self.now)

    def round(self) -> int:
        """Scan everything, deliver everything; return how many writes were sent."""
        for name in self.books:
            self.scan(name)
        sent = sum(self.deliver(name) for name in self.books)
        self.wait(5)
        return sent

    def switch_import(self, name: str, *, on: bool) -> None:
        """R8: switching import on makes all the account's entries first contact; our own writes stay on record."""
        book = self.books[name]
        book.imports = on
        if on:
            self.forget(name)

    def forget(self, name: str) -> None:
        """Make everything first contact (import switched on, new machine accepted); our own writes stay on record.

        So do writes without an answer, which may have arrived.
        """
        book = self.books[name]
        for entry_id, intent in book.intents.items():
            book.agreed[entry_id] = replace(book.agreed[entry_id], write=_as_write(intent))
        book.agreed = {one: replace(agreed, watched=None) for one, agreed in book.agreed.items()}
        book.intents.clear()
        book.held.clear()

    def export_forced(self, name: str) -> int:
        """W8: the hub wins over every fact of this server."""
        self.scan(name, is_forced=True)
        return self.deliver(name, is_forced=True)

    def accept_held(self, name: str) -> None:
        """R5: a person agrees with what is held; it keeps the interval of its first sighting."""
        for entry_id, interval in list(self.books[name].held.items()):
            for seen in self.read(name, [entry_id], is_detailed=True).facts.values():
                self._release(name, entry_id, seen, interval)

    def reject_held(self, name: str) -> None:
        """R5: a person says it was nobody's wish: unwatched is what is agreed, so that the hub is delivered again."""
        book = self.books[name]
        for entry_id in book.held:
            before = book.agreed[entry_id]
            book.agreed[entry_id] = replace(
                before, watched=False, is_rewatching=False, play_count=None, raw_watched_at=None
            )
        book.held.clear()

    def hub(self, item: int = 1) -> HubState:
        """Return the household's truth about an item."""
        return self.hubs.get(item, HubState())

    def watched(self, name: str, entry_id: str = "") -> bool:
        """Return the flag that a server shows."""
        return self._server(name).entries[self._only(name, entry_id)].watched

    def position(self, name: str, entry_id: str = "") -> float:
        """Return the position that a server shows, in minutes."""
        return self._server(name).entries[self._only(name, entry_id)].position_ms / MINUTE

    def _write_ahead(self, book: Book, entry_id: str, seen: Seen, *, is_forced: bool) -> Sending | None:
        wanted = self.wanted(book.server.name, entry_id, is_forced=is_forced)
        is_waiting = book.retry_at.get(entry_id, 0) > self.now or entry_id in book.intents
        if not wanted.is_write or is_waiting:
            return None
        intent = book.intents[entry_id] = Intent(
            watched=wanted.watched,
            position_ms=wanted.position_ms,
            raw_date_sent=wanted.raw_date,
            sent_at=self.now,
            before_watched=seen.watched,
            before_position_ms=seen.position_ms,
            before_count=seen.play_count,
            before_raw_date=seen.raw_watched_at,
        )
        return Sending(entry_id, wanted, intent)

    def _send(self, book: Book, sending: Sending, answer: Answer, before_answer: Callable[[], None]) -> bool:
        shown = book.server.entries.get(sending.entry_id)
        if shown is not None and shown.is_playing:  # W6: the plugin asks the sessions first
            del book.intents[sending.entry_id]
            return False
        if shown is None and answer is not Answer.CRASHED_BEFORE:
            answer = Answer.NOT_FOUND
        sent_at = self.now
        if answer is not Answer.CRASHED_BEFORE:
            self.now += REQUEST
        if answer in (Answer.GIVEN, Answer.LOST_AFTER, Answer.CRASHED_AFTER):
            self._apply(book, sending)
        elif answer is Answer.LATE:
            self.late.append((self.now + self.late_by, book, sending))
        before_answer()
        self._settle(book, sending, answer, sent_at)
        return answer is not Answer.CRASHED_BEFORE

    def _apply(self, book: Book, sending: Sending, *, is_late: bool = False) -> None:
        """The server takes a write."""
        wanted, shown = sending.wanted, book.server.entries.get(sending.entry_id)
        if shown is None:
            return
        self.writes.append(
            Write(
                account=book.server.name,
                entry_id=sending.entry_id,
                watched=wanted.watched,
                position_ms=wanted.position_ms,
                was_watched=shown.watched,
                is_late=is_late,
            )
        )
        book.server.write(
            sending.entry_id,
            watched=wanted.watched,
            raw_date=wanted.raw_date,
            position_ms=wanted.position_ms,
            at=self._clock(book.server.name),
        )

    def _settle(self, book: Book, sending: Sending, answer: Answer, sent_at: int) -> None:
        entry_id, intent = sending.entry_id, sending.intent
        match answer:
            case Answer.GIVEN:
                del book.intents[entry_id]
                book.agreed[entry_id] = as_written(book.agreed[entry_id], intent, sent_at, self.now)
            case Answer.FAILED | Answer.NOT_FOUND:
                del book.intents[entry_id]
                book.retry_at[entry_id] = self.now + MINUTE
            case Answer.LOST_BEFORE | Answer.LOST_AFTER | Answer.LATE:
                self.now += 30 * SECOND
                book.intents[entry_id] = replace(intent, gave_up_at=self.now)
            case _:
                self.restart()

    def _take(
        self,
        name: str,
        entry_id: str,
        seen: Seen,
        *,
        holds_back: bool,
        is_forced: bool = False,
        held: Interval | None = None,
    ) -> tuple[Seen, Interval] | None:
        """Merge one fact and store what it changes; return an un-mark that was only reported, and its interval."""
        book = self.books[name]
        is_settled = entry_id not in book.intents and entry_id not in book.held
        if is_settled and is_untouched(book.agreed.get(entry_id), seen, book.catalogue[entry_id]):
            book.newest[entry_id] = max(book.newest.get(entry_id, 0), seen.read_from)
            self._taken(name, entry_id, seen, is_forced=is_forced)
            return None
        case = self._case(book, entry_id, seen, holds_back=holds_back, is_forced=is_forced, held=held)
        merged = type(self).judge(case)
        if merged.verdict is Verdict.STALE:
            self._taken(name, entry_id, seen, is_forced=is_forced)
            return None
        if merged.verdict is Verdict.NEEDS_DETAIL:
            detail = self.read(name, [entry_id], is_detailed=True).facts.get(entry_id)
            if detail is None:
                return None
            return self._take(name, entry_id, detail, holds_back=holds_back, is_forced=is_forced, held=held)
        self._store(book, entry_id, merged)
        if merged.verdict is Verdict.HELD:
            # Not noted as processed: the same fact is merged again once the brake has decided.
            assert merged.unwatch is not None
            return seen, merged.unwatch
        book.newest[entry_id] = max(book.newest.get(entry_id, 0), seen.read_from)
        book.held.pop(entry_id, None)
        self._taken(name, entry_id, seen, is_forced=is_forced)
        return None

    def _taken(self, name: str, entry_id: str, seen: Seen, *, is_forced: bool) -> None:
        """A fact was dealt with: for whoever keeps a record."""

    def _case(
        self, book: Book, entry_id: str, seen: Seen, *, holds_back: bool, is_forced: bool, held: Interval | None
    ) -> Case:
        items = book.catalogue[entry_id]
        return Case(
            items=items,
            hubs=self.hubs,
            agreed=book.agreed.get(entry_id),
            intent=book.intents.get(entry_id),
            seen=seen,
            context=Context(
                capabilities=book.server.rules.capabilities,
                server=book.server.name,
                skew_ms=book.skew_ms,
                scan_began_at=book.scan_began_at,
                newest_read_from=book.newest.get(entry_id),
                imports=book.imports and not is_forced,
                is_forced=is_forced,
                own_writes={item: self._own_writes(book, item) for item in items},
                held=held or book.held.get(entry_id),
                holds_back=holds_back,
            ),
        )

    def _store(self, book: Book, entry_id: str, merged: Merged) -> None:
        self.hubs.update(merged.hubs)
        self.journal += merged.notes
        if merged.agreed is not None:
            book.agreed[entry_id] = merged.agreed
        if merged.closes_intent:
            book.intents.pop(entry_id, None)
        if merged.retry_at is not None:
            book.retry_at[entry_id] = merged.retry_at

    def _hold(self, book: Book, entry_id: str, seen: Seen, interval: Interval) -> None:
        """R5: keep an un-mark with the interval of its first sighting, until somebody decides."""
        if entry_id not in book.held:
            book.held[entry_id] = interval
        book.newest[entry_id] = max(book.newest.get(entry_id, 0), seen.read_from)

    def _release(self, name: str, entry_id: str, seen: Seen, interval: Interval) -> None:
        self._take(name, entry_id, seen, holds_back=False, held=interval)

    def _own_writes(self, book: Book, item: int) -> tuple[OwnWrite, ...]:
        return tuple(
            agreed.write for agreed in book.agreed.values() if agreed.write is not None and item in agreed.items
        )

    def _titles(self, name: str, entry_id: str) -> list[str]:
        return [self.titles.get(item, f"title {item}") for item in self.books[name].catalogue[entry_id]]

    def _watched_items(self, name: str) -> int:
        return sum(len(agreed.items) for agreed in self.books[name].agreed.values() if agreed.watched)

    def _server(self, name: str) -> MediaServer:
        return self.books[name].server

    def _only(self, name: str, entry_id: str) -> str:
        return entry_id or next(iter(self._server(name).entries))

    def _clock(self, name: str) -> int:
        """Return the time by the server's own clock."""
        return self.now + self._server(name).skew_ms


def _as_write(intent: Intent) -> OwnWrite:
    return OwnWrite(
        sent_at=intent.sent_at,
        answered_at=intent.gave_up_at or intent.sent_at,
        watched=intent.watched,
        position_ms=intent.position_ms,
        raw_date_sent=intent.raw_date_sent,
        count_before=intent.before_count,
        raw_date_before=intent.before_raw_date,
    )
