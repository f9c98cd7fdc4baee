"""The state machine of play states, as far as it is Emby's own.

Measured on 4.9.5.0: marks, the start of a play, and that an omitted `Played` is false. Taken from the other branch of
the family because nobody measured it: what a date does to a mark, and what a position means within the thresholds.
"""

from collections.abc import Callable

from msgspec import Struct

from watchstate_emby.simulator.versions import Rules
from watchstate_mediabrowser.simulator.library import Library
from watchstate_mediabrowser.simulator.records import Item, User, UserData
from watchstate_mediabrowser.simulator.states import ResumeRules, States
from watchstate_mediabrowser.simulator.wire import TICKS_PER_SECOND


class SentState(Struct, frozen=True, kw_only=True):
    """The body of a UserData POST; None is omitted."""

    played: bool | None
    position_ticks: int | None
    is_favorite: bool | None
    play_count: int | None
    last_played: int | None
    rating: float | None


class EmbyStates(States):
    """The play states of all users, in whole seconds."""

    def __init__(self, rules: Rules, library: Library, now: Callable[[], int]) -> None:
        super().__init__(library, now)
        self._rules = rules
        self._resume: dict[str, ResumeRules] = {}

    def resume_of_library(self, library_id: str) -> ResumeRules:
        """Return the settings of a library, which may be changed."""
        default = ResumeRules(min_percent=2, max_percent=90, min_duration_seconds=120)
        return self._resume.setdefault(library_id, default)

    def resume_rules(self, item: Item) -> ResumeRules:
        """Return the settings that hold for an item: those of its library."""
        return self.resume_of_library(item.library_id)

    def starts_unplayed(self) -> bool:
        """Say whether a play's start takes the played flag away."""
        return True

    def save(self, user: User, item: Item, state: UserData) -> None:
        """Keep a state, with its date in whole seconds."""
        if state.last_played is not None:
            state.last_played = floor_seconds(state.last_played)
        super().save(user, item, state)

    def set_played(self, state: UserData, at: int | None) -> bool:
        """Make a state that of a played file; a second mark without a date changes nothing."""
        if state.played and at is None:
            return False
        state.play_count = max(state.play_count + (at is not None), 1)
        state.position_ticks = 0
        state.last_played = at if at is not None else state.last_played or self.now()
        state.played = True
        return True

    def on_played(self, user: User, item: Item) -> None:
        """Do nothing: whether versions share a mark was not measured."""

    def overwrite(self, user: User, item: Item, sent: SentState) -> None:
        """Set all of a state: what can't be null and is omitted is false or zero.

        Of that, only the omitted flag was measured on 4.9; 4.10 was reported to reset everything.
        """
        state = self.read(user, item)
        state.played = bool(sent.played)
        state.is_favorite = bool(sent.is_favorite)
        state.position_ticks = sent.position_ticks or 0
        if sent.play_count is not None or self._rules.forgets_what_is_omitted:
            state.play_count = sent.play_count or 0
        if sent.last_played is not None or self._rules.forgets_what_is_omitted:
            state.last_played = sent.last_played
        if sent.rating is not None or self._rules.forgets_what_is_omitted:
            state.rating = sent.rating
        self.save(user, item, state)


def floor_seconds(ticks: int) -> int:
    """Return an instant without its fraction of a second."""
    return ticks // TICKS_PER_SECOND * TICKS_PER_SECOND
