"""The tree of items, with ids that are derived from paths, and the names of provider ids."""

from collections.abc import Callable
from hashlib import md5

from watchstate_mediabrowser.simulator.library import Library

_PROVIDERS = {
    "imdb": "Imdb",
    "tmdb": "Tmdb",
    "tvdb": "Tvdb",
    "tvmaze": "TvMaze",
    "tvrage": "TvRage",
    "anidb": "AniDB",
    "anilist": "AniList",
}


class JellyfinLibrary(Library):
    """All items."""

    def __init__(self, seed: int, now: Callable[[], int]) -> None:
        self._seed = seed
        super().__init__(now)

    def make_id(self, kind: str, path: str) -> str:
        """Derive an id from an item's type and path, as the server does: a moved file is another item."""
        return md5(f"{self._seed}:{kind}:{path}".encode(), usedforsecurity=False).hexdigest()

    def spell_providers(self, ids: dict[str, str]) -> dict[str, str]:
        """Return provider ids under the names that the server gives them."""
        return {_PROVIDERS.get(provider.lower(), provider): value for provider, value in ids.items()}
