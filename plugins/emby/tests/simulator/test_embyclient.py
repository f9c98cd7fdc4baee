"""The simulator driven over a socket by embyclient, the vendor's client, which puts the key in the query."""

import gc
from datetime import UTC, datetime

import emby_client
import pytest
from emby_client.rest import ApiException

from watchstate.testing import serve

HALF = 27_000_000_000
APRIL = datetime(2024, 4, 1, 20, tzinfo=UTC)
FIELDS = "ProviderIds,ProductionYear,DateCreated,Path,UserDataPlayCount,UserDataLastPlayedDate"


class Client:
    """The client's many parts, on one connection and with one key."""

    def __init__(self, url, key=None):
        configuration = emby_client.Configuration()
        configuration.host = f"{url}/emby"
        configuration.api_key["api_key"] = key
        self.connection = emby_client.ApiClient(configuration)
        self.items = emby_client.ItemsServiceApi(self.connection)
        self.library = emby_client.UserLibraryServiceApi(self.connection)
        self.folders = emby_client.LibraryStructureServiceApi(self.connection)
        self.media = emby_client.MediaInfoServiceApi(self.connection)
        self.plays = emby_client.PlaystateServiceApi(self.connection)
        self.sessions = emby_client.SessionsServiceApi(self.connection)
        self.shows = emby_client.TvShowsServiceApi(self.connection)
        self.system = emby_client.SystemServiceApi(self.connection)
        self.users = emby_client.UserServiceApi(self.connection)
        self.views = emby_client.UserViewsServiceApi(self.connection)

    def close(self):
        self.connection.rest_client.pool_manager.clear()


@pytest.fixture
def connect(any_home):
    made = []
    with serve(any_home.server.app) as url:

        def connect(key=None):
            made.append(Client(url, key))
            return made[-1]

        yield connect
        for client in made:
            client.close()
    made.clear()
    gc.collect()


@pytest.fixture
def client(any_home, connect):
    """A client with alice's token."""
    return connect(any_home.server.token_for(any_home.alice))


@pytest.fixture
def admin(any_home, connect):
    """A client with an API key."""
    return connect(any_home.server.admin_token)


def names(page):
    return [item.name for item in page.items]


def test_it_signs_in_and_goes_on_with_the_token(any_home, connect):
    login = emby_client.AuthenticateUserByName(username="alice", pw="a-pass")
    described = 'Emby Client="Tester", Device="bench", DeviceId="bench-1", Version="1.0"'
    answer = connect().users.post_users_authenticatebyname(login, described)
    assert (answer.user.id, answer.server_id) == (any_home.alice, any_home.server.machine_id)
    client = connect(answer.access_token)
    assert client.system.get_system_info().id == client.system.get_system_info_public().id == answer.server_id
    assert [row.device_id for row in client.sessions.get_sessions()] == ["bench-1"]
    client.sessions.post_sessions_logout()
    with pytest.raises(ApiException) as refused:
        client.system.get_system_info()
    assert (refused.value.status, refused.value.body) == (401, b"Access token is invalid or expired.")


def test_a_wrong_password_is_refused(connect):
    login = emby_client.AuthenticateUserByName(username="alice", pw="wrong")
    with pytest.raises(ApiException) as refused:
        connect().users.post_users_authenticatebyname(login, 'Emby Client="Tester", DeviceId="bench-1"')
    assert refused.value.status == 401


def test_it_lists_users_views_and_folders(any_home, admin):
    assert names(admin.users.get_users_query()) == ["alice", "bob"]
    assert admin.users.get_users_by_id(any_home.alice).policy.is_administrator is False
    assert names(admin.views.get_users_by_userid_views(any_home.alice, False)) == ["Movies", "Shows"]
    folders = admin.folders.get_library_virtualfolders_query()
    assert [(row.item_id, row.library_options.min_resume_pct) for row in folders.items] == [
        (any_home.movies, 2),
        (any_home.shows, 2),
    ]


def test_it_lists_items_page_by_page(any_home, client):
    query = {"recursive": True, "include_item_types": "Movie,Episode", "sort_by": "SortName", "limit": 3}
    pages = [client.items.get_users_by_userid_items(any_home.alice, start_index=start, **query) for start in (0, 3)]
    assert [name for page in pages for name in names(page)] == ["Part 1", "Part 2", "Part 3", "Heat"]
    assert [page.total_record_count for page in pages] == [4, 4]


def test_it_sees_fields_only_if_it_asks(any_home, client):
    plain = client.items.get_users_by_userid_items(any_home.alice, ids=any_home.movie).items[0]
    asked = client.items.get_users_by_userid_items(any_home.alice, ids=any_home.movie, fields=FIELDS).items[0]
    assert (plain.production_year, plain.provider_ids, plain.date_created) == (None, None, None)
    assert (asked.production_year, asked.provider_ids["Imdb"]) == (1995, "tt0113277")
    assert asked.date_created == datetime(2024, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def test_it_finds_by_provider_id_and_by_what_changed(any_home, client):
    query = {"recursive": True, "include_item_types": "Movie,Episode"}
    found = client.items.get_users_by_userid_items(any_home.alice, any_provider_id_equals="imdb.tt0113277", **query)
    assert names(found) == ["Heat"]
    any_home.clock.now += 10_000
    any_home.server.unwatch(any_home.alice, any_home.episodes[1])
    since = "2024-05-01T12:00:05Z"
    found = client.items.get_users_by_userid_items(any_home.alice, min_date_last_saved_for_user=since, **query)
    assert names(found) == ["Part 2"]


def test_it_walks_a_show(any_home, client):
    series = client.library.get_users_by_userid_items_by_id(any_home.alice, any_home.episodes[0]).series_id
    assert names(client.shows.get_shows_by_id_seasons(any_home.alice, series)) == ["Season 1"]
    client.shows.get_shows_by_id_episodes(series, user_id=any_home.alice)
    assert b"Part 3" in client.connection.last_response.data


def test_it_marks_and_unmarks(any_home, client):
    marked = client.plays.post_users_by_userid_playeditems_by_id(
        any_home.alice, any_home.movie, date_played=f"{APRIL:%Y%m%d%H%M%S}"
    )
    assert (marked.played, marked.play_count, marked.last_played_date) == (True, 1, APRIL)
    assert any_home.server.state(any_home.alice, any_home.movie).watched
    unmarked = client.plays.delete_users_by_userid_playeditems_by_id(any_home.alice, any_home.movie)
    assert (unmarked.played, unmarked.play_count, unmarked.last_played_date) == (False, 0, None)
    client.plays.post_users_by_userid_playeditems_by_id(any_home.alice, any_home.movie)
    assert not client.plays.post_users_by_userid_playeditems_by_id_delete(any_home.alice, any_home.movie).played


def test_a_list_withholds_what_the_single_item_tells(any_home, client):
    any_home.server.watch(any_home.alice, any_home.movie)
    row = client.items.get_users_by_userid_items(any_home.alice, ids=any_home.movie).items[0].user_data
    whole = client.library.get_users_by_userid_items_by_id(any_home.alice, any_home.movie).user_data
    assert (row.played, row.play_count, row.last_played_date) == (True, 0, None)
    assert (whole.play_count, whole.last_played_date) == (1, datetime(2024, 5, 1, 12, tzinfo=UTC))


def test_it_writes_user_data_whole(any_home, client):
    sent = emby_client.UserItemDataDto(
        played=True,
        play_count=4,
        playback_position_ticks=HALF,
        is_favorite=True,
        last_played_date=APRIL,
        rating=8.0,
    )
    client.plays.post_users_by_userid_items_by_itemid_userdata(sent, any_home.alice, any_home.movie)
    stored = client.library.get_users_by_userid_items_by_id(any_home.alice, any_home.movie).user_data
    assert {name: getattr(stored, name) for name in sent.attribute_map if getattr(sent, name) is not None} == {
        name: value for name, value in sent.to_dict().items() if value is not None
    }


def test_it_plays(any_home, client):
    request = emby_client.PlaybackInfoRequest(user_id=any_home.alice)
    info = client.media.post_items_by_id_playbackinfo(request, any_home.movie)
    known = {
        "item_id": any_home.movie,
        "media_source_id": info.media_sources[0].id,
        "play_session_id": info.play_session_id,
    }
    client.plays.post_sessions_playing(emby_client.PlaybackStartInfo(position_ticks=0, can_seek=True, **known))
    client.plays.post_sessions_playing_progress(emby_client.PlaybackProgressInfo(position_ticks=HALF, **known))
    (session,) = client.sessions.get_sessions()
    assert (session.now_playing_item.name, session.play_state.position_ticks) == ("Heat", HALF)
    client.plays.post_sessions_playing_stopped(emby_client.PlaybackStopInfo(position_ticks=HALF, **known))
    (row,) = client.items.get_users_by_userid_items_resume(any_home.alice).items
    assert (row.name, row.user_data.played_percentage) == ("Heat", 50)


def test_progress_without_a_play_session_is_refused(any_home, client):
    progress = emby_client.PlaybackProgressInfo(item_id=any_home.movie, position_ticks=0)
    with pytest.raises(ApiException) as refused:
        client.plays.post_sessions_playing_progress(progress)
    assert (refused.value.status, refused.value.body) == (400, b"Value cannot be null. (Parameter 'key')")


def test_it_makes_and_deletes_api_keys(admin):
    admin.sessions.post_auth_keys("sync")
    admin.sessions.get_auth_keys()
    assert b'"AppName":"sync"' in admin.connection.last_response.data


def test_it_favours(any_home, client):
    assert client.library.post_users_by_userid_favoriteitems_by_id(any_home.alice, any_home.movie).is_favorite
    assert not client.library.delete_users_by_userid_favoriteitems_by_id(any_home.alice, any_home.movie).is_favorite


def test_what_is_for_administrators_is_refused(client):
    with pytest.raises(ApiException) as refused:
        client.users.get_users_query()
    assert (refused.value.status, refused.value.body) == (
        403,
        b"User alice does not have access to ManageServer feature.",
    )
