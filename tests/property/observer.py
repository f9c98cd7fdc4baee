"""What anybody who sees what the engine sees can know: from deeds, losses, writes and looks to claims.

An independent reading of the rules R0 to R8: it is given the truth of what persons did, and says of each deed in which
look it showed, and between which bounds R3 can know its moment. It never sees a hub state or an agreed state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as copied

from tests.property import exclusions as because
from tests.property.happenings import Arrival, Deed, EntryStory, Loss, Raw, Sent, same_place, watch_after
from tests.property.reading import Reader
from tests.sync.household import REQUEST
from tests.sync.media_server import Rules

from watchstate.sync.case import Seen


@dataclass
class Observer(Reader):
    """One identity's household, as seen from outside."""

    # What happens on servers.

    def appears(self, account: str, entry_id: str, items: tuple[int, ...], rules: Rules) -> EntryStory:
        """A server has an entry that it didn't have before."""
        story = self.stories[account, entry_id] = EntryStory(account, entry_id, items, rules)
        return story

    def does(self, stories: Iterable[EntryStory], deed: Deed) -> None:
        """A person does something; several entries if they share their state."""
        if deed.watched is not None:
            self.deeds.append(deed)
        for story in stories:
            story.pending.append(deed)
            if deed.watched is False:
                self.unwatches.update(story.items)
            story.watch = watch_after(story.watch, deed)

    def loses(self, story: EntryStory, at: int) -> None:
        """A server loses the state of an entry."""
        story.pending.append(Loss(at))
        story.watch = None

    def leaves(self, story: EntryStory) -> None:
        """An entry is no longer there."""
        story.is_gone = True

    # What the engine does.

    def intends(self, account: str, entry_id: str, write: Sent) -> None:
        """A write is about to be sent."""
        self.stories[account, entry_id].intent = write

    def arrives(
        self, stories: Iterable[EntryStory], watched: bool | None, at: int, *, is_late: bool, clock_ms: int
    ) -> None:
        """A write took effect on these entries: several if they share their state."""
        arrival = Arrival(at, watched, is_late, clock_ms)
        for story in stories:
            story.pending.append(arrival)
            story.watch = watch_after(story.watch, arrival)
            if is_late and watched is False:
                self.unwatches.update(story.items)

    def is_answered(self, account: str, entry_id: str, sent_at: int, at: int) -> None:
        """A write succeeded: what was written is what the account shows, until the next look."""
        story = self.stories[account, entry_id]
        write, story.intent = story.intent, None
        assert write is not None
        write.sent_at = sent_at
        story.not_before = at
        self._is_written(story, write, ended_at=at)

    def is_refused(self, account: str, entry_id: str) -> None:
        """A write certainly had no effect."""
        self.stories[account, entry_id].intent = None

    def is_given_up(self, account: str, entry_id: str, at: int) -> None:
        """No answer came."""
        story = self.stories[account, entry_id]
        if story.intent is not None and story.intent.ended_at is None:
            story.intent.ended_at = story.not_before = at

    def changes_process(self, process: int, at: int, *, is_new: bool) -> None:
        """Another process goes on (a new one remembers nothing); what was in flight is given up."""
        self.process = process
        for story in self.stories.values():
            if is_new:
                story.remembered_from.pop(process, None)
            self.is_given_up(story.account, story.entry_id, at)

    def scans(self, account: str, began: int, listed: set[str]) -> None:
        """A complete scan has ended."""
        self.scan_began[account] = began
        for story in self.stories.values():
            if story.account == account and story.entry_id not in listed and story.known is not None:
                story.missed += 1

    def forgets(self, account: str) -> None:
        """Everything of an account becomes first contact; our own writes stay on record."""
        for story in self.stories.values():
            if story.account == account:
                story.known, story.is_rewatching = None, False
                if story.intent is not None:
                    story.intent.ended_at = story.intent.ended_at or story.intent.sent_at
                    story.sent, story.intent = story.intent, None
                self._drop_held(story)

    def looks(self, account: str, entry_id: str, seen: Seen, *, is_forced: bool, imports: bool, skew_ms: int) -> None:
        """A fact was taken in."""
        story = self.stories[account, entry_id]
        if self._is_stale(story, seen):
            return
        self.turn += 1
        later = [one for one in story.pending if one.at > seen.read_from + REQUEST]
        if later:
            story.pending = [one for one in story.pending if one.at <= seen.read_from + REQUEST]
        for one in story.pending:
            story.seen_watch = watch_after(story.seen_watch, one)
        shown = Raw(seen.watched, seen.position_ms, seen.play_count, seen.raw_watched_at, seen.added_at)
        if is_forced:
            story.intent = None
        else:
            self._settle_intent(story, shown, seen)
        was_replaced = story.known is not None and story.known.added_at not in (None, shown.added_at)
        if is_forced or not imports:
            self._take_no_notice(story, is_forced=is_forced, imports=imports)
            deed = self._last_deed(story)
            is_hidden = deed is not None and because.starts_hide_the_un_mark(story, deed)
            is_again = self._watches_again(story, shown, was_replaced=was_replaced)
            story.is_rewatching = not is_forced and (is_again or is_hidden)
        elif story.known is None or because.unseen_before_it_was_no_choice(story, shown, was_replaced=was_replaced):
            self._meet(story, shown, seen, skew_ms)
        else:
            was_rewatching = story.is_rewatching
            self._compare(story, shown, seen, skew_ms)
            if not story.is_rewatching and not (was_rewatching and shown.watched):
                self._follow_position(story, shown, seen)
        unshown = self._unshown(story, shown)
        self._note(story, shown, seen, was_replaced=was_replaced)
        story.pending = unshown + later

    def holds(self, account: str, entry_id: str, seen: Seen, *, skew_ms: int) -> None:
        """R5: an un-mark was seen and is held; nothing is agreed, and its first sighting counts."""
        story = self.stories[account, entry_id]
        deed = self._last_deed(story, until=seen.read_from + REQUEST)
        if not story.held and deed is not None and deed.watched is False and story.known is not None:
            self._hold(story, deed, seen, skew_ms)
        story.newest_from = max(story.newest_from, seen.read_from)
        remembered = story.remembered_from.get(self.process, 0)
        story.remembered_from[self.process] = max(remembered, seen.read_from)

    def _hold(self, story: EntryStory, deed: Deed, seen: Seen, skew_ms: int) -> None:
        story.held = [self._claim(story, item, deed, seen, skew_ms) for item in story.items]
        for claim in story.held:
            claim.is_held = True
        deed.excluded = because.held_by_the_brake.__name__

    def rejects(self, account: str, entry_id: str) -> None:
        """R5: a person says that what is held was nobody's wish."""
        story = self.stories[account, entry_id]
        self._drop_held(story)
        if story.known is not None:
            story.known = copied(story.known, watched=False, count=None, date=None)
        story.is_rewatching = False
        self._exclude(story.pending, because.held_by_the_brake.__name__)
        story.pending = []

    def _is_stale(self, story: EntryStory, seen: Seen) -> bool:
        is_in_flight = story.intent is not None and story.intent.ended_at is None
        return is_in_flight or seen.read_from < max(story.newest_from, story.not_before)

    def _settle_intent(self, story: EntryStory, shown: Raw, seen: Seen) -> None:
        """W3: the first look after a write without an answer says what became of it."""
        write, story.intent = story.intent, None
        if write is None or story.known is None:
            return
        if write.watched is not None:
            is_there = shown.watched == write.watched
        else:
            is_there = same_place(shown.position_ms, write.position_ms)
        if is_there:
            if because.our_write_came_late(story.pending):
                self._doubt(story, shown.watched, seen.read_from, seen, because.our_write_came_late.__name__)
            self._is_written(story, write, ended_at=write.ended_at or write.sent_at)

    def _is_written(self, story: EntryStory, write: Sent, *, ended_at: int) -> None:
        write.ended_at = ended_at
        known = story.known
        assert known is not None
        if write.watched is None:
            position = known.position_ms if write.position_ms is None else write.position_ms
            story.known = copied(known, position_ms=position)
        else:
            story.known = copied(
                known, watched=write.watched, position_ms=write.position_ms or 0, count=None, date=None
            )
        story.sent, story.is_rewatching = write, False
        story.row_from = story.row_to = write.sent_at
        story.newest_from = story.newest_to = max(story.newest_from, write.sent_at)
        arrived = [number for number, one in enumerate(story.pending) if isinstance(one, Arrival)]
        if arrived:
            wiped = [one for one in story.pending[: arrived[-1]] if isinstance(one, Deed) and one.watched is not None]
            self._exclude(wiped, because.wiped_by_our_write.__name__)
            story.doubtful += wiped
            for one in story.pending[: arrived[-1] + 1]:
                story.seen_watch = watch_after(story.seen_watch, one)
            story.pending = story.pending[arrived[-1] + 1 :]
        self._drop_held(story)

    def _take_no_notice(self, story: EntryStory, *, is_forced: bool, imports: bool) -> None:
        rule = because.overruled_by_a_forced_export if is_forced else because.made_while_import_was_off
        assert because.overruled_by_a_forced_export(is_forced=is_forced) or because.made_while_import_was_off(
            imports=imports
        )
        self._exclude(story.pending, rule.__name__)
        self._drop_held(story)

    def _note(self, story: EntryStory, shown: Raw, seen: Seen, *, was_replaced: bool) -> None:
        """Remember what the look showed."""
        known = story.known
        is_first = because.unseen_before_it_was_no_choice(story, shown, was_replaced=was_replaced)
        position = shown.position_ms
        if seen.is_playing:
            position = None if known is None or is_first else known.position_ms
        is_row = (
            known is None
            or story.missed > 0
            or was_replaced
            or shown.watched != known.watched
            or (story.sent is not None and story.sent.is_unnoticed)
            or not same_place(position, known.position_ms)
            or (shown.count is not None and (known.count is None or shown.count < known.count))
            or (
                shown.watched
                and because.is_another_watch(known, shown)
                and not self._is_a_play_only(story, shown, seen)
            )
        )
        count, date = shown.count, shown.date
        if known is not None and known.watched == shown.watched:
            count = known.count if count is None else count
            date = known.date if date is None else date
            if self._is_a_play_only(story, shown, seen):
                count, date = self._before_play(story, known, shown)
        story.known = Raw(shown.watched, position, count, date, shown.added_at)
        if story.sent is not None:
            story.sent.is_unnoticed = False
        if is_row:
            story.row_from, story.row_to = seen.read_from, seen.read_to
        story.newest_from, story.newest_to = seen.read_from, max(story.newest_to, seen.read_to)
        story.remembered_from[self.process] = seen.read_from
        story.pending, story.doubtful, story.missed = [], [], 0
        if shown.watched or was_replaced:
            story.unsure = ""

    def _before_play(self, story: EntryStory, known: Raw, shown: Raw) -> tuple[int | None, int | None]:
        count, date = self._shown_before(story, known)
        has_fallen = count is not None and shown.count is not None and shown.count < count
        return (shown.count or 0) - 1 if has_fallen else count, date

    def _shown_before(self, story: EntryStory, known: Raw) -> tuple[int | None, int | None]:
        write = story.sent
        if write is None or not write.is_unnoticed:
            return known.count, known.date
        date = write.before.date if write.raw_date is None else write.raw_date
        return (
            write.before.count if known.count is None else known.count,
            date if known.date is None else known.date,
        )
