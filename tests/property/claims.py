"""Claims: in which bounds the moment of a deed can be known, once a look has shown it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.property import exclusions as because
from tests.property.happenings import FOREVER, Arrival, Claim, Deed, EntryStory, Loss, Move, Raw, same_place

from watchstate.clock import MINUTE
from watchstate.sync.case import Seen


@dataclass
class Claims:
    """The claims about one identity's titles, and what bounds their moments."""

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

    def _exclude(self, deeds: Iterable[Deed | Loss | Arrival], reason: str) -> None:
        for one in deeds:
            if isinstance(one, Deed) and one.watched is not None and not one.is_judged and not one.is_overtaken:
                one.excluded = reason

    def _last_deed(self, story: EntryStory, until: int = FOREVER) -> Deed | None:
        for one in reversed(story.pending):
            if isinstance(one, Deed) and one.watched is not None and one.at <= until:
                return one
        return None

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

    def _is_a_play_only(self, story: EntryStory, shown: Raw, seen: Seen) -> bool:
        """Where a start counts, a watched entry under way tells nothing about the play's end."""
        is_under_way = seen.is_playing or (shown.position_ms or 0) >= MINUTE
        was_watched = story.known is not None and story.known.watched
        return story.rules.capabilities.start_counts and is_under_way and shown.watched and was_watched

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


def _moves(deed: Deed) -> bool:
    return deed.watched is not None or deed.is_stop or deed.position_ms is not None
