"""M1, M4: the keys under which entries are recognised as the same title. Pure."""

import re
from collections.abc import Iterable

from msgspec import Struct

from watchstate.api import Entry, ProviderId

_NUMERIC = frozenset({"tmdb", "tvdb", "tvmaze", "tvrage", "anidb", "anilist", "mal", "trakt"})
_NAMES = {
    "themoviedb": "tmdb",
    "thetvdb": "tvdb",
    "tvmaze": "tvmaze",
    "tv maze": "tvmaze",
    "tv rage": "tvrage",
}
_IMDB = re.compile(r"^(?:tt)?(\d{1,10})$", re.ASCII)


class Slot(Struct, frozen=True, kw_only=True):
    """One item that an entry stands for, and the keys that say which."""

    season: int | None = None
    episode: int | None = None
    show_keys: frozenset[str] = frozenset()
    """(show's id, season, episode): the strongest evidence for an episode."""
    own_keys: frozenset[str] = frozenset()
    """Ids of the movie or the episode itself."""
    path_keys: frozenset[str] = frozenset()
    """The end of the path, where path matching is switched on."""

    @property
    def keys(self) -> frozenset[str]:
        """All keys of the slot."""
        return self.show_keys | self.own_keys | self.path_keys


def normal_id(given: ProviderId) -> tuple[str, str] | None:
    """Bring a provider's name and id to their normal form; None if the id can't be one.

    Unknown providers are kept as they are, in lower case.
    """
    provider = given.provider.strip().lower()
    provider = _NAMES.get(provider, provider)
    value = given.value.strip()
    if provider == "imdb":
        match = _IMDB.match(value.lower())
        if match is None or int(match.group(1)) == 0:
            return None
        return provider, f"tt{match.group(1).zfill(7)}"
    if provider in _NUMERIC:
        digits = value.lstrip("0")
        return (provider, digits) if digits.isascii() and digits.isdigit() else None
    return (provider, value) if provider and value else None


def slots(entry: Entry, *, path_segments: int = 0, rewrite: dict[str, str] | None = None) -> tuple[Slot, ...]:
    """Return what an entry stands for: one slot for a movie, one per episode number for an episode file."""
    own = _normal(entry.provider_ids)
    path_keys = _path_keys(entry, path_segments, rewrite or {})
    if entry.kind == "movie":
        movie_keys = frozenset(f"movie:{provider}:{value}" for provider, value in own)
        return (Slot(own_keys=movie_keys, path_keys=path_keys),)
    episode_keys = frozenset(f"episode:{provider}:{value}" for provider, value in own)
    shows = _normal(entry.show_ids)
    if entry.season is None or not entry.episodes:
        return (Slot(season=entry.season, own_keys=episode_keys, path_keys=path_keys),)
    is_single = len(entry.episodes) == 1
    return tuple(
        Slot(
            season=entry.season,
            episode=number,
            show_keys=frozenset(f"show:{provider}:{value}:{entry.season}:{number}" for provider, value in shows),
            # The entry's own ids are those of its first episode.
            own_keys=episode_keys if index == 0 else frozenset(),
            path_keys=path_keys if is_single else frozenset(),
        )
        for index, number in enumerate(entry.episodes)
    )


def is_known(key: str) -> bool:
    """Say whether a key is the id that a provider we know gave to one title (or to its show)."""
    provider = key.split(":")[1]
    return provider == "imdb" or provider in _NUMERIC


def provider_of(key: str) -> tuple[str, str]:
    """Split a key into what it is a statement about (kind and provider) and the value it states."""
    kind, provider, value = key.split(":", 2)
    return f"{kind}:{provider}", value


def _normal(ids: Iterable[ProviderId]) -> set[tuple[str, str]]:
    return {normal for given in ids if (normal := normal_id(given)) is not None}


def _path_keys(entry: Entry, segments: int, rewrite: dict[str, str]) -> frozenset[str]:
    if not segments or not entry.path:
        return frozenset()
    path = entry.path.replace("\\", "/")
    for prefix, instead in rewrite.items():
        start = prefix.replace("\\", "/").rstrip("/")
        if f"{path}/".startswith(f"{start}/"):
            path = instead.replace("\\", "/") + path[len(start) :]
            break
    parts = [part for part in path.split("/") if part]
    if len(parts) < segments:
        return frozenset()
    return frozenset({f"{entry.kind}:path:{'/'.join(parts[-segments:]).casefold()}"})
