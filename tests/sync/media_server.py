"""Model media servers for the tests of the rules: one account each, with what the real ones do to a play state."""

from dataclasses import dataclass, field
from enum import Enum

from msgspec import Struct

from watchstate.api import Capabilities, WatchDate
from watchstate.clock import MINUTE
from watchstate.sync.case import Seen

FILM = 100 * MINUTE


class MarkDate(Enum):
    """What a person's *mark as watched* does to a date that is there already."""

    KEEPS = "keeps"
    STAMPS = "stamps"


class Rules(Struct, frozen=True, kw_only=True):
    """How one kind of server behaves, and what it tells about itself."""

    capabilities: Capabilities
    start_counts: bool
    """A start raises the count; otherwise a mark and a finished play do."""
    mark_date: MarkDate
    lists_in_part: bool = False
    """A listing has no counts and no dates."""
    takes_dates: bool = True
    keeps_any_position: bool = True
    """False: a written position under a minute or above 90 % is dropped."""


JELLYFIN_10 = Rules(
    capabilities=Capabilities(
        watch_date=WatchDate.TAKEN,
        writes_position=True,
        clears_position=True,
        lists_changes=True,
        lists_unwatches=True,
        start_clears_watched=True,
        date_is_start=True,
    ),
    start_counts=True,
    mark_date=MarkDate.KEEPS,
)
JELLYFIN_12 = Rules(
    capabilities=Capabilities(
        watch_date=WatchDate.TAKEN,
        writes_position=True,
        clears_position=True,
        lists_changes=True,
        lists_unwatches=True,
        start_counts=True,
        date_is_start=True,
    ),
    start_counts=True,
    mark_date=MarkDate.KEEPS,
)
PLEX = Rules(
    capabilities=Capabilities(watch_date=WatchDate.STAMPED, writes_position=True, lists_changes=True),
    start_counts=False,
    mark_date=MarkDate.STAMPS,
    takes_dates=False,
    keeps_any_position=False,
)
_EMBY = Capabilities(
    watch_date=WatchDate.UNSURE,
    writes_position=True,
    clears_position=True,
    lists_changes=True,
    lists_unwatches=True,
    start_clears_watched=True,
    date_is_start=True,
    batch_reads_complete=False,
)
EMBY = Rules(capabilities=_EMBY, start_counts=True, mark_date=MarkDate.KEEPS)
EMBY_THAT_STAMPS = Rules(capabilities=_EMBY, start_counts=True, mark_date=MarkDate.KEEPS, takes_dates=False)
EMBY_IN_PART = Rules(capabilities=_EMBY, start_counts=True, mark_date=MarkDate.KEEPS, lists_in_part=True)


@dataclass
class Shown:
    """What a server stores for its account about one entry."""

    items: tuple[int, ...]
    runtime_ms: int | None = FILM
    added_at: int = 1
    watched: bool = False
    position_ms: int = 0
    count: int = 0
    date: int = 0
    is_playing: bool = False
    changed_at: int = 0
    changed_by_unmark: bool = False


@dataclass
class MediaServer:
    """One account's view of a server. Every method takes the time at which it happens."""

    name: str
    rules: Rules
    entries: dict[str, Shown] = field(default_factory=dict)
    skew_ms: int = 0
    """Its clock minus ours."""

    def show(self, entry_id: str, *, read_from: int, read_to: int, is_detailed: bool) -> Seen:
        """Answer a read."""
        shown = self.entries[entry_id]
        is_whole = is_detailed or not self.rules.lists_in_part
        return Seen(
            watched=shown.watched,
            position_ms=shown.position_ms,
            play_count=shown.count if is_whole else None,
            raw_watched_at=shown.date if is_whole else None,
            read_from=read_from,
            read_to=read_to,
            added_at=shown.added_at,
            runtime_ms=shown.runtime_ms,
            is_playing=shown.is_playing,
            is_detailed=is_whole,
        )

    def mark(self, entry_id: str, at: int) -> None:
        """A person marks it as watched."""
        shown = self._changed(entry_id, at)
        is_counting = self.rules.mark_date is MarkDate.STAMPS
        shown.count = shown.count + 1 if is_counting else max(shown.count, 1)
        shown.date = at if is_counting or not shown.date else shown.date
        shown.watched, shown.position_ms = True, 0

    def unmark(self, entry_id: str, at: int) -> None:
        """A person marks it as unwatched."""
        shown = self._changed(entry_id, at)
        shown.watched, shown.position_ms, shown.count, shown.date = False, 0, 0, 0
        shown.changed_by_unmark = True

    def start(self, entry_id: str, at: int) -> None:
        """A person starts to play it."""
        shown = self._changed(entry_id, at)
        shown.is_playing, shown.date = True, at
        if self.rules.start_counts:
            shown.count += 1
        if self.rules.capabilities.start_clears_watched:
            shown.watched = False

    def reach(self, entry_id: str, position_ms: int, at: int) -> None:
        """The player reports how far it is."""
        shown = self._changed(entry_id, at)
        shown.position_ms = position_ms
        if not self.rules.start_counts:
            shown.date = at

    def stop(self, entry_id: str, at: int) -> None:
        """The player stops where it is; a position under five percent is forgotten."""
        shown = self._changed(entry_id, at)
        shown.is_playing = False
        if shown.runtime_ms and shown.position_ms * 100 < shown.runtime_ms * 5:
            shown.position_ms = 0

    def finish(self, entry_id: str, at: int) -> None:
        """The play reaches the end."""
        shown = self._changed(entry_id, at)
        shown.is_playing, shown.watched, shown.position_ms = False, True, 0
        if not self.rules.start_counts:
            shown.count, shown.date = shown.count + 1, at

    def write(
        self, entry_id: str, *, watched: bool | None, raw_date: int | None, position_ms: int | None, at: int
    ) -> None:
        """Our own write."""
        shown = self._changed(entry_id, at)
        if watched is False:
            shown.watched, shown.position_ms, shown.count, shown.date = False, 0, 0, 0
        elif watched is True:
            shown.watched, shown.position_ms = True, 0
            if self.rules.mark_date is MarkDate.STAMPS:
                shown.count += 1
            if not self.rules.takes_dates:
                shown.date = at
            elif raw_date is not None:
                shown.date = raw_date
        if position_ms is not None:
            self._place(shown, position_ms, at)

    def _place(self, shown: Shown, position_ms: int, at: int) -> None:
        is_storable = position_ms >= MINUTE and position_ms * 100 < (shown.runtime_ms or 0) * 90
        if not self.rules.keeps_any_position:
            shown.date = at
        if self.rules.keeps_any_position or is_storable:
            shown.position_ms = position_ms

    def _changed(self, entry_id: str, at: int) -> Shown:
        shown = self.entries[entry_id]
        shown.changed_at, shown.changed_by_unmark = at, False
        return shown
