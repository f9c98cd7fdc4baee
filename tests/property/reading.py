"""How a look is read: which deed it shows, or why nobody can tell."""

from dataclasses import dataclass

from tests.property import exclusions as because
from tests.property.claims import Claims
from tests.property.happenings import Arrival, Claim, Deed, EntryStory, Loss, Move, Raw

from watchstate.clock import MINUTE
from watchstate.sync.case import Seen


@dataclass
class Reader(Claims):
    """Reads looks by R1, R2, R3, R4 and R6, with the truth of what persons did beside it."""

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

    def _unshown(self, story: EntryStory, shown: Raw) -> list[Deed | Loss | Arrival]:
        """Return what a listing without counts and dates can't show: the next read in detail may."""
        is_in_part = shown.count is None and shown.date is None
        has_stayed = story.known is not None and story.known.watched and shown.watched
        deed = self._last_deed(story)
        if is_in_part and has_stayed and deed is not None and deed.watched and not deed.is_judged:
            return list(story.pending)
        return []

    def _look_at_held(self, story: EntryStory, deed: Deed | None, shown: Raw) -> None:
        """A held un-mark that is looked at again was accepted, or is overtaken by what the account shows now."""
        if not shown.watched and deed is not None and deed.watched is False:
            for item, claim in zip(story.items, story.held, strict=True):
                claim.is_held, claim.turn = False, self.turn
                self._make(item, claim, deed)
        story.held = []

    def _drop_held(self, story: EntryStory) -> None:
        story.held = []
