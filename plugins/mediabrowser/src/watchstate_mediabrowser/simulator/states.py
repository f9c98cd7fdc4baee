"""The state machine of play states: what marks, patches and playback reports do to them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from msgspec import Struct

from watchstate_mediabrowser.simulator.library import Library
from watchstate_mediabrowser.simulator.records import Item, User, UserData
from watchstate_mediabrowser.simulator.wire import TICKS_PER_SECOND


class ResumeRules(Struct, kw_only=True):
    """The settings that decide what a position means."""

    min_percent: int
    max_percent: int
    min_duration_seconds: int
    near_end_ticks: int = 0
    """A position closer to the end than this is the end."""


class Patch(Struct, frozen=True, kw_only=True):
    """What is to be set; None leaves it as it is."""

    position_ticks: int | None = None
    play_count: int | None = None
    is_favorite: bool | None = None
    likes: bool | None = None
    played: bool | None = None
    last_played: int | None = None
    rating: float | None = None


class States(ABC):
    """The play states of all users. `revision` grows with every write."""

    def __init__(self, library: Library, now: Callable[[], int]) -> None:
        self.library = library
        self.now = now
        self.revision = 0
        self.rows: dict[tuple[str, str], UserData] = {}
        """(user id, item id, or whatever else rows are stored under) → state."""

    @abstractmethod
    def resume_rules(self, item: Item) -> ResumeRules:
        """Return the settings that hold for an item."""

    @abstractmethod
    def starts_unplayed(self) -> bool:
        """Say whether a play's start takes the played flag away."""

    @abstractmethod
    def set_played(self, state: UserData, at: int | None) -> bool:
        """Make a state that of a played file, by hand. `at`: a date that was sent along.

        Return whether that changes the state.
        """

    def read(self, user: User, item: Item) -> UserData:
        """Return the state that is shown; a fresh one if there is none. Change it only through this class."""
        return self.rows.get((user.user_id, item.item_id)) or UserData()

    def stored(self, user: User, item: Item) -> UserData | None:
        """Return the state that the server's own filters and orders see."""
        return self.rows.get((user.user_id, item.item_id))

    def save(self, user: User, item: Item, state: UserData) -> None:
        """Keep a state."""
        self.revision += 1
        state.saved = self.now()
        self.rows[user.user_id, item.item_id] = state

    @abstractmethod
    def on_played(self, user: User, item: Item) -> None:
        """Do what the server does after an item has become played."""

    def restart(self) -> None:
        """Forget what only memory holds, as a restart of the server does."""
        self.revision += 1

    def forget(self, item: Item) -> None:
        """Lose an item's states, of all users."""
        for name in [name for name in self.rows if name[1] == item.item_id]:
            del self.rows[name]
        self.revision += 1

    def forget_everything(self) -> None:
        """Lose every state."""
        self.rows.clear()
        self.restart()

    def carry_over(self, old: Item, new: Item) -> None:
        """Find an item's states again after its file was moved."""
        for user_id, item_id in list(self.rows):
            if item_id == old.item_id:
                self.rows[user_id, new.item_id] = self.rows.pop((user_id, item_id))
        self.revision += 1

    def markable(self, user: User, item: Item) -> Iterator[Item]:
        """Yield what a mark reaches: an item itself, or the files below a folder, and for some users missing ones."""
        if not item.is_folder:
            yield item
            return
        for leaf in list(self.library.leaves(item)):
            if not leaf.is_virtual or (user.shows_missing and self._has_aired(leaf)):
                yield leaf

    def _has_aired(self, item: Item) -> bool:
        return item.premiere is not None and item.premiere <= self.now()

    def mark_played(self, user: User, item: Item, at: int | None) -> None:
        """Mark an item, or everything below a folder, as played."""
        for each in self.markable(user, item):
            state = self.read(user, each)
            if self.set_played(state, at):
                self.save(user, each, state)
                self.on_played(user, each)

    def mark_unplayed(self, user: User, item: Item) -> None:
        """Mark an item, or everything below a folder, as never played."""
        for each in list(self.library.leaves(item)) if item.is_folder else [item]:
            self.clear_played(user, each)

    def clear_played(self, user: User, item: Item) -> None:
        """Make an item's state that of a file that was never played."""
        state = self.read(user, item)
        state.played, state.play_count, state.position_ticks, state.last_played = False, 0, 0, None
        self.save(user, item, state)

    def patch(self, user: User, item: Item, patch: Patch) -> None:
        """Set what is given, with no rule and no cascade."""
        state = self.read(user, item)
        for name in patch.__struct_fields__:
            if (value := getattr(patch, name)) is not None:
                setattr(state, name, value)
        self.save(user, item, state)

    def start(self, user: User, item: Item) -> None:
        """Begin a play."""
        state = self.read(user, item)
        state.play_count += 1
        state.last_played = self.now()
        if self.starts_unplayed():
            state.played = False
        self.save(user, item, state)

    def progress(self, user: User, item: Item, position_ticks: int | None) -> None:
        """Take a position of a play that goes on."""
        state = self.read(user, item)
        if position_ticks is not None:
            self._take_position(item, state, position_ticks)
        self.save(user, item, state)
        if state.played:
            self.on_played(user, item)

    def stop(self, user: User, item: Item, position_ticks: int | None) -> None:
        """End a play; without a position it is taken to have reached the end."""
        state = self.read(user, item)
        if position_ticks is None:
            state.play_count += 1
            state.played, state.position_ticks = True, 0
        else:
            self._take_position(item, state, position_ticks)
        self.save(user, item, state)
        if state.played:
            self.on_played(user, item)

    def _take_position(self, item: Item, state: UserData, position: int) -> None:
        rules, runtime = self.resume_rules(item), item.runtime_ticks or 0
        if position > 0 and runtime > 0 and position * 100 < rules.min_percent * runtime:
            position = 0
        elif runtime == 0 or (position > 0 and _is_finished(rules, position, runtime)):
            position, state.played = 0, True
        state.position_ticks = position

    def count_unplayed(self, user: User, folder: Item) -> tuple[int, int]:
        """Return how many of a folder's files are not played, and how many there are."""
        leaves = [leaf for leaf in self.library.leaves(folder) if not leaf.is_virtual]
        played = sum(1 for leaf in leaves if (state := self.stored(user, leaf)) is not None and state.played)
        return len(leaves) - played, len(leaves)


def _is_finished(rules: ResumeRules, position: int, runtime: int) -> bool:
    return (
        position * 100 > rules.max_percent * runtime
        or position >= runtime - rules.near_end_ticks
        or runtime < rules.min_duration_seconds * TICKS_PER_SECOND
    )
