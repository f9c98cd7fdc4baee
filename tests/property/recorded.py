"""The household in memory, with everything told to the oracle's observer as it happens."""

from collections.abc import Callable, Iterable

from tests.property.happenings import EntryStory, Raw, Sent
from tests.property.observer import Observer
from tests.sync.household import Answer, Book, Household, Scan, Sending
from tests.sync.media_server import Shown

from watchstate.states import Interval
from watchstate.sync.brake import BrakeLimits
from watchstate.sync.case import Seen


class RecordedHousehold(Household):
    """One identity's household; its observer is told what happened, never what the engine made of it."""

    def __init__(self, limits: BrakeLimits | None = None) -> None:
        super().__init__(limits)
        self.observer = Observer()
        self.told_twice: list[str] = []
        """Writes of what the server showed already, although nothing had happened since it was read (W2)."""
        self.sharing: dict[int, tuple[Shown, list[EntryStory]]] = {}
        self.processes: dict[tuple[int, str], dict[str, int]] = {}

    def appears(self, name: str, entry_id: str, shown: Shown) -> EntryStory:
        """Put an entry on a server; one that is given a state that another has shares it from now on."""
        server = self.books[name].server
        server.entries[entry_id] = shown
        story = self.observer.stories.get((name, entry_id))
        if story is None:
            story = self.observer.appears(name, entry_id, shown.items, server.rules)
            self.sharing.setdefault(id(shown), (shown, []))[1].append(story)
        story.is_gone = False
        return story

    def stories_of(self, shown: Shown) -> list[EntryStory]:
        """Return the stories of all entries that show this state."""
        return self.sharing[id(shown)][1]

    def end_scan(self, scan: Scan) -> None:
        super().end_scan(scan)
        self.observer.scans(scan.account, scan.began, scan.listed)

    def reject_held(self, name: str) -> None:
        for entry_id in self.books[name].held:
            self.observer.rejects(name, entry_id)
        super().reject_held(name)

    def forget(self, name: str) -> None:
        super().forget(name)
        self.observer.forgets(name)

    def restart(self) -> None:
        super().restart()
        self.observer.changes_process(self.observer.process, self.now, is_new=True)

    def change_process(self, process: int) -> None:
        """W7: another process takes its turn; it remembers what it read itself, and gives up what was in flight."""
        for name, book in self.books.items():
            self.processes[self.observer.process, name] = dict(book.newest)
            book.newest = self.processes.get((process, name), {})
        newest = [dict(book.newest) for book in self.books.values()]
        super().restart()
        for book, known in zip(self.books.values(), newest, strict=True):
            book.newest.update(known)
        self.observer.changes_process(process, self.now, is_new=False)

    def _hold(self, book: Book, entry_id: str, seen: Seen, interval: Interval) -> None:
        super()._hold(book, entry_id, seen, interval)
        self.observer.holds(book.server.name, entry_id, seen, skew_ms=book.skew_ms)

    def _taken(self, name: str, entry_id: str, seen: Seen, *, is_forced: bool) -> None:
        book = self.books[name]
        self.observer.looks(name, entry_id, seen, is_forced=is_forced, imports=book.imports, skew_ms=book.skew_ms)

    def _write_ahead(self, book: Book, entry_id: str, seen: Seen, *, is_forced: bool) -> Sending | None:
        sending = super()._write_ahead(book, entry_id, seen, is_forced=is_forced)
        if sending is not None:
            before = Raw(seen.watched, seen.position_ms, seen.play_count, seen.raw_watched_at, seen.added_at)
            wanted = sending.wanted
            write = Sent(self.now, wanted.watched, wanted.position_ms, wanted.raw_date, before, book.server.skew_ms)
            self.observer.intends(book.server.name, entry_id, write)
        return sending

    def _send(self, book: Book, sending: Sending, answer: Answer, before_answer: Callable[[], None]) -> bool:
        is_sent = super()._send(book, sending, answer, before_answer)
        if not is_sent and sending.entry_id not in book.intents:
            self.observer.is_refused(book.server.name, sending.entry_id)
        return is_sent

    def _apply(self, book: Book, sending: Sending, *, is_late: bool = False) -> None:
        shown = book.server.entries.get(sending.entry_id)
        was_watched = shown is not None and shown.watched
        super()._apply(book, sending, is_late=is_late)
        if shown is not None:
            own = self.observer.stories[book.server.name, sending.entry_id]
            stories = [own, *(story for story in self.stories_of(shown) if story is not own)]
            is_told = sending.wanted.watched is not None and sending.wanted.watched == was_watched
            if is_told and not is_late and not own.pending:
                self.told_twice.append(f"{own.account}: {own.entry_id} was told watched={was_watched} again")
            self.observer.arrives(
                stories, sending.wanted.watched, self.now, is_late=is_late, clock_ms=book.server.skew_ms
            )

    def _settle(self, book: Book, sending: Sending, answer: Answer, sent_at: int) -> None:
        super()._settle(book, sending, answer, sent_at)
        name, entry_id = book.server.name, sending.entry_id
        match answer:
            case Answer.GIVEN:
                self.observer.is_answered(name, entry_id, sent_at, self.now)
            case Answer.FAILED | Answer.NOT_FOUND:
                self.observer.is_refused(name, entry_id)
            case Answer.LOST_BEFORE | Answer.LOST_AFTER | Answer.LATE:
                self.observer.is_given_up(name, entry_id, self.now)
            case _:
                pass

    def shown(self) -> Iterable[tuple[str, str, Shown]]:
        """Yield every entry that is there."""
        for name, book in self.books.items():
            for entry_id, shown in book.server.entries.items():
                yield name, entry_id, shown
