"""What plex.tv tells about accounts and servers."""

from typing import Any

from watchstate_plex.simulator.records import Account, Section
from watchstate_plex.simulator.server import Server
from watchstate_plex.simulator.wire import Element

_JOINED = 1_339_124_759


def user(account: Account, home_size: int) -> dict[str, Any]:
    """Return an account as itself sees it, with its token."""
    is_member = not account.is_external
    return {
        "id": account.plex_id,
        "uuid": account.uuid,
        "username": "" if account.kind == "managed" else account.name,
        "title": account.name,
        "email": account.email,
        "friendlyName": "",
        "locale": None,
        "confirmed": True,
        "emailOnlyAuth": False,
        "hasPassword": account.kind != "managed",
        "protected": account.pin is not None,
        "thumb": account.avatar,
        "authToken": account.cloud_token,
        "mailingListStatus": "unsubscribed",
        "mailingListActive": False,
        "scrobbleTypes": "10",
        "country": "GB",
        "subscription": _subscription(is_active=account.is_owner),
        "subscriptionDescription": "Lifetime Plex Pass" if account.is_owner else "",
        "restricted": account.kind == "managed",
        "anonymous": None,
        "home": is_member,
        "guest": account.kind == "guest",
        "homeSize": home_size if is_member else 1,
        "homeAdmin": account.is_owner,
        "maxHomeSize": 15,
        "rememberExpiresAt": None,
        "profile": {
            "autoSelectAudio": True,
            "defaultAudioAccessibility": 0,
            "defaultAudioLanguage": "en",
            "defaultAudioLanguages": None,
            "defaultSubtitleLanguage": "en",
        },
        "entitlements": [],
        "roles": [],
        "services": [],
        "adsConsent": None,
        "experimentalFeatures": False,
        "twoFactorEnabled": False,
        "backupCodesCreated": False,
        "joinedAt": _JOINED,
    }


def _subscription(*, is_active: bool) -> dict[str, Any]:
    return {
        "active": is_active,
        "subscribedAt": "2021-10-01T01:02:03Z" if is_active else None,
        "status": "Active" if is_active else "Inactive",
        "paymentService": "braintree" if is_active else None,
        "plan": "lifetime" if is_active else None,
        "features": ["webhooks", "home", "pass"] if is_active else [],
    }


def member(account: Account) -> dict[str, Any]:
    """Return a member of the home, as its admin sees them."""
    return {
        "id": account.plex_id,
        "uuid": account.uuid,
        "title": account.name,
        "username": None if account.kind == "managed" else account.name,
        "email": account.email or None,
        "friendlyName": None,
        "thumb": account.avatar,
        "hasPassword": account.kind != "managed",
        "restricted": account.kind == "managed",
        "restrictionProfile": None,
        "updatedAt": 1_700_000_000,
        "admin": account.is_owner,
        "guest": account.kind == "guest",
        "protected": account.pin is not None,
    }


def member_v1(account: Account) -> Element:
    """Return a member of the home, in the first API's words."""
    attributes = {
        "id": account.plex_id,
        "uuid": account.uuid,
        "admin": account.is_owner,
        "guest": account.kind == "guest",
        "restricted": account.kind == "managed",
        "hasPassword": account.kind != "managed",
        "protected": account.pin is not None,
        "title": account.name,
        "username": "" if account.kind == "managed" else account.name,
        "email": account.email,
        "thumb": account.avatar,
    }
    return Element(name="User", attributes=attributes)


def resource(server: Server, account: Account, uri: str) -> dict[str, Any]:
    """Return the server as one of an account's resources, with the token that it takes from them."""
    owner = server.people.owner
    return {
        "name": server.name,
        "product": "Plex Media Server",
        "productVersion": server.rules.version,
        "platform": "Linux",
        "platformVersion": "6.17.0-23-generic",
        "device": "Docker Container",
        "clientIdentifier": server.machine_id,
        "createdAt": "2021-01-01T12:12:24Z",
        "lastSeenAt": "2022-01-01T13:43:34Z",
        "provides": "server",
        "ownerId": None if account.is_owner else owner.plex_id,
        "sourceTitle": None if account.is_owner else owner.name,
        "publicAddress": "192.0.2.7",
        "accessToken": account.server_token,
        "owned": account.is_owner,
        "home": not account.is_owner and not account.is_external,
        "synced": False,
        "relay": True,
        "presence": True,
        "httpsRequired": False,
        "publicAddressMatches": False,
        "dnsRebindingProtection": False,
        "natLoopbackSupported": False,
        "connections": [_connection(uri)],
    }


def player(account: Account) -> dict[str, Any]:
    """Return a player as one of an account's resources: not everything there is a server."""
    return {
        "name": "Living Room",
        "product": "Plex for LG",
        "productVersion": "5.80.1",
        "platform": "webOS",
        "platformVersion": "6.0",
        "device": "TV",
        "clientIdentifier": f"player-of-{account.uuid}",
        "createdAt": "2021-01-01T12:12:24Z",
        "lastSeenAt": "2022-01-01T13:43:34Z",
        "provides": "client,player,pubsub-player",
        "ownerId": None,
        "sourceTitle": None,
        "publicAddress": "192.0.2.7",
        "accessToken": None,
        "owned": True,
        "home": False,
        "synced": False,
        "relay": False,
        "presence": False,
        "httpsRequired": False,
        "publicAddressMatches": True,
        "dnsRebindingProtection": False,
        "natLoopbackSupported": False,
        "connections": [],
    }


def _connection(uri: str) -> dict[str, Any]:
    scheme, _, place = uri.partition("://")
    address, _, port = place.partition(":")
    return {
        "protocol": scheme,
        "address": address,
        "port": int(port or 80),
        "uri": uri,
        "local": True,
        "relay": False,
        "IPv6": False,
    }


def friend(server: Server, account: Account) -> Element:
    """Return somebody whom the owner shares the server with."""
    refused = dict.fromkeys(
        ("spencer", "allowTuners", "allowSync", "allowCameraUpload", "allowChannels", "allowSubtitleAdmin"), False
    )
    filters = dict.fromkeys(("filterAll", "filterMovies", "filterMusic", "filterPhotos", "filterTelevision"), "")
    attributes = {
        "id": account.plex_id,
        "title": account.name,
        "username": "" if account.kind == "managed" else account.name,
        "email": account.email,
        "recommendationsPlaylistId": "",
        "thumb": account.avatar,
        "protected": account.pin is not None,
        **({} if account.is_external else {"home": True}),
        **refused,
        **filters,
        "restricted": account.kind == "managed",
    }
    sections = server.library.sections if account.sections is None else account.sections
    share = {
        "id": account.plex_id + 5_000_000,
        "serverId": "1",
        "machineIdentifier": server.machine_id,
        "name": server.name,
        "lastSeenAt": server.now(),
        "numLibraries": len(sections),
        "allLibraries": account.sections is None,
        "owned": True,
        "pending": False,
    }
    return Element(name="User", attributes=attributes, children=[Element(name="Server", attributes=share)])


def shared_server(server: Server, account: Account) -> Element:
    """Return a share of the server, with the token that it takes from that account."""
    attributes = {
        "id": account.plex_id + 5_000_000,
        "username": account.name,
        "email": account.email,
        "userID": account.plex_id,
        "accessToken": account.server_token,
        "name": server.name,
        "acceptedAt": 1_600_000_000,
        "invitedAt": 1_600_000_000,
        "allowSync": False,
        "owned": False,
    }
    rows = [_shared_section(each, account) for each in server.library.sections.values()]
    return Element(name="SharedServer", attributes=attributes, children=rows)


def _shared_section(section: Section, account: Account) -> Element:
    # plex.tv has ids of its own for sections: the key is what the server knows.
    attributes = {
        "id": 100_000 + int(section.key),
        "key": int(section.key),
        "title": section.title,
        "type": section.kind,
        "shared": account.sections is None or section.key in account.sections,
    }
    return Element(name="Section", attributes=attributes)
