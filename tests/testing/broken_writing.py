"""Backends that break a promise about writing, one each."""

from msgspec.structs import replace
from tests.testing.spoiling import Spoiling

from watchstate.api import (
    BackendAuthError,
    BackendProtocolError,
    BackendUnavailable,
    Outcome,
    PushOutcome,
    WatchDate,
    hookimpl,
)
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.calls import acting_as, authorization


def _instead(outcome, told, *others):
    return replace(outcome, outcome=told) if outcome.outcome in others else outcome


class OnlyClaimsToWrite(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        return [
            PushOutcome(entry_id=each.entry_id, outcome=Outcome.APPLIED, sent_at=1, answered_at=2) for each in changes
        ]


class SendsNoDate(Spoiling):
    def change(self, change):
        return replace(change, watched_at=None)


class PromisesAnotherDate(JellyfinBackend):
    @hookimpl
    def capabilities(self, info):
        return replace(super().capabilities(info), watch_date=WatchDate.STAMPED)


class ForgetsWhenItWrote(Spoiling):
    def outcome(self, outcome):
        return replace(outcome, sent_at=None, answered_at=None)


class NeedsADate(Spoiling):
    def outcome(self, outcome):
        return outcome

    def change(self, change):
        return change if change.watched_at else replace(change, watched=None, position_ms=0)


class NeverUnwatches(Spoiling):
    def change(self, change):
        return replace(change, watched=None, position_ms=0) if change.watched is False else change


class NeverClearsAPosition(Spoiling):
    def change(self, change):
        return replace(change, position_ms=None) if change.position_ms == 0 else change


class SendsPositionsInTicks(Spoiling):
    def change(self, change):
        return replace(change, position_ms=change.position_ms and change.position_ms * 10_000)


class WatchesWithAPosition(Spoiling):
    def change(self, change):
        return replace(change, watched=True) if change.position_ms else change


class LosesThePositionOfAnUnwatch(Spoiling):
    def change(self, change):
        return replace(change, position_ms=None) if change.watched is False else change


class CountsEachMark(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        outcomes = await super().push_state(account, http, changes)
        for change in changes:
            if change.watched:
                params = {"userId": account.user_id, "datePlayed": "20240101000000"}
                await http.send(
                    "POST", f"/UserPlayedItems/{change.entry_id}", params=params, headers=acting_as(account)
                )
        return outcomes


class TakesGoneForApplied(Spoiling):
    def outcome(self, outcome):
        return _instead(outcome, Outcome.APPLIED, Outcome.NOT_FOUND)


class WritesToWhatIsPlayed(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        outcomes = await super().push_state(account, http, changes)
        for busy in (each for each in outcomes if each.outcome is Outcome.BUSY):
            path, params = f"/UserItems/{busy.entry_id}/UserData", {"userId": account.user_id}
            await http.send("POST", path, params=params, headers=acting_as(account), json={"Played": True})
        return outcomes


class WaitsForEverybodysPlayback(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        answer = await http.get("/Sessions", headers=authorization(account.server.token))
        if any(change.entry_id.encode() in answer.content for change in changes):
            return [PushOutcome(entry_id=change.entry_id, outcome=Outcome.BUSY) for change in changes]
        return await super().push_state(account, http, changes)


class WritesForEverybody(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        outcomes = []
        for user in await super().list_users(account.server, http):
            everybody = replace(account, user_id=user.user_id, token=account.server.token)
            outcomes = await super().push_state(everybody, http, changes)
        return outcomes


class RaisesOnOneBadChange(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        outcomes = await super().push_state(account, http, changes)
        if any(each.outcome is not Outcome.APPLIED for each in outcomes):
            raise BackendProtocolError(account.server.name, "push_state", "one of the changes was not applied")
        return outcomes


class SaysNothingOfSomeChanges(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        return (await super().push_state(account, http, changes))[:1]


class GivesUpOnTheRest(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        outcomes = await super().push_state(account, http, changes)
        if any(each.outcome is Outcome.UNKNOWN for each in outcomes):
            return [_instead(each, Outcome.FAILED, Outcome.APPLIED) for each in outcomes]
        return outcomes


class SendsSomethingForNothing(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        if not changes:
            path, params = f"/UserItems/{account.user_id}/UserData", {"userId": account.user_id}
            await http.send("POST", path, params=params, headers=acting_as(account), json={})
        return await super().push_state(account, http, changes)


class TakesALostAnswerForAFailure(Spoiling):
    def outcome(self, outcome):
        return _instead(outcome, Outcome.FAILED, Outcome.UNKNOWN)


class HopesForTheBest(Spoiling):
    def outcome(self, outcome):
        return _instead(outcome, Outcome.APPLIED, Outcome.UNKNOWN, Outcome.FAILED)


class ForgetsToWait(Spoiling):
    def outcome(self, outcome):
        return replace(outcome, retry_after_ms=None)


class TakesAWrongTokenForAFailure(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        try:
            return await super().push_state(account, http, changes)
        except BackendAuthError:
            return [PushOutcome(entry_id=change.entry_id, outcome=Outcome.FAILED) for change in changes]


class HopesThatADownServerHeard(JellyfinBackend):
    @hookimpl
    async def push_state(self, account, http, changes):
        try:
            return await super().push_state(account, http, changes)
        except BackendUnavailable:
            return [PushOutcome(entry_id=change.entry_id, outcome=Outcome.APPLIED) for change in changes]
