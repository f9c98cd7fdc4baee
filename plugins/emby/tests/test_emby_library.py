import msgspec
import pytest
from plugins.emby.tests.canned import ACCOUNT, CannedHttp, movie, page, shown

from watchstate.api import (
    BackendAuthError,
    BackendProtocolError,
    BackendUnavailable,
    Entries,
    Everything,
    ProviderId,
    Search,
)
from watchstate.clock import DAY, MINUTE
from watchstate.sync.keys import normal_id
from watchstate.testing import Fault, FaultKind, Title
from watchstate.testing.world import Scan
from watchstate_emby.library import fetch, read_row
from watchstate_mediabrowser.listing import PAGE_SIZE
from watchstate_mediabrowser.wire import UserData

DATE = "2024-08-02T22:51:23.0000000Z"


async def fetch_all(http, scope=None, account=ACCOUNT):
    return Scan(tuple([batch async for batch in fetch(account, http, scope or Everything())]))


def ignoring(*libraries):
    options = msgspec.structs.replace(ACCOUNT.server.options, ignore=libraries)
    return msgspec.structs.replace(ACCOUNT, server=msgspec.structs.replace(ACCOUNT.server, options=options))


def items_of(account):
    return f"/Users/{account.user_id}/Items"


# Everything


async def test_a_scan_costs_a_request_a_thousand_and_two(world):
    for number in range(1, 2_003):
        world.add_movie(number)
    world.front.arrivals.clear()
    await world.everything()
    assert [each.path for each in world.front.arrivals] == ["/Sessions", *[items_of(world.alice)] * 4]


async def test_a_scan_asks_by_name_for_what_lists_leave_out(world):
    world.add_movie()
    await world.everything()
    query = world.simulator.requests[-1].query
    for part in (
        "fields=ProviderIds%2CProductionYear%2CDateCreated%2CPath%2CUserDataLastPlayedDate%2CUserDataPlayCount",
        "groupItemsIntoCollections=false",
        "enableImages=false",
    ):
        assert part in query


async def test_an_api_key_reads_the_states_of_the_account(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id)
    account = any_world.with_token(any_world.alice, any_world.simulator.admin_token)
    assert (await any_world.everything(account)).facts[entry_id].state.watched
    assert (await any_world.read(entry_id, account=account))[entry_id].state.watched


async def test_an_api_key_sees_what_the_account_plays_and_not_what_others_play(any_world):
    hers, his = any_world.add_movie(1), any_world.add_movie(2)
    any_world.simulator.start(any_world.alice.user_id, hers)
    any_world.simulator.start(any_world.bob.user_id, his)
    account = any_world.with_token(any_world.alice, any_world.simulator.admin_token)
    facts = (await any_world.everything(account)).facts
    assert {entry_id for entry_id, fact in facts.items() if fact.is_playing} == {hers}


async def test_a_session_of_an_api_key_has_no_user_and_plays_for_nobody():
    http = CannedHttp(Sessions=[[{"NowPlayingItem": {"Id": "1"}}]], Items=[page(), page(movie(1))])
    assert not (await fetch_all(http)).facts["1"].is_playing


async def test_a_second_person_before_the_screen_plays_it_too():
    session = {"AdditionalUsers": [{"UserId": ACCOUNT.user_id}], "NowPlayingItem": {"Id": "1"}}
    http = CannedHttp(Sessions=[[session]], Items=[page(), page(movie(1))])
    assert (await fetch_all(http)).facts["1"].is_playing


async def test_episodes_without_a_file_are_left_out(any_world):
    there = any_world.add_episode()
    title = Title(kind="episode", title="Lost", show="Show 1", season=1, episodes=(9,))
    missing = any_world.simulator.add_virtual_episode(any_world.shows, title)
    scan = await any_world.everything()
    assert (set(scan.facts), scan.total) == ({there}, 1)
    assert set(await any_world.read(there, missing)) == {there}


@pytest.mark.parametrize("lacking", [{"LocationType": "Virtual"}, {"Path": None}])
async def test_a_row_without_a_file_does_not_count_though_the_server_lists_it(lacking):
    http = CannedHttp(Items=[page(), page(movie(1), movie(2, **lacking))])
    scan = await fetch_all(http)
    assert (set(scan.facts), scan.total) == ({"1"}, 1)


async def test_a_movie_with_several_files_is_listed_once(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.add_version(entry_id, "/media/Movies/Movie 1/Movie 1 - 4K.mkv")
    scan = await any_world.everything()
    assert (set(scan.facts), scan.total) == ({entry_id}, 1)


async def test_movies_of_a_collection_are_listed_though_the_server_groups_them(any_world):
    movies = [any_world.add_movie(number) for number in (1, 2)]
    any_world.simulator.add_box_set("Both", movies)
    any_world.simulator.groups_movies = True
    assert set((await any_world.everything()).facts) == set(movies)


async def test_copies_in_two_libraries_are_two_entries(any_world):
    copies = {any_world.add_movie(1)}
    other = any_world.simulator.add_library("4K", "movies")
    copies.add(any_world.simulator.add(other, Title(kind="movie", title="Movie 1", ids={"imdb": "tt0000001"})))
    assert set((await any_world.everything()).facts) == copies


async def test_a_file_that_was_not_probed_has_no_run_time_and_is_listed():
    http = CannedHttp(Items=[page(), page(movie(1))])
    assert (await fetch_all(http)).facts["1"].entry.runtime_ms is None


async def test_the_numbers_of_studios_and_genres_do_not_matter():
    row = movie(1, Studios=[{"Name": "A", "Id": 23}], GenreItems=[{"Name": "B", "Id": 21}], TagItems=[{"Id": 24}])
    http = CannedHttp(Items=[page(), page(row)])
    assert set((await fetch_all(http)).facts) == {"1"}


async def test_a_server_that_ignores_where_a_page_starts_is_found_out(world):
    for number in range(1, PAGE_SIZE + 100):
        world.add_movie(number)
    world.simulator.repeat_pages = True
    with pytest.raises(BackendProtocolError, match="repeats a page"):
        await world.everything()


async def test_a_file_that_is_added_before_makes_the_scan_not_complete(world):
    for number in range(1, PAGE_SIZE + 100):
        world.add_movie(number)
    world.simulator.shift_pages = 1
    assert not (await world.everything()).is_complete


async def test_a_list_of_something_else_is_no_answer():
    http = CannedHttp(Items=[page(), page(movie(1, Type="BoxSet"))])
    with pytest.raises(BackendProtocolError, match="listed items of type BoxSet"):
        await fetch_all(http)


async def test_items_without_a_state_are_those_of_a_wrong_user():
    http = CannedHttp(Items=[page(), page(movie(1, UserData=None))])
    with pytest.raises(BackendProtocolError, match="check the user id"):
        await fetch_all(http)


async def test_another_persons_token_is_refused(world):
    account = msgspec.structs.replace(world.alice, token=world.bob.token)
    with pytest.raises(BackendAuthError):
        await world.everything(account)


async def test_a_disabled_user_is_refused(any_world):
    any_world.simulator.disable_user(any_world.alice.user_id)
    with pytest.raises(BackendAuthError):
        await any_world.everything()


async def test_a_server_that_is_starting_is_unavailable(world):
    world.simulator.starting = True
    with pytest.raises(BackendUnavailable):
        await world.everything()


# Counts and dates in lists


@pytest.mark.parametrize(
    ("data", "count", "at", "is_detailed"),
    [
        ({"play_count": 6, "last_played_date": DATE}, 6, 1_722_639_083_000, True),
        ({"play_count": 0, "last_played_date": DATE}, None, 1_722_639_083_000, False),
        ({"play_count": 6}, 6, None, False),
        ({"play_count": 0}, None, None, False),
        ({}, None, None, False),
    ],
)
@pytest.mark.parametrize("played", [True, False])
def test_zero_and_nothing_in_a_row_are_unknown(data, count, at, is_detailed, played):
    state, complete = read_row(UserData(played=played, playback_position_ticks=0, **data))
    assert (state.watched, state.position_ms) == (played, 0)
    assert (state.play_count, state.watched_at, complete) == (count, at, is_detailed)


async def test_a_list_tells_count_and_date_where_the_server_gives_them(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id, at=any_world.clock() - DAY)
    fact = (await any_world.everything()).facts[entry_id]
    assert fact.is_detailed
    assert fact.state == any_world.state(entry_id)


async def test_a_list_that_withholds_them_says_so_and_the_single_item_tells(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id, at=any_world.clock() - DAY)
    any_world.simulator.hides_plays_in_lists = True
    listed = (await any_world.everything()).facts[entry_id]
    assert (listed.state.watched, listed.state.play_count, listed.state.watched_at) == (True, None, None)
    assert not listed.is_detailed
    read = (await any_world.read(entry_id))[entry_id]
    assert read.is_detailed
    assert read.state == any_world.state(entry_id)


async def test_the_single_item_tells_that_there_was_no_play(any_world):
    entry_id = any_world.add_movie()
    state = (await any_world.read(entry_id))[entry_id].state
    assert (state.watched, state.position_ms, state.play_count, state.watched_at) == (False, 0, 0, 0)


async def test_a_play_that_began_counts_and_clears_the_flag(any_world):
    entry_id, who = any_world.add_movie(), any_world.alice.user_id
    any_world.simulator.watch(who, entry_id)
    any_world.clock.advance(MINUTE)
    any_world.simulator.start(who, entry_id)
    state = (await any_world.read(entry_id))[entry_id].state
    assert (state.watched, state.play_count) == (False, 2)


# Provider ids


async def test_odd_spellings_of_provider_ids_come_to_the_same_keys(any_world):
    ids = {"imdb": "tt0111161", "tmdb": "278", "tvdb": "190", "tvmaze": "5"}
    title = Title(kind="movie", title="Odd", ids=ids)
    entry_id = any_world.simulator.add(any_world.movies, title)
    any_world.simulator.odd_provider_ids = True
    entry = (await any_world.everything()).facts[entry_id].entry
    keys = {key for key in map(normal_id, entry.provider_ids) if key is not None}
    assert set(ids.items()) <= keys


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (("Imdb", "0111161"), ("imdb", "tt0111161")),
        (("IMDB", "tt0111161"), ("imdb", "tt0111161")),
        (("tmdb", "278"), ("tmdb", "278")),
        (("TV Maze", "5"), ("tvmaze", "5")),
        (("TvMaze", "5"), ("tvmaze", "5")),
        (("TvRage", "7"), ("tvrage", "7")),
        (("Zap2It", "EP01"), ("zap2it", "EP01")),
    ],
)
def test_core_knows_each_spelling(given, key):
    assert normal_id(ProviderId(*given)) == key


async def test_the_id_of_a_movies_collection_is_not_its_own():
    http = CannedHttp(Items=[page(), page(movie(1, ProviderIds={"Tmdb": "603", "TmdbCollection": "2344", "": "x"}))])
    assert (await fetch_all(http)).facts["1"].entry.provider_ids == (ProviderId("Tmdb", "603"),)


async def test_an_episode_has_its_own_ids_and_those_of_its_show(any_world):
    entry_id = any_world.add_episode(show=3, season=2, episodes=(4,))
    for facts in ((await any_world.everything()).facts, await any_world.read(entry_id)):
        entry = facts[entry_id].entry
        assert [each.value for each in entry.provider_ids] == ["30204"]
        assert [each.value for each in entry.show_ids] == ["3"]


# Some entries


async def test_an_entry_is_read_by_itself_and_its_show_in_one_more_request(world):
    entry_ids = [world.add_episode(episodes=(number,)) for number in (1, 2, 3)]
    world.front.arrivals.clear()
    await world.read(*entry_ids)
    items = items_of(world.alice)
    paths = [each.path for each in world.front.arrivals]
    assert (paths[0], sorted(paths[1:4]), paths[4:]) == (
        "/Sessions",
        [f"{items}/{each}" for each in entry_ids],
        [items],
    )


async def test_what_is_no_id_is_never_sent(world):
    world.add_movie()
    world.front.arrivals.clear()
    assert await world.read("Latest", "../Items", "Resume", "x" * 32) == {}
    assert not world.front.arrivals


async def test_an_id_that_is_asked_for_twice_is_read_once(world):
    entry_id = world.add_movie()
    scan = await world.fetch(Entries((entry_id, entry_id)))
    assert len([fact for batch in scan.batches for fact in batch.facts]) == 1


async def test_a_show_and_a_library_are_no_entries(world):
    world.add_episode()
    folders = {str(number) for number in range(1, 60)} - set(world.simulator.entry_ids())
    assert await world.read(*folders) == {}


async def test_the_window_of_a_batch_holds_all_its_answers():
    http = CannedHttp(**{f"Users__{ACCOUNT.user_id}__Items__{number}": [movie(number)] for number in (1, 2, 3)})
    (batch,) = (await fetch_all(http, Entries(("1", "2", "3")))).batches
    assert (batch.read_from, batch.read_to) == (2_000, 4_100)


async def test_another_item_than_the_one_that_was_asked_for_is_no_answer():
    http = CannedHttp(**{f"Users__{ACCOUNT.user_id}__Items__1": [movie(2)]})
    with pytest.raises(BackendProtocolError, match="gave the item 2 when asked for 1"):
        await fetch_all(http, Entries(("1",)))


async def test_one_item_that_can_not_be_read_is_the_backends_own_error(world):
    entry_ids = [world.add_movie(number) for number in (1, 2, 3)]
    fault = Fault(kind=FaultKind.STATUS, path=f"Items/{entry_ids[1]}", body=b"Object reference not set", times=9)
    world.simulator.faults.plan(fault)
    with pytest.raises(BackendUnavailable, match="answered 500"):
        await world.read(*entry_ids)


async def test_an_item_of_an_unknown_shape_is_an_error():
    http = CannedHttp(**{f"Users__{ACCOUNT.user_id}__Items__1": [[shown()]]})
    with pytest.raises(BackendProtocolError):
        await fetch_all(http, Entries(("1",)))


async def test_a_search_stops_at_its_limit(world):
    for number in range(1, 9):
        world.add_movie(number)
    assert len((await world.fetch(Search("Movie", limit=3))).facts) == 3


# Ignored libraries


async def test_only_libraries_with_movies_or_shows_are_read():
    views = [{"Id": "3", "CollectionType": "movies"}, {"Id": "7", "CollectionType": "music"}, {"Id": "9"}]
    http = CannedHttp(Views=[{"Items": views}], Items=[page(), page(movie(1)), page(movie(2))])
    scan = await fetch_all(http, account=ignoring("5"))
    asked = [said["parentId"] for _, _, said in http.asked if said and "parentId" in said]
    assert (asked, scan.is_complete) == (["3", "9"], True)


async def test_a_library_that_the_user_may_not_see_can_be_ignored(world):
    secret = world.simulator.add_library("Secret", "movies")
    guest = world.simulator.add_user("guest", libraries=frozenset({world.movies}))
    entry_id = world.add_movie()
    account = world.account(guest, ignore=(secret, "999"))
    assert set((await world.everything(account)).facts) == {entry_id}
    assert set(await world.read(entry_id, account=account)) == {entry_id}


async def test_nothing_is_left_where_everything_is_ignored(world):
    world.add_movie()
    scan = await world.everything(world.account(world.alice.user_id, ignore=(world.movies, world.shows)))
    assert (scan.total, scan.facts) == (0, {})
