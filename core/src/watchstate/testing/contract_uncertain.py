"""The part of the contract suite about writes that go wrong."""

from watchstate.api import BackendAuthError, BackendError, Change, Outcome
from watchstate.clock import SECOND
from watchstate.testing.contract_base import ContractBase, plan_for_writes
from watchstate.testing.faults import Fault, FaultKind
from watchstate.testing.must import must

_NOT_APPLIED = {Outcome.FAILED, Outcome.UNKNOWN, Outcome.REFUSED}
_MAYBE_APPLIED = {Outcome.APPLIED, Outcome.UNKNOWN}


class UncertainWritingContract(ContractBase):
    """What a backend says about a write that went wrong: failed only if certainly not applied."""

    async def test_a_lost_answer_is_not_a_failure(self) -> None:
        """The server did it, and the connection broke before the answer."""
        for kind in (FaultKind.DROP_AFTER, FaultKind.RESET_MID_BODY, FaultKind.TRUNCATE):
            async with self.world() as world:
                rehearsed, movie = world.add_movie(1), world.add_movie(2)
                await plan_for_writes(world, rehearsed, Fault(kind=kind))
                outcome = await world.push(Change(entry_id=movie, watched=True))
                must(world.state(movie).watched, "the write was made")
                must(outcome.outcome in _MAYBE_APPLIED, f"{kind}: may have been applied, not {outcome.outcome}")

    async def test_a_write_that_never_arrived_is_not_applied(self) -> None:
        """The connection broke, or somebody else answered, before the server did anything."""
        for fault in (
            Fault(kind=FaultKind.DROP_BEFORE),
            Fault(kind=FaultKind.PAGE),
            Fault(kind=FaultKind.STATUS, status=500),
            Fault(kind=FaultKind.STATUS, status=503),
            Fault(kind=FaultKind.STATUS, status=400),
        ):
            async with self.world() as world:
                rehearsed, movie = world.add_movie(1), world.add_movie(2)
                await plan_for_writes(world, rehearsed, fault)
                outcome = await world.push(Change(entry_id=movie, watched=True))
                must(not world.state(movie).watched, "the write was not made")
                told = f"{fault.kind} {fault.status}: {outcome.outcome}"
                must(outcome.outcome in _NOT_APPLIED, f"a write that never arrived is not applied ({told})")

    async def test_a_server_out_of_patience_is_asked_again_later(self) -> None:
        """429 with a time to wait."""
        async with self.world() as world:
            rehearsed, movie = world.add_movie(1), world.add_movie(2)
            patience = Fault(kind=FaultKind.STATUS, status=429, headers=(("retry-after", "17"),))
            await plan_for_writes(world, rehearsed, patience)
            outcome = await world.push(Change(entry_id=movie, watched=True))
            must(outcome.outcome is Outcome.FAILED, f"429 is certainly not applied, not {outcome.outcome}")
            must(outcome.retry_after_ms == 17 * SECOND, "the time to wait is passed on, in ms")

    async def test_a_wrong_token_is_refused(self) -> None:
        """An outcome or an error; both pause the account, and neither writes."""
        async with self.world() as world:
            movie = world.add_movie()
            account = world.with_token(world.alice, "0123456789abcdef0123456789abcdef")
            try:
                told = (await world.push(Change(entry_id=movie, watched=True), account)).outcome
            except BackendAuthError:
                told = Outcome.REFUSED
            must(told is Outcome.REFUSED, f"a wrong token is refused, not {told}")
            must(not world.state(movie).watched, "a wrong token writes nothing")

    async def test_a_server_that_is_down_writes_nothing(self) -> None:
        """Whatever is asked: an outcome that is not applied, or an error."""
        async with self.world() as world:
            movie = world.add_movie()
            world.simulator.faults.plan(Fault(kind=FaultKind.DROP_BEFORE, times=1_000))
            try:
                told = (await world.push(Change(entry_id=movie, watched=True))).outcome
            except BackendError:
                told = Outcome.FAILED
            must(told in _NOT_APPLIED, f"a server that is down applies nothing, not {told}")
