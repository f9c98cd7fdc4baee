"""How we speak to Jellyfin."""

from watchstate.api import Account, Http, HttpResponse, Secret
from watchstate_jellyfin import __version__
from watchstate_mediabrowser import calls
from watchstate_mediabrowser.catalogue import Catalogue, Kinds, Route

ENTRIES = Kinds(("Movie", "Episode"), "ProviderIds,DateCreated,Path")


def authorization(token: Secret, user_id: str = "") -> dict[str, str]:
    """Return the one header that every version from 10.8 on accepts, for API keys and for users' tokens."""
    return calls.authorization("MediaBrowser", __version__, token, user_id)


def acting_as(account: Account) -> dict[str, str]:
    """Return the header to act for an account with."""
    return authorization(account.token, account.user_id)


def catalogue_of(account: Account, http: Http) -> Catalogue:
    """Return what an account may ask, and how Jellyfin wants to be asked."""
    return Catalogue(
        http,
        acting_as(account),
        items=Route("/Items", {"userId": account.user_id, "collapseBoxSetItems": False}),
        views=Route("/UserViews", {"userId": account.user_id, "includeHidden": True}),
        entries=ENTRIES,
    )


async def read_played_now(account: Account, http: Http) -> tuple[frozenset[str], HttpResponse]:
    """Return the ids of the items that this account is playing at this moment, on any of its devices."""
    return await calls.read_played_now(http, account.user_id, acting_as(account))
