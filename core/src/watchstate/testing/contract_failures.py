"""The part of the contract suite about reads that go wrong, and about secrets."""

from collections.abc import Awaitable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from watchstate.api import Account, BackendAuthError, BackendError, Change
from watchstate.testing.contract_base import ContractBase
from watchstate.testing.faults import Fault, FaultKind
from watchstate.testing.must import must
from watchstate.testing.world import Scan, World

_FOREVER = 1_000
_WRONG_TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody's
_FAULTS = (
    Fault(kind=FaultKind.PAGE),
    Fault(kind=FaultKind.TRUNCATE),
    Fault(kind=FaultKind.RESET_MID_BODY),
    Fault(kind=FaultKind.DROP_BEFORE),
    Fault(kind=FaultKind.STATUS, status=500),
    Fault(kind=FaultKind.STATUS, status=503),
    Fault(kind=FaultKind.STATUS, status=404),
    Fault(kind=FaultKind.STATUS, status=401),
)

T = TypeVar("T")


class FailureContract(ContractBase):
    """An answer that is none is an error, never a short list; and no error tells a secret."""

    async def test_a_scan_that_goes_wrong_never_looks_complete(self) -> None:
        """Each request of a scan in turn meets each fault."""
        async with self.world() as world:
            _fill(world)
            world.front.arrivals.clear()
            clean = await world.everything()
            for number in range(len(world.front.arrivals)):
                for fault in _FAULTS:
                    world.simulator.faults.plan(replace(fault, after=number, times=_FOREVER))
                    scan = await _result(world.everything())
                    world.simulator.faults.clear()
                    told = f"request {number + 1} meets {fault.kind} {fault.status}"
                    must(scan is None or not _misleads(scan, clean), f"{told}: that is an error, not a shorter list")

    async def test_pages_that_repeat_never_look_complete(self) -> None:
        """A cache between takes no notice of the query, from each request of a scan on."""
        async with self.world() as world:
            number = (await world.capabilities()).page_size * 2 + 50
            _fill(world)
            for each in range(10, number):
                world.add_movie(each)
            world.front.arrivals.clear()
            clean = await world.everything()
            for request in range(1, len(world.front.arrivals)):
                world.front.repeat_answer(request)
                scan = await _result(world.everything())
                told = f"all answers are as the one to request {request}"
                must(scan is None or not _misleads(scan, clean), f"{told}: that is an error, or not complete")

    async def test_reading_entries_with_a_fault_is_an_error(self) -> None:
        """What could not be read is not what is gone."""
        async with self.world() as world:
            asked = _fill(world)
            for fault in _FAULTS:
                if fault.status == 404:
                    continue  # may mean that the entry is gone, where entries are read one by one
                world.simulator.faults.plan(replace(fault, times=_FOREVER))
                facts = await _result(world.read(*asked))
                world.simulator.faults.clear()
                must(facts is None, f"reading entries meets {fault.kind} {fault.status}: that is an error")

    async def test_asking_who_is_there_with_a_fault_is_an_error(self) -> None:
        """Neither no users nor an unknown server."""
        async with self.world() as world:
            for fault in _FAULTS:
                world.simulator.faults.plan(replace(fault, times=_FOREVER))
                users = await _result(world.plugins.list_users(world.server, world.http))
                info = await _result(world.plugins.identify_server(world.server, world.http))
                world.simulator.faults.clear()
                must(users is None, f"listing users meets {fault.kind} {fault.status}: that is an error")
                must(info is None, f"identifying meets {fault.kind} {fault.status}: that is an error")

    async def test_a_wrong_token_is_an_error_of_its_own(self) -> None:
        """It pauses the account; anything else would be tried again and again."""
        async with self.world() as world:
            _fill(world)
            account = world.with_token(world.alice, _WRONG_TOKEN)
            try:
                await world.everything(account)
            except BackendAuthError:
                return
            must(holds=False, promise="a wrong token raises BackendAuthError")

    async def test_no_token_is_ever_part_of_an_address(self) -> None:
        """Addresses end up in the logs of servers and proxies."""
        async with self.world() as world:
            asked = _fill(world)
            await world.everything()
            await world.read(*asked)
            await world.push_all([Change(entry_id=asked[0], watched=True), Change(entry_id=asked[1], watched=False)])
            await world.plugins.list_users(world.server, world.http)
            await world.plugins.identify_server(world.server, world.http)
            for request in world.simulator.requests:
                for token in _tokens(world.alice):
                    is_told = token in request.query or token in request.path
                    must(not is_told, f"{request.method} {request.path} carries a token in its address")

    async def test_no_token_is_ever_part_of_an_error(self) -> None:
        """Errors end up in logs and on screens."""
        async with self.world() as world:
            asked = _fill(world)
            for fault in _FAULTS:
                for attempt in (
                    world.everything,
                    lambda: world.read(*asked),
                    lambda: world.push(Change(entry_id=asked[0], watched=True)),
                    lambda: world.plugins.list_users(world.server, world.http),
                    lambda: world.plugins.identify_server(world.server, world.http),
                ):
                    world.simulator.faults.plan(replace(fault, times=_FOREVER))
                    try:
                        told = str(await attempt())
                    except BackendError as error:
                        told = "".join(_texts(error))
                    world.simulator.faults.clear()
                    must(not any(token in told for token in _tokens(world.alice)), "an error or outcome tells a token")


def _fill(world: World) -> list[str]:
    return [world.add_movie(1), world.add_movie(2), world.add_episode(1), world.add_episode(2)]


async def _result(reading: Awaitable[T]) -> T | None:
    """Return what was read; None if that is an error, as it should be."""
    try:
        return await reading
    except BackendError:
        return None


def _misleads(scan: Scan, clean: Scan) -> bool:
    """Whether core would take it for the whole truth, and it is not."""
    return scan.is_complete and scan.facts != clean.facts


def _tokens(account: Account) -> tuple[str, str]:
    return account.token.reveal(), account.server.token.reveal()


def _texts(error: BaseException | None) -> Iterator[str]:
    """Yield all that is printed of an error and of those behind it."""
    while error is not None:
        yield f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
