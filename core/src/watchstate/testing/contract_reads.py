"""The part of the contract suite about `fetch_library`."""

from collections.abc import Sequence

from msgspec.structs import replace

from watchstate.api import Everything, Fact, LibraryBatch, PlayState, ProviderId, Search
from watchstate.clock import DAY, MINUTE, SECOND
from watchstate.testing.contract_base import ContractBase
from watchstate.testing.must import must
from watchstate.testing.world import World


class ReadingContract(ContractBase):
    """What a backend says about entries and states."""

    async def test_everything_is_there_once_and_the_total_says_so(self) -> None:
        """More entries than fit on a page: each is there, none twice, and the total is their number."""
        async with self.world() as world:
            number = (await world.capabilities()).page_size + 5
            for each in range(1, number - 2):
                world.add_movie(each)
            for each in range(1, 4):
                world.add_episode(episodes=(each,))
            scan = await world.everything()
            listed = [fact.entry.entry_id for batch in scan.batches for fact in batch.facts]
            must(len(listed) == len(set(listed)), "an entry is listed once")
            must(set(listed) == set(world.simulator.entry_ids()), "all entries are listed, and nothing else")
            must(scan.total == number, f"the total is the number of entries: {number}, not {scan.total}")

    async def test_an_empty_server_is_complete(self) -> None:
        """Nothing is there: one batch at least says that this is all."""
        async with self.world() as world:
            scan = await world.everything()
            must(scan.total == 0, "an empty server has a total of 0")
            must(not scan.facts, "an empty server has no entries")

    async def test_states_are_those_that_the_server_shows(self) -> None:
        """Watched with a date, un-watched, half watched, played to the end, untouched: each as it is."""
        async with self.world() as world:
            dated, unwatched, halfway, finished, untouched = (world.add_movie(each) for each in range(1, 6))
            who, simulator = world.alice.user_id, world.simulator
            simulator.watch(who, dated, at=world.clock() - 30 * DAY)
            simulator.watch(who, unwatched)
            simulator.unwatch(who, unwatched)
            for entry_id, position_ms in ((halfway, 3_000 * SECOND), (finished, None)):
                simulator.start(who, entry_id)
                world.clock.advance(50 * MINUTE)
                simulator.stop(who, entry_id, position_ms=position_ms)
            scan = await world.everything()
            read = await world.read(dated, unwatched, halfway, finished, untouched)
            for entry_id in (dated, unwatched, halfway, finished, untouched):
                shown = simulator.state(who, entry_id)
                _must_show(scan.facts[entry_id], shown)
                _must_show(replace(read[entry_id], is_detailed=True), shown)

    async def test_each_account_has_its_own_states(self) -> None:
        """What alice watched is not what bob watched."""
        async with self.world() as world:
            hers, his = world.add_movie(1), world.add_movie(2)
            world.simulator.watch(world.alice.user_id, hers)
            world.simulator.watch(world.bob.user_id, his)
            for account, watched in ((world.alice, hers), (world.bob, his)):
                for facts in ((await world.everything(account)).facts, await world.read(hers, his, account=account)):
                    shown = {entry_id for entry_id, fact in facts.items() if fact.state.watched}
                    must(shown == {watched}, "an account shows what its own user watched")

    async def test_an_entry_says_what_it_is(self) -> None:
        """Kind, title, ids, show, season, numbers, run time: all that matching needs."""
        async with self.world() as world:
            movie = world.add_movie(7)
            first, other = world.add_episode(1, 2, (3,)), world.add_episode(2, 0, (1,))
            for facts in ((await world.everything()).facts, await world.read(movie, first, other)):
                _must_be_movie(facts[movie])
                _must_be_episode(facts[first], show=1, season=2, episodes=(3,))
                _must_be_episode(facts[other], show=2, season=0, episodes=(1,))

    async def test_a_file_with_two_episodes_carries_both_numbers(self) -> None:
        """One entry, two episodes."""
        async with self.world() as world:
            double = world.add_episode(episodes=(1, 2))
            fact = (await world.everything()).facts[double]
            must(fact.entry.episodes == (1, 2), f"it carries the episodes 1 and 2, not {fact.entry.episodes}")

    async def test_a_replaced_file_has_another_added_date(self) -> None:
        """R4: that is how a replaced file is told from an un-watch."""
        async with self.world() as world:
            movie = world.add_movie()
            before = (await world.everything()).facts[movie].entry.added_at
            world.clock.advance(DAY)
            world.simulator.replace_file(movie)
            after = (await world.everything()).facts[movie].entry.added_at
            must(before and after, "an entry has the date when its file was added")
            must(before != after, "a replaced file has another added date")

    async def test_files_that_come_and_go_are_listed_and_not_listed(self) -> None:
        """The next full scan shows what is there now."""
        async with self.world() as world:
            stays, goes = world.add_movie(1), world.add_movie(2)
            await world.everything()
            world.simulator.remove(goes)
            comes = world.add_movie(3)
            scan = await world.everything()
            must(set(scan.facts) == {stays, comes}, "a scan lists what is there now")
            must(scan.is_complete, "a scan of what is there now is complete")

    async def test_entries_are_exactly_those_asked_for(self) -> None:
        """More than one batch of them; those that are gone are not in the answer."""
        async with self.world() as world:
            movies = [world.add_movie(each) for each in range(1, 161)]
            gone = movies.pop()
            world.simulator.remove(gone)
            asked = movies[:150]
            must(
                set(await world.read(*asked, gone)) == set(asked),
                "an answer has what was asked for, as far as it is there",
            )
            must(not await world.read(gone), "an entry that is gone is not in the answer")
            must(not await world.read(), "who asks for nothing gets nothing")

    async def test_reading_in_batches_costs_what_the_capabilities_say(self) -> None:
        """W2 counts on it: a hundred entries take a handful of requests where batch reads are complete."""
        async with self.world() as world:
            capabilities = await world.capabilities()
            movies = [world.add_movie(each) for each in range(1, 101)]
            world.front.arrivals.clear()
            await world.read(*movies)
            needed, limit = len(world.front.arrivals), 6 if capabilities.batch_reads_complete else 106
            must(needed <= limit, f"reading 100 entries takes up to {limit} requests, not {needed}")

    async def test_a_batch_is_dated_by_the_request_behind_it(self) -> None:
        """R0: a window that is too narrow, too early or too late would let an old answer undo a new one."""
        async with self.world() as world:
            number = (await world.capabilities()).page_size + 5
            for each in range(1, number + 1):
                world.add_movie(each)
            *_, last = (await world.everything()).facts
            world.front.arrivals.clear()
            asked_at = world.clock()
            changed_at: int | None = None
            async for batch in world.plugins.fetch_library(world.alice, world.http, Everything()):
                _must_be_dated(batch, asked_at, world)
                shown = {fact.entry.entry_id: fact.state.watched for fact in batch.facts}.get(last)
                if changed_at is None:
                    changed_at = world.clock()
                    world.simulator.watch(world.alice.user_id, last)
                elif shown is not None:
                    is_possible = changed_at <= batch.read_to if shown else batch.read_from <= changed_at
                    must(is_possible, "a batch shows what was so at some moment of its window")

    async def test_what_an_account_plays_now_is_marked(self) -> None:
        """R1, R7: as the server's sessions say."""
        async with self.world() as world:
            played, other = world.add_movie(1), world.add_movie(2)
            world.simulator.start(world.alice.user_id, played)
            must(_playing((await world.everything()).facts) == {played}, "the entry that is played now is marked")
            must(_playing(await world.read(played, other)) == {played}, "`Entries` marks the entry that is played now")
            must(not _playing((await world.everything(world.bob)).facts), "what alice plays, bob does not play")
            world.simulator.stop(world.alice.user_id, played, position_ms=1_000 * SECOND)
            must(not _playing(await world.read(played, other)), "an entry that was stopped is not marked")

    async def test_an_ignored_library_is_left_out(self) -> None:
        """Of a scan, of its total, and of what is read after a hint."""
        async with self.world() as world:
            movie, episode = world.add_movie(), world.add_episode()
            account = world.account(world.alice.user_id, ignore=(world.movies,))
            scan = await world.everything(account)
            must(set(scan.facts) == {episode}, "an ignored library is left out, and only that")
            must(scan.total == 1, "an ignored library does not count in the total")
            must(
                set(await world.read(movie, episode, account=account)) == {episode},
                "a hint doesn't get around `ignore`",
            )

    async def test_a_title_can_be_looked_up(self) -> None:
        """For a person who knows a title and no id."""
        async with self.world() as world:
            movie = world.add_movie(33)
            world.add_movie(44)
            found = (await world.fetch(Search("Movie 33"))).facts
            must(movie in found, "a search for its title finds a movie")

    async def test_reading_changes_nothing(self) -> None:
        """Converged means silent."""
        async with self.world() as world:
            movie = world.add_movie()
            world.simulator.watch(world.alice.user_id, movie)
            before = world.simulator.state(world.alice.user_id, movie)
            await world.everything()
            await world.read(movie)
            must(not world.simulator.writes(), "reading sends no write")
            must(world.simulator.state(world.alice.user_id, movie) == before, "reading changes no state")


def _must_show(fact: Fact, shown: PlayState) -> None:
    told = fact.state
    pairs = (
        ("watched", told.watched, shown.watched),
        ("position", told.position_ms, shown.position_ms),
        ("play count", told.play_count, shown.play_count),
        ("date", told.watched_at, shown.watched_at),
    )
    for name, value, truth in pairs:
        is_withheld = value is None and not fact.is_detailed
        must(is_withheld or value == truth, f"{fact.entry.title}: the {name} is {truth} on the server, not {value}")


def _must_be_movie(fact: Fact) -> None:
    entry = fact.entry
    must(entry.kind == "movie" and entry.title == "Movie 7", "a movie has its kind and title")
    must(entry.year == 2000, "a movie has its year")
    must(entry.runtime_ms == 6_000 * SECOND, "an entry has its run time in ms")
    must(_ids(entry.provider_ids) == {"imdb": "tt0000007", "tmdb": "7"}, "a movie has its provider ids, and no others")
    must(not entry.show_ids and not entry.episodes, "a movie belongs to no show")


def _must_be_episode(fact: Fact, *, show: int, season: int, episodes: tuple[int, ...]) -> None:
    entry = fact.entry
    must(entry.kind == "episode" and entry.show_title == f"Show {show}", "an episode has its kind and its show's title")
    must(_ids(entry.show_ids) == {"tvdb": str(show)}, f"an episode has the ids of its own show ({show})")
    must(entry.season == season, f"an episode has its season ({season}; 0 for specials), not {entry.season}")
    must(entry.episodes == episodes, f"an episode has its number {episodes}, not {entry.episodes}")
    own = {"tvdb": str(show * 10_000 + season * 100 + episodes[0])}
    must(_ids(entry.provider_ids) == own, "an episode has its own provider ids")


def _ids(ids: Sequence[ProviderId]) -> dict[str, str]:
    return {each.provider.lower(): each.value for each in ids}


def _playing(facts: dict[str, Fact]) -> set[str]:
    return {entry_id for entry_id, fact in facts.items() if fact.is_playing}


def _must_be_dated(batch: LibraryBatch, asked_at: int, world: World) -> None:
    now = world.clock.now
    must(asked_at < batch.read_from < batch.read_to <= now, "a window lies between the question and the answer")
    arrivals = [each for each in world.front.arrivals if batch.read_from < each.at < batch.read_to]
    must(arrivals, "a window begins before its request is on the server, and ends after")
