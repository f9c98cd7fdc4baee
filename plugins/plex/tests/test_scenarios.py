"""The scenarios of the protocol page (§24) that need a server and the engine, by their letters."""

import msgspec
import pytest
from tests.engine.home import DAY, HOUR, MINUTE, START, Home, episode, movie, reports

from watchstate.api import BackendUnavailable
from watchstate.testing import Fault, FaultKind
from watchstate_plex.convert import to_key
from watchstate_plex.simulator.people import OWNER_ID as OWNER
from watchstate_plex.simulator.simulator import PLEX_TV
from watchstate_plex.wire import ROWS

YEAR_2020 = 1_577_880_000_000
SCROBBLES = ("/:/scrobble", "/:/unscrobble", "/:/timeline")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, plex="plex", jelly="jellyfin")


@pytest.fixture
def two_plex(tmp_path):
    return Home(tmp_path, a="plex", b="plex")


def add_to_both(home, title):
    return [place.add(title) for place in home.places.values()]


def writes_to(place):
    return [request for request in place.simulator.writes() if request.path in SCROBBLES]


async def show_of(home, name, entry_id):
    """Ask a Plex server for the show of an episode."""
    (row,) = await ask_rows(home, name, f"/library/metadata/{entry_id}")
    return to_key(row.grandparent_rating_key)


async def ask_rows(home, name, path):
    async with home.services() as services:
        server = services.server(name)
        answer = await services.http(server).get(path, headers=acting(server))
    return answer.decode(ROWS).container.rows


def acting(server):
    return {"Accept": "application/json", "X-Plex-Token": server.token.reveal(), "X-Plex-Client-Identifier": "web"}


async def mark_on_screen(home, name, entry_id, verb="scrobble"):
    """Mark an item, or all that is in it, as the web client does."""
    async with home.services() as services:
        server = services.server(name)
        query = f"identifier=com.plexapp.plugins.library&key={entry_id}"
        answer = await services.http(server).send("GET", f"/:/{verb}?{query}", headers=acting(server))
    assert answer.status == 200


# a) A (Plex) watched 2020 → pushed to B (Plex): B shows now; the next run must be a no-op both ways


async def test_a_an_old_watch_is_stamped_with_now_and_nothing_comes_back_of_it(two_plex):
    first, second = add_to_both(two_plex, movie(1))
    two_plex["a"].watch(first, at=YEAR_2020)
    await two_plex.sync()
    assert two_plex["a"].shows_state(first).watched_at == YEAR_2020
    assert two_plex["b"].shows_state(second).watched_at >= START
    for _ in range(3):
        two_plex.clock.pass_time(DAY)
        assert await two_plex.is_silent()
    assert two_plex["a"].shows_state(first).watched_at == YEAR_2020
    assert (two_plex["a"].shows_state(first).play_count, two_plex["b"].shows_state(second).play_count) == (1, 1)


async def test_a_the_true_date_stays_on_a_server_that_takes_one(home):
    first, second = add_to_both(home, movie(1))
    home["jelly"].watch(second, at=YEAR_2020)
    await home.sync()
    assert home["plex"].is_watched(first)
    home.clock.pass_time(DAY)
    assert await home.is_silent()
    assert home["jelly"].shows_state(second).watched_at == YEAR_2020


async def test_a_a_date_of_plex_reaches_a_server_that_takes_one(home):
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first, at=YEAR_2020)
    await home.sync()
    assert home["jelly"].shows_state(second).watched_at == YEAR_2020
    assert await home.is_silent()


# b) un-watch on A after sync


@pytest.mark.parametrize(("where", "other"), [("plex", "jelly"), ("jelly", "plex")])
async def test_b_an_unwatch_after_a_sync_travels_in_each_direction(home, where, other):
    entries = dict(zip(home.places, add_to_both(home, movie(1)), strict=True))
    home["plex"].watch(entries["plex"], at=YEAR_2020)
    await home.sync()
    assert home["jelly"].is_watched(entries["jelly"])
    home.clock.pass_time(DAY)
    home[where].unwatch(entries[where])
    await home.run("sync", is_full=True)
    assert not home[other].is_watched(entries[other])
    assert not home[where].is_watched(entries[where])
    assert await home.is_silent()


async def test_b_an_unwatch_on_a_server_that_was_stamped_travels_back(two_plex):
    first, second = add_to_both(two_plex, movie(1))
    two_plex["a"].watch(first, at=YEAR_2020)
    await two_plex.sync()
    two_plex["b"].unwatch(second)
    await two_plex.run("sync", is_full=True)
    assert not two_plex["a"].is_watched(first)
    assert await two_plex.is_silent()


# c) re-watch in progress on A


async def test_c_watching_again_changes_nothing_until_it_ends(home):
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first, at=YEAR_2020)
    await home.sync()
    home.clock.pass_time(DAY)
    home["plex"].play(first, 30 * MINUTE)
    await home.sync()
    state = home["plex"].shows_state(first)
    assert (state.watched, state.position_ms, state.play_count) == (True, 30 * MINUTE, 1)
    assert home["jelly"].is_watched(second)
    assert home["jelly"].shows_state(second).position_ms == 0
    assert await home.is_silent()
    home["plex"].play(first, None)
    assert home["plex"].shows_state(first).play_count == 2
    await home.sync()
    assert await home.is_silent()
    assert home["jelly"].is_watched(second)


# d) legacy HAMA library vs new-agent library, matched through show tvdb + S/E


async def test_d_a_hama_library_and_one_of_a_new_agent_are_matched_through_the_show(two_plex):
    hama = two_plex["a"].simulator.add_library("Anime", "shows", agent="com.plexapp.agents.hama")
    first = two_plex["a"].add(episode(22, 70, ids={}), library=hama)
    second = two_plex["b"].add(episode(22, 70))
    (row,) = await ask_rows(two_plex, "a", f"/library/metadata/{first}")
    assert row.guid.startswith("com.plexapp.agents.hama://tvdb-")
    two_plex["a"].watch(first)
    await two_plex.sync()
    assert two_plex["b"].is_watched(second)
    assert await two_plex.is_silent()


async def test_d_a_legacy_movie_agent_and_a_new_one_are_matched_by_the_id_in_the_guid(home):
    legacy = home["plex"].simulator.add_library("Old films", "movies", agent="com.plexapp.agents.imdb")
    first, second = home["plex"].add(movie(1), library=legacy), home["jelly"].add(movie(1))
    home["jelly"].watch(second)
    await home.sync()
    assert home["plex"].is_watched(first)


# e) multi-episode file


def double(**other):
    return episode(1, 1, episodes=(1, 2), path="/shows/Show/Show S01E01-E02.mkv", **other)


async def test_e_one_item_for_two_episodes_is_watched_when_both_are(home):
    both = home["plex"].add(double())
    one, two = home["jelly"].add(episode(1, 1)), home["jelly"].add(episode(1, 2))
    home["jelly"].watch(one)
    await home.sync()
    assert not home["plex"].is_watched(both)
    home["jelly"].watch(two)
    await home.sync()
    assert home["plex"].is_watched(both)
    assert await home.is_silent()
    home.clock.pass_time(HOUR)
    home["plex"].unwatch(both)
    await home.run("sync", is_full=True)
    assert not home["jelly"].is_watched(one)
    assert not home["jelly"].is_watched(two)
    assert await home.is_silent()


async def test_e_two_items_with_one_file_are_two_episodes(home):
    path = "/shows/Show/Show S01E01-E02.mkv"
    one, two = (home["plex"].add(episode(1, number, path=path)) for number in (1, 2))
    other_one, other_two = home["jelly"].add(episode(1, 1)), home["jelly"].add(episode(1, 2))
    home["plex"].watch(one)
    await home.sync()
    assert (home["jelly"].is_watched(other_one), home["jelly"].is_watched(other_two)) == (True, False)
    home["jelly"].watch(other_two)
    await home.sync()
    assert home["plex"].is_watched(two)
    assert await home.is_silent()


# f) external user progress (401 on /:/progress)


async def test_f_a_shared_users_position_travels_with_nothing_but_their_own_token(home):
    plex = home["plex"]
    friend = plex.simulator.add_user("friend", kind="external")
    first, second = add_to_both(home, movie(1))
    home.configs["plex"] = plex.config(user=friend, token=plex.simulator.token_for(friend))
    home["jelly"].play(second, 45 * MINUTE)
    done = await home.sync()
    assert done["plex"].error == ""
    assert plex.shows_state(first, friend).position_ms == 45 * MINUTE
    assert plex.shows_state(first, OWNER).position_ms == 0
    assert await home.is_silent()
    plex.play(first, 70 * MINUTE, friend)
    await home.sync()
    assert home["jelly"].shows_state(second).position_ms == 70 * MINUTE


# g) PIN user


async def list_users(home, name="plex"):
    async with home.services() as services:
        server = services.server(name)
        return {user.user_id: user for user in await services.plugins.list_users(server, services.http(server))}


async def test_g_a_user_with_a_pin_is_listed_and_told_what_is_missing(home):
    child = home["plex"].simulator.add_user("child", pin="1234")
    home["plex"].simulator.serves_externals = False
    user = (await list_users(home))[child]
    assert user.token is None
    assert "PIN" in user.note


async def test_g_a_user_with_a_pin_needs_none_where_the_owner_is_told_the_tokens_of_shares(home):
    child = home["plex"].simulator.add_user("child", pin="1234")
    user = (await list_users(home))[child]
    assert user.token is not None
    assert user.token.reveal() == home["plex"].simulator.token_for(child)


async def test_g_a_user_without_a_token_of_their_own_is_never_given_the_owners_states(home):
    child = home["plex"].simulator.add_user("child", pin="1234")
    home["plex"].simulator.serves_externals = False
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first)
    home.configs["plex"] = home["plex"].config(users={"child": {"user": child}})
    outcome = await home.run("sync")
    told = {(one.server, one.identity): one for one in outcome.report.accounts}
    assert "needs a PIN" in told["plex", "child"].error
    assert "put a token of their own into servers.yaml" in told["plex", "child"].error
    assert told["plex", "child"].read == 0
    assert home["jelly"].is_watched(second)


# j) library.new for show then episodes: without webhooks, the list of changes


async def test_j_a_new_show_and_its_episodes_are_found_in_the_list_of_changes(home):
    add_to_both(home, movie(1))
    watched = home["jelly"].add(episode(1, 1))
    home["jelly"].watch(watched)
    await home.sync()
    first, second = home["plex"].add(episode(1, 1)), home["plex"].add(episode(1, 2))
    done = await home.sync()
    assert done["plex"].new == 2
    assert (home["plex"].is_watched(first), home["plex"].is_watched(second)) == (True, False)
    assert await home.is_silent()


async def test_j_a_watch_is_found_in_the_list_of_changes_and_an_unwatch_in_the_next_full_scan(home):
    first, second = add_to_both(home, movie(1))
    for number in range(2, 30):
        add_to_both(home, movie(number))
    home.clock.pass_time(HOUR)
    await home.sync()
    home["plex"].watch(first)
    done = await home.sync()
    assert home["jelly"].is_watched(second)
    assert done["plex"].read == 1
    home.clock.pass_time(HOUR)
    home["plex"].unwatch(first)
    await home.sync()
    assert home["jelly"].is_watched(second), "an un-watch leaves no trace in a list of changes"
    home.clock.pass_time(6 * HOUR)
    await home.sync()
    assert not home["jelly"].is_watched(second)


# k) 1001+ items, paging with concurrent add


async def test_k_a_file_that_comes_while_pages_are_read_loses_nothing(home):
    firsts = [home["plex"].add(movie(number)) for number in range(1_200)]
    seconds = [home["jelly"].add(movie(number)) for number in range(1_200)]
    for entry_id in firsts:
        home["plex"].watch(entry_id)
    home["plex"].simulator.shift_pages = 1
    await home.sync()
    assert all(home["jelly"].is_watched(entry_id) for entry_id in seconds)
    await home.sync()
    assert await home.is_silent()


# l) show marked watched as a whole


async def test_l_a_show_that_is_marked_as_a_whole_is_watched_episode_by_episode(home):
    pairs = [add_to_both(home, episode(season, number)) for season in (1, 2) for number in (1, 2, 3)]
    await home.sync()
    await mark_on_screen(home, "plex", await show_of(home, "plex", pairs[0][0]))
    await home.sync()
    assert all(home["jelly"].is_watched(second) for _, second in pairs)
    assert await home.is_silent()
    home.clock.pass_time(HOUR)
    await mark_on_screen(home, "plex", await show_of(home, "plex", pairs[0][0]), "unscrobble")
    await home.run("sync", is_full=True)
    assert not any(home["jelly"].is_watched(second) for _, second in pairs)


# m) Specials


async def test_m_a_special_is_an_episode_of_season_0_and_no_other(home):
    special, pilot = add_to_both(home, episode(0, 1)), add_to_both(home, episode(1, 1))
    home["plex"].watch(special[0])
    await home.sync()
    assert home["jelly"].is_watched(special[1])
    assert not home["jelly"].is_watched(pilot[1])
    home["jelly"].unwatch(special[1])
    await home.sync()
    assert not home["plex"].is_watched(special[0])
    assert await home.is_silent()


# n) trash, unmounted disk


async def test_n_an_unmounted_disk_unwatches_nothing_and_is_not_written_to(home):
    pairs = [add_to_both(home, movie(number)) for number in range(30)]
    for first, _ in pairs:
        home["plex"].watch(first)
    await home.sync()
    for first, _ in pairs:
        home["plex"].simulator.trash(first)
    written = len(writes_to(home["plex"]))
    home["jelly"].unwatch(pairs[0][1])
    outcome = await home.run("sync", is_full=True)
    assert outcome.report.exit_code == 0
    assert reports(outcome)["plex"].missing == 30
    assert [home["jelly"].is_watched(second) for _, second in pairs] == [False] + [True] * 29
    assert len(writes_to(home["plex"])) == written
    for first, _ in pairs:
        home["plex"].simulator.untrash(first)
    await home.run("sync", is_full=True)
    assert [home["plex"].is_watched(first) for first, _ in pairs] == [False] + [True] * 29
    assert await home.is_silent()


async def test_n_a_library_of_which_suddenly_nothing_is_listed_unwatches_nothing(home):
    pairs = [add_to_both(home, movie(number)) for number in range(5)]
    for first, _ in pairs:
        home["plex"].watch(first)
    await home.sync()
    for first, _ in pairs:
        home["plex"].simulator.remove(first)
    await home.run("sync", is_full=True)
    again = [home["plex"].simulator.restore(first) for first, _ in pairs]
    await home.run("sync", is_full=True)
    assert all(home["jelly"].is_watched(second) for _, second in pairs)
    assert all(home["plex"].is_watched(entry_id) for entry_id in again)
    assert await home.is_silent()


# o) 429 on switching 10 users


async def test_o_too_many_switches_are_a_request_for_patience(home):
    for number in range(10):
        home["plex"].simulator.add_user(f"member {number}")
    home["plex"].simulator.switch_pause_ms = HOUR
    assert len(await list_users(home)) == 11, "no switch is needed where the owner is told the tokens of shares"
    home["plex"].simulator.serves_externals = False
    users = await list_users(home)
    assert len(users) == 11, "who has no token yet is listed all the same"
    assert [bool(user.token) for user in users.values()] == [False, True] + [False] * 9
    assert sum("asks for patience" in user.note for user in users.values()) == 9
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first)
    done = await home.sync()
    assert (done["plex"].error, home["jelly"].is_watched(second)) == ("", True)


# p) plex.tv offline


async def test_p_without_plex_tv_everything_but_the_list_of_users_goes_on(home):
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first)
    home.down.add(PLEX_TV)
    with pytest.raises(BackendUnavailable):
        await list_users(home)
    done = await home.sync()
    assert (done["plex"].error, home["jelly"].is_watched(second)) == ("", True)
    assert await home.is_silent()


# q) server swapped


async def test_q_a_swapped_server_is_refused_before_anything_is_read_or_written(home):
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first)
    await home.sync()
    plex = home["plex"].simulator
    plex.change_machine()
    home["plex"].unwatch(first)
    home["jelly"].unwatch(second)
    requests = len(plex.requests)
    done = await home.sync()
    assert "--accept-new-machine" in done["plex"].error
    assert [request.path for request in plex.requests[requests:]] == ["/identity"]


async def test_q_a_rating_key_that_stands_for_another_title_now_carries_no_state_over(home):
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first)
    await home.sync()
    other = home["jelly"].add(movie(2))
    home["plex"].simulator.reidentify(first, movie(2).ids)
    home["plex"].unwatch(first)
    await home.run("sync", is_full=True)
    assert home["jelly"].is_watched(second)
    assert not home["jelly"].is_watched(other)


# t) JWT token expiry: 401 → a new token


async def test_t_an_expired_token_pauses_the_account_until_it_has_a_new_one(home):
    first, second = add_to_both(home, movie(1))
    await home.sync()
    home["plex"].watch(first)
    home.configs["plex"] = home["plex"].config(token="expired")
    done = await home.sync()
    assert "401" in done["plex"].error
    assert "new token" in done["plex"].error
    assert done["jelly"].error == ""
    assert not home["jelly"].is_watched(second)
    home.configs["plex"] = home["plex"].config()
    await home.sync()
    assert home["jelly"].is_watched(second)
    assert await home.is_silent()


# Bad input (what is so for every kind of server is in tests/engine/test_bad_input.py)


async def test_a_scrobble_without_an_answer_is_never_counted_twice(home):
    first, second = add_to_both(home, movie(1))
    home["jelly"].watch(second)
    home["plex"].simulator.faults.plan(Fault(kind=FaultKind.DROP_AFTER, path="/:/scrobble"))
    done = await home.sync()
    assert done["plex"].waiting == 1
    home.clock.pass_time(HOUR)
    await home.sync()
    state = home["plex"].shows_state(first)
    assert (state.watched, state.play_count) == (True, 1)
    assert await home.is_silent()


async def test_an_entry_that_plays_is_left_alone_until_it_stops(home):
    first, second = add_to_both(home, movie(1))
    home["jelly"].watch(second)
    home["plex"].simulator.start(OWNER, first)
    await home.sync()
    assert not home["plex"].is_watched(first)
    home["plex"].simulator.stop(OWNER, first, position_ms=0)
    home.clock.pass_time(HOUR)
    await home.sync()
    assert home["plex"].is_watched(first)


async def test_nothing_is_written_in_a_second_run_over_a_mixed_library(home):
    for number in range(40):
        first, second = add_to_both(home, movie(number))
        if number % 2:
            home["plex"].watch(first, at=START - number * DAY)
        if number % 3 == 0:
            home["jelly"].watch(second, at=START - number * HOUR)
        if number % 5 == 0:
            home["plex"].play(first, 30 * MINUTE)
        if number % 7 == 0:
            home["jelly"].play(second, 50 * MINUTE)
    for number in range(1, 30):
        first, second = add_to_both(home, episode(1, number))
        home["jelly" if number % 2 else "plex"].watch(second if number % 2 else first)
    await home.sync()
    assert home.writes() > 0
    assert await home.is_silent()


def test_places_of_one_household_have_different_ids(two_plex):
    one, other = (place.simulator for place in two_plex.places.values())
    assert one.machine_id != other.machine_id
    assert msgspec.json.encode(one.admin_token) != msgspec.json.encode(other.admin_token)
