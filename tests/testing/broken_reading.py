"""Backends that break a promise about reading, one each."""

from msgspec.structs import replace
from tests.testing.spoiling import Spoiling

from watchstate.api import (
    BackendAuthError,
    BackendError,
    BackendUnavailable,
    Change,
    Entries,
    Everything,
    LibraryBatch,
    ProviderId,
    Search,
    hookimpl,
)
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.calls import acting_as


def _with_entry(fact, **changed):
    return replace(fact, entry=replace(fact.entry, **changed))


def _with_state(fact, **changed):
    return replace(fact, state=replace(fact.state, **changed))


class DropsTheLastPage(Spoiling):
    def batches(self, batches, scope):
        return batches[:-1]


class CountsOnlyThePage(Spoiling):
    def batches(self, batches, scope):
        return [replace(batch, total=len(batch.facts)) for batch in batches]


class ListsAPageTwice(Spoiling):
    def batches(self, batches, scope):
        return [*batches, batches[-1]]


class SkipsAnEmptyPage(Spoiling):
    def batches(self, batches, scope):
        return [batch for batch in batches if batch.facts]


class ReadsWhatTheFirstAccountWatched(Spoiling):
    first = None

    def account(self, account):
        self.first = self.first or account
        return self.first


class TakesHalfWatchedForWatched(Spoiling):
    def fact(self, fact):
        is_watched = fact.state.watched or (fact.state.position_ms or 0) * 2 >= (fact.entry.runtime_ms or 1)
        return _with_state(fact, watched=is_watched)


class LosesTheDate(Spoiling):
    def fact(self, fact):
        return _with_state(fact, watched_at=None)


class LosesPositions(Spoiling):
    def fact(self, fact):
        return _with_state(fact, position_ms=0)


class TellsSecondsForMilliseconds(Spoiling):
    def fact(self, fact):
        return _with_entry(fact, runtime_ms=(fact.entry.runtime_ms or 0) // 1000)


class SwapsTheIdsOfShows(Spoiling):
    def batches(self, batches, scope):
        ids = {fact.entry.show_ids for batch in batches for fact in batch.facts if fact.entry.show_ids}
        other = dict(zip(sorted(ids, key=repr), sorted(ids, key=repr, reverse=True), strict=True))
        return [
            replace(
                batch,
                facts=tuple(_with_entry(fact, show_ids=other.get(fact.entry.show_ids, ())) for fact in batch.facts),
            )
            for batch in batches
        ]


class LosesTheIdsOfShowsInHints(Spoiling):
    def batches(self, batches, scope):
        if isinstance(scope, Everything):
            return batches
        return [
            replace(batch, facts=tuple(_with_entry(fact, show_ids=()) for fact in batch.facts)) for batch in batches
        ]


class TakesTheIdOfItsCollectionForAMovies(Spoiling):
    def fact(self, fact):
        return _with_entry(fact, provider_ids=(*fact.entry.provider_ids, ProviderId("TmdbCollection", "10")))


class TakesSpecialsForNothing(Spoiling):
    def fact(self, fact):
        return _with_entry(fact, season=fact.entry.season or None)


class ReadsOneEpisodePerFile(Spoiling):
    def fact(self, fact):
        return _with_entry(fact, episodes=fact.entry.episodes[:1])


class DatesAllFilesAlike(Spoiling):
    def fact(self, fact):
        return _with_entry(fact, added_at=1)


class RemembersWhatIsGone(Spoiling):
    def __init__(self):
        self.known = {}

    def batches(self, batches, scope):
        self.known.update((fact.entry.entry_id, fact) for batch in batches for fact in batch.facts)
        return [replace(batches[-1], facts=tuple(self.known.values()), total=len(self.known))]


class ReadsEverythingForAFew(Spoiling):
    def scope(self, scope):
        return Everything() if isinstance(scope, Entries) else scope


class ReadsTheFirstHundred(Spoiling):
    def scope(self, scope):
        return Entries(scope.entry_ids[:100]) if isinstance(scope, Entries) else scope


class ReadsOneByOne(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        scopes = [Entries((each,)) for each in scope.entry_ids] if isinstance(scope, Entries) else [scope]
        for each in scopes:
            async for batch in super().fetch_library(account, http, each):
                yield batch


class DatesAnAnswerByItsEnd(Spoiling):
    def batches(self, batches, scope):
        return [replace(batch, read_from=batch.read_to - 1) for batch in batches]


class DatesAnAnswerTomorrow(Spoiling):
    def batches(self, batches, scope):
        return [replace(batch, read_to=batch.read_to + 86_400_000) for batch in batches]


class DatesAnAnswerLongAgo(Spoiling):
    def batches(self, batches, scope):
        return [replace(batch, read_from=0) for batch in batches]


class DatesAllPagesAsTheFirst(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        first = None
        async for batch in super().fetch_library(account, http, scope):
            first = first or batch
            yield replace(batch, read_from=first.read_from, read_to=first.read_to)


class SeesNobodyPlay(Spoiling):
    def fact(self, fact):
        return replace(fact, is_playing=False)


class SeesEverybodyPlay(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        answer = await http.get("/Sessions", headers=acting_as(replace(account, token=account.server.token)))
        async for batch in super().fetch_library(account, http, scope):
            yield replace(
                batch,
                facts=tuple(
                    replace(fact, is_playing=fact.entry.entry_id.encode() in answer.content) for fact in batch.facts
                ),
            )


class ReadsIgnoredLibraries(Spoiling):
    def account(self, account):
        options = replace(account.server.options, ignore=())
        return replace(account, server=replace(account.server, options=options))


class ReadsIgnoredLibrariesAfterAHint(Spoiling):
    def account(self, account):
        if not self.is_hint:
            return account
        options = replace(account.server.options, ignore=())
        return replace(account, server=replace(account.server, options=options))

    @hookimpl
    async def fetch_library(self, account, http, scope):
        self.is_hint = isinstance(scope, Entries)
        async for batch in super().fetch_library(account, http, scope):
            yield batch


class FindsNothing(Spoiling):
    def batches(self, batches, scope):
        return [] if isinstance(scope, Search) else batches


class MarksWhatItReads(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        async for batch in super().fetch_library(account, http, scope):
            yield batch
            await self.push_state(account, http, [Change(entry_id=batch.facts[0].entry.entry_id, watched=True)])


class TakesAnErrorForTheEnd(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        known = set()
        try:
            async for batch in super().fetch_library(account, http, scope):
                known.update(fact.entry.entry_id for fact in batch.facts)
                yield batch
        except BackendError:
            yield LibraryBatch(facts=(), read_from=1, read_to=2, total=len(known))


class TakesAWebPageForAnEmptyServer(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        answer = await http.get("/Sessions", headers=acting_as(account))
        if answer.content.startswith(b"<"):
            yield LibraryBatch(facts=(), read_from=answer.began_at, read_to=answer.ended_at, total=0)
            return
        async for batch in super().fetch_library(account, http, scope):
            yield batch


class TakesAWrongTokenForAServerThatIsDown(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        try:
            async for batch in super().fetch_library(account, http, scope):
                yield batch
        except BackendAuthError as error:
            raise BackendUnavailable(error.server, error.operation, error.reason) from None


class AsksWithTheTokenInTheAddress(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        await http.get("/System/Info/Public", params={"ApiKey": account.token.reveal()})
        async for batch in super().fetch_library(account, http, scope):
            yield batch


class TellsTheTokenInAnError(JellyfinBackend):
    @hookimpl
    async def fetch_library(self, account, http, scope):
        try:
            async for batch in super().fetch_library(account, http, scope):
                yield batch
        except BackendError as error:
            raise BackendUnavailable(error.server, error.operation, f"failed with {account.token.reveal()}") from None
