"""From the servers' values to ours and back. Pure: values in, values out."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from watchstate.api import Entry, PlayState, ProviderId, User, natural, ordinal
from watchstate_mediabrowser import wire

TICKS_PER_MS = 10_000
MAX_EPISODES_PER_FILE = 10
"""A wider `IndexNumber … IndexNumberEnd` is a misread file name (``S01E01-1080p``), not a file of so many episodes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_GUID = re.compile(r"[0-9a-f]{32}")
_COLLECTION_IDS = frozenset({"tmdbcollection", "tvdbcollection"})


def to_ms(date: str) -> int | None:
    """Return a date of the server's in ms UTC; 0 for an unset one (year 1), None for what is no date.

    Jellyfin prints zero to seven decimals and drops trailing zeros, Emby always prints seven.
    """
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - _EPOCH) // _MILLISECOND, 0)


def to_date(at: int) -> str:
    """Return an instant (ms UTC) as both servers read it."""
    return (_EPOCH + at * _MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_guid(text: str) -> str | None:
    """Return an id in the form of the REST answers, 32 hexadecimal digits; None for what is no such id.

    A webhook template and `UserData.Key` write the same id with dashes.
    """
    digits = text.strip().replace("-", "").lower()
    return digits if _GUID.fullmatch(digits) else None


def to_state(data: wire.UserData) -> PlayState:
    """Return the play state in a complete `UserData`. A missing date is none, for what is null is omitted."""
    position = data.playback_position_ticks
    return PlayState(
        watched=data.played,
        position_ms=None if position is None else natural(max(position // TICKS_PER_MS, 0)),
        play_count=natural(data.play_count),
        watched_at=0 if data.last_played_date is None else to_ms(data.last_played_date),
    )


def to_provider_ids(ids: Mapping[str, str | None] | None) -> tuple[ProviderId, ...]:
    """Return an item's own ids. Those of the collection that a movie belongs to are the same for all its parts."""
    if not ids:
        return ()
    return tuple(
        ProviderId(provider, value)
        for provider, value in ids.items()
        if provider and value and provider.lower() not in _COLLECTION_IDS
    )


def to_episodes(first: int | None, last: int | None) -> tuple[int, ...]:
    """Return the episode numbers of a file."""
    first, last = ordinal(first), ordinal(last)
    if first is None:
        return ()
    if last is None or not first < last < first + MAX_EPISODES_PER_FILE:
        return (first,)
    return tuple(range(first, last + 1))


def to_entry(item: wire.Item, show_ids: tuple[ProviderId, ...]) -> Entry:
    """Return the record of a movie or an episode; `show_ids` are those of its series."""
    is_episode = item.type == "Episode"
    ticks = item.run_time_ticks
    return Entry(
        entry_id=item.id,
        kind="episode" if is_episode else "movie",
        title=item.name or "",
        year=ordinal(item.production_year),
        show_title=item.series_name or "",
        season=ordinal(item.parent_index_number) if is_episode else None,
        episodes=to_episodes(item.index_number, item.index_number_end) if is_episode else (),
        provider_ids=to_provider_ids(item.provider_ids),
        show_ids=show_ids if is_episode else (),
        runtime_ms=natural(ticks // TICKS_PER_MS) if ticks is not None and ticks > 0 else None,
        added_at=None if item.date_created is None else to_ms(item.date_created),
        path=item.path,
    )


def to_users(users: Iterable[wire.User]) -> tuple[User, ...]:
    """Return the people. Their tokens are theirs alone; an API key acts for each of them."""
    return tuple(
        User(
            user_id=user.id,
            name=user.name or "",
            is_admin=user.policy is not None and user.policy.is_administrator,
            is_disabled=user.policy is not None and user.policy.is_disabled,
        )
        for user in users
    )
