"""What persons did, and what may be claimed of it once every account has been looked at in full.

A deed is claimed with bounds that hold whatever else the engine saw in between: the look before it is the last
undisturbed full scan, the look that shows it the next one. What may have wiped its traces, or looks like something
else, puts it in doubt, under the names of `tests.property.exclusions`.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.property import exclusions as because
from tests.property.happenings import FOREVER, Claim

from watchstate.api import PlayState
from watchstate.clock import MINUTE, SECOND


@dataclass(eq=False)
class Done:
    """What a person did to a file, that may be claimed."""

    at: int
    watched: bool
    doubt: str = ""
    in_request: bool = False
    """While a request of ours was under way."""


@dataclass(eq=False)
class Story:
    """What is known of one identity's state of a file."""

    pending: list[Done] = field(default_factory=list)
    is_rewatching: bool = False
    look_from: int = 0
    """The start of the last undisturbed full scan; 0: there was none."""
    showed: bool = False
    """What it showed then."""
    written_at: int | None = None
    """When a write of ours arrived last; None if a look has been taken since."""
    acted_at: int = 0


class Ledger:
    """What persons did in a household."""

    def __init__(self, home) -> None:
        self.home = home
        self.stories: dict[tuple[object, str], Story] = {}
        self.claims: dict[tuple[str, str], list[Claim]] = {}
        """Per identity and title, since the last quiet period."""
        self.unwatches: Counter[tuple[str, str]] = Counter()
        self.turn = 0
        self.deeds = 0
        self.doubts: Counter[str] = Counter()
        self.is_in_request = False
        self._split: set[tuple[str, str]] = set()

    def appears(self, copy) -> None:
        """Nothing is known of a new file."""
        for identity in self.home.setup.identities:
            self.stories[copy, identity] = Story()

    def of(self, place: str, entry_id: str | None = None, user: str | None = None):
        """Yield the stories of a server's files: of all, or of one, and those that share its state."""
        named = [copy for copy in self.home.copies if copy.place == place and entry_id in (None, copy.entry_id)]
        titles = {copy.titles for copy in named}
        for (copy, identity), story in self.stories.items():
            if copy.place != place or copy.titles not in titles:
                continue
            if user is None or self.home.users[place][identity] == user:
                yield copy, identity, story

    # Persons

    def acts(self, copy, identity: str, before: PlayState, after: PlayState, *, unmarks: bool, starts: bool) -> None:
        """A person did something that turned one state into another."""
        now = self.home.clock()
        family = [story for _, whose, story in self.of(copy.place, copy.entry_id) if whose == identity]
        story = self.stories[copy, identity]
        story.acted_at = now
        is_rewatching = any(one.is_rewatching for one in family)
        if unmarks:
            self.unwatches.update((identity, title) for title in copy.titles)
            self._unmarks(story, before, now, is_rewatching=is_rewatching)
            for one in family:
                one.is_rewatching = False
        elif starts:
            self._starts(family, story, before, after, now)
        elif after.watched and (not before.watched or _is_another(before, after)):
            self._note(story, Done(now, True))
            for one in family:
                one.is_rewatching = False
        elif after.watched:
            self._note(story, Done(now, True, because.leaves_no_trace.__name__))

    def _unmarks(self, story: Story, before: PlayState, now: int, *, is_rewatching: bool) -> None:
        if before.watched:
            self._note(story, Done(now, False))
        elif is_rewatching:
            self._note(story, Done(now, False, because.starts_hide_the_un_mark.__name__))

    def _starts(self, family: list[Story], story: Story, before: PlayState, after: PlayState, now: int) -> None:
        if before.watched and not after.watched:
            for one in family:
                one.is_rewatching = True
        if before.watched:
            self._note(story, Done(now, True, because.a_play_that_looks_like_a_watch.__name__))
        for one in family:
            _doubt(one, because.starts_hide_the_un_mark.__name__)

    def _note(self, story: Story, done: Done) -> None:
        self.deeds += 1
        done.in_request = self.is_in_request
        written = story.written_at
        if done.watched and written is not None and done.at - written <= 10 * MINUTE and not done.doubt:
            done.doubt = because.looks_like_our_own_mark.__name__
        story.pending.append(done)

    def acted_since(self, place: str, entry_id: str, user: str, since: int) -> bool:
        """Say whether the person did something to a file since then."""
        return any(story.acted_at >= since for _, _, story in self.of(place, entry_id, user))

    # Servers and our own writes

    def loses(self, copy) -> None:
        """A server lost the state of a file, or the file."""
        for _, _, story in self.of(copy.place, copy.entry_id):
            _doubt(story, because.lost_with_the_file.__name__)
            story.is_rewatching = False

    def loses_everything(self, place: str) -> None:
        """A server lost all its states."""
        for _, _, story in self.of(place):
            _doubt(story, because.lost_with_the_file.__name__)
            story.is_rewatching = False
            story.look_from = 0

    def is_something_else(self, copy, titles: tuple[str, ...]) -> None:
        """A file is taken for another title: what it shows may be taken for what was done to that."""
        now = self.home.clock()
        for identity in self.home.setup.identities:
            story = self.stories[copy, identity]
            _doubt(story, because.unseen_before_it_was_no_choice.__name__)
            for done in story.pending:
                for title in copy.titles:
                    self._resolve(story, identity, title, done, now)
            story.pending, story.look_from = [], 0
            for title in {*copy.titles, *titles}:
                self._doubtful(identity, title, watched=True, at=now, reason=because.undated_at_first_contact.__name__)

    def clock_moves(self, place: str) -> None:
        """A server's clock was put right or wrong."""
        reason = because.dated_by_a_clock_that_moved.__name__
        for copy, identity, story in self.of(place):
            _doubt(story, reason)
            if story.written_at is not None:
                for title in copy.titles:
                    self._doubtful(identity, title, watched=True, at=self.home.clock(), reason=reason)

    def is_written(self, place: str, entry_id: str | None, user: str | None) -> None:
        """A write of ours arrived."""
        for _, _, story in self.of(place, entry_id, user):
            _doubt(story, because.wiped_by_our_write.__name__)
            story.written_at = self.home.clock()
            story.is_rewatching = False

    def is_unsure(self, place: str, entry_id: str | None, user: str | None) -> None:
        """A write of ours is applied after we gave it up: it looks like a person's deed."""
        for copy, identity, story in self.of(place, entry_id, user):
            _doubt(story, because.our_write_came_late.__name__)
            for title in copy.titles:
                for watched in (True, False):
                    at = self.home.clock()
                    self._doubtful(identity, title, watched=watched, at=at, reason=because.our_write_came_late.__name__)
                self.unwatches[identity, title] += 1

    def says(self, identity: str, titles: set[str], *, watched: bool) -> None:
        """A person changed the hub in watchstate itself; with several titles it is open which of them it was."""
        now, reason = self.home.clock(), because.undated_at_first_contact.__name__
        for title in sorted(titles):
            self.unwatches[identity, title] += not watched
            if len(titles) > 1:
                self._doubtful(identity, title, watched=watched, at=now, reason=reason)
            else:
                self._claim(identity, title, watched=watched, at=now, begins=now, ends=now)

    def is_held(self, place: str) -> None:
        """R5: un-marks of a server wait for a person's decision."""
        for _, _, story in self.of(place):
            for done in story.pending:
                if not done.watched:
                    done.doubt = done.doubt or because.held_by_the_brake.__name__

    def overrules(self, place: str) -> None:
        """W8: the hub won over whatever the server showed."""
        for _, _, story in self.of(place):
            _doubt(story, because.overruled_by_a_forced_export.__name__)

    def decides(self, titles_by_identity) -> None:
        """R5: a person decided about held un-marks of these titles."""
        for identity, title in titles_by_identity:
            at = self.home.clock()
            self._doubtful(identity, title, watched=False, at=at, reason=because.held_by_the_brake.__name__)

    # Looks

    def is_looked_at(self, place: str, began: int, ended: int) -> None:
        """An undisturbed full scan of a server was taken in: what was done there shows now, or never will."""
        self.turn += 1
        for copy, identity, story in self.of(place):
            if not copy.is_there:
                _doubt(story, because.never_shown_again.__name__)
            for done in _what_counts(story):
                for title in copy.titles:
                    self._resolve(story, identity, title, done, ended)
            story.pending = []
            if not copy.is_there:
                continue
            shown = self.home[place].simulator.state(self.home.users[place][identity], copy.entry_id)
            story.showed = shown.watched
            story.written_at, story.look_from = None, began

    def begins_anew(self) -> None:
        """The database is lost: everything that is seen is seen for the first time, and counted anew."""
        self.unwatches.clear()
        for story in self.stories.values():
            story.look_from = 0

    def _resolve(self, story: Story, identity: str, title: str, done: Done, ended: int) -> None:
        is_first = story.look_from == 0
        if is_first and done.watched and any(not claim.doubt for claim in self.claims.get((identity, title), [])):
            done.doubt = done.doubt or because.undated_at_first_contact.__name__
        if done.doubt:
            self._doubtful(identity, title, watched=done.watched, at=done.at, reason=done.doubt)
            return
        slow = MINUTE if done.in_request else 0
        self._claim(
            identity,
            title,
            watched=done.watched,
            at=done.at,
            begins=story.look_from,
            ends=ended,
            known_to_best=done.at + slow,
            is_first_contact=is_first,
        )

    def is_split(self, identity: str, title: str) -> None:
        """A title is several items, or shares one with another title, so that nothing is claimed of it (M3)."""
        self._split.add((identity, title))

    def was_split(self, identity: str, title: str) -> bool:
        """Say whether it was at the last quiet period, or is none any more; asking makes it whole."""
        was = (identity, title) in self._split
        self._split.discard((identity, title))
        return was

    def settle(self, identity: str, title: str, *, watched: bool | None, at: int) -> None:
        """Begin anew with what the hub holds after a quiet period."""
        self.claims[identity, title] = []
        if watched is not None:
            self._claim(identity, title, watched=watched, at=at, begins=at, ends=at, known_to_best=0)

    def _claim(
        self,
        identity: str,
        title: str,
        *,
        watched: bool,
        at: int,
        begins: int,
        ends: int,
        known_to_best: int | None = None,
        is_first_contact: bool = False,
    ) -> None:
        best = at if known_to_best is None else known_to_best
        claim = Claim(
            watched=watched,
            at=at,
            turn=self.turn,
            begins=begins,
            begins_best=at,
            ends=ends,
            ends_best=at,
            account="",
            known_from=0,
            known_to=0,
            known_from_best=best,
            known_to_best=best,
            is_first_contact=is_first_contact,
            is_dated=True,
        )
        self.claims.setdefault((identity, title), []).append(claim)

    def _doubtful(self, identity: str, title: str, *, watched: bool, at: int, reason: str) -> None:
        self.doubts[reason] += 1
        claim = Claim(
            watched=watched,
            at=at,
            turn=self.turn,
            begins=0,
            begins_best=FOREVER,
            ends=FOREVER,
            ends_best=0,
            account="",
            known_from=0,
            known_to=0,
            known_from_best=FOREVER,
            known_to_best=FOREVER,
            doubt=reason,
        )
        self.claims.setdefault((identity, title), []).append(claim)


def _what_counts(story: Story) -> list[Done]:
    """Return the last deed alone if it surely shows: it is later than the others, and whoever saw those saw it too."""
    if not story.pending:
        return []
    last = story.pending[-1]
    if not last.watched and story.look_from == 0:
        last.doubt = last.doubt or because.unseen_before_it_was_no_choice.__name__
    if not last.watched and not story.showed:
        last.doubt = last.doubt or because.leaves_no_trace.__name__
    if not last.doubt:
        return [last]
    _doubt(story, because.leaves_no_trace.__name__)
    return story.pending


def _doubt(story: Story, reason: str) -> None:
    for done in story.pending:
        done.doubt = done.doubt or reason


def _is_another(before: PlayState, after: PlayState) -> bool:
    has_counted = (after.play_count or 0) > (before.play_count or 0)
    return has_counted or (after.watched_at or 0) > (before.watched_at or 0) + 2 * SECOND


__all__ = ["Done", "Ledger", "Story"]
