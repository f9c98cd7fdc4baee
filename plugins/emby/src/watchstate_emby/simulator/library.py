"""The tree of items, with ids that are numbers, and the spellings of provider ids."""

from collections.abc import Callable

from watchstate_mediabrowser.simulator.library import Library
from watchstate_mediabrowser.simulator.records import Item

_PROVIDERS = {
    "imdb": "Imdb",
    "tmdb": "Tmdb",
    "tvdb": "Tvdb",
    "tvmaze": "TvMaze",
    "tvrage": "TvRage",
    "zap2it": "Zap2It",
}
_SPELLINGS = {
    "Imdb": ("Imdb", "IMDB", "imdb"),
    "Tmdb": ("tmdb", "Tmdb", "TMDB"),
    "Tvdb": ("TVDB", "tvdb", "Tvdb"),
    "TvMaze": ("TV Maze", "TvMaze", "tvmaze"),
    "TvRage": ("TVRage", "tvrage", "TvRage"),
}
_IDS_PER_SEED = 1_000_000


class EmbyLibrary(Library):
    """All items. Ids are counted, and none is given twice."""

    def __init__(self, seed: int, now: Callable[[], int]) -> None:
        self._last_id = seed * _IDS_PER_SEED
        super().__init__(now)

    def make_id(self, kind: str, path: str) -> str:
        """Return the next number."""
        del kind, path
        self._last_id += 1
        return str(self._last_id)

    def spell_providers(self, ids: dict[str, str]) -> dict[str, str]:
        """Return provider ids under the names that the server's own plugins give them."""
        return {_PROVIDERS.get(provider.lower(), provider): value for provider, value in ids.items()}


def spell_oddly(item: Item) -> dict[str, str]:
    """Return an item's provider ids as years of plugins, NFO files and hand work leave them behind."""
    turn = int(item.item_id)
    odd: dict[str, str] = {}
    for provider, value in item.provider_ids.items():
        spellings = _SPELLINGS.get(provider, (provider,))
        odd[spellings[turn % len(spellings)]] = value.removeprefix("tt") if turn % 2 else value
    return {**odd, "Official Website": "https://example.org/", "TmdbCollection": "", "Wikidata": f"Q{turn}"}
