"""The state machine of play states: what marks, patches and playback reports do to them.

Seen in Jellyfin's UserDataManager, BaseItem, Folder and SessionManager of each version. Up to 10.10 a row is stored
under every key of an item, and read under its first one, with a cache per item: two copies of a movie share their
state, but a copy that was read before shows its old state until the server restarts. From 10.11 on an item has its own.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from watchstate_jellyfin.simulator.library import Library
from watchstate_jellyfin.simulator.records import Item, User, UserData
from watchstate_jellyfin.simulator.versions import Rules
from watchstate_jellyfin.simulator.wire import TICKS_PER_SECOND, print_guid


class ResumeRules(Struct, kw_only=True):
    """The server-wide settings that decide what a position means."""

    min_percent: int = 5
    max_percent: int = 90
    min_duration_seconds: int = 300


class Patch(Struct, frozen=True, kw_only=True):
    """What a client may set; None leaves it as it is."""

    position_ticks: int | None = None
    play_count: int | None = None
    is_favorite: bool | None = None
    likes: bool | None = None
    played: bool | None = None
    last_played: int | None = None
    rating: float | None = None


class States:
    """The play states of all users. `revision` grows with every write."""

    def __init__(self, rules: Rules, library: Library, now: Callable[[], int]) -> None:
        self._rules = rules
        self._library = library
        self._now = now
        self.resume = ResumeRules()
        self.revision = 0
        self._rows: dict[tuple[str, str], UserData] = {}
        """(user id, key or item id) → state."""
        self._cache: dict[tuple[str, str], UserData] = {}
        """(user id, item id) → state, where rows are stored by key."""

    def keys(self, item: Item) -> list[str]:
        """Return the keys under which an item's state is stored, the first one first."""
        own = print_guid(item.item_id)
        ids = item.provider_ids
        if item.kind == "Series":
            return [ids[name] for name in ("Tvdb", "Imdb") if name in ids] + [own]
        keys = [ids[name] for name in ("Tmdb", "Imdb") if name in ids] + [own] if not item.is_folder else [own]
        series = self._library.items.get(item.series_id or "")
        if series is None:
            return keys
        series_keys = self.keys(series)
        if item.kind == "Season":
            return [f"{key}{item.index or 0:03d}" for key in series_keys] + keys
        if item.index is None or item.parent_index is None:
            return keys
        number = f"{item.parent_index:03d}{item.index:03d}"
        return [key + number for key in (series_keys[:-1] or series_keys)] + keys

    def read(self, user: User, item: Item) -> UserData:
        """Return the state that is shown; a fresh one if there is none. Change it only through this class."""
        if not self._rules.shares_state_by_key:
            row = self._rows.get((user.user_id, item.item_id))
            return row or UserData(key=self.keys(item)[0])
        cached = self._cache.get((user.user_id, item.item_id))
        if cached is None:
            key = self.keys(item)[0]
            stored = self._rows.get((user.user_id, key))
            cached = msgspec.structs.replace(stored, key=key) if stored else UserData(key=key)
            self._cache[user.user_id, item.item_id] = cached
        return cached

    def stored(self, user: User, item: Item) -> UserData | None:
        """Return the state that the server's own filters and orders see, which know no cache."""
        key = self.keys(item)[0] if self._rules.shares_state_by_key else item.item_id
        return self._rows.get((user.user_id, key))

    def _save(self, user: User, item: Item, state: UserData) -> None:
        self.revision += 1
        if self._rules.shares_state_by_key:
            self._cache[user.user_id, item.item_id] = state
            for key in self.keys(item):
                self._rows[user.user_id, key] = msgspec.structs.replace(state, key=key)
        else:
            state.key = print_guid(item.item_id)
            self._rows[user.user_id, item.item_id] = state

    def restart(self) -> None:
        """Forget what only memory holds, as a restart of the server does."""
        self._cache.clear()
        self.revision += 1

    def forget(self, item: Item) -> None:
        """Lose an item's states, of all users."""
        mine = set(self.keys(item)) | {item.item_id}
        if self._rules.shares_state_by_key:
            mine -= {key for other in self._library.items.values() if other is not item for key in self.keys(other)}
        for store in (self._rows, self._cache):
            for name in [name for name in store if name[1] in mine or name[1] == item.item_id]:
                del store[name]
        self.revision += 1

    def carry_over(self, old: Item, new: Item) -> None:
        """Find an item's states again after its file was moved; rows that are kept by key stay anyway."""
        for user_id, key in list(self._rows):
            if key == old.item_id:
                self._rows[user_id, new.item_id] = self._rows.pop((user_id, key))
        self.revision += 1

    def forget_everything(self) -> None:
        """Lose every state."""
        self._rows.clear()
        self.restart()

    def mark_played(self, user: User, item: Item, at: int | None) -> None:
        """Mark an item, or everything below a folder, as played; a date makes it count as one more play."""
        if item.is_folder:
            for leaf in list(self._library.leaves(item)):
                if not leaf.is_virtual or (user.shows_missing and self._has_aired(leaf)):
                    self.mark_played(user, leaf, at)
            return
        state = self.read(user, item)
        state.play_count = max(state.play_count + (at is not None), 1)
        state.position_ticks = 0
        state.last_played = at if at is not None else state.last_played or self._now()
        state.played = True
        self._save(user, item, state)
        self._spread_played(user, item)

    def mark_unplayed(self, user: User, item: Item) -> None:
        """Mark an item, or everything below a folder, as never played."""
        if item.is_folder:
            for leaf in list(self._library.leaves(item)):
                self.mark_unplayed(user, leaf)
            return
        for each in (item, *self._other_versions(item)):
            state = self.read(user, each)
            state.played, state.play_count, state.position_ticks, state.last_played = False, 0, 0, None
            self._save(user, each, state)

    def patch(self, user: User, item: Item, patch: Patch) -> None:
        """Set what is given, with no rule and no cascade."""
        state = self.read(user, item)
        for name in patch.__struct_fields__:
            if (value := getattr(patch, name)) is not None:
                setattr(state, name, value)
        self._save(user, item, state)

    def start(self, user: User, item: Item) -> None:
        """Begin a play."""
        state = self.read(user, item)
        state.play_count += 1
        state.last_played = self._now()
        if self._rules.start_clears_played:
            state.played = False
        self._save(user, item, state)

    def progress(self, user: User, item: Item, position_ticks: int | None) -> None:
        """Take a position of a play that goes on."""
        state = self.read(user, item)
        if position_ticks is not None:
            self._take_position(item, state, position_ticks)
        self._save(user, item, state)
        if state.played:
            self._spread_played(user, item)

    def stop(self, user: User, item: Item, position_ticks: int | None) -> None:
        """End a play; without a position it is taken to have reached the end."""
        state = self.read(user, item)
        if position_ticks is None:
            state.play_count += 1
            state.played, state.position_ticks = True, 0
        else:
            self._take_position(item, state, position_ticks)
        self._save(user, item, state)
        if state.played:
            self._spread_played(user, item)

    def _take_position(self, item: Item, state: UserData, position: int) -> None:
        runtime = item.runtime_ticks or 0
        if position > 0 and runtime > 0 and position * 100 < self.resume.min_percent * runtime:
            position = 0
        elif runtime == 0 or (position > 0 and self._is_finished(position, runtime)):
            position, state.played = 0, True
        state.position_ticks = position

    def _is_finished(self, position: int, runtime: int) -> bool:
        return (
            position * 100 > self.resume.max_percent * runtime
            or position >= runtime - self._rules.near_end_ticks
            or runtime < self.resume.min_duration_seconds * TICKS_PER_SECOND
        )

    def _has_aired(self, item: Item) -> bool:
        return item.premiere is not None and item.premiere <= self._now()

    def _other_versions(self, item: Item) -> list[Item]:
        if not self._rules.spreads_played_to_versions:
            return []
        main = self._library.items[item.version_of] if item.version_of else item
        ids = [main.item_id, *main.versions]
        return [self._library.items[each] for each in ids if each != item.item_id and each in self._library.items]

    def _spread_played(self, user: User, item: Item) -> None:
        for version in self._other_versions(item):
            self.patch(user, version, Patch(played=True, position_ticks=0))

    def count_unplayed(self, user: User, folder: Item) -> tuple[int, int]:
        """Return how many of a folder's files are not played, and how many there are."""
        leaves = [leaf for leaf in self._library.leaves(folder) if not leaf.is_virtual]
        played = sum(1 for leaf in leaves if (state := self.stored(user, leaf)) is not None and state.played)
        return len(leaves) - played, len(leaves)
