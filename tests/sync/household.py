"""A household in memory, built on nothing but the pure functions: the reference for how the engine uses them.

Model servers (`media_server`), one clock that only tests move, and the three things an engine does: `scan`, `reread`
and `deliver`, with switches for what can go wrong on the way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace
from tests.sync.media_server import MediaServer, Rules, Shown

from watchstate.clock import DAY, MINUTE, SECOND
from watchstate.states import Agreed, HubState, Intent, Interval, OwnWrite
from watchstate.sync.brake import BrakeLimits, must_hold
from watchstate.sync.case import Case, Context, Merged, Note, Seen, Verdict
from watchstate.sync.echo import as_written
from watchstate.sync.intervals import is_open
from watchstate.sync.merge import agree, merge
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


class Page(Struct, frozen=True):
    """Facts that were read, and perhaps not yet processed."""

    account: str
    facts: dict[str, Seen]
    read_from: int


class Write(Struct, frozen=True, kw_only=True):
    """A write that was sent."""

    account: str
    entry_id: str
    watched: bool | None
    position_ms: int | None
    was_watched: bool
    """What the server showed when it was sent."""


@dataclass
class Book:
    """What is stored and remembered about one account."""

    server: MediaServer
    imports: bool = True
    exports: bool = True
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

    def __init__(self, limits: BrakeLimits | None = None) -> None:
        self.now = START
        self.books: dict[str, Book] = {}
        self.hubs: dict[int, HubState] = {}
        self.journal: list[Note] = []
        self.writes: list[Write] = []
        self.limits = limits or BrakeLimits()
        self.titles: dict[int, str] = {}

    def add(
        self, name: str, rules: Rules, entries: dict[str, tuple[int, ...]] | None = None, **switches: bool
    ) -> MediaServer:
        """Add a server; without `entries`, one entry of item 1, named like the server."""
        shown = {entry_id: Shown(items) for entry_id, items in (entries or {name.lower(): (1,)}).items()}
        server = MediaServer(name, rules, shown)
        self.books[name] = Book(server, **switches)
        return server

    def wait(self, minutes: float = 10) -> None:
        """Let time pass."""
        self.now += int(minutes * MINUTE)

    # What a person does.

    def mark(self, name: str, entry_id: str = "") -> None:
        """Mark as watched."""
        self._server(name).mark(self._only(name, entry_id), self.now)

    def unmark(self, name: str, entry_id: str = "") -> None:
        """Mark as unwatched."""
        self._server(name).unmark(self._only(name, entry_id), self.now)

    def start(self, name: str, entry_id: str = "") -> None:
        """Start to play."""
        self._server(name).start(self._only(name, entry_id), self.now)

    def reach(self, name: str, minutes: float, entry_id: str = "") -> None:
        """Play on until the player stands at this minute."""
        self._server(name).reach(self._only(name, entry_id), int(minutes * MINUTE), self.now)

    def stop(self, name: str, entry_id: str = "") -> None:
        """Stop playing."""
        self._server(name).stop(self._only(name, entry_id), self.now)

    def play_until(self, name: str, minutes: float, entry_id: str = "") -> None:
        """Start, play on to this minute, and stop."""
        self.start(name, entry_id)
        self.wait(minutes)
        self.reach(name, minutes, entry_id)
        self.stop(name, entry_id)

    def finish(self, name: str, entry_id: str = "") -> None:
        """Play to the end."""
        self._server(name).finish(self._only(name, entry_id), self.now)

    # What the engine does.

    def read(self, name: str, entry_ids: Iterable[str] | None = None, *, is_detailed: bool = False) -> Page:
        """Send one request; the answer may be processed much later."""
        server = self._server(name)
        began, self.now = self.now, self.now + REQUEST
        wanted = server.entries if entry_ids is None else [one for one in entry_ids if one in server.entries]
        facts = {
            one: server.show(one, read_from=began, read_to=self.now, is_detailed=is_detailed) for one in list(wanted)
        }
        return Page(name, facts, began)

    def process(self, page: Page, *, is_forced: bool = False) -> None:
        """Take in what was read outside a scan: un-marks beyond the brake's limit within a day are held."""
        book = self.books[page.account]
        for entry_id, seen in page.facts.items():
            held_back = self._take(page.account, entry_id, seen, holds_back=True, is_forced=is_forced)
            if held_back is None:
                continue
            recent = [title for at, title in book.unwatched if at > self.now - DAY]
            titles = self._titles(page.account, entry_id)
            if entry_id in book.held or must_hold(recent + titles, self._watched_items(page.account), self.limits):
                book.held.setdefault(entry_id, held_back)
            else:
                self._release(page.account, entry_id, seen, held_back)
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
        ids = [one for one in self._server(name).entries if one not in set(without)]
        began = self.now
        pages = [self.read(name, ids[first : first + page_size]) for first in range(0, len(ids), page_size)]
        self.end_scan(name, began, pages, is_forced=is_forced, fails=fails)

    def end_scan(
        self, name: str, began: int, pages: list[Page], *, is_forced: bool = False, fails: bool = False
    ) -> None:
        """Process the pages of a scan, decide about its un-marks at its end (R5), and note what was missing (R4)."""
        book = self.books[name]
        held_back: dict[str, tuple[Seen, Interval]] = {}
        for page in pages:
            for entry_id, seen in page.facts.items():
                interval = self._take(name, entry_id, seen, holds_back=True, is_forced=is_forced)
                if interval is not None:
                    held_back[entry_id] = (seen, interval)
        if fails:
            return
        titles = [title for entry_id in held_back for title in self._titles(name, entry_id)]
        is_too_much = must_hold(titles, self._watched_items(name), self.limits)
        for entry_id, (seen, interval) in held_back.items():
            if is_too_much or entry_id in book.held:
                book.held.setdefault(entry_id, interval)
            else:
                self._release(name, entry_id, seen, interval)
        listed = {entry_id for page in pages for entry_id in page.facts}
        for entry_id, agreed in book.agreed.items():
            if entry_id not in listed:
                book.agreed[entry_id] = replace(agreed, missed_scans=min(agreed.missed_scans + 1, GONE_AFTER))
        book.scan_began_at = began

    def look(self, name: str) -> None:
        """Read only what the server lists as changed; not a look at anything else."""
        book = self.books[name]
        lists_unwatches = book.server.rules.capabilities.lists_unwatches
        changed = [
            entry_id
            for entry_id, shown in book.server.entries.items()
            if shown.changed_at >= book.looked_at and (lists_unwatches or not shown.changed_by_unmark)
        ]
        book.looked_at = self.now
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
            is_forced=is_forced,
        )

    def deliver(
        self,
        name: str,
        answer: Answer = Answer.GIVEN,
        *,
        is_forced: bool = False,
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
        sent = [
            one
            for one, seen in there.facts.items()
            if self._send(book, one, seen, answer, is_forced=is_forced, before_answer=before_answer)
        ]
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
        """Make everything first contact (import switched on, new machine accepted); our own writes stay on record."""
        book = self.books[name]
        book.agreed = {one: replace(agreed, watched=None) for one, agreed in book.agreed.items()}
        book.intents.clear()

    def export_forced(self, name: str) -> int:
        """W8: the hub wins over every fact of this server."""
        self.scan(name, is_forced=True)
        return self.deliver(name, is_forced=True)

    def accept_held(self, name: str) -> None:
        """R5: a person agrees with what is held; it keeps the interval of its first sighting."""
        for entry_id, interval in list(self.books[name].held.items()):
            seen = self.read(name, [entry_id], is_detailed=True).facts[entry_id]
            self._release(name, entry_id, seen, interval)

    def reject_held(self, name: str) -> None:
        """R5: a person says it was nobody's wish: agreed becomes the fact, so that the hub is delivered again."""
        book = self.books[name]
        for entry_id in list(book.held):
            seen = self.read(name, [entry_id], is_detailed=True).facts[entry_id]
            before = book.agreed[entry_id]
            book.agreed[entry_id] = agree(seen, before.items, before)
            del book.held[entry_id]

    def hub(self, item: int = 1) -> HubState:
        """Return the household's truth about an item."""
        return self.hubs.get(item, HubState())

    def watched(self, name: str, entry_id: str = "") -> bool:
        """Return the flag that a server shows."""
        return self._server(name).entries[self._only(name, entry_id)].watched

    def position(self, name: str, entry_id: str = "") -> float:
        """Return the position that a server shows, in minutes."""
        return self._server(name).entries[self._only(name, entry_id)].position_ms / MINUTE

    def _send(
        self,
        book: Book,
        entry_id: str,
        seen: Seen,
        answer: Answer,
        *,
        is_forced: bool,
        before_answer: Callable[[], None],
    ) -> bool:
        wanted = self.wanted(book.server.name, entry_id, is_forced=is_forced)
        is_waiting = book.retry_at.get(entry_id, 0) > self.now or entry_id in book.intents
        if not wanted.is_write or is_waiting or book.server.entries[entry_id].is_playing:
            return False
        intent = Intent(
            watched=wanted.watched,
            position_ms=wanted.position_ms,
            raw_date_sent=wanted.raw_date,
            sent_at=self.now,
            before_watched=seen.watched,
            before_position_ms=seen.position_ms,
            before_count=seen.play_count,
            before_raw_date=seen.raw_watched_at,
        )
        book.intents[entry_id] = intent
        if answer is Answer.CRASHED_BEFORE:
            self.restart()
            return False
        self.writes.append(
            Write(
                account=book.server.name,
                entry_id=entry_id,
                watched=wanted.watched,
                position_ms=wanted.position_ms,
                was_watched=book.server.entries[entry_id].watched,
            )
        )
        self.now += REQUEST
        if answer in (Answer.GIVEN, Answer.LOST_AFTER, Answer.CRASHED_AFTER):
            book.server.write(
                entry_id, watched=wanted.watched, raw_date=wanted.raw_date, position_ms=wanted.position_ms, at=self.now
            )
        before_answer()
        self._settle(book, entry_id, intent, answer)
        return True

    def _settle(self, book: Book, entry_id: str, intent: Intent, answer: Answer) -> None:
        match answer:
            case Answer.GIVEN:
                del book.intents[entry_id]
                book.agreed[entry_id] = as_written(book.agreed[entry_id], intent, intent.sent_at, self.now)
            case Answer.FAILED | Answer.NOT_FOUND:
                del book.intents[entry_id]
                book.retry_at[entry_id] = self.now + MINUTE
            case Answer.LOST_BEFORE | Answer.LOST_AFTER:
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
    ) -> Interval | None:
        """Merge one fact and store what it changes; return the interval of an un-mark that was only reported."""
        book = self.books[name]
        merged = merge(self._case(book, entry_id, seen, holds_back=holds_back, is_forced=is_forced, held=held))
        if merged.verdict is Verdict.STALE:
            return None
        if merged.verdict is Verdict.NEEDS_DETAIL:
            detail = self.read(name, [entry_id], is_detailed=True).facts[entry_id]
            return self._take(name, entry_id, detail, holds_back=holds_back, is_forced=is_forced, held=held)
        self._store(book, entry_id, merged)
        if merged.verdict is Verdict.HELD:
            # Not noted as processed: the same fact is merged again once the brake has decided.
            return merged.unwatch
        book.newest[entry_id] = max(book.newest.get(entry_id, 0), seen.read_from)
        book.held.pop(entry_id, None)
        return None

    def _case(
        self, book: Book, entry_id: str, seen: Seen, *, holds_back: bool, is_forced: bool, held: Interval | None
    ) -> Case:
        items = book.server.entries[entry_id].items
        return Case(
            items=items,
            hubs=self.hubs,
            agreed=book.agreed.get(entry_id),
            intent=book.intents.get(entry_id),
            seen=seen,
            context=Context(
                capabilities=book.server.rules.capabilities,
                server=book.server.name,
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

    def _release(self, name: str, entry_id: str, seen: Seen, interval: Interval) -> None:
        self._take(name, entry_id, seen, holds_back=False, held=interval)

    def _own_writes(self, book: Book, item: int) -> tuple[OwnWrite, ...]:
        return tuple(
            agreed.write for agreed in book.agreed.values() if agreed.write is not None and item in agreed.items
        )

    def _titles(self, name: str, entry_id: str) -> list[str]:
        return [self.titles.get(item, f"title {item}") for item in self._server(name).entries[entry_id].items]

    def _watched_items(self, name: str) -> int:
        return sum(len(agreed.items) for agreed in self.books[name].agreed.values() if agreed.watched)

    def _server(self, name: str) -> MediaServer:
        return self.books[name].server

    def _only(self, name: str, entry_id: str) -> str:
        return entry_id or next(iter(self._server(name).entries))
