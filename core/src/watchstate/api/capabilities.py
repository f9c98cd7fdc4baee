"""What a server can do and means. The engine asks these, never a type's name."""

from enum import StrEnum

from msgspec import Struct


class WatchDate(StrEnum):
    """What becomes of the date that is sent with a watched mark."""

    TAKEN = "taken"
    """The server stores the date it is given."""
    STAMPED = "stamped"
    """The server stamps its own time."""
    UNSURE = "unsure"
    """Either may happen."""


class Capabilities(Struct, frozen=True, kw_only=True):
    """A backend's abilities for one identified server (type and version). The defaults promise nothing."""

    acts_for_everyone: bool = False
    """The server's token is enough to act for any of its users, or is refused (an API key is; a user's own token where
    that user is an administrator). Where not, core acts with the tokens that `list_users` hands out."""
    watch_date: WatchDate = WatchDate.STAMPED
    writes_position: bool = False
    clears_position: bool = False
    lists_changes: bool = False
    """`ChangedSince` works."""
    lists_unwatches: bool = False
    """An un-watch shows in `ChangedSince`."""
    start_clears_watched: bool = False
    """Starting a play takes the watched flag away (R6)."""
    start_counts: bool = False
    """A mere start of a watched entry raises count and date, and keeps the flag (R1). Where it takes the flag away, the
    count that it raises is R6's."""
    date_is_start: bool = False
    """The date of a watch is when the play began, not when it ended (R3)."""
    batch_reads_complete: bool = False
    """Rows of lists have all that there is, so that `Entries` costs one request a hundred, not one each."""
    page_size: int = 1000
