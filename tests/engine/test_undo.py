"""`state undo`: the hub becomes what it was, the servers are told, and it can be undone itself."""

import pytest
from tests.engine.home import HOUR, MINUTE, Home, episode, movie

from watchstate.api import UsageError
from watchstate.states import UNKNOWN_HUB, HubState, Interval
from watchstate.storage import journal, runs
from watchstate.sync.undoing import Lines, restored, undo


@pytest.fixture
def home(tmp_path):
    """A Plex, a Jellyfin and an Emby with the same film."""
    home = Home(tmp_path, plex="plex", jelly="jellyfin", emby="emby")
    home.film = {name: place.add(movie(1)) for name, place in home.places.items()}
    return home


def shown(home, film=None):
    return {name: home[name].is_watched((film or home.film)[name]) for name in home.places}


def everywhere(*, watched):
    return dict.fromkeys(("plex", "jelly", "emby"), watched)


async def take_back(home, lines, **asked):
    async with home.services() as services:
        return await undo(services.engine, lines, **asked)


async def newest_run(home):
    async with home.services() as services:
        (newest,) = await services.storage.read(lambda conn: runs.last_runs(conn, 1))
    return newest.run_id


@pytest.mark.parametrize("where", ["plex", "jelly", "emby"])
async def test_an_unwatch_that_travelled_is_taken_back_everywhere(home, where):
    home["jelly"].watch(home.film["jelly"])
    await home.sync()
    home[where].unwatch(home.film[where])
    await home.run("sync", is_full=True)
    assert shown(home) == everywhere(watched=False)
    await take_back(home, Lines(run_id=await newest_run(home)))
    await home.sync()
    assert shown(home) == everywhere(watched=True)
    assert await home.is_silent()


async def test_the_date_of_the_watch_comes_back_with_it(home):
    date = home.clock() - 400 * HOUR
    home["jelly"].watch(home.film["jelly"], at=date)
    await home.sync()
    home["emby"].unwatch(home.film["emby"])
    await home.run("sync", is_full=True)
    await take_back(home, Lines(run_id=await newest_run(home)))
    await home.sync()
    assert home["jelly"].shows_state(home.film["jelly"]).watched_at == date


async def test_what_a_wrong_server_brought_is_unwatched_again_everywhere(home):
    """What was unknown before becomes unwatched: left unknown, nothing would reach the servers that were marked."""
    await home.sync()
    home["emby"].watch(home.film["emby"])
    await home.sync()
    assert shown(home) == everywhere(watched=True)
    await take_back(home, Lines(run_id=await newest_run(home)))
    await home.sync()
    assert shown(home) == everywhere(watched=False)
    assert await home.is_silent()


async def test_an_undo_is_undone(home):
    home["plex"].watch(home.film["plex"])
    await home.sync()
    await take_back(home, Lines(run_id=await newest_run(home)))
    undo_run = await newest_run(home)
    await home.sync()
    assert shown(home) == everywhere(watched=False)
    await take_back(home, Lines(run_id=undo_run))
    await home.sync()
    assert shown(home) == everywhere(watched=True)
    assert await home.is_silent()


async def test_a_position_comes_back(home):
    home["jelly"].play(home.film["jelly"], 30 * MINUTE)
    await home.sync()
    home.clock.pass_time(HOUR)
    home["emby"].play(home.film["emby"], 80 * MINUTE)
    await home.sync()
    assert home["jelly"].shows_state(home.film["jelly"]).position_ms == 80 * MINUTE
    await take_back(home, Lines(run_id=await newest_run(home)))
    await home.sync()
    assert [home[name].shows_state(home.film[name]).position_ms for name in home.places] == [30 * MINUTE] * 3


async def test_what_was_changed_again_since_is_left_alone_unless_forced(home):
    home["jelly"].watch(home.film["jelly"])
    await home.sync()
    home["emby"].unwatch(home.film["emby"])
    await home.run("sync", is_full=True)
    run_id = await newest_run(home)
    home.clock.pass_time(HOUR)
    home["jelly"].watch(home.film["jelly"])
    await home.sync()
    home.clock.pass_time(HOUR)
    home["emby"].unwatch(home.film["emby"])
    await home.run("sync", is_full=True)
    first_watch = Lines(number=1)
    (found,) = await take_back(home, first_watch)
    assert found.is_changed_since
    assert found.now == found.after
    (found,) = await take_back(home, Lines(run_id=run_id))
    assert found.is_changed_since
    assert shown(home) == everywhere(watched=False)
    (found,) = await take_back(home, Lines(run_id=run_id), is_forced=True)
    await home.sync()
    assert shown(home) == everywhere(watched=True)


async def test_everything_since_a_moment_is_one_undo(home):
    second = {name: place.add(movie(2)) for name, place in home.places.items()}
    third = {name: place.add(episode(1, 1)) for name, place in home.places.items()}
    home["plex"].watch(home.film["plex"])
    await home.sync()
    home.clock.pass_time(HOUR)
    moment = home.clock()
    home["plex"].unwatch(home.film["plex"])
    home["jelly"].watch(second["jelly"])
    await home.run("sync", is_full=True)
    home["emby"].watch(third["emby"])
    await home.sync()
    await take_back(home, Lines(since=moment))
    await home.sync()
    assert shown(home) == everywhere(watched=True)
    assert shown(home, second) == shown(home, third) == everywhere(watched=False)
    assert await home.is_silent()


async def test_a_rehearsal_changes_nothing(home):
    home["plex"].watch(home.film["plex"])
    await home.sync()
    before = await home.journal_lines()
    (found,) = await take_back(home, Lines(run_id=await newest_run(home)), is_rehearsal=True)
    assert (found.now.watched, found.after.watched) == (True, False)
    assert await home.journal_lines() == before


async def test_another_persons_states_are_left_alone(home):
    jelly = home["jelly"]
    bob = jelly.simulator.add_user("bob")
    home.configs["jelly"] = jelly.config(users={"bob": {"user": bob}})
    jelly.watch(home.film["jelly"], user=bob)
    await home.sync()
    jelly.watch(home.film["jelly"])
    await home.sync()
    await take_back(home, Lines(run_id=await newest_run(home)))
    await home.sync()
    assert not jelly.is_watched(home.film["jelly"])
    assert jelly.is_watched(home.film["jelly"], bob)


async def join(home):
    """Add a film that a Jellyfin and an Emby know by different ids, and a Plex later by both (M7)."""
    film = {
        "jelly": home["jelly"].add(movie(7, ids={"Tmdb": "7"})),
        "emby": home["emby"].add(movie(7, ids={"Imdb": "tt0000007"})),
    }

    async def prove():
        film["plex"] = home["plex"].add(movie(7, ids={"Tmdb": "7", "Imdb": "tt0000007"}))
        await home.run("import", "plex")
        (joined,) = [line for line in await home.journal() if line.event == "items joined"]
        return joined

    return film, prove


@pytest.mark.parametrize("where", ["jelly", "emby"])
async def test_undoing_a_run_that_joined_items_un_watches_neither(home, where):
    film, prove = await join(home)
    home[where].watch(film[where])
    await home.run("import")
    joined = await prove()
    await home.sync()
    assert shown(home, film) == everywhere(watched=True)
    await take_back(home, Lines(run_id=joined.run_id))
    await home.sync()
    assert shown(home, film) == everywhere(watched=True)


@pytest.mark.parametrize("where", ["jelly", "emby"])
async def test_a_mark_is_taken_back_from_an_item_that_was_joined_with_another_since(home, where):
    film, prove = await join(home)
    await home.run("import")
    home[where].watch(film[where])
    await home.run("import")
    marked = await newest_run(home)
    await prove()
    await home.sync()
    (found,) = await take_back(home, Lines(run_id=marked))
    assert (found.now.watched, found.after.watched) == (True, False)
    await home.sync()
    assert shown(home, film) == everywhere(watched=False)


@pytest.mark.parametrize(("first", "second"), [("jelly", "emby"), ("emby", "jelly")])
async def test_undoing_a_run_that_marked_and_joined_leaves_the_mark_of_before_it(home, first, second):
    film, _ = await join(home)
    home[first].watch(film[first])
    await home.run("import")
    home[second].watch(film[second])
    home.configs = {name: home.configs[name] for name in (second, "plex", first)}
    film["plex"] = home["plex"].add(movie(7, ids={"Tmdb": "7", "Imdb": "tt0000007"}))
    await home.run("import")
    both = await newest_run(home)
    assert {line.event for line in await home.journal() if line.run_id == both} == {"watched", "items joined"}
    await take_back(home, Lines(run_id=both))
    await home.sync()
    assert shown(home, film) == everywhere(watched=True)


@pytest.mark.parametrize(("first", "second"), [("jelly", "emby"), ("emby", "jelly")])
async def test_a_mark_is_left_if_the_item_that_was_joined_since_had_one_too(home, first, second):
    film, prove = await join(home)
    home[first].watch(film[first])
    await home.run("import", first)
    marked = await newest_run(home)
    home[second].watch(film[second])
    await home.run("import", second)
    await prove()
    await home.sync()
    (found,) = await take_back(home, Lines(run_id=marked))
    assert found.is_changed_since
    await home.sync()
    assert shown(home, film) == everywhere(watched=True)


EARLIER, LATER = Interval.point(1_000), Interval.point(2_000)
UNWATCHED = HubState(watched=False, changed=EARLIER, position_changed=EARLIER)
HALF_WATCHED = HubState(watched=False, changed=EARLIER, position_ms=30 * MINUTE, position_changed=EARLIER)
WATCHED = HubState(watched=True, changed=EARLIER, watched_at=1_000, position_changed=EARLIER)
WATCHED_AGAIN = HubState(watched=True, changed=LATER, watched_at=2_000, position_changed=LATER)


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        pytest.param(WATCHED_AGAIN, UNKNOWN_HUB, UNWATCHED, id="a mark that told what was unknown, watched since"),
        pytest.param(WATCHED_AGAIN, UNWATCHED, HALF_WATCHED, id="a position, watched since"),
        pytest.param(UNWATCHED, WATCHED, WATCHED_AGAIN, id="a second watch, unwatched since"),
    ],
)
def test_what_is_taken_back_by_force_fits_the_state_that_it_meets(now, before, after):
    """Nothing of a date or a position is left that makes no sense with the flag of today."""
    assert restored(now, before, after, 3_000) == now


def test_the_date_of_the_first_watch_comes_back_where_the_second_is_taken_back():
    assert restored(WATCHED_AGAIN, WATCHED, WATCHED_AGAIN, 3_000).watched_at == WATCHED.watched_at


@pytest.mark.parametrize("lines", [Lines(run_id=99), Lines(number=99)])
async def test_a_run_or_line_that_never_was_is_told(home, lines):
    with pytest.raises(UsageError, match="there is no"):
        await take_back(home, lines)


async def test_a_write_is_no_change_that_can_be_undone(home):
    home["plex"].watch(home.film["plex"])
    await home.sync()
    async with home.services() as services:
        lines = await services.storage.read(journal.lines)
    written = next(number for number, line in lines if line.rule == "W1")
    with pytest.raises(UsageError, match="follows from earlier lines"):
        await take_back(home, Lines(number=written))
