"""The part of the contract suite about `push_state`."""

from watchstate.api import Change, Outcome, PlayState, PushOutcome, WatchDate
from watchstate.clock import DAY, SECOND
from watchstate.testing.contract_base import ContractBase, plan_for_writes
from watchstate.testing.faults import Fault, FaultKind
from watchstate.testing.must import must
from watchstate.testing.world import World


class WritingContract(ContractBase):
    """What becomes of changes on the server, and what a backend says about it."""

    async def test_a_watched_mark_arrives(self) -> None:
        """With its date, where the server takes one."""
        async with self.world() as world:
            movie = world.add_movie()
            date = world.clock() - 30 * DAY
            before = world.clock()
            outcome = await world.push(Change(entry_id=movie, watched=True, watched_at=date))
            _must_be_applied(outcome, before, world)
            state = world.state(movie)
            must(state.watched, "a watched mark arrives")
            must(not state.position_ms, "a watched entry has no position")
            _must_have_date(state, date, before, world, (await world.capabilities()).watch_date)

    async def test_a_watched_mark_without_a_date_arrives(self) -> None:
        """The date is then the server's own, or none."""
        async with self.world() as world:
            movie = world.add_movie()
            must((await world.push(Change(entry_id=movie, watched=True))).outcome is Outcome.APPLIED, "it is applied")
            must(world.state(movie).watched, "a watched mark without a date arrives")

    async def test_an_unwatch_arrives(self) -> None:
        """An unwatch travels: flag and position are gone."""
        async with self.world() as world:
            movie = world.add_movie()
            world.simulator.watch(world.alice.user_id, movie)
            before = world.clock()
            _must_be_applied(await world.push(Change(entry_id=movie, watched=False)), before, world)
            state = world.state(movie)
            must(not state.watched and not state.position_ms, "an un-watch arrives")

    async def test_a_position_arrives_and_goes(self) -> None:
        """Where the capabilities say so."""
        async with self.world() as world:
            capabilities = await world.capabilities()
            movie = world.add_movie()
            runtime_ms = 6_000 * SECOND
            if capabilities.writes_position:
                await world.push(Change(entry_id=movie, position_ms=1_500 * SECOND, runtime_ms=runtime_ms))
                position = world.state(movie).position_ms or 0
                must(abs(position - 1_500 * SECOND) <= SECOND, f"a position arrives: 1500000, not {position}")
                must(not world.state(movie).watched, "a position watches nothing")
            if capabilities.clears_position:
                await world.push(Change(entry_id=movie, position_ms=0, runtime_ms=runtime_ms))
                must(not world.state(movie).position_ms, "a position of 0 clears it")

    async def test_a_position_goes_along_with_an_unwatch(self) -> None:
        """One change may carry both."""
        async with self.world() as world:
            movie = world.add_movie()
            world.simulator.watch(world.alice.user_id, movie)
            await world.push(
                Change(entry_id=movie, watched=False, position_ms=1_500 * SECOND, runtime_ms=6_000 * SECOND)
            )
            state = world.state(movie)
            must(not state.watched, "an un-watch with a position arrives")
            if (await world.capabilities()).writes_position:
                position = state.position_ms or 0
                must(abs(position - 1_500 * SECOND) <= SECOND, f"its position arrives too: 1500000, not {position}")

    async def test_the_same_change_twice_is_as_good_as_once(self) -> None:
        """Idempotent: what may have arrived is sent again, and must not count as another play."""
        async with self.world() as world:
            watched, unwatched = world.add_movie(1), world.add_movie(2)
            world.simulator.watch(world.alice.user_id, unwatched)
            changes = [
                Change(entry_id=watched, watched=True, watched_at=world.clock() - DAY),
                Change(entry_id=unwatched, watched=False),
            ]
            await world.push_all(changes)
            once = [world.state(watched), world.state(unwatched)]
            again = await world.push_all(changes)
            fine = {Outcome.APPLIED, Outcome.ALREADY}
            must({each.outcome for each in again.values()} <= fine, "the second time is applied, or already so")
            counts = [(each.watched, each.position_ms, each.play_count) for each in once]
            twice = [world.state(watched), world.state(unwatched)]
            must([(each.watched, each.position_ms, each.play_count) for each in twice] == counts, "twice is as once")

    async def test_an_entry_that_is_gone_is_not_found(self) -> None:
        """And nothing else is."""
        async with self.world() as world:
            movie = world.add_movie()
            world.simulator.remove(movie)
            outcome = await world.push(Change(entry_id=movie, watched=True))
            must(outcome.outcome is Outcome.NOT_FOUND, f"an entry that is gone is not found, not {outcome.outcome}")

    async def test_an_entry_that_is_played_now_is_left_alone(self) -> None:
        """W6: nothing is sent, whatever the change."""
        async with self.world() as world:
            movies = [world.add_movie(each) for each in range(1, 4)]
            for movie in movies:
                world.simulator.start(world.alice.user_id, movie)
                before = world.state(movie)
                for change in (
                    Change(entry_id=movie, watched=True),
                    Change(entry_id=movie, watched=False),
                    Change(entry_id=movie, position_ms=60 * SECOND, runtime_ms=6_000 * SECOND),
                ):
                    must((await world.push(change)).outcome is Outcome.BUSY, "what is played now is busy")
                must(world.state(movie) == before, "what is played now keeps its state")
                world.simulator.stop(world.alice.user_id, movie, position_ms=0)
            must(not world.simulator.writes(), "to what is played now nothing is sent")

    async def test_what_another_account_plays_can_be_written(self) -> None:
        """Only the account's own playback counts."""
        async with self.world() as world:
            movie = world.add_movie()
            world.simulator.start(world.bob.user_id, movie)
            outcome = await world.push(Change(entry_id=movie, watched=True))
            must(outcome.outcome is Outcome.APPLIED, "what another account plays is not busy")

    async def test_only_the_account_itself_is_written(self) -> None:
        """Nobody else's state moves, in either direction."""
        async with self.world() as world:
            one, two = world.add_movie(1), world.add_movie(2)
            world.simulator.watch(world.bob.user_id, two)
            world.simulator.watch(world.alice.user_id, two)
            before = [world.simulator.state(world.bob.user_id, movie) for movie in (one, two)]
            await world.push_all([Change(entry_id=one, watched=True), Change(entry_id=two, watched=False)])
            after = [world.simulator.state(world.bob.user_id, movie) for movie in (one, two)]
            must(before == after, "another account's state is left alone")
            must(world.state(one).watched and not world.state(two).watched, "the account's own states are written")

    async def test_many_changes_have_one_outcome_each(self) -> None:
        """One bad change among good ones is data, not an exception."""
        async with self.world() as world:
            movies = [world.add_movie(each) for each in range(1, 25)]
            gone = movies[7]
            world.simulator.remove(gone)
            outcomes = await world.push_all([Change(entry_id=movie, watched=True) for movie in movies])
            good = [movie for movie in movies if movie != gone]
            must(outcomes[gone].outcome is Outcome.NOT_FOUND, "the bad change is told apart")
            must({outcomes[movie].outcome for movie in good} == {Outcome.APPLIED}, "the good changes are applied")
            must(all(world.state(movie).watched for movie in good), "the good changes arrive")

    async def test_one_failure_does_not_spoil_the_others(self) -> None:
        """The server fails on one write of several."""
        async with self.world() as world:
            movies = [world.add_movie(each) for each in range(1, 6)]
            await plan_for_writes(world, movies[0], Fault(kind=FaultKind.STATUS, status=500))
            outcomes = await world.push_all([Change(entry_id=movie, watched=True) for movie in movies[1:]])
            applied = {movie for movie, each in outcomes.items() if each.outcome is Outcome.APPLIED}
            must(len(applied) == len(movies) - 2, "one failure is one failure")
            arrived = {movie for movie in movies[1:] if world.state(movie).watched}
            must(applied == arrived, "exactly what is told to be applied was applied")

    async def test_nothing_to_change_sends_nothing(self) -> None:
        """No changes, no outcome, no write."""
        async with self.world() as world:
            must(not await world.push_all([]), "no changes have no outcomes")
            must(not world.simulator.writes(), "no changes need no write")


def _must_be_applied(outcome: PushOutcome, before: int, world: World) -> None:
    must(outcome.outcome is Outcome.APPLIED, f"the change is applied, not {outcome.outcome} ({outcome.detail})")
    sent_at, answered_at = outcome.sent_at or 0, outcome.answered_at or 0
    must(before < sent_at < answered_at <= world.clock.now, "a write says when it was sent and when it was answered")


def _must_have_date(state: PlayState, date: int, sent_after: int, world: World, promise: WatchDate) -> None:
    shown = state.watched_at or 0
    is_taken = abs(shown - date) <= 2 * SECOND
    is_stamped = sent_after - 2 * SECOND <= shown <= world.clock.now + 2 * SECOND
    is_kept = {
        WatchDate.TAKEN: is_taken,
        WatchDate.STAMPED: is_stamped,
        WatchDate.UNSURE: is_taken or is_stamped,
    }[promise]
    must(is_kept, f"the date of a watched mark is {promise}: {date} was sent, {shown} is shown")
