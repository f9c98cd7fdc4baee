"""Counter-examples 1 to 12 on real storage, real backends and simulated servers.

Each row once broke a promise in a model of the rules; `tests/sync/test_counter_examples.py` has all of them without
I/O. Here each runs on every kind of server that it can happen on, next to a server of another kind. Rows 13 to 25
and 26 to 37 are in the modules named after them.
"""

import pytest
from tests.engine.home import MINUTE, episode, movie
from tests.engine.stage import (
    ALL,
    CLEARS_FLAG,
    KEEPS_FLAG,
    PARTNER,
    Stage,
    on,
)

from watchstate.testing import FaultKind


@pytest.fixture
def pair(tmp_path):
    """Make a household of A, which is of the kind that is asked for, and B, which is of another."""
    return lambda kind: Stage(tmp_path, a=kind, b=PARTNER[kind])


@on(ALL)
async def test_row_01_a_second_watch_is_not_lost_to_a_pending_un_watch(pair, kind):
    home = pair(kind)
    await home.all_watched("b")
    await home.unwatch_is_seen("b")
    home.wait(60)
    home.watch("a")
    await home.scan("a")
    await home.deliver("a")
    assert await home.settles(watched=True)
    assert await home.unwatches_written() == []


@on(ALL)
async def test_row_02_an_unseen_un_watch_does_not_undo_a_newer_watch_elsewhere(pair, kind):
    home = pair(kind)
    home.mark("a")
    await home.scan("a")
    await home.scan("b")
    home.wait()
    home.unmark("a")
    home.wait()
    home.watch("b")
    await home.scan("b")
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)
    assert await home.unwatches_written() == []


@on(ALL)
async def test_row_03_starting_one_copy_does_not_un_watch_the_other(tmp_path, kind):
    home = Stage(tmp_path, a=kind)
    copy = home["a"].add(movie(1, path="/films/Film 1 in 4K.mkv"))
    await home.scan("a")
    home.wait()
    home.mark("a", copy)
    home.wait()
    await home.scan("a")
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is True
    assert await home.unwatches_written() == []


@on(CLEARS_FLAG)
async def test_row_04_a_re_watch_is_no_un_watch_however_often_it_is_seen(pair, kind):
    home = pair(kind)
    await home.all_watched("a")
    home.play_until("a", 30)
    assert not home["a"].is_watched(home.film["a"])
    for _ in range(3):
        assert await home.round() == 0
    assert (await home.hub()).watched is True
    assert home["b"].is_watched(home.film["b"])


@on(CLEARS_FLAG)
async def test_row_04b_an_un_mark_during_a_re_watch_is_an_un_watch(pair, kind):
    home = pair(kind)
    await home.all_watched("a")
    home.play_until("a", 30)
    await home.round()
    home.unmark("a")
    home.wait()
    assert await home.settles(watched=False)


@on(KEEPS_FLAG)
async def test_row_05_where_a_start_keeps_the_flag_an_un_mark_and_a_start_is_an_un_watch(pair, kind):
    home = pair(kind)
    await home.all_watched("b")
    home.unmark("a")
    home.wait(1)
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is False


@on(CLEARS_FLAG)
async def test_row_06_an_un_mark_and_a_start_is_an_un_watch(pair, kind):
    home = pair(kind)
    await home.all_watched("a")
    home.unmark("a")
    home.wait(1)
    home.play_until("a", 30)
    await home.scan("a")
    assert (await home.hub()).watched is False


@on(ALL)
async def test_row_07_a_play_older_than_the_watch_elsewhere_is_not_left_alone_for_ever(pair, kind):
    home = pair(kind)
    await home.round()
    home.play_until("a", 30)
    home.wait(60)
    home.watch("b")
    await home.scan("b")
    await home.scan("a")
    assert await home.settles(watched=True)


@on(ALL)
async def test_row_08_a_position_does_not_decide_watched(pair, kind):
    home = pair(kind)
    home.mark("a")
    home.wait()
    home.play_until("b", 30)
    await home.scan("b")
    hub = await home.hub("b")
    assert (hub.watched, hub.position_ms) == (None, 30 * MINUTE)
    await home.scan("a")
    assert await home.deliver("a") == 0
    assert (await home.hub()).watched is True
    assert await home.unwatches_written() == []


@on(ALL)
async def test_row_09_a_replaced_file_is_noticed_for_each_account_on_its_own(tmp_path, kind):
    home = Stage(tmp_path, a=kind)
    place, film = home["a"], home.film["a"]
    bob = place.simulator.add_user("bob")
    home.configs["a"] = place.config(users={"bob": {"user": bob, "token": place.simulator.token_for(bob)}})
    for user in (place.user, bob):
        place.watch(film, user=user)
    await home.scan("a")
    home.wait(60)
    place.simulator.replace_file(film)
    assert not place.is_watched(film)
    assert not place.is_watched(film, bob)
    home.wait()
    await home.scan("a")
    assert await home.deliver("a") == 2
    assert place.is_watched(film)
    assert place.is_watched(film, bob)


@on(ALL)
async def test_row_10_an_entry_that_was_missing_and_lost_its_state_un_watches_nothing(pair, kind):
    home = pair(kind)
    await home.all_watched("b")
    vanish(home, "a")
    await home.scan("a")
    home.wait()
    come_back(home, "a")
    home.unmark("a")
    home.wait()
    assert await home.settles(watched=True)
    assert await home.unwatches_written() == []


@on(ALL)
async def test_row_10_a_scan_that_failed_proves_nothing_missing(pair, kind):
    home = pair(kind)
    home["a"].add(movie(2))
    home.mark("b")
    await home.round()
    await home.round()
    home.wait(60)
    vanish(home, "a")
    home.fail("a", FaultKind.RESET_MID_BODY, LISTING, times=3)
    [report] = await home.scan("a")
    assert report.error
    come_back(home, "a")
    home.unmark("a")
    home.wait()
    await home.round()
    await home.round()
    assert not home["a"].is_watched(home.film["a"])
    assert not home["b"].is_watched(home.film["b"])


LISTING = {"plex": "/all", "jellyfin": "/Items", "emby": "/Items"}
"""What is in the path of a page of a scan."""


def vanish(home, name):
    """Let the film go missing as an unplugged disk does: under the same id and date it may come back."""
    simulator, film = home[name].simulator, home.film[name]
    if home[name].kind == "plex":
        simulator.trash(film)
    else:
        simulator._server.library.items[film].is_virtual = True


def come_back(home, name):
    simulator, film = home[name].simulator, home.film[name]
    if home[name].kind == "plex":
        simulator.untrash(film)
    else:
        simulator._server.library.items[film].is_virtual = False


@on(ALL)
async def test_row_11_an_entry_that_gains_an_unknown_item_is_not_un_marked(tmp_path, kind):
    home = Stage(tmp_path, None, a=kind)
    place = home["a"]
    film = place.add(episode(1, 1))
    place.watch(film)
    await home.scan("a")
    home.wait(60)
    if place.kind == "plex":
        place.simulator.library.items[film].media[0].parts[0].path = "/shows/Show/Show S01E01-E02.mkv"
    else:
        place.simulator._server.library.items[film].index_end = 2
    await home.round()
    await home.round()
    assert len((await home.view("a", film)).entry.items) == 2
    assert place.is_watched(film)
    assert home.writes() == 0


@on(ALL)
async def test_row_12_a_watch_soon_after_our_write_is_not_taken_for_its_echo(pair, kind):
    home = pair(kind)
    await home.round()
    home.mark("b")
    home.wait(1)
    await home.scan("b")
    home.wait()
    home.unmark("b")
    home.wait(1)
    await home.deliver("a")
    home.wait(30)
    home.watch("a")
    await home.scan("a")
    await home.scan("b")
    assert (await home.hub()).watched is True
    assert await home.settles(watched=True)
