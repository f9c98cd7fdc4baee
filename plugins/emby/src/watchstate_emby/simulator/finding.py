"""What a listing asks for, and finding it, as far as that is Emby's own."""

from msgspec.structs import asdict

from watchstate_emby.simulator.asgi import Request
from watchstate_emby.simulator.states import floor_seconds
from watchstate_mediabrowser.simulator.finding import Finder
from watchstate_mediabrowser.simulator.query import Query, lowered_words, read_date_parameter, read_query
from watchstate_mediabrowser.simulator.records import Item, User


class EmbyQuery(Query, frozen=True, kw_only=True):
    """What is looked for, with what only Emby knows."""

    provider_ids: frozenset[str] = frozenset()
    """Any of these, as ``imdb.tt0113277`` in lower case."""
    path: str | None = None
    touched_since: int | None = None
    """Metadata, or this user's state, was saved since."""


def read_emby_query(request: Request, user: User | None) -> EmbyQuery:
    """Read the parameters of a listing. `LocationTypes` and `IsMissing` are no longer among them."""
    known = asdict(read_query(request)) | {
        "user_id": None if user is None else user.user_id,
        "saved_since": read_date_parameter(request, "MinDateLastSaved"),
        "collapses": request.flag("GroupItemsIntoCollections"),
    }
    return EmbyQuery(
        **known,
        provider_ids=lowered_words(request, "AnyProviderIdEquals"),
        path=request.text("Path"),
        touched_since=read_date_parameter(request, "MinDateLastSavedForUser"),
    )


class EmbyFinder(Finder[EmbyQuery]):
    """Finds the items of a server."""

    def fits(self, query: EmbyQuery, user: User | None, item: Item) -> bool:
        """Say whether an item passes all filters."""
        return (
            super().fits(query, user, item)
            and query.path in (None, item.path)
            and (not query.provider_ids or not query.provider_ids.isdisjoint(_provider_keys(item)))
            and (query.touched_since is None or self._touched(user, item) > query.touched_since)
            and (not item.is_virtual or (user is not None and user.shows_missing))
        )

    def _touched(self, user: User | None, item: Item) -> int:
        """Return when metadata or the user's state was last saved, in whole seconds.

        Nobody measured whether the bound itself is included: here it is not, which is the harder case.
        """
        state = None if user is None else self.server.states.stored(user, item)
        return floor_seconds(max(item.date_saved, 0 if state is None else state.saved))


def _provider_keys(item: Item) -> set[str]:
    return {f"{provider}.{value}".lower() for provider, value in item.provider_ids.items()}
