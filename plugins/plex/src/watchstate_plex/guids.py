"""Every form of Plex's guids, and which provider ids are in them. Pure.

New agents put ids into the `Guid` list and an opaque ``plex://`` into the scalar guid. Legacy agents have no list: the
id is in the scalar, and that of an episode names its *show*, with season and episode number behind it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

import msgspec

from watchstate.api import ProviderId

_LEGACY = "com.plexapp.agents."
_NFO = "tv.plex.agents.nfo."
_SOURCES = {
    "imdb": "imdb",
    "tmdb": "tmdb",
    "themoviedb": "tmdb",
    "tvdb": "tvdb",
    "thetvdb": "tvdb",
    "thetvdbdvdorder": "tvdb",
    "xbmcnfotv": "tvdb",
    "tvmaze": "tvmaze",
    "tvrage": "tvrage",
    "anidb": "anidb",
    "tsdb": "tmdb",
    "cmdb": "cmdb",
    "net.fribbtastic.coding.plex.myanimelist": "mal",
}
_NOT_NUMERIC = frozenset({"imdb", "cmdb", "youtube"})
_YOUTUBE = frozenset({"youtube", "ytinforeader"})
_IMDB = re.compile(r"tt\d{1,18}", re.ASCII)
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)
_OPAQUE = re.compile(r"[\w-]+", re.ASCII)
_HAMA = re.compile(r"(?P<source>tvdb|anidb|tmdb|tsdb|imdb)(?P<mode>\d?)-(?P<value>(?:tt)?\d+)", re.ASCII)
_NUMBERS_AT_END = re.compile(r"/(\d{1,6})/(\d{1,6})/?$", re.ASCII)


class Guid(msgspec.Struct, frozen=True):
    """What a guid says."""

    provider: str
    value: str
    numbers: tuple[int, ...] = ()
    """Season, or season and episode: the value is that of a show, and these say which part of it is meant."""
    numbering: str = ""
    """Another order of episodes than the provider's own, such as DVD order or one of hama's absolute ones."""
    names: Literal["show", "season", "episode", ""] = ""
    """What the value is an id of, where the guid says so."""

    @property
    def id(self) -> ProviderId:
        """The id, for whom the order of episodes means nothing."""
        return ProviderId(self.provider, self.value)

    @property
    def show_id(self) -> ProviderId:
        """The id of a show. Numbers of another order must not be taken for the provider's own."""
        return ProviderId(self.provider + self.numbering, self.value)


@lru_cache(maxsize=2048)
def read(text: str | None) -> Guid | None:
    """Return what a guid says; None if it holds no id that anybody else knows.

    A show's guids come again with each of its episodes.
    """
    if text is None or text.startswith("plex://"):
        return None
    scheme, has_scheme, rest = text.strip().partition("://")
    if not has_scheme:
        return _guid("imdb", scheme)
    agent, rest = scheme.lower().removeprefix(_LEGACY), rest.partition("?")[0]
    if agent.startswith(_NFO):
        return _typed(rest)
    if agent in _YOUTUBE:
        return _youtube(unquote(rest))
    return _of_agent(agent, *_split(rest))


def movie_ids(guid: str | None, tags: Iterable[str]) -> tuple[ProviderId, ...]:
    """Return the ids of a movie."""
    return _one_of_each(found.id for found in map(read, [*tags, guid]) if found is not None and not found.numbers)


def episode_ids(guid: str | None, tags: Iterable[str]) -> tuple[ProviderId, ...]:
    """Return the ids of an episode itself. Those in a legacy agent's guid are its show's."""
    own = [found for found in map(read, tags) if found is not None and not found.numbers]
    scalar = read(guid)
    if scalar is not None and scalar.names == "episode":
        own.append(scalar)
    return _one_of_each(found.id for found in own)


def show_ids(
    guids: Iterable[str | None], tags: Iterable[str], episode_guid: str | None, numbers: tuple[int, int] | None
) -> tuple[ProviderId, ...]:
    """Return the ids of an episode's show.

    Args:
        guids: the show's scalar guid, as its own row and as the episode's row has it.
        tags: the show's `Guid` list.
        episode_guid: the episode's scalar guid.
        numbers: the episode's season and number, where Plex shows both.
    """
    relative = read(episode_guid)
    scalars = [found for found in map(read, guids) if found is not None and found.names in {"", "show"}]
    if relative is not None and len(relative.numbers) == 2:
        scalars.append(relative)
        if numbers is not None and relative.numbers != numbers:
            # The id counts episodes in another way than this library does: it would name a wrong one.
            scalars = [found for found in scalars if found.provider != relative.provider]
    listed = [found.id for found in map(read, tags) if found is not None]
    return _one_of_each([*listed, *(found.show_id for found in scalars)])


def numbers_in(episode_guid: str | None) -> tuple[int, int] | None:
    """Return season and number in a legacy agent's guid of an episode."""
    found = read(episode_guid)
    if found is None or len(found.numbers) != 2:
        return None
    season, number = found.numbers
    return season, number


def _of_agent(agent: str, value: str, numbers: tuple[int, ...]) -> Guid | None:
    if agent == "hama":
        return _hama(value, numbers)
    if agent == "xbmcnfo":
        return _guid("imdb" if value.lower().startswith("tt") else "tmdb", value)
    if agent not in _SOURCES:
        return None
    return _guid(_SOURCES[agent], value, numbers, "dvd" if agent == "thetvdbdvdorder" else "")


def _split(rest: str) -> tuple[str, tuple[int, ...]]:
    if "/" not in rest:
        return rest.strip(), ()
    value, *tail = rest.strip("/").split("/")
    digits = [part for part in tail if _DIGITS.fullmatch(part) and len(part) <= 6]
    return value.strip(), tuple(int(part) for part in digits[:2]) if len(digits) == len(tail) <= 2 else ()


def _guid(
    provider: str,
    value: str,
    numbers: tuple[int, ...] = (),
    numbering: str = "",
    names: Literal["show", "season", "episode", ""] = "",
) -> Guid | None:
    if provider == "imdb":
        value = value.lower()
    shape = _IMDB if provider == "imdb" else _OPAQUE if provider in _NOT_NUMERIC else _DIGITS
    return Guid(provider, value, numbers, numbering, names) if shape.fullmatch(value) else None


def _hama(value: str, numbers: tuple[int, ...]) -> Guid | None:
    match = _HAMA.fullmatch(value.lower())
    if match is None:
        return None
    return _guid(_SOURCES[match["source"]], match["value"], numbers, match["mode"])


def _typed(rest: str) -> Guid | None:
    """Read what Plex's own NFO agents write: ``movie/tmdb_603``. Without a provider it is nobody's id."""
    kind, _, typed = rest.strip("/").partition("/")
    source, _, value = typed.partition("_")
    if source not in _SOURCES:
        return None
    match kind:
        case "show" | "season" | "episode":
            return _guid(_SOURCES[source], value, names=kind)
        case "movie":
            return _guid(_SOURCES[source], value)
        case _:
            return None


def _youtube(rest: str) -> Guid | None:
    """Read ``youtube|ID|title``, behind which an episode has its numbers."""
    parts = rest.split("|")
    if len(parts) < 3:
        return None
    at_end = _NUMBERS_AT_END.search(parts[-1])
    numbers = (int(at_end[1]), int(at_end[2])) if at_end else ()
    return _guid("youtube", parts[1].strip(), numbers)


def _one_of_each(ids: Iterable[ProviderId]) -> tuple[ProviderId, ...]:
    """Keep one id per provider: the lowest number, where a merged item has several."""
    kept: dict[str, ProviderId] = {}
    for each in ids:
        known = kept.get(each.provider)
        if known is None or _rank(each) < _rank(known):
            kept[each.provider] = each
    return tuple(kept.values())


def _rank(given: ProviderId) -> tuple[int, str]:
    digits = given.value.removeprefix("tt")
    return (int(digits), "") if _DIGITS.fullmatch(digits) else (0, given.value)
