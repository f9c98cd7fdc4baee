"""What anybody who sees what the engine sees can know: from deeds, losses, writes and looks to claims.

An independent reading of DESIGN's R0-R8: it is given the truth of what persons did, and says of each deed in which
look it showed, and between which bounds R3 can know its moment. It never sees a hub state or an agreed state.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import replace as copied

from tests.property import exclusions as because
from tests.property.happenings import FOREVER, Arrival, Claim, Deed, EntryStory, Loss, Move, Raw, Sent
from tests.sync.household import REQUEST
from tests.sync.media_server import Rules

from watchstate.clock import MINUTE, SECOND
from watchstate.sync.case import Seen


@dataclass
class Observer:
    """One identity's household, as seen from outside."""

    stories: dict[tuple[str, str], EntryStory] = field(default_factory=dict)
    claims: dict[int, list[Claim]] = field(default_factory=dict)
    """Per item, in the order in which looks showed them."""
    moves: dict[int, list[Move]] = field(default_factory=dict)
    """Per item: resume positions, in the same order."""
    deeds: list[Deed] = field(default_factory=list)
    """All that a person did about *watched*."""
    scan_began: dict[str, int] = field(default_factory=dict)
    process: int = 0
    turn: int = 0
    unwatches: Counter[int] = field(default_factory=Counter)
    """Per item: un-watches by persons, and those of ours that arrived after they were given up."""

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
            story.watch = _watch_after(story.watch, deed)

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
            story.watch = _watch_after(story.watch, arrival)
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
            story.seen_watch = _watch_after(story.seen_watch, one)
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

    # How a look is read.

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
                story.seen_watch = _watch_after(story.seen_watch, one)
            story.pending = story.pending[arrived[-1] + 1 :]
        self._drop_held(story)

    def _take_no_notice(self, story: EntryStory, *, is_forced: bool, imports: bool) -> None:
        rule = because.overruled_by_a_forced_export if is_forced else because.made_while_import_was_off
        assert because.overruled_by_a_forced_export(is_forced=is_forced) or because.made_while_import_was_off(
            imports=imports
        )
        self._exclude(story.pending, rule.__name__)
        self._drop_held(story)

    def _meet(self, story: EntryStory, shown: Raw, seen: Seen, skew_ms: int) -> None:
        """R2, R4: an unwatched entry says nothing; a watched one is a claim of what made it watched."""
        self._drop_held(story)
        story.is_rewatching = False
        deed = story.seen_watch
        for one in story.pending:
            if isinstance(one, Deed) and one is not deed and one.watched is not None:
                is_lost = because.lost_with_the_file(story.pending, one)
                reason = because.lost_with_the_file if is_lost else because.unseen_before_it_was_no_choice
                self._exclude([one], reason.__name__)
        if not shown.watched:
            self._exclude(story.pending, because.unseen_before_it_was_no_choice.__name__)
        if (shown.position_ms or 0) >= MINUTE and not seen.is_playing:
            for item in story.items:
                move = Move(shown.position_ms or 0, self.turn, 0, seen.read_to, is_certain=False)
                self.moves.setdefault(item, []).append(move)
        if not shown.watched:
            return
        if isinstance(deed, Deed):
            self._meet_watched(story, deed, shown, seen, skew_ms)
        elif deed is not None and shown.date and not self._is_ours(story, shown, skew_ms):
            # Our own mark, under the date of something else: a play, or a clock that moved.
            self._doubt(story, True, deed.at, seen, because.its_date_is_not_its_watch.__name__)

    def _meet_watched(self, story: EntryStory, deed: Deed, shown: Raw, seen: Seen, skew_ms: int) -> None:
        date = min(shown.date - skew_ms, seen.read_to) if shown.date else None
        is_dated = date is not None and (shown.position_ms or 0) < MINUTE and not self._is_ours(story, shown, skew_ms)
        doubt = ""
        if date is not None and because.dated_by_a_clock_that_moved(deed.clock_ms, skew_ms):
            doubt = because.dated_by_a_clock_that_moved.__name__
        elif date is not None and is_dated and because.its_date_is_not_its_watch(deed.at, date):
            doubt = because.its_date_is_not_its_watch.__name__
        ends = seen.read_to if date is None else date
        for item in story.items:
            is_hub_known = any(not claim.doubt for claim in self.claims.get(item, ()))
            if because.undated_at_first_contact(is_dated=is_dated, is_hub_known=is_hub_known):
                self._exclude([deed], because.undated_at_first_contact.__name__)
                continue
            reason = doubt
            if not is_dated and self.claims.get(item):
                reason = reason or because.undated_at_first_contact.__name__
            claim = Claim(
                watched=True,
                at=deed.at,
                turn=self.turn,
                begins=0,
                begins_best=ends,
                ends=max(ends, seen.read_to) if doubt else ends,
                ends_best=ends,
                account=story.account,
                known_from=0,
                known_to=0,
                known_from_best=seen.read_from,
                known_to_best=seen.read_to,
                is_first_contact=True,
                is_dated=is_dated,
                doubt=reason,
            )
            self._make(item, claim, deed)

    def _follow_position(self, story: EntryStory, shown: Raw, seen: Seen) -> None:
        """R3, R7: note that a position moved, on an entry of one item that nobody is playing now."""
        known = story.known
        if known is None or len(story.items) > 1 or seen.is_playing or same_place(shown.position_ms, known.position_ms):
            return
        last = next((one for one in reversed(story.pending) if not isinstance(one, Deed) or _moves(one)), None)
        is_settled = story.sent is None or not story.sent.is_unnoticed
        position = shown.position_ms or 0
        travels = position * 100 <= 90 * (seen.runtime_ms or 0)
        is_certain = isinstance(last, Deed) and is_settled and travels and not shown.watched and not story.unsure
        move = Move(
            position_ms=position if position >= MINUTE else 0,
            turn=self.turn,
            begins=self._last_look(story),
            ends=seen.read_to,
            is_certain=is_certain,
        )
        self.moves.setdefault(story.items[0], []).append(move)

    def _is_ours(self, story: EntryStory, shown: Raw, skew_ms: int) -> bool:
        """R2: say whether the date can be one that our own write made."""
        for other in self.stories.values():
            write = other.sent
            if write is None or other.account != story.account or not set(other.items) & set(story.items):
                continue
            date, ended = (shown.date or 0) - skew_ms, write.ended_at or write.sent_at
            is_sent = write.raw_date is not None and abs((shown.date or 0) - write.raw_date) <= because.ROUNDING
            if is_sent or write.sent_at - because.MARGIN <= date <= ended + because.MARGIN:
                return True
        return False

    def _compare(self, story: EntryStory, shown: Raw, seen: Seen, skew_ms: int) -> None:
        """R1, R3, R6: what differs from the last look, and which deed it was."""
        assert story.known is not None
        deed = self._last_deed(story)
        for one in story.doubtful:
            self._doubt(story, one.watched is True, one.at, seen, because.wiped_by_our_write.__name__)
        if story.held:
            self._look_at_held(story, deed, shown)
            if not shown.watched and deed is not None and deed.watched is False:
                story.is_rewatching = False
                return
        for one in story.pending:
            if isinstance(one, Deed) and one is not deed and one.watched is not None and not one.is_judged:
                one.is_overtaken = True
        if deed is None:
            self._read_without_a_deed(story, shown, seen, skew_ms)
            return
        reason = self._excluded(story, deed, shown, seen, skew_ms)
        if reason == because.leaves_no_trace.__name__:
            if not self._unshown(story, shown):
                self._exclude([deed], reason)
            self._read_without_a_deed(story, shown, seen, skew_ms)
        elif reason:
            self._exclude([deed], reason)
            is_hidden = reason == because.starts_hide_the_un_mark.__name__
            is_hidden = is_hidden or reason == because.a_start_hides_the_mark.__name__
            if reason == because.a_start_hides_the_mark.__name__:
                story.unsure = reason
            watched = deed.watched is True and not story.unsure
            self._doubt(story, watched, deed.at, seen, reason, is_open_ended=is_hidden)
            story.is_rewatching = is_hidden
        else:
            for item in story.items:
                self._make(item, self._claim(story, item, deed, seen, skew_ms, shown), deed)
            story.is_rewatching = False

    def _excluded(self, story: EntryStory, deed: Deed, shown: Raw, seen: Seen, skew_ms: int) -> str:
        if story.unsure and not shown.watched:
            return story.unsure
        if because.lost_with_the_file(story.pending, deed) and not shown.watched:
            return because.lost_with_the_file.__name__
        if because.our_write_came_late(story.pending):
            return because.our_write_came_late.__name__
        if because.a_start_hides_the_mark(story, deed, shown):
            return because.a_start_hides_the_mark.__name__
        is_unnoticed = story.sent is not None and story.sent.is_unnoticed
        is_ours_to_judge = deed.watched and shown.watched and is_unnoticed
        shows = is_ours_to_judge or not because.leaves_no_trace(story, deed, shown)
        if not shows or self._is_a_play_only(story, shown, seen):
            return because.leaves_no_trace.__name__
        if because.starts_hide_the_un_mark(story, deed):
            return because.starts_hide_the_un_mark.__name__
        if not deed.watched or story.known is None:
            return ""
        if story.known.watched and because.looks_like_our_own_mark(story, story.sent, shown, skew_ms):
            return because.looks_like_our_own_mark.__name__
        has_moved = bool(shown.date) and because.dated_by_a_clock_that_moved(deed.clock_ms, skew_ms)
        return because.dated_by_a_clock_that_moved.__name__ if has_moved else ""

    def _read_without_a_deed(self, story: EntryStory, shown: Raw, seen: Seen, skew_ms: int) -> None:
        """Nobody did anything that shows; a play, or a write of ours that came late, may look as if."""
        known = story.known
        assert known is not None
        at = story.pending[-1].at if story.pending else seen.read_from
        if because.our_write_came_late(story.pending):
            reason = because.our_write_came_late.__name__
            self._doubt(story, shown.watched, at, seen, reason, is_open_ended=True)
        if shown.watched:
            is_unnoticed = story.sent is not None and story.sent.is_unnoticed
            is_again = because.is_another_watch(known, shown) or is_unnoticed
            if known.watched and is_again and because.a_play_that_looks_like_a_watch(story.pending):
                self._doubt(story, True, at, seen, because.a_play_that_looks_like_a_watch.__name__)
            write = story.sent
            if write is not None and is_unnoticed and because.dated_by_a_clock_that_moved(write.clock_ms, skew_ms):
                self._doubt(story, True, at, seen, because.dated_by_a_clock_that_moved.__name__)
            story.is_rewatching = False
        else:
            story.is_rewatching = self._watches_again(story, shown, was_replaced=False)

    def _watches_again(self, story: EntryStory, shown: Raw, *, was_replaced: bool) -> bool:
        """R6, by the truth: say whether the flag is off only because somebody is watching it again."""
        was_watched = story.is_rewatching or (story.known is not None and story.known.watched)
        can_be = story.rules.capabilities.start_clears_watched and not was_replaced and not story.missed
        return can_be and was_watched and (story.seen_watch is not None or story.is_rewatching) and not shown.watched

    def _is_a_play_only(self, story: EntryStory, shown: Raw, seen: Seen) -> bool:
        """Where a start counts, a watched entry under way tells nothing about the play's end."""
        is_under_way = seen.is_playing or (shown.position_ms or 0) >= MINUTE
        was_watched = story.known is not None and story.known.watched
        return story.rules.capabilities.start_counts and is_under_way and shown.watched and was_watched

    def _unshown(self, story: EntryStory, shown: Raw) -> list[Deed | Loss | Arrival]:
        """Return what a listing without counts and dates can't show: the next read in detail may."""
        is_in_part = shown.count is None and shown.date is None
        has_stayed = story.known is not None and story.known.watched and shown.watched
        deed = self._last_deed(story)
        if is_in_part and has_stayed and deed is not None and deed.watched and not deed.is_judged:
            return list(story.pending)
        return []

    # Claims.

    def _claim(
        self, story: EntryStory, item: int, deed: Deed, seen: Seen, skew_ms: int, shown: Raw | None = None
    ) -> Claim:
        """Say in which bounds the moment of a deed can be known, now that it shows."""
        begins = self._last_look(story)
        ends = ends_best = seen.read_to
        if deed.watched and shown is not None and shown.date and not story.rules.capabilities.date_is_start:
            date = shown.date - skew_ms
            if date <= seen.read_to + because.MARGIN:
                ends_best = min(date, ends)
                if date >= story.newest_from - because.MARGIN:
                    ends = ends_best
        return Claim(
            watched=bool(deed.watched),
            at=deed.at,
            turn=self.turn,
            begins=min(begins, seen.read_to),
            begins_best=max(begins, story.newest_from),
            ends=ends,
            ends_best=ends_best,
            account=story.account,
            known_from=story.row_from,
            known_to=story.row_to,
            known_from_best=story.newest_from,
            known_to_best=story.newest_to,
        )

    def _last_look(self, story: EntryStory) -> int:
        """R3: return the newest moment at which, as far as the rules guarantee, the account was looked at."""
        began = self.scan_began.get(story.account, 0)
        ended = story.sent.ended_at or 0 if story.sent is not None else 0
        is_look = story.missed == 0 and began > max(story.row_to, ended)
        return max(story.row_from, story.remembered_from.get(self.process, 0), began if is_look else 0)

    def _doubt(
        self, story: EntryStory, watched: bool, at: int, seen: Seen, reason: str, *, is_open_ended: bool = False
    ) -> None:
        """Something shows that may or may not be taken for a deed."""
        for item in story.items:
            claim = Claim(
                watched=watched,
                at=at,
                turn=self.turn,
                begins=0,
                begins_best=FOREVER,
                ends=FOREVER if is_open_ended else seen.read_to,
                ends_best=0,
                account=story.account,
                known_from=0,
                known_to=0,
                known_from_best=FOREVER,
                known_to_best=FOREVER,
                doubt=reason,
            )
            self.claims.setdefault(item, []).append(claim)

    def _make(self, item: int, claim: Claim, deed: Deed) -> None:
        self.claims.setdefault(item, []).append(claim)
        if claim.doubt:
            self._exclude([deed], claim.doubt)
        else:
            deed.is_judged, deed.excluded = True, ""

    def _look_at_held(self, story: EntryStory, deed: Deed | None, shown: Raw) -> None:
        """A held un-mark that is looked at again was accepted, or is overtaken by what the account shows now."""
        if not shown.watched and deed is not None and deed.watched is False:
            for item, claim in zip(story.items, story.held, strict=True):
                claim.is_held, claim.turn = False, self.turn
                self._make(item, claim, deed)
        story.held = []

    def _drop_held(self, story: EntryStory) -> None:
        story.held = []

    def _exclude(self, deeds: Iterable[Deed | Loss | Arrival], reason: str) -> None:
        for one in deeds:
            if isinstance(one, Deed) and one.watched is not None and not one.is_judged and not one.is_overtaken:
                one.excluded = reason

    def _last_deed(self, story: EntryStory, until: int = FOREVER) -> Deed | None:
        for one in reversed(story.pending):
            if isinstance(one, Deed) and one.watched is not None and one.at <= until:
                return one
        return None

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


def _watch_after(watch: Deed | Arrival | None, one: Deed | Loss | Arrival) -> Deed | Arrival | None:
    """Return what makes an entry watched after one more thing has happened to it."""
    if isinstance(one, Loss):
        return None
    if one.watched is None:
        return watch
    return one if one.watched else None


def _moves(deed: Deed) -> bool:
    return deed.watched is not None or deed.is_stop or deed.position_ms is not None


def same_place(one: int | None, other: int | None) -> bool:
    """R1: positions within ten seconds are the same, and under a minute there is none."""
    first, second = one or 0, other or 0
    if first < MINUTE or second < MINUTE:
        return (first < MINUTE) == (second < MINUTE)
    return abs(first - second) <= 10 * SECOND
