"""Backends that break a promise about what changed since a cursor, one each."""

import msgspec
from msgspec.structs import replace

from watchstate.api import BackendError, ChangedSince, LibraryBatch, hookimpl
from watchstate.clock import MINUTE
from watchstate_emby.backend import EmbyBackend
from watchstate_mediabrowser.changes import Cursor

_DECODER = msgspec.json.Decoder(Cursor)


class Altering(EmbyBackend):
    """Keeps the contract, with places to spoil what `ChangedSince` gets and gives."""

    def batches(self, batches, scope):
        return batches

    async def read(self, account, http, scope):
        return [batch async for batch in super().fetch_library(account, http, scope)]

    @hookimpl
    async def fetch_library(self, account, http, scope):
        for batch in self.batches(await self.read(account, http, scope), scope):
            yield batch


class ForgetsTheCursor(Altering):
    def batches(self, batches, scope):
        return [replace(batch, cursor=None) for batch in batches]


class HasNoCursorWithoutChanges(Altering):
    def batches(self, batches, scope):
        return [batch for batch in batches if batch.facts or not isinstance(scope, ChangedSince)]


class ListsNoUnwatches(Altering):
    def batches(self, batches, scope):
        if not isinstance(scope, ChangedSince):
            return batches
        return [replace(each, facts=tuple(fact for fact in each.facts if _was_played(fact))) for each in batches]


class ListsNoPositions(Altering):
    def batches(self, batches, scope):
        if not isinstance(scope, ChangedSince):
            return batches
        return [replace(each, facts=tuple(fact for fact in each.facts if not _is_open(fact))) for each in batches]


class ShowsWhatWas(Altering):
    def batches(self, batches, scope):
        if not isinstance(scope, ChangedSince):
            return batches
        return [replace(each, facts=tuple(_unwatched(fact) for fact in each.facts)) for each in batches]


class ContinuesTooLate(Altering):
    """Takes its cursors from a clock that is a minute fast."""

    def batches(self, batches, scope):
        cursor = _DECODER.decode(batches[-1].cursor)
        later = msgspec.json.encode(replace(cursor, at=cursor.at + MINUTE)).decode()
        return [*batches[:-1], replace(batches[-1], cursor=later)]


class ListsOnePage(Altering):
    def batches(self, batches, scope):
        if not isinstance(scope, ChangedSince):
            return batches
        return [replace(batches[0], cursor=batches[-1].cursor)]


class GoesByTheDatesOfPlays(Altering):
    """Lists what was played since, as if a date were that of the end."""

    def batches(self, batches, scope):
        if not isinstance(scope, ChangedSince):
            return batches
        at = _DECODER.decode(scope.cursor).at
        return [
            replace(each, facts=tuple(fact for fact in each.facts if (fact.state.watched_at or at) >= at))
            for each in batches
        ]


class TakesAnErrorForNoChanges(Altering):
    async def read(self, account, http, scope):
        try:
            return await super().read(account, http, scope)
        except BackendError:
            if not isinstance(scope, ChangedSince):
                raise
            return [LibraryBatch(facts=(), read_from=1, read_to=2, total=0, cursor=scope.cursor)]


def _was_played(fact):
    return fact.state.watched or bool(fact.state.position_ms) or fact.entry.title == "Movie 4"


def _is_open(fact):
    return bool(fact.state.position_ms)


def _unwatched(fact):
    return replace(fact, state=replace(fact.state, watched=False))
