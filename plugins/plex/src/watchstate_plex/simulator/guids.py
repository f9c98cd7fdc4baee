"""The guids that a section's agent gives to its items, made from a title's provider ids."""

from hashlib import md5
from uuid import UUID

from msgspec import Struct

NEW_AGENTS = {"movie": "tv.plex.agents.movie", "show": "tv.plex.agents.series", "artist": "tv.plex.agents.music"}
_HAMA = "com.plexapp.agents.hama"
_UNMATCHED_AGENTS = ("com.plexapp.agents.none", "tv.plex.agents.none")
_NFO_AGENTS = "tv.plex.agents.nfo."
_KNOWN_TO_NEW_AGENTS = ("imdb", "tmdb", "tvdb")
_LEGACY_PROVIDERS = {
    "com.plexapp.agents.imdb": ("imdb",),
    "com.plexapp.agents.themoviedb": ("tmdb",),
    "com.plexapp.agents.thetvdb": ("tvdb",),
    "com.plexapp.agents.thetvdbdvdorder": ("tvdb",),
    "com.plexapp.agents.xbmcnfo": ("imdb", "tmdb"),
    "com.plexapp.agents.xbmcnfotv": ("tvdb",),
}


class Names(Struct, frozen=True):
    """How an agent calls an item."""

    guid: str
    external_ids: tuple[str, ...] = ()


class Place(Struct, frozen=True, kw_only=True):
    """Where a season or an episode belongs."""

    show_ids: dict[str, str]
    show_guid: str
    season: int | None
    episode: int | None = None


def _opaque(*words: object) -> str:
    """Derive 24 digits: the same title has the same guid on every server."""
    return md5("/".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()[:24]


def _legacy_body(agent: str, ids: dict[str, str]) -> str | None:
    """Return what stands for a movie or show in a legacy guid; None if the agent can't know it."""
    if agent == _HAMA:
        return next((f"{provider}-{value}" for provider, value in ids.items()), None)
    providers = _LEGACY_PROVIDERS.get(agent, tuple(ids))
    return next((ids[provider] for provider in providers if provider in ids), None)


def _new_names(kind: str, ids: dict[str, str], opaque: str) -> Names:
    external = tuple(f"{provider}://{ids[provider]}" for provider in _KNOWN_TO_NEW_AGENTS if provider in ids)
    return Names(f"plex://{kind}/{ids.get('plex', opaque)}", external)


def _unmatched(agent: str, rating_key: str) -> Names:
    if agent in _UNMATCHED_AGENTS:
        uuid = UUID(md5(f"{agent}/{rating_key}".encode(), usedforsecurity=False).hexdigest())
        return Names(f"{agent}://{uuid}" + ("?lang=xn" if agent.startswith("com.") else ""))
    return Names(f"local://{rating_key}")


def _nfo_names(agent: str, kind: str, ids: dict[str, str]) -> Names:
    provider, value = next(iter(ids.items()))
    return Names(f"{agent}://{kind}/{provider}_{value}")


def name_title(agent: str, kind: str, ids: dict[str, str], rating_key: str) -> Names:
    """Name a movie, a show or an artist.

    A new agent gives an opaque guid and `Guid[]`; the id ``plex`` is taken for the opaque one. HAMA is given its ids
    with their prefix, as in ``{"anidb2": "4691"}``. Without an id that the agent knows, the item is unmatched.
    """
    if not ids or agent in _UNMATCHED_AGENTS:
        return _unmatched(agent, rating_key)
    if agent in NEW_AGENTS.values():
        return _new_names(kind, ids, _opaque(kind, sorted(ids.items())))
    if agent.startswith(_NFO_AGENTS):
        return _nfo_names(agent, kind, ids)
    body = _legacy_body(agent, ids)
    return _unmatched(agent, rating_key) if body is None else Names(f"{agent}://{body}?lang=en")


def name_part(agent: str, kind: str, ids: dict[str, str], place: Place, rating_key: str) -> Names:
    """Name a season or an episode: after its own ids by a new agent, after its show and numbers by a legacy one."""
    numbers = [number for number in (place.season, place.episode) if number is not None]
    if place.show_guid.startswith("plex://") or (ids and agent in NEW_AGENTS.values()):
        return _new_names(kind, ids, _opaque(kind, place.show_guid, *(ids.items() or numbers)))
    if agent.startswith(_NFO_AGENTS) and ids:
        return _nfo_names(agent, kind, ids)
    body = None if agent.startswith(_NFO_AGENTS) else _legacy_body(agent, place.show_ids)
    if body is None or agent in _UNMATCHED_AGENTS or agent in NEW_AGENTS.values():
        return _unmatched(agent, rating_key)
    tail = "".join(f"/{number}" for number in numbers)
    return Names(f"{agent}://{body}{tail}?lang=en")
