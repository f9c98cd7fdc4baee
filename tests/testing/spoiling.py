"""A Jellyfin backend that keeps the contract, with a place to spoil each of its answers."""

from msgspec.structs import replace

from watchstate.api import Account, Change, Fact, LibraryBatch, PushOutcome, Scope, hookimpl
from watchstate_jellyfin.backend import JellyfinBackend


class Spoiling(JellyfinBackend):
    """Spoils nothing yet."""

    def account(self, account: Account) -> Account:
        return account

    def scope(self, scope: Scope) -> Scope:
        return scope

    def fact(self, fact: Fact) -> Fact:
        return fact

    def batches(self, batches: list[LibraryBatch], scope: Scope) -> list[LibraryBatch]:
        return batches

    def change(self, change: Change) -> Change:
        return change

    def outcome(self, outcome: PushOutcome) -> PushOutcome:
        return outcome

    @hookimpl
    async def fetch_library(self, account, http, scope):
        pages = super().fetch_library(self.account(account), http, self.scope(scope))
        batches = [replace(page, facts=tuple(self.fact(fact) for fact in page.facts)) async for page in pages]
        for batch in self.batches(batches, scope):
            yield batch

    @hookimpl
    async def push_state(self, account, http, changes):
        sent = [self.change(change) for change in changes]
        return [self.outcome(each) for each in await super().push_state(self.account(account), http, sent)]
