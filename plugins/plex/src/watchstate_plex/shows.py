"""The guids of shows. An episode's row has its own external ids, and of its show only an opaque or a legacy guid."""

from collections.abc import Sequence

from watchstate.api import Account, Http
from watchstate_plex.calls import Query
from watchstate_plex.convert import NO_SHOW, Show, show_key, to_key, to_tags
from watchstate_plex.listing import Listing, read_some
from watchstate_plex.wire import Row


class Shows:
    """What is known about shows so far. Lives as long as one `fetch_library`."""

    def __init__(self, account: Account, http: Http) -> None:
        self._account = account
        self._http = http
        self._shows: dict[str, Show] = {}

    async def learn_all(self, path: str, query: Query = ()) -> None:
        """Read all shows of a library, a thousand a request."""
        listing = Listing(self._account, self._http, path, "show", query)
        while page := await listing.next_page():
            self._keep(page.rows)

    async def learn(self, rows: Sequence[Row]) -> None:
        """Read the shows of these episodes, those that are not known yet. What is nowhere is not asked for again."""
        unknown = sorted({key for row in rows if row.type == "episode" and (key := show_key(row))} - self._shows.keys())
        async for page in read_some(self._account, self._http, unknown):
            self._keep(page.rows)
        self._shows.update((key, NO_SHOW) for key in unknown if key not in self._shows)

    def of(self, episode: Row) -> Show:
        """Return what is known about an episode's show."""
        return self._shows.get(show_key(episode), NO_SHOW)

    def _keep(self, rows: Sequence[Row]) -> None:
        self._shows.update((to_key(row.rating_key), Show(row.guid, to_tags(row))) for row in rows)
