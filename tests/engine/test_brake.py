"""R5 on the whole stack: a server that loses its marks un-watches nothing; what a person un-watches goes through."""

import pytest
from tests.engine.home import DAY, Home, episode, movie, reports

from watchstate.sync.reviewing import decide, list_held
from watchstate.testing import Fault, FaultKind

MANY = 3_000
KINDS = ["plex", "jellyfin", "emby"]


@pytest.fixture
def home(tmp_path, request):
    """A server of a kind with thousands of watched films, and a Jellyfin that has ten of them."""
    home = Home(tmp_path, big=request.param, small="jellyfin")
    home.lost = [home["big"].add(movie(number, path=None)) for number in range(1, MANY + 1)]
    home.kept = [home["small"].add(movie(number, path=None)) for number in range(1, 11)]
    for one in home.lost:
        home["big"].watch(one)
    return home


def watched(home):
    return sum(home["big"].is_watched(one) for one in home.lost), sum(
        home["small"].is_watched(one) for one in home.kept
    )


async def full_sync(home):
    outcome = await home.run("sync", is_full=True)
    return outcome.report.exit_code, reports(outcome)["big"]


@pytest.mark.parametrize("home", KINDS, indirect=True)
@pytest.mark.timeout(300)
async def test_a_library_that_lost_its_marks_is_held_and_a_rejection_gives_them_back(home):
    await full_sync(home)
    assert watched(home) == (MANY, 10)
    for one in home.lost:
        home["big"].unwatch(one)
    code, report = await full_sync(home)
    assert (code, report.held, report.changed) == (4, MANY, 0)
    assert watched(home) == (0, 10)
    code, report = await full_sync(home)
    assert (code, report.held) == (4, MANY), "it stays held until somebody decides"
    async with home.services() as services:
        members = services.household().members
        (held,) = await list_held(services.engine, members)
        assert (held.server, len(held.changes), held.watched) == ("big", MANY, MANY)
        assert await decide(services.engine, members, "reject") == MANY
    code, report = await full_sync(home)
    assert code == 0
    assert watched(home) == (MANY, 10)
    assert await home.is_silent()


@pytest.mark.parametrize("home", KINDS, indirect=True)
@pytest.mark.timeout(300)
async def test_a_rebuilt_library_with_new_ids_is_first_contact_and_gets_everything_back(home):
    await full_sync(home)
    for number, one in enumerate(home.lost):
        home["big"].simulator.remove(one)
        home.lost[number] = home["big"].simulator.restore(one)
    assert watched(home) == (0, 10)
    code, report = await full_sync(home)
    assert (code, report.held) == (0, 0)
    assert watched(home) == (MANY, 10)


SOME = 100


@pytest.fixture
def shelf(tmp_path, request):
    """A server of a kind with a hundred watched films and three shows, and a Jellyfin that has the same."""
    home = Home(tmp_path, big=request.param, small="jellyfin")
    titles = [movie(number) for number in range(1, SOME + 1)]
    titles += [episode(1, number, show) for show in ("One", "Two", "Three") for number in range(1, 26)]
    home.lost = [home["big"].add(title) for title in titles]
    home.kept = [home["small"].add(title) for title in titles]
    for one in home.lost:
        home["big"].watch(one)
    return home


@pytest.mark.parametrize("shelf", KINDS, indirect=True)
async def test_a_person_who_unwatches_25_episodes_of_one_show_is_believed(shelf):
    await full_sync(shelf)
    for one in shelf.lost[SOME : SOME + 25]:
        shelf["big"].unwatch(one)
    code, report = await full_sync(shelf)
    assert (code, report.held) == (0, 0)
    assert watched(shelf) == (150, 150)


@pytest.mark.parametrize("shelf", KINDS, indirect=True)
async def test_a_scan_that_breaks_in_its_middle_unwatches_nothing_yet(shelf):
    """Un-marks wait for the last page: what a broken page leaves out could be what trips the brake."""
    await full_sync(shelf)
    for one in shelf.lost[:30]:
        shelf["big"].unwatch(one)
    shelf["big"].simulator.faults.plan(Fault(kind=FaultKind.TRUNCATE, after=3, times=99))
    code, _ = await full_sync(shelf)
    assert code == 3
    assert watched(shelf) == (145, 175)
    shelf["big"].simulator.faults.clear()
    code, report = await full_sync(shelf)
    assert (code, report.held) == (4, 30)
    assert watched(shelf) == (145, 175)


@pytest.mark.parametrize("shelf", KINDS, indirect=True)
async def test_what_is_accepted_goes_through_and_nothing_else(shelf):
    await full_sync(shelf)
    for one in shelf.lost[:30]:
        shelf["big"].unwatch(one)
    await full_sync(shelf)
    async with shelf.services() as services:
        members = services.household().members
        (held,) = await list_held(services.engine, members)
        chosen = frozenset(held.changes[0].entry.items)
        assert await decide(services.engine, members, "accept", chosen) == 1
    code, report = await full_sync(shelf)
    assert (code, report.held) == (4, 29)
    assert watched(shelf) == (145, 174)


@pytest.mark.parametrize("shelf", KINDS, indirect=True)
async def test_a_mark_that_comes_back_is_held_no_longer(shelf):
    await full_sync(shelf)
    for one in shelf.lost[:30]:
        shelf["big"].unwatch(one)
    await full_sync(shelf)
    shelf.clock.pass_time(DAY)
    for one in shelf.lost[:30]:
        shelf["big"].watch(one)
    code, report = await full_sync(shelf)
    assert (code, report.held) == (0, 0)
    assert watched(shelf) == (175, 175)
