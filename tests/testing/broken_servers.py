"""Backends that break a promise about servers, people and webhooks, one each."""

import json

from msgspec.structs import replace
from tests.testing.spoiling import Spoiling

from watchstate.api import BackendError, BackendProtocolError, Event, EventKind, User, WebhookRejected, hookimpl
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.calls import authorization


class CannotPush(JellyfinBackend):
    push_state = None


class ChangesItsMind(JellyfinBackend):
    pages = 0

    @hookimpl
    def capabilities(self, info):
        self.pages += 1
        return replace(super().capabilities(info), page_size=self.pages)


class OverlooksWhatAStartTakesAway(JellyfinBackend):
    @hookimpl
    def capabilities(self, info):
        return replace(super().capabilities(info), start_clears_watched=False)


class ThinksThatAStartCounts(JellyfinBackend):
    @hookimpl
    def capabilities(self, info):
        return replace(super().capabilities(info), start_counts=True)


class TakesTheStartForTheEnd(JellyfinBackend):
    @hookimpl
    def capabilities(self, info):
        return replace(super().capabilities(info), date_is_start=False)


class KeepsAUserBack(JellyfinBackend):
    @hookimpl
    async def list_users(self, server, http):
        return (await super().list_users(server, http))[1:]


class NamesUsersByName(JellyfinBackend):
    @hookimpl
    async def list_users(self, server, http):
        return [replace(user, user_id=user.name) for user in await super().list_users(server, http)]


class BelievesWhatIsKnown(JellyfinBackend):
    @hookimpl
    async def list_users(self, server, http, known):
        return known or await super().list_users(server, http)


class ActsForTheOneItKnows(Spoiling):
    """With the server's token it always acts as the same user."""

    first = None

    def account(self, account):
        self.first = self.first or account.user_id
        return replace(account, user_id=self.first) if account.token == account.server.token else account


class HandsOutTheTokenOfTheServer(ActsForTheOneItKnows):
    @hookimpl
    def capabilities(self, info):
        return replace(super().capabilities(info), acts_for_everyone=False)

    @hookimpl
    async def list_users(self, server, http):
        return [replace(user, token=server.token) for user in await super().list_users(server, http)]


class TakesAnErrorForNobody(JellyfinBackend):
    @hookimpl
    async def list_users(self, server, http):
        try:
            return await super().list_users(server, http)
        except BackendError:
            return ()


class TakesUsersAsTheyCome(JellyfinBackend):
    @hookimpl
    async def list_users(self, server, http):
        answer = await http.get("/Users", headers=authorization(server.token))
        return [User(user_id=each["Id"], name=each["Name"]) for each in json.loads(answer.content)]


class TellsTheWholeAnswer(JellyfinBackend):
    @hookimpl
    async def identify_server(self, server, http):
        try:
            return await super().identify_server(server, http)
        except BackendError as error:
            answer = await http.get("/System/Info/Public")
            raise BackendProtocolError(
                server.name, error.operation, error.reason, f"got {answer.content * 9}"
            ) from None


class TrustsTheConfiguration(JellyfinBackend):
    @hookimpl
    async def identify_server(self, server, http):
        return replace(await super().identify_server(server, http), machine_id=server.machine_id)


class ChokesOnGarbage(JellyfinBackend):
    @hookimpl
    def parse_webhook(self, request):
        json.loads(request.body)
        return super().parse_webhook(request)


class HearsVoices(JellyfinBackend):
    @hookimpl
    def parse_webhook(self, request):
        try:
            return super().parse_webhook(request)
        except WebhookRejected:
            return [Event(kind=EventKind.STATE, machine_id=None, user_id=None, entry_id="x", watched=False)]
