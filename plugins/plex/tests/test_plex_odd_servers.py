"""Servers that do things in another way, as the simulated one can be told to."""

import pytest

from watchstate.api import BackendAuthError, BackendProtocolError, BackendUnavailable, Change, Outcome, ProviderId
from watchstate.testing.world import World


def fill(world: World, movies: int = 3) -> list[str]:
    return [world.add_movie(number) for number in range(1, movies + 1)] + [world.add_episode(1), world.add_episode(2)]


async def test_numbers_may_come_as_text(world):
    entries = fill(world)
    world.simulator.watch(world.alice.user_id, entries[0])
    clean = await world.everything()
    world.simulator.numbers_as_text = True
    assert (await world.everything()).facts == clean.facts
    outcome = await world.push(Change(entry_id=entries[1], watched=True))
    assert outcome.outcome is Outcome.APPLIED


async def test_pages_may_be_shorter_than_was_asked(world):
    fill(world, 1_500)
    clean = await world.everything()
    world.simulator.short_pages = True
    scan = await world.everything()
    assert scan.is_complete
    assert scan.facts == clean.facts


async def test_pages_may_be_cut_to_what_the_server_likes(world):
    fill(world, 700)
    world.simulator.size_limit, world.simulator.cuts_large_pages = 100, True
    scan = await world.everything()
    assert (scan.is_complete, len(scan.facts)) == (True, 702)


async def test_a_server_that_tells_no_total_is_read_and_nothing_is_concluded(world):
    fill(world, 1_500)
    world.simulator.omits_total = True
    scan = await world.everything()
    assert (len(scan.facts), scan.total, scan.is_complete) == (1_502, None, False)


async def test_a_server_that_ignores_where_a_page_begins_is_found_out(world):
    fill(world, 1_500)
    world.simulator.repeat_pages = True
    with pytest.raises(BackendProtocolError, match="repeats a page"):
        await world.everything()


async def test_a_file_that_comes_before_the_others_while_pages_are_read_takes_none_away(world):
    entries = fill(world, 1_500)
    world.simulator.shift_pages = 1
    assert set((await world.everything()).facts) >= set(entries)


async def test_one_unknown_id_among_several_may_make_a_404(world):
    entries = fill(world, 40)
    gone = entries.pop(7)
    world.simulator.remove(gone)
    world.simulator.refuses_partial_batches = True
    assert set(await world.read(*entries, gone)) == set(entries)
    outcomes = await world.push_all([Change(entry_id=each, watched=True) for each in (gone, *entries)])
    assert outcomes[gone].outcome is Outcome.NOT_FOUND
    assert {outcomes[each].outcome for each in entries} == {Outcome.APPLIED}


@pytest.mark.parametrize("switch", ["hides_seasons", "omits_show_keys", "hoists_rows"])
async def test_an_episode_is_what_it_is_however_it_is_listed(world, switch):
    first, double = world.add_episode(1, 2, (3,)), world.add_episode(1, 2, (4, 5))
    setattr(world.simulator, switch, True)
    for facts in ((await world.everything()).facts, await world.read(first, double)):
        entry = facts[first].entry
        assert (entry.season, entry.episodes, entry.show_ids) == (2, (3,), (ProviderId("tvdb", "1"),))
        assert facts[double].entry.episodes == (4, 5)


async def test_a_server_that_is_starting_is_unavailable(world):
    entries = fill(world)
    world.simulator.starting = True
    for attempt in (
        world.everything(),
        world.read(*entries),
        world.push(Change(entry_id=entries[0], watched=True)),
        world.plugins.identify_server(world.server, world.http),
    ):
        with pytest.raises(BackendUnavailable, match="starting"):
            await attempt


@pytest.mark.parametrize("refusal", [401, 403])
async def test_a_friends_own_token_reads_and_writes_all_that_is_theirs(world, refusal):
    movie, other = world.add_movie(1), world.add_movie(2)
    friend = world.simulator.add_user("friend", kind="external")
    world.simulator.external_refusal = refusal
    account = world.with_token(world.account(friend), world.simulator.token_for(friend))
    assert (await world.everything(account)).is_complete
    mark = Change(entry_id=movie, watched=True)
    place = Change(entry_id=other, position_ms=1_500_000, runtime_ms=6_000_000)
    outcomes = await world.push_all([mark, place], account)
    assert {each.outcome for each in outcomes.values()} == {Outcome.APPLIED}
    assert world.simulator.state(friend, movie).watched
    assert world.simulator.state(friend, other).position_ms == 1_500_000
    assert not world.state(movie).watched


async def test_the_owners_token_is_not_taken_for_a_friends(world):
    movie = world.add_movie()
    account = world.account(world.alice.user_id, token=world.simulator.admin_token)
    with pytest.raises(BackendAuthError, match="give the user a token of its own"):
        await world.push(Change(entry_id=movie, watched=True), account)
    assert not world.simulator.writes()


async def test_a_position_close_to_the_end_marks_nothing(world):
    movie = world.add_movie()
    for position in (1_500_000, 5_900_000, 5_950_000):
        await world.push(Change(entry_id=movie, position_ms=position, runtime_ms=6_000_000))
        assert not world.state(movie).watched


async def test_a_mark_counts_one_play_and_keeps_no_position(world):
    movie = world.add_movie()
    await world.push(Change(entry_id=movie, position_ms=1_500_000, runtime_ms=6_000_000))
    for _ in range(3):
        await world.push(Change(entry_id=movie, watched=True, watched_at=1_500_000_000_000))
    state = world.state(movie)
    assert (state.watched, state.play_count, state.position_ms) == (True, 1, 0)


async def test_a_position_on_a_watched_movie_is_kept_as_somebodys_own(world):
    movie = world.add_movie()
    world.simulator.watch(world.alice.user_id, movie)
    world.simulator.start(world.alice.user_id, movie)
    world.simulator.stop(world.alice.user_id, movie, position_ms=1_500_000)
    outcome = await world.push(Change(entry_id=movie, position_ms=0))
    assert outcome.outcome is Outcome.FAILED
    state = world.state(movie)
    assert (state.watched, state.play_count, state.position_ms) == (True, 1, 1_500_000)


async def test_a_scan_costs_a_request_a_page_and_three(world):
    fill(world, 1_500)
    world.front.arrivals.clear()
    await world.everything()
    assert len(world.front.arrivals) == 2 + 2 + 2, "sessions and libraries, two pages of movies, shows and episodes"
