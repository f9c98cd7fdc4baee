"""Which title a person means: it is found as the commands write it, and among many that contain what was typed."""

import pytest
from tests.engine.home import Home, episode, movie

from watchstate.sync.finding import MOST_FOUND, find
from watchstate.sync.titles import item_title


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, jelly="jellyfin")


async def found(home, wanted):
    await home.run("import")
    async with home.services() as services:
        return [item_title(item) for item in (await find(services.engine, wanted)).items]


@pytest.mark.parametrize("wanted", ["show 1x02", "SHOW 1x02 Episode 2", "episode 2"])
async def test_an_episode_is_found_by_its_show_and_number(home, wanted):
    for number in (1, 2, 3):
        home["jelly"].add(episode(1, number))
    assert await found(home, wanted) == ["Show 1x02 Episode 2"]


async def test_a_movie_is_found_by_its_title_and_year(home):
    home["jelly"].add(movie(1, title="Dune", year=1984))
    home["jelly"].add(movie(2, title="Dune", year=2021))
    assert await found(home, "dune (2021)") == ["Dune (2021)"]
    assert await found(home, "dune") == ["Dune (1984)", "Dune (2021)"]


async def test_a_title_is_found_among_many_that_contain_it(home):
    for number in range(MOST_FOUND + 2):
        home["jelly"].add(movie(number, title=f"Superb {number}"))
    home["jelly"].add(movie(99, title="Up", year=2009))
    assert await found(home, "up") == ["Up (2009)"]
    assert len(await found(home, "sup")) == MOST_FOUND


@pytest.mark.parametrize("wanted", ["AMÉLIE", "fabuleux destin d'am"])
async def test_a_title_is_found_in_any_case_of_any_script(home, wanted):
    home["jelly"].add(movie(1, title="Le Fabuleux Destin d'Amélie Poulain", year=2001))
    assert await found(home, wanted) == ["Le Fabuleux Destin d'Amélie Poulain (2001)"]
