"""Play states: what a mark and a position do to them. Each account has its own."""

from collections.abc import Callable

from watchstate_plex.simulator.library import Library
from watchstate_plex.simulator.records import Account, Item, State
from watchstate_plex.simulator.switches import Switches

_NOTHING = State()


class States:
    """The play states of all accounts. `revision` grows with every change."""

    def __init__(self, library: Library, switches: Switches, now: Callable[[], int]) -> None:
        self._library = library
        self._switches = switches
        self._now = now
        self._rows: dict[tuple[str, str], State] = {}
        self.revision = 0

    def _key(self, item: Item) -> str:
        return item.guid if self._switches.shares_state_by_guid else item.rating_key

    def read(self, account: Account, item: Item) -> State:
        """Return an account's state of an item; not to be changed."""
        return self._rows.get((account.account_id, self._key(item)), _NOTHING)

    def change(self, account: Account, item: Item) -> State:
        """Return an account's own row for an item, made if need be, to be changed."""
        self.revision += 1
        return self._rows.setdefault((account.account_id, self._key(item)), State())

    def scrobble(self, account: Account, item: Item, at: int | None = None) -> None:
        """Count one more play of an item, or of every file below it, whose own rows are all that this touches."""
        leaves = list(self._library.leaves(item))
        for leaf in leaves:
            self._count(account, leaf, self._now() if at is None else at)
        if leaves == [item]:
            # Playing an episode leaves a trace at its season and show; marking those as a whole does not.
            for parent in self._library.ancestors(item):
                self._count(account, parent, self._now() if at is None else at)

    def _count(self, account: Account, item: Item, at: int) -> None:
        state = self.change(account, item)
        state.view_count += 1
        state.view_offset = None
        state.last_viewed_at = at

    def unscrobble(self, account: Account, item: Item) -> None:
        """Take count, position and date away, from everything below an item too."""
        for each in {leaf.rating_key: leaf for leaf in (item, *self._below(item))}.values():
            if self.read(account, each) is not _NOTHING:
                state = self.change(account, each)
                state.view_count, state.view_offset, state.last_viewed_at = 0, None, None

    def _below(self, item: Item) -> list[Item]:
        found: list[Item] = []
        for child in self._library.children(item.rating_key):
            found += [child, *self._below(child)]
        return found

    def set_position(self, account: Account, item: Item, position_ms: int) -> None:
        """Store a position, which dates the state too."""
        state = self.change(account, item)
        state.view_offset, state.last_viewed_at = position_ms, self._now()

    def rate(self, account: Account, item: Item, rating: float | None, at: int | None) -> None:
        """Store a rating; None takes it away."""
        state = self.change(account, item)
        state.user_rating = rating
        state.last_rated_at = None if rating is None else self._now() if at is None else at

    def count_viewed(self, account: Account, item: Item) -> tuple[int, int]:
        """Return how many files below an item were watched, and how many there are."""
        leaves = list(self._library.leaves(item))
        return sum(self.read(account, leaf).view_count > 0 for leaf in leaves), len(leaves)

    def forget(self, item: Item) -> None:
        """Lose an item's states, of all accounts."""
        for row in [row for row in self._rows if row[1] == self._key(item)]:
            del self._rows[row]
        self.revision += 1

    def carry_over(self, old: Item, new: Item) -> None:
        """Find an item's states again, which the server keeps by guid."""
        for account_id, key in list(self._rows):
            if key == self._key(old):
                self._rows[account_id, self._key(new)] = self._rows.pop((account_id, key))
        self.revision += 1

    def forget_everything(self) -> None:
        """Lose every state."""
        self._rows.clear()
        self.revision += 1
