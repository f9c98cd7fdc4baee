"""The people of a server, and the token that each of them acts with: plex.tv knows them, the server doesn't.

One request after the other, and none for a token that is known: plex.tv answers 429 to whoever asks for many at once.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TypeVar
from urllib.parse import quote

import msgspec

from watchstate.api import (
    BackendAuthError,
    BackendRateLimited,
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

_NEEDS_PIN = "needs a PIN: sign in as this user, and give it its own token"
_GIVES_NONE = "plex.tv gives no token for this user; give it its own token"
_NO_ACCESS = "has no access to this server"
_LATER = "plex.tv asks for patience before it gives more tokens; the next time goes on from here"


async def list_users(server: Server, http: Http, known: Sequence[User] = ()) -> tuple[User, ...]:
    """Return the owner, the members of the owner's Plex Home, and those with whom the server is shared.

    A person without a token has a `User.note` that says why: it takes a PIN, plex.tv keeps it to itself, or asks for
    patience. Tokens that are known are not asked for: they hold until they are revoked.

    Raises:
        BackendAuthError: the token is not that of the owner's Plex account.
        BackendRateLimited: plex.tv asks for patience before anybody is known.
    """
    info = await identify(server, http)
    plex_tv = _PlexTv(server, http.elsewhere(plex_tv_of(server)), info.machine_id, known)
    return tuple([user async for user in plex_tv.people()])


class _PlexTv:
    def __init__(self, server: Server, http: Http, machine_id: str, known: Sequence[User]) -> None:
        self._server = server
        self._http = http
        self._machine_id = machine_id
        self._headers = headers(server.token)
        self._known = {user.user_id: user for user in known if user.token}
        self._is_patient = True
        """plex.tv has not asked for patience yet."""

    async def people(self) -> AsyncIterator[User]:
        """Yield everybody once. All lists come first: what a 429 then interrupts is only the tokens."""
        owner = await self._owner()
        shared = await self._tokens_of_shares()
        home, friends = await self._home(), await self._friends()
        tokens = {key: user.token for key, user in self._known.items()}
        tokens |= {key: Secret(token) for key, token in shared.items() if token}
        yield User(user_id=OWNER, name=_name(owner), is_admin=True)
        told = {OWNER, to_key(owner.id)}
        members = [person for person in (home or Home()).users if not person.admin]
        for number, person in enumerate([*members, *(friends or ())]):
            user = User(user_id=to_key(person.id), name=_name(person), token=tokens.get(to_key(person.id)))
            if user.user_id in told:
                continue
            told.add(user.user_id)
            if user.token:
                yield user
            elif number < len(members):
                yield await self._member(person, user)
            else:
                yield msgspec.structs.replace(user, note=_GIVES_NONE)
        if home is None or friends is None:  # who isn't told is unknown, and not gone
            for user in self._known.values():
                if user.user_id not in told:
                    yield user

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

    async def _home(self) -> Home | None:
        """Return the Plex Home; None where plex.tv doesn't tell: an account may be in none, or not be its admin."""
        return await self._allowed(self._read_home())

    async def _read_home(self) -> Home:
        home, _ = await read(self._http, "/api/v2/home/users/", HOME, headers=self._headers, advice=_PLEX_TV_ADVICE)
        return home

    async def _friends(self) -> list[Person] | None:
        """Return those with whom the server is shared, home members among them; None where plex.tv doesn't tell."""
        answered = await self._allowed(self._read_markup("/api/users/"))
        if answered is None:
            return None
        return [
            _person(row)
            for row in answered.each("User")
            if row.attributes.get("id")
            and any(
                share.attributes.get("machineIdentifier") == self._machine_id and share.attributes.get("pending") != "1"
                for share in row.each("Server")
            )
        ]

    async def _tokens_of_shares(self) -> dict[str, str]:
        """Return the tokens of shares by user id; none where plex.tv keeps them to itself."""
        answered = await self._allowed(
            self._read_markup(f"/api/servers/{quote(self._machine_id, safe='')}/shared_servers")
        )
        if answered is None:
            return {}
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

    async def _member(self, member: Person, user: User) -> User:
        if member.protected:
            return msgspec.structs.replace(user, note=_NEEDS_PIN)
        if not self._is_patient:
            return msgspec.structs.replace(user, note=_LATER)
        try:
            own = await self._token_of(member)
        except BackendAuthError:
            return msgspec.structs.replace(user, note=_GIVES_NONE)
        except BackendRateLimited:
            self._is_patient = False
            return msgspec.structs.replace(user, note=_LATER)
        if own is None:
            return msgspec.structs.replace(user, note=_NO_ACCESS)
        return msgspec.structs.replace(user, token=Secret(own))

    async def _token_of(self, member: Person) -> str | None:
        """Act as a member for a moment, to ask which token opens this server."""
        path = f"/api/v2/home/users/{quote(member.uuid or to_key(member.id), safe='')}/switch"
        answer = await self._http.send("POST", path, headers=self._headers)
        expect_success(answer, _PLEX_TV_ADVICE)
        token = answer.decode(SWITCHED).auth_token
        share = await self._share(headers(Secret(token)))
        return share.access_token if share is not None else None


def _person(row: Element) -> Person:
    told = row.attributes
    return Person(id=told["id"], username=told.get("username"), title=told.get("title"), email=told.get("email"))


def _name(person: Person) -> str:
    names = (person.friendly_name, person.username, person.title, person.email)
    return next((name for name in names if name), to_key(person.id))
