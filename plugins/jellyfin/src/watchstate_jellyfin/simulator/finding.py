"""What a listing asks for, and finding it, as far as that is Jellyfin's own.

The server ignores what it doesn't know, `anyProviderIdEquals` among it.
"""

from msgspec.structs import replace

from watchstate_jellyfin.simulator.asgi import Request, refuse_text
from watchstate_jellyfin.simulator.versions import Rules
from watchstate_mediabrowser.simulator.finding import Finder
from watchstate_mediabrowser.simulator.query import Query, lowered_words, read_date_parameter, read_query
from watchstate_mediabrowser.simulator.records import Item, User, UserData
from watchstate_mediabrowser.simulator.server import Server


def read_jellyfin_query(request: Request) -> Query:
    """Read the parameters of a listing, all but the user."""
    query = read_query(request)
    dates = [read_date_parameter(request, name) for name in ("minDateLastSaved", "minDateLastSavedForUser")]
    return replace(
        query,
        is_virtual=_read_is_virtual(request),
        saved_since=max((date for date in dates if date is not None), default=None),
        collapses=False if query.ids or query.search else request.flag("collapseBoxSetItems"),
    )


def _read_is_virtual(request: Request) -> bool | None:
    if "virtual" in lowered_words(request, "excludeLocationTypes"):
        return False
    return request.flag("isMissing")


class JellyfinFinder(Finder[Query]):
    """Finds the items of a server."""

    def __init__(self, server: Server, rules: Rules) -> None:
        super().__init__(server)
        self._rules = rules

    def find(self, query: Query) -> list[Item]:
        """Return all items that a query finds, in its order; a filter by state needs a user."""
        user_filters = (query.is_played, query.is_resumable, query.is_favorite)
        if query.user_id not in self.server.users and user_filters != (None, None, None):
            refuse_text(500)
        found = super().find(query)
        return self._last_played_versions(query, found) if self.lists_versions(query) else found

    def _last_played_versions(self, query: Query, found: list[Item]) -> list[Item]:
        """Of the versions of a movie that are half watched, keep the one that was played last."""
        user = self.server.users[query.user_id or ""]
        latest: dict[str, tuple[int, Item]] = {}
        for item in found:
            state = self.server.states.stored(user, item)
            at = (state.last_played if state is not None else None) or 0
            name = item.version_of or item.item_id
            if name not in latest or at > latest[name][0]:
                latest[name] = at, item
        return [item for item in found if latest[item.version_of or item.item_id][1] is item]

    def fits(self, query: Query, user: User | None, item: Item) -> bool:
        """Say whether an item passes all filters; from 12.0 on not even its id leads to a further file of a movie."""
        is_hidden = self._rules.sorts_by_all_versions and item.version_of is not None
        return super().fits(query, user, item) and (not is_hidden or self.lists_versions(query))

    def lists_versions(self, query: Query) -> bool:
        """Say whether a query finds each file of a movie, and not only the first one."""
        return self._rules.sorts_by_all_versions and bool(query.is_resumable)

    def ranked_state(self, user: User, item: Item) -> UserData | None:
        """Return the state that an item is sorted by."""
        own = super().ranked_state(user, item)
        if not self._rules.sorts_by_all_versions:
            return own
        versions = self.server.library.all_versions(item)
        dates = [each.last_played for version in versions if (each := self.server.states.stored(user, version))]
        latest = max((date for date in dates if date is not None), default=None)
        return replace(own or UserData(), last_played=latest)

    def is_deep(self, query: Query, parent: Item | None) -> bool:
        """Say whether a query looks below the direct children."""
        if query.is_recursive is None and self._rules.lists_typed_children_deep and query.kinds:
            return parent is not None and parent.kind == "CollectionFolder"
        return super().is_deep(query, parent)

    def is_played(self, query: Query, user: User, item: Item, state: UserData) -> bool:
        """Say whether an item counts as played for a filter."""
        if self._rules.filters_folders_by_files and item.kind in {"Series", "Season", "BoxSet"}:
            return self.server.states.count_unplayed(user, item)[0] == 0
        return super().is_played(query, user, item, state)
