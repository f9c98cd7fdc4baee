"""R5: one account that suddenly un-watches a lot is more likely a broken server than a person. Pure."""

from collections.abc import Collection

from msgspec import Struct


class BrakeLimits(Struct, frozen=True, kw_only=True):
    """All three must be exceeded before anything is held."""

    items: int = 20
    percent: int = 5
    titles: int = 3


def must_hold(titles: Collection[str], watched_items: int, limits: BrakeLimits) -> bool:
    """Say whether un-watching these is too much for one account at once.

    `titles` has the movie's or show's title of every item that would be un-watched; `watched_items` is how many the
    account has watched.
    """
    return (
        len(titles) > limits.items
        and len(titles) * 100 > watched_items * limits.percent
        and len(set(titles)) > limits.titles
    )
