"""From Plex's values to ours. Pure: values in, values out."""

import re

import msgspec

from watchstate.api import Entry, Fact, PlayState, ProviderId, natural, ordinal
from watchstate_plex import guids
from watchstate_plex.file_names import episodes_in
from watchstate_plex.wire import Key, Row

SECOND = 1_000
_LATEST = (2**63 - 1) // SECOND
_SHOW_IN_PATH = re.compile(r"/library/metadata/(\d+)", re.ASCII)


class Show(msgspec.Struct, frozen=True):
    """What is known about a show: its guids."""

    guid: str | None = None
    tags: tuple[str, ...] = ()


NO_SHOW = Show()


def to_ms(seconds: int | None) -> int | None:
    """Return a date of Plex's (seconds) in ms UTC; agents write odd ones, even before 1970."""
    return None if seconds is None else min(max(seconds, 0), _LATEST) * SECOND


def to_key(key: Key | None) -> str:
    """Return an id as a string; empty for none."""
    return "" if key is None else str(key)


def is_set(flag: Key | bool | None) -> bool:
    """Say whether a flag is set, in any of the ways in which it may come."""
    return flag not in {None, False, "0", ""}


def is_entry_id(entry_id: str) -> bool:
    """Say whether this can be a rating key."""
    return entry_id.isascii() and entry_id.isdigit()


def show_key(row: Row) -> str:
    """Return the rating key of an episode's show; empty if the row names none, in any of its ways."""
    if row.grandparent_rating_key is not None:
        return str(row.grandparent_rating_key)
    for path in (row.grandparent_key, row.grandparent_thumb):
        found = _SHOW_IN_PATH.match(path or "")
        if found:
            return found[1]
    return ""


def file_of(row: Row) -> str | None:
    """Return the first file of a title, other than those that the server made itself (optimized versions)."""
    files = [media.parts[0].file for media in row.media if media.proxy_type is None and media.parts]
    return files[0] if files else None


def to_tags(row: Row) -> tuple[str, ...]:
    """Return the external ids that a row lists."""
    return tuple(tag.id for tag in row.tags)


def numbers_of(row: Row) -> tuple[int | None, int | None]:
    """Return an episode's season and number, from its guid where the row itself lacks one. 0 is the specials."""
    season, number = row.parent_index, row.index
    if season is None or number is None:
        season, number = guids.numbers_in(row.guid) or (season, number)
    return ordinal(season), ordinal(number)


def range_of(row: Row) -> tuple[int, ...]:
    """Return the numbers of all episodes in a file that is named after several and begins with this one.

    Scanners differ: most make an item of each of these episodes, all with the same file. Only where there are no such
    siblings does this one stand for all of them. Without its show, nobody could ask for them.
    """
    named, (season, number) = episodes_in(file_of(row)), numbers_of(row)
    if named is None or named[0] != season or named[1][0] != number or not show_key(row):
        return ()
    return named[1]


def to_state(row: Row) -> PlayState:
    """Return the play state of a row. Plex leaves out what is zero.

    A watched row may lack its date: it was marked together with its show, or by an old version.
    """
    plays = max(row.view_count or 0, 0)
    return PlayState(
        watched=plays > 0,
        position_ms=natural(max(row.view_offset or 0, 0)),
        play_count=natural(plays),
        watched_at=to_ms(row.last_viewed_at or 0),
    )


def to_entry(row: Row, show: Show, *, is_range: bool, library_id: str) -> Entry:
    """Return the record of a movie or an episode; `is_range` if it stands for all episodes that its file names."""
    is_episode = row.type == "episode"
    season, number = numbers_of(row) if is_episode else (None, None)
    single = () if number is None else (number,)
    runtime = row.duration or 0
    return Entry(
        entry_id=to_key(row.rating_key),
        kind="episode" if is_episode else "movie",
        title=row.title or "",
        year=ordinal(row.year),
        show_title=row.grandparent_title or "" if is_episode else "",
        season=season,
        episodes=range_of(row) if is_range else single,
        provider_ids=(guids.episode_ids if is_episode else guids.movie_ids)(row.guid, to_tags(row)),
        show_ids=_show_ids(row, show, season, number) if is_episode else (),
        runtime_ms=natural(runtime) or None,
        added_at=to_ms(row.added_at),
        library_id=library_id or None,
        path=file_of(row),
    )


def to_fact(row: Row, show: Show, *, is_range: bool, library_id: str, is_playing: bool) -> Fact:
    """Return an entry with its state."""
    entry = to_entry(row, show, is_range=is_range, library_id=library_id)
    return Fact(entry=entry, state=to_state(row), is_playing=is_playing, is_detailed=True)


def _show_ids(row: Row, show: Show, season: int | None, number: int | None) -> tuple[ProviderId, ...]:
    numbers = None if season is None or number is None else (season, number)
    return guids.show_ids((show.guid, row.grandparent_guid), show.tags, row.guid, numbers)
