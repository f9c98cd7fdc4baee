"""The ids of shows. Both servers put them on the series, and only the series' own id on an episode."""

from collections.abc import Sequence

from watchstate.api import ProviderId
from watchstate_mediabrowser.catalogue import IDS_PER_REQUEST, SERIES, Catalogue
from watchstate_mediabrowser.convert import to_provider_ids
from watchstate_mediabrowser.listing import Listing
from watchstate_mediabrowser.wire import Item


class Shows:
    """What is known about series so far. Lives as long as one `fetch_library`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._ids: dict[str, tuple[ProviderId, ...]] = {}

    async def learn_all(self) -> None:
        """Read all series of the server, a thousand a request."""
        listing = Listing(self._catalogue, SERIES)
        while page := await listing.next_page():
            self._keep(page.rows)

    async def learn(self, episodes: Sequence[Item]) -> None:
        """Read the series of these episodes, those that are not known yet.

        Of series that a server merges, one question is answered with one of them: what is missing is asked for again,
        until nothing comes. What is nowhere is kept as a series without ids, so that it is not asked for once more.
        """
        unknown = sorted({row.series_id for row in episodes if row.series_id} - self._ids.keys())
        while unknown:
            ids = unknown[:IDS_PER_REQUEST]
            series, _ = await self._catalogue.query(SERIES, ids=",".join(ids), limit=len(ids))
            self._keep(series.items)
            if self._ids.keys().isdisjoint(ids):
                self._ids.update(dict.fromkeys(ids, ()))
            unknown = [each for each in unknown if each not in self._ids]

    def ids_of(self, episode: Item) -> tuple[ProviderId, ...]:
        """Return the ids of an episode's show; none for a movie."""
        return self._ids.get(episode.series_id, ()) if episode.series_id else ()

    def _keep(self, series: Sequence[Item]) -> None:
        self._ids.update((row.id, to_provider_ids(row.provider_ids)) for row in series)
