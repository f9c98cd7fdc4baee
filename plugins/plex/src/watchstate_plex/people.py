"""The people of a server, and the token that each of them acts with: plex.tv knows them, the server doesn't.

One request after the other: plex.tv answers 429 to whoever asks for many tokens at once.
"""

from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar
from urllib.parse import quote

import msgspec

from watchstate.api import (
    BackendAuthError,
    Http,
    Secret,
    Server,
    User,
)
from watchstate_plex.calls import OWNER, expect_success, headers, read
from watchstate_plex.convert import to_key
from watchstate_plex.markup import Element, read_markup
from watchstate_plex.options import plex_tv_of
from watchstate_plex.servers import identify
from watchstate_plex.wire import HOME, PERSON, RESOURCES, SWITCHED, Home, Person, Resource

T = TypeVar("T")

_OPERATION = "listing users"
_ADVICE = "give it the token of the Plex account that owns this server; only that one may list users"
_PLEX_TV_ADVICE = "is options.plex_tv right?"


async def list_users(server: Server, http: Http) -> tuple[User, ...]:
    """Return the owner, the members of the owner's Plex Home, and those with whom the server is shared.

    A person without a token has a `User.note` that says why: it takes a PIN, or plex.tv keeps it to itself.

    Raises:
        BackendAuthError: the token is not that of the owner's Plex account.
        BackendRateLimited: plex.tv asks for patience.
    """
    info = await identify(server, http)
    plex_tv = _PlexTv(server, http.elsewhere(plex_tv_of(server)), info.machine_id)
    return tuple([user async for user in plex_tv.people()])


class _PlexTv:
    def __init__(self, server: Server, http: Http, machine_id: str) -> None:
        self._server = server
        self._http = http
        self._machine_id = machine_id
        self._headers = headers(server.token)

    async def people(self) -> AsyncIterator[User]:
        """Yield everybody once."""
        owner = await self._owner()
        yield User(user_id=OWNER, name=_name(owner), is_admin=True)
        known = {to_key(owner.id)}
        shared = await self._tokens_of_shares()
        for member in (await self._home()).users:
            if to_key(member.id) in known or member.admin:
                continue
            known.add(to_key(member.id))
            yield await self._member(member, shared or {})
        for friend in await self._friends():
            if to_key(friend.id) not in known:
                known.add(to_key(friend.id))
                yield _friend(friend, shared)

    async def _owner(self) -> Person:
        """Return the account behind the token, which must own the server."""
        try:
            share = await self._share(self._headers)
            owner, _ = await read(self._http, "/api/v2/user", PERSON, headers=self._headers, advice=_PLEX_TV_ADVICE)
        except BackendAuthError as error:
            raise BackendAuthError(error.server, error.operation, "plex.tv refuses the token", _ADVICE) from error
        if share is None or not share.owned:
            reason = "the token is that of an account that doesn't own this server"
            raise BackendAuthError(self._server.name, _OPERATION, reason, _ADVICE)
        return owner

    async def _share(self, told: dict[str, str]) -> Resource | None:
        """Return what an account has of this server; None if it has no access."""
        path = "/api/v2/resources"
        resources, _ = await read(self._http, path, RESOURCES, headers=told, advice=_PLEX_TV_ADVICE)
        return next((each for each in resources if each.client_identifier == self._machine_id), None)

    async def _home(self) -> Home:
        """Return the Plex Home; an account may be in none, or not be its admin."""
        return await self._allowed(self._read_home()) or Home()

    async def _read_home(self) -> Home:
        home, _ = await read(self._http, "/api/v2/home/users/", HOME, headers=self._headers, advice=_PLEX_TV_ADVICE)
        return home

    async def _friends(self) -> list[Person]:
        """Return those with whom the server is shared, home members among them."""
        answered = await self._allowed(self._read_markup("/api/users/"))
        return [
            _person(row)
            for row in (answered.each("User") if answered is not None else ())
            if row.attributes.get("id")
            and any(
                share.attributes.get("machineIdentifier") == self._machine_id and share.attributes.get("pending") != "1"
                for share in row.each("Server")
            )
        ]

    async def _tokens_of_shares(self) -> dict[str, str] | None:
        """Return the tokens of shares by user id; None where plex.tv keeps them to itself."""
        answered = await self._allowed(
            self._read_markup(f"/api/servers/{quote(self._machine_id, safe='')}/shared_servers")
        )
        if answered is None:
            return None
        shares = (share.attributes for share in answered.each("SharedServer"))
        return {share["userID"]: share["accessToken"] for share in shares if {"userID", "accessToken"} <= share.keys()}

    async def _read_markup(self, path: str) -> Element:
        answer = await self._http.get(path, headers=self._headers | {"Accept": "application/xml"})
        if answer.status in {404, 410}:
            raise BackendAuthError(answer.server, answer.operation, f"answered {answer.status}: no longer offered")
        expect_success(answer, _PLEX_TV_ADVICE)
        return read_markup(answer)

    async def _allowed(self, asking: Awaitable[T]) -> T | None:
        """Return what plex.tv tells; None for what it doesn't tell this account."""
        try:
            return await asking
        except BackendAuthError:
            return None

    async def _member(self, member: Person, shared: dict[str, str]) -> User:
        user = User(user_id=to_key(member.id), name=_name(member))
        token = shared.get(user.user_id)
        if token:
            return msgspec.structs.replace(user, token=Secret(token))
        if member.protected:
            return msgspec.structs.replace(user, note="needs a PIN: sign in as this user, and give it its own token")
        try:
            own = await self._token_of(member)
        except BackendAuthError:
            return msgspec.structs.replace(user, note="plex.tv gives no token for this user; give it its own token")
        if own is None:
            return msgspec.structs.replace(user, note="has no access to this server")
        return msgspec.structs.replace(user, token=Secret(own))

    async def _token_of(self, member: Person) -> str | None:
        """Act as a member for a moment, to ask which token opens this server."""
        path = f"/api/v2/home/users/{quote(member.uuid or to_key(member.id), safe='')}/switch"
        answer = await self._http.send("POST", path, headers=self._headers)
        expect_success(answer, _PLEX_TV_ADVICE)
        token = answer.decode(SWITCHED).auth_token
        share = await self._share(headers(Secret(token)))
        return share.access_token if share is not None else None


def _friend(friend: Person, shared: dict[str, str] | None) -> User:
    token = (shared or {}).get(to_key(friend.id))
    if token:
        return User(user_id=to_key(friend.id), name=_name(friend), token=Secret(token))
    note = "plex.tv gives no token for this user; give it its own token"
    return User(user_id=to_key(friend.id), name=_name(friend), note=note)


def _person(row: Element) -> Person:
    told = row.attributes
    return Person(id=told["id"], username=told.get("username"), title=told.get("title"), email=told.get("email"))


def _name(person: Person) -> str:
    names = (person.friendly_name, person.username, person.title, person.email)
    return next((name for name in names if name), to_key(person.id))
