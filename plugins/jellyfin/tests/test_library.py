import msgspec
import pytest
from plugins.jellyfin.tests.canned import ACCOUNT, CannedHttp, guid, movie, page

from watchstate.api import (
    BackendAuthError,
    BackendProtocolError,
    BackendUnavailable,
    Entries,
    Everything,
    ProviderId,
    Search,
)
from watchstate.testing import Title
from watchstate.testing.world import Scan
from watchstate_jellyfin.library import fetch


async def fetch_all(http, scope=None, account=ACCOUNT):
    return Scan(tuple([batch async for batch in fetch(account, http, scope or Everything())]))


def ignoring(*libraries):
    options = msgspec.structs.replace(ACCOUNT.server.options, ignore=libraries)
    return msgspec.structs.replace(ACCOUNT, server=msgspec.structs.replace(ACCOUNT.server, options=options))


# Everything


async def test_a_scan_costs_a_request_a_thousand_and_two(world):
    for number in range(1, 2_003):
        world.add_movie(number)
    world.front.arrivals.clear()
    await world.everything()
    assert [each.path for each in world.front.arrivals] == ["/Sessions", *["/Items"] * 4]


async def test_a_scan_asks_for_no_more_than_it_needs(world):
    world.add_movie()
    await world.everything()
    query = world.simulator.requests[-1].query
    for part in ("enableImages=false", "collapseBoxSetItems=false", "fields=ProviderIds%2CDateCreated%2CPath"):
        assert part in query


async def test_an_api_key_reads_the_states_of_the_account(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id)
    account = any_world.with_token(any_world.alice, any_world.simulator.admin_token)
    assert (await any_world.everything(account)).facts[entry_id].state.watched
    assert (await any_world.read(entry_id, account=account))[entry_id].state.watched


async def test_an_api_key_sees_what_the_account_plays_and_not_what_others_play(world):
    hers, his = world.add_movie(1), world.add_movie(2)
    world.simulator.start(world.alice.user_id, hers)
    world.simulator.start(world.bob.user_id, his)
    account = world.with_token(world.alice, world.simulator.admin_token)
    facts = (await world.everything(account)).facts
    assert {entry_id for entry_id, fact in facts.items() if fact.is_playing} == {hers}


async def test_a_second_person_before_the_screen_plays_it_too():
    session = {"UserId": guid(9), "AdditionalUsers": [{"UserId": ACCOUNT.user_id}], "NowPlayingItem": {"Id": guid(1)}}
    http = CannedHttp(Sessions=[[session]], Items=[page(), page(movie(1))])
    assert (await fetch_all(http)).facts[guid(1)].is_playing


async def test_a_session_without_a_user_plays_for_nobody():
    session = {"UserId": "0" * 32, "NowPlayingItem": {"Id": guid(1)}}
    http = CannedHttp(Sessions=[[session]], Items=[page(), page(movie(1))])
    assert not (await fetch_all(http)).facts[guid(1)].is_playing


async def test_episodes_without_a_file_are_left_out(any_world):
    there = any_world.add_episode()
    title = Title(kind="episode", title="Lost", show="Show 1", season=1, episodes=(9,))
    any_world.simulator.add_virtual_episode(any_world.shows, title)
    scan = await any_world.everything()
    assert (set(scan.facts), scan.total) == ({there}, 1)


async def test_a_row_without_a_file_does_not_count_though_the_server_lists_it():
    http = CannedHttp(Items=[page(), page(movie(1), movie(2, LocationType="Virtual"))])
    scan = await fetch_all(http)
    assert (set(scan.facts), scan.total) == ({guid(1)}, 1)


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


async def test_two_copies_of_a_movie_are_two_entries(any_world):
    copies = {any_world.add_movie(1)}
    other = any_world.simulator.add_library("4K", "movies")
    copies.add(any_world.simulator.add(other, Title(kind="movie", title="Movie 1", ids={"imdb": "tt0000001"})))
    assert set((await any_world.everything()).facts) == copies


async def test_a_list_of_something_else_is_no_answer():
    http = CannedHttp(Items=[page(), page({"Id": guid(1), "Type": "BoxSet"})])
    with pytest.raises(BackendProtocolError, match="listed items of type BoxSet"):
        await fetch_all(http)


async def test_items_without_a_state_are_those_of_a_wrong_user():
    http = CannedHttp(Items=[page(), page({"Id": guid(1), "Type": "Movie"})])
    with pytest.raises(BackendProtocolError, match="check the user id"):
        await fetch_all(http)


async def test_an_unknown_user_is_told(world):
    stranger = msgspec.structs.replace(world.alice, user_id=guid(7))
    account = world.with_token(stranger, world.simulator.admin_token)
    with pytest.raises(BackendProtocolError, match="that the configured user exists"):
        await world.everything(account)


async def test_another_persons_token_is_refused(world):
    account = msgspec.structs.replace(world.alice, token=world.bob.token)
    with pytest.raises(BackendAuthError):
        await world.everything(account)


async def test_a_disabled_user_is_refused(world):
    world.simulator.disable_user(world.alice.user_id)
    with pytest.raises(BackendAuthError):
        await world.everything()


async def test_a_server_that_is_starting_is_unavailable(world):
    world.simulator.starting = True
    with pytest.raises(BackendUnavailable):
        await world.everything()


# Shows


async def test_a_show_that_the_list_lacks_is_asked_for_once():
    episode = {"Type": "Episode", "SeriesId": guid(50)}
    rows = [movie(number, **episode) for number in (1, 2)]
    series = {"Id": guid(50), "Type": "Series", "ProviderIds": {"Tvdb": "7"}}
    http = CannedHttp(Items=[page(), page(*rows), page(series)])
    scan = await fetch_all(http)
    assert {fact.entry.show_ids for fact in scan.facts.values()} == {(ProviderId("Tvdb", "7"),)}
    assert len(http.asked) == 4


async def test_merged_shows_of_which_one_is_listed_at_a_time_are_all_found():
    rows = [movie(number, Type="Episode", SeriesId=guid(50 + number)) for number in (1, 2)]
    series = [{"Id": guid(50 + number), "Type": "Series", "ProviderIds": {"Tvdb": "7"}} for number in (1, 2)]
    http = CannedHttp(Items=[page(), page(*rows), page(series[0]), page(series[1])])
    scan = await fetch_all(http)
    assert {fact.entry.show_ids for fact in scan.facts.values()} == {(ProviderId("Tvdb", "7"),)}


async def test_a_show_that_is_nowhere_has_no_ids():
    http = CannedHttp(Items=[page(), page(movie(1, Type="Episode", SeriesId=guid(50))), page()])
    assert (await fetch_all(http)).facts[guid(1)].entry.show_ids == ()


async def test_a_server_that_names_another_show_is_not_asked_forever():
    other = {"Id": guid(60), "Type": "Series", "ProviderIds": {"Tvdb": "7"}}
    http = CannedHttp(Items=[page(), page(movie(1, Type="Episode", SeriesId=guid(50))), page(other)])
    assert (await fetch_all(http)).facts[guid(1)].entry.show_ids == ()


async def test_an_episode_without_a_show_is_kept():
    http = CannedHttp(Items=[page(), page(movie(1, Type="Episode"))])
    assert (await fetch_all(http)).facts[guid(1)].entry.show_ids == ()


# Ignored libraries


async def test_the_total_of_several_libraries_is_told_when_all_are_known(world):
    for number in range(1, 1_006):
        world.add_movie(number)
    world.add_episode()
    other = world.simulator.add_library("Other", "movies")
    account = world.account(world.alice.user_id, ignore=(other,))
    assert [batch.total for batch in (await world.everything(account)).batches] == [None, None, 1_006]


async def test_a_mixed_library_is_read_among_others(world):
    mixed = world.simulator.add_library("Both", "mixed")
    entry_id = world.simulator.add(mixed, Title(kind="movie", title="Movie 1"))
    account = world.account(world.alice.user_id, ignore=(world.movies,))
    assert set((await world.everything(account)).facts) == {entry_id}


async def test_a_library_that_the_user_may_not_see_can_be_ignored(world):
    secret = world.simulator.add_library("Secret", "movies")
    guest = world.simulator.add_user("guest", libraries=frozenset({world.movies}))
    entry_id = world.add_movie()
    account = world.account(guest, ignore=(secret, guid(1)))
    assert set((await world.everything(account)).facts) == {entry_id}
    assert set(await world.read(entry_id, account=account)) == {entry_id}


async def test_nothing_is_left_where_everything_is_ignored(world):
    world.add_movie()
    scan = await world.everything(world.account(world.alice.user_id, ignore=(world.movies, world.shows)))
    assert (scan.total, scan.facts) == (0, {})


async def test_collections_and_music_are_not_searched_for_movies():
    views = [
        {"Id": guid(80), "CollectionType": "boxsets"},
        {"Id": guid(81), "CollectionType": "movies"},
        {"Id": guid(82)},
    ]
    http = CannedHttp(UserViews=[{"Items": views}], Items=[page(), page(movie(1)), page(movie(2))])
    scan = await fetch_all(http, account=ignoring(guid(99)))
    asked = [said["parentId"] for _, _, said in http.asked if said and "parentId" in said]
    assert (asked, scan.is_complete) == ([guid(81), guid(82)], True)


async def test_a_file_in_two_libraries_is_one_entry():
    views = [{"Id": guid(81), "CollectionType": "movies"}, {"Id": guid(82), "CollectionType": "movies"}]
    http = CannedHttp(UserViews=[{"Items": views}], Items=[page(), page(movie(1), movie(2)), page(movie(2), movie(3))])
    scan = await fetch_all(http, account=ignoring(guid(99)))
    listed = [fact.entry.entry_id for batch in scan.batches for fact in batch.facts]
    assert (listed, scan.total) == ([guid(1), guid(2), guid(3)], 3)


# Some entries


async def test_reading_an_entry_costs_three_requests_with_its_show(world):
    entry_id = world.add_episode()
    world.front.arrivals.clear()
    await world.read(entry_id)
    assert [each.path for each in world.front.arrivals] == ["/Sessions", "/Items", "/Items"]


async def test_what_is_no_id_is_never_sent(world):
    world.add_movie()
    world.front.arrivals.clear()
    assert await world.read("42", "../Items", "x" * 32) == {}
    assert not world.front.arrivals


async def test_an_id_that_is_asked_for_twice_is_read_once(world):
    entry_id = world.add_movie()
    scan = await world.fetch(Entries((entry_id, entry_id)))
    assert len([fact for batch in scan.batches for fact in batch.facts]) == 1


async def test_a_row_that_nobody_asked_for_is_left_out():
    http = CannedHttp(Items=[page(movie(1), movie(2))])
    assert set((await fetch_all(http, Entries((guid(1),)))).facts) == {guid(1)}


async def test_a_show_is_no_entry(world):
    entry_id = world.add_episode()
    row = (await world.read(entry_id))[entry_id]
    series = next(each for each in world.simulator.requests if "Series" in each.query)
    series_id = series.query.partition("ids=")[2].partition("&")[0]
    assert row.entry.show_ids
    assert await world.read(series_id) == {}


async def test_a_search_stops_at_its_limit(world):
    for number in range(1, 9):
        world.add_movie(number)
    assert len((await world.fetch(Search("Movie", limit=3))).facts) == 3
