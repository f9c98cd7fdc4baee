"""Two servers, from disagreement to silence."""

import pytest
from tests.engine.home import DAY, START, Home, episode, movie


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, "one", "two")


async def test_a_watch_reaches_the_other_server_with_its_date(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first, at=START - 30 * DAY)
    done = await home.sync()
    assert home["two"].is_watched(second)
    assert home["two"].shows_state(second).watched_at == START - 30 * DAY
    assert (done["one"].written, done["two"].written) == (0, 1)


async def test_an_unwatch_reaches_the_other_server(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    await home.sync()
    home["two"].unwatch(second)
    await home.sync()
    assert not home["one"].is_watched(first)
    assert not home["two"].is_watched(second)


async def test_a_new_empty_server_takes_nothing_away(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    await home.sync("one")
    await home.sync()
    assert home["one"].is_watched(first)
    assert home["two"].is_watched(second)


async def test_the_second_run_is_silent(home):
    for number in range(30):
        first, second = home["one"].add(movie(number)), home["two"].add(movie(number))
        if number % 2:
            home["one"].watch(first, at=START - number * DAY)
        if number % 3:
            home["two"].play(second, 30 * 60_000 if number % 4 else None)
    for number in range(1, 20):
        home["one"].watch(home["one"].add(episode(1, number)))
        home["two"].add(episode(1, number))
    await home.sync()
    assert home.writes() > 0
    assert await home.is_silent()


async def test_a_position_reaches_the_other_server(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].play(first, 45 * 60_000)
    await home.sync()
    assert home["two"].shows_state(second).position_ms == 45 * 60_000
    assert await home.is_silent()
