"""The part of the contract suite about `ChangedSince`, for servers that can list what changed."""

from msgspec.structs import replace

from watchstate.api import BackendError, BackendProtocolError, ChangedSince
from watchstate.clock import HOUR, SECOND
from watchstate.testing.contract_base import ContractBase
from watchstate.testing.faults import Fault, FaultKind
from watchstate.testing.must import must
from watchstate.testing.world import Scan, World

_FOREVER = 1_000
_MANY = 150
"""More movies than the first page of a list may have that is read from its new end."""
_FAULTS = (
    Fault(kind=FaultKind.PAGE),
    Fault(kind=FaultKind.TRUNCATE),
    Fault(kind=FaultKind.DROP_BEFORE),
    Fault(kind=FaultKind.STATUS, status=500),
    Fault(kind=FaultKind.STATUS, status=503),
)
"""A 404 is not among them: where shows are read one by one it may mean that one is gone."""


class ChangesContract(ContractBase):
    """Core stores a cursor once all that came before it is stored: what a list of changes leaves out is lost."""

    async def test_a_read_says_where_the_next_one_continues(self) -> None:
        """On its last batch, however many pages or changes there are."""
        async with self.world() as world:
            capabilities = await world.capabilities()
            if not capabilities.lists_changes:
                return
            _must_end_with_cursor(await world.everything(), "a scan of an empty server")
            for each in range(1, capabilities.page_size + 5):
                world.add_movie(each)
            cursor = await _cursor(world)
            _must_end_with_cursor(await world.fetch(ChangedSince(cursor)), "a list of no changes")

    async def test_what_changed_is_listed(self) -> None:
        """A mark, a position, a new file; an un-mark where the capabilities say so."""
        async with self.world() as world:
            capabilities = await world.capabilities()
            if not capabilities.lists_changes:
                return
            who, simulator = world.alice.user_id, world.simulator
            watched, unwatched, halfway = (world.add_movie(each) for each in range(1, 4))
            simulator.watch(who, unwatched)
            cursor = await _cursor(world)
            simulator.watch(who, watched)
            simulator.unwatch(who, unwatched)
            simulator.start(who, halfway)
            world.clock.advance(HOUR)
            simulator.stop(who, halfway, position_ms=3_000 * SECOND)
            added = world.add_movie(4)
            facts = (await world.fetch(ChangedSince(cursor))).facts
            must({watched, halfway, added} <= set(facts), "a mark, a position and a new file are listed")
            must(facts[watched].state.watched, "what is listed shows what is so now")
            must(facts[halfway].state.position_ms == 3_000 * SECOND, "what is listed shows what is so now")
            if capabilities.lists_unwatches:
                must(unwatched in facts, "an un-watch is listed")
                must(not facts[unwatched].state.watched, "what is listed shows what is so now")

    async def test_a_list_of_changes_is_read_to_its_end(self) -> None:
        """It may have more pages than one."""
        async with self.world() as world:
            capabilities = await world.capabilities()
            if not capabilities.lists_changes:
                return
            movies = {world.add_movie(each) for each in range(1, capabilities.page_size + 5)}
            cursor = await _cursor(world)
            for movie in movies:
                world.simulator.watch(world.alice.user_id, movie)
            facts = (await world.fetch(ChangedSince(cursor))).facts
            must(movies <= set(facts), "all that changed is listed")
            must(all(facts[movie].state.watched for movie in movies), "what is listed shows what is so now")

    async def test_a_play_that_began_before_a_read_and_ended_after_it_is_listed(self) -> None:
        """Its date may be when it began, and others may have played a lot since."""
        async with self.world() as world:
            if not (await world.capabilities()).lists_changes:
                return
            who, simulator = world.alice.user_id, world.simulator
            film, *others = (world.add_movie(each) for each in range(_MANY))
            simulator.start(who, film)
            world.clock.advance(4 * HOUR)
            for other in others:
                simulator.watch(who, other)
            cursor = await _cursor(world)
            simulator.stop(who, film, position_ms=None)
            facts = (await world.fetch(ChangedSince(cursor))).facts
            must(film in facts, "a play that began hours before the last read is listed")
            must(facts[film].state.watched, "what is listed shows what is so now")

    async def test_a_chain_of_cursors_loses_nothing(self) -> None:
        """Each read continues where the one before it began, not where it ended."""
        async with self.world() as world:
            if not (await world.capabilities()).lists_changes:
                return
            movies = [world.add_movie(each) for each in range(1, 5)]
            cursor = await _cursor(world)
            for movie in movies:
                world.simulator.watch(world.alice.user_id, movie)
                scan = await world.fetch(ChangedSince(cursor))
                must(movie in scan.facts, "a change right after a read is in the next one")
                cursor = _must_end_with_cursor(scan, "a list of changes")

    async def test_a_change_while_everything_is_read_is_in_the_next_list(self) -> None:
        """It may have come too late for the page that it is on."""
        async with self.world() as world:
            if not (await world.capabilities()).lists_changes:
                return
            movie = world.add_movie()

            async def watch() -> None:
                world.simulator.watch(world.alice.user_id, movie)

            world.front.arrivals.clear()
            await world.everything()
            for number in range(1, len(world.front.arrivals)):
                world.simulator.unwatch(world.alice.user_id, movie)
                world.clock.advance(HOUR)
                world.simulator.faults.plan(Fault(kind=FaultKind.LATE, after=number, meanwhile=watch))
                cursor = _must_end_with_cursor(await world.everything(), "a scan")
                listed = (await world.fetch(ChangedSince(cursor))).facts
                must(movie in listed, f"a change during request {number + 1} of a scan is in the next list")

    async def test_a_file_that_is_added_while_changes_are_listed_is_not_lost(self) -> None:
        """It is in this list or in the next one, and takes no other out of this one."""
        async with self.world() as world:
            if not (await world.capabilities()).lists_changes:
                return
            movies = [world.add_movie(each) for each in range(_MANY)]
            cursor = await _cursor(world)
            for movie in movies:
                world.simulator.watch(world.alice.user_id, movie)
            world.front.arrivals.clear()
            await world.fetch(ChangedSince(cursor))
            for number in range(len(world.front.arrivals)):
                added: list[str] = []

                async def add(added: list[str] = added, number: int = number) -> None:
                    added.append(world.add_movie(_MANY + number))

                world.simulator.faults.plan(Fault(kind=FaultKind.LATE, after=number, meanwhile=add))
                scan = await world.fetch(ChangedSince(cursor))
                following = await world.fetch(ChangedSince(_must_end_with_cursor(scan, "a list of changes")))
                must(set(movies) <= set(scan.facts), "a new file takes no other out of the list")
                what = f"a file that comes during request {number + 1}"
                must({*added} <= {*scan.facts, *following.facts}, f"{what} is in this list or in the next one")

    async def test_answers_that_repeat_never_make_a_list_of_changes_shorter(self) -> None:
        """A cache that takes no notice of the query repeats each of its answers in turn."""
        async with self.world() as world:
            if not (await world.capabilities()).lists_changes:
                return
            changed = [world.add_movie(each) for each in range(_MANY)] + [world.add_episode()]
            cursor = await _cursor(world)
            for each in changed:
                world.simulator.watch(world.alice.user_id, each)
            world.front.arrivals.clear()
            await world.fetch(ChangedSince(cursor))
            for number in range(1, len(world.front.arrivals) + 1):
                world.front.repeat_answer(number)
                try:
                    told = (await world.fetch(ChangedSince(cursor))).facts
                except BackendError:
                    continue
                must({*changed} <= {*told}, f"answer {number} again and again: an error, or all that changed")

    async def test_a_list_of_changes_that_goes_wrong_is_an_error(self) -> None:
        """Each of its requests in turn meets each fault; a shorter list would lose what it lacks."""
        async with self.world() as world:
            if not (await world.capabilities()).lists_changes:
                return
            movie, episode = world.add_movie(), world.add_episode()
            cursor = await _cursor(world)
            for each in (movie, episode):
                world.simulator.watch(world.alice.user_id, each)
            world.front.arrivals.clear()
            clean = await world.fetch(ChangedSince(cursor))
            for number in range(len(world.front.arrivals)):
                for fault in _FAULTS:
                    world.simulator.faults.plan(replace(fault, after=number, times=_FOREVER))
                    try:
                        told = (await world.fetch(ChangedSince(cursor))).facts
                    except BackendError:
                        told = clean.facts
                    world.simulator.faults.clear()
                    what = f"request {number + 1} meets {fault.kind} {fault.status}"
                    must(told == clean.facts, f"{what}: that is an error, not a shorter list")

    async def test_a_cursor_that_makes_no_sense_is_a_protocol_error(self) -> None:
        """That is how a backend asks for a full scan instead: the cursor may be another version's."""
        async with self.world() as world:
            world.add_movie()
            for cursor in ("", "?", "{}", "[]", "2020-02-30T99:99:99Z", "-1"):
                try:
                    await world.fetch(ChangedSince(cursor))
                except BackendProtocolError:
                    continue
                must(holds=False, promise=f"the cursor {cursor!r} raises BackendProtocolError")


async def _cursor(world: World) -> str:
    """Read everything, long after and long before anything else happens."""
    world.clock.advance(HOUR)
    cursor = _must_end_with_cursor(await world.everything(), "a scan")
    world.clock.advance(HOUR)
    return cursor


def _must_end_with_cursor(scan: Scan, what: str) -> str:
    cursor = scan.batches[-1].cursor if scan.batches else None
    must(cursor is not None, f"{what} ends with a cursor")
    return cursor or ""
