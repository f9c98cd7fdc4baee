"""The state machine of play states, as far as it is Jellyfin's own.

Seen in Jellyfin's UserDataManager, BaseItem, Folder and SessionManager of each version. Up to 10.10 a row is stored
under every key of an item, and read under its first one, with a cache per item: two copies of a movie share their
state, but a copy that was read before shows its old state until the server restarts. From 10.11 on an item has its own.
"""

from collections.abc import Callable

import msgspec

from watchstate_jellyfin.simulator.versions import Rules
from watchstate_jellyfin.simulator.wire import print_guid
from watchstate_mediabrowser.simulator.library import Library
from watchstate_mediabrowser.simulator.records import Item, User, UserData
from watchstate_mediabrowser.simulator.states import Patch, ResumeRules, States


class JellyfinStates(States):
    """The play states of all users."""

    def __init__(self, rules: Rules, library: Library, now: Callable[[], int]) -> None:
        super().__init__(library, now)
        self._rules = rules
        self.resume = ResumeRules(
            min_percent=5, max_percent=90, min_duration_seconds=300, near_end_ticks=rules.near_end_ticks
        )
        self._cache: dict[tuple[str, str], UserData] = {}
        """(user id, item id) → state, where rows are stored by key."""
        self._left_over: dict[tuple[str, str], UserData] = {}
        """(user id, item id) → the row that comes before all others of an item, and that no save reaches."""

    def resume_rules(self, item: Item) -> ResumeRules:
        """Return the settings that hold for an item: they are server-wide."""
        del item
        return self.resume

    def starts_unplayed(self) -> bool:
        """Say whether a play's start takes the played flag away."""
        return self._rules.start_clears_played

    def keys(self, item: Item) -> list[str]:
        """Return the keys under which an item's state is stored, the first one first."""
        own = print_guid(item.item_id)
        ids = item.provider_ids
        if item.kind == "Series":
            return [ids[name] for name in ("Tvdb", "Imdb") if name in ids] + [own]
        keys = [ids[name] for name in ("Tmdb", "Imdb") if name in ids] + [own] if not item.is_folder else [own]
        series = self.library.items.get(item.series_id or "")
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
            row = self._left_over.get((user.user_id, item.item_id))
            if row is not None:
                return msgspec.structs.replace(row)
            return self.rows.get((user.user_id, item.item_id)) or UserData(key=self.keys(item)[0])
        cached = self._cache.get((user.user_id, item.item_id))
        if cached is None:
            key = self.keys(item)[0]
            stored = self.rows.get((user.user_id, key))
            cached = msgspec.structs.replace(stored, key=key) if stored else UserData(key=key)
            self._cache[user.user_id, item.item_id] = cached
        return cached

    def stored(self, user: User, item: Item) -> UserData | None:
        """Return the state that the server's own filters and orders see, which know no cache."""
        key = self.keys(item)[0] if self._rules.shares_state_by_key else item.item_id
        return self._left_over.get((user.user_id, item.item_id)) or self.rows.get((user.user_id, key))

    def leave_row(self, user: User, item: Item) -> None:
        """Leave a row with the present state under an empty key, as some moves to 10.11 did (seen in 10.11.6).

        10.11 reads the first row of an item and saves to those of its keys; the other versions look at all of them.
        """
        if self._rules.reads_first_row:
            self._left_over[user.user_id, item.item_id] = msgspec.structs.replace(self.read(user, item), key="")
            self.revision += 1

    def save(self, user: User, item: Item, state: UserData) -> None:
        """Keep a state, under all keys where rows are stored by key."""
        state.key = self.keys(item)[0] if self._rules.shares_state_by_key else print_guid(item.item_id)
        super().save(user, item, state)
        if self._rules.shares_state_by_key:
            self._cache[user.user_id, item.item_id] = self.rows.pop((user.user_id, item.item_id))
            for key in self.keys(item):
                self.rows[user.user_id, key] = msgspec.structs.replace(state, key=key)

    def restart(self) -> None:
        """Forget what only memory holds, as a restart of the server does."""
        self._cache.clear()
        super().restart()

    def forget(self, item: Item) -> None:
        """Lose an item's states, of all users."""
        super().forget(item)
        for name in [name for name in self._left_over if name[1] == item.item_id]:
            del self._left_over[name]
        if not self._rules.shares_state_by_key:
            return
        others = {key for other in self.library.items.values() if other is not item for key in self.keys(other)}
        mine = set(self.keys(item)) - others
        for name in [name for name in self.rows if name[1] in mine]:
            del self.rows[name]
        for name in [name for name in self._cache if name[1] == item.item_id]:
            del self._cache[name]

    def set_played(self, state: UserData, at: int | None) -> bool:
        """Make a state that of a played file; a date makes it count as one more play."""
        state.play_count = max(state.play_count + (at is not None), 1)
        state.position_ticks = 0
        state.last_played = at if at is not None else state.last_played or self.now()
        state.played = True
        return True

    def clear_played(self, user: User, item: Item) -> None:
        """Make an item's state, and from 12.0 on that of its other versions, that of a file that was never played."""
        for each in (item, *self._other_versions(item)):
            super().clear_played(user, each)

    def on_played(self, user: User, item: Item) -> None:
        """Let the other versions of a movie follow, from 12.0 on."""
        for version in self._other_versions(item):
            self.patch(user, version, Patch(played=True, position_ticks=0))

    def _other_versions(self, item: Item) -> list[Item]:
        if not self._rules.spreads_played_to_versions:
            return []
        return [each for each in self.library.all_versions(item) if each is not item]
