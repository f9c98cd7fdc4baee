"""How we speak to Emby."""

from urllib.parse import quote

from watchstate.api import Account, Http, HttpResponse, Secret
from watchstate_emby import __version__
from watchstate_mediabrowser import calls
from watchstate_mediabrowser.catalogue import Catalogue, Kinds, Route

ENTRIES = Kinds(
    ("Movie", "Episode"), "ProviderIds,ProductionYear,DateCreated,Path,UserDataLastPlayedDate,UserDataPlayCount"
)
"""Rows carry neither year nor date unasked, and a play count of 0 and no date of a play unless these two are named."""


def authorization(token: Secret, user_id: str = "") -> dict[str, str]:
    """Return the header that says who asks, for API keys and for users' tokens."""
    return calls.authorization("Emby", __version__, token, user_id)


def acting_as(account: Account) -> dict[str, str]:
    """Return the header to act for an account with."""
    return authorization(account.token, account.user_id)


def user_path(account: Account) -> str:
    """Return the path under which an account's items and states are."""
    return f"/Users/{quote(account.user_id, safe='')}"


def item_path(account: Account, entry_id: str) -> str:
    """Return the path of one item as an account sees it."""
    return f"{user_path(account)}/Items/{quote(entry_id, safe='')}"


def is_item_id(text: str) -> bool:
    """Say whether a text can be an item's id: digits. ``Latest`` and ``Resume`` in its place lead to other routes."""
    return text.isascii() and text.isdigit()


def catalogue_of(account: Account, http: Http) -> Catalogue:
    """Return what an account may ask, and how Emby wants to be asked."""
    return Catalogue(
        http,
        acting_as(account),
        items=Route(f"{user_path(account)}/Items", {"groupItemsIntoCollections": False}),
        views=Route(f"{user_path(account)}/Views", {"includeExternalContent": False}),
        entries=ENTRIES,
    )


async def read_played_now(account: Account, http: Http) -> tuple[frozenset[str], HttpResponse]:
    """Return the ids of the items that this account is playing at this moment, on any of its devices."""
    return await calls.read_played_now(http, account.user_id, acting_as(account))
