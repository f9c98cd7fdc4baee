"""The simulator driven over a socket by jellyfin-apiclient-python, the client of Jellyfin for Kodi and others."""

import pytest
from jellyfin_apiclient_python import JellyfinClient
from jellyfin_apiclient_python.connection_manager import CONNECTION_STATE
from jellyfin_apiclient_python.exceptions import HTTPException

from watchstate.testing import serve

TICKS = 10_000
HALF = 45 * 60_000


@pytest.fixture(params=["10.10.7", "10.11.8", "12.0.0"])
def any_home(request, make):
    return make(request.param)


@pytest.fixture
def client(any_home):
    client = JellyfinClient()
    client.config.app("Tester", "1.0", "bench", "bench-1")
    client.config.data["auth.ssl"] = True
    with serve(any_home.server.app) as url:
        state = client.auth.connect_to_address(url)
        assert state["State"] == CONNECTION_STATE["ServerSignIn"]
        assert client.auth.login(url, "alice", "a-pass")["User"]["Name"] == "alice"
        client.http.start_session()
        client.http.keep_alive = True
        yield client.jellyfin
        client.http.stop_session()


def names(answer):
    return [row["Name"] for row in answer["Items"]]


def test_it_connects_and_signs_in(any_home, client):
    assert client.config.data["auth.user_id"] == any_home.alice
    assert client.config.data["auth.server-name"] == "simulated"
    assert client.get_system_info_new()["Id"] == any_home.server.machine_id


def test_a_wrong_password_is_refused(home):
    wrong = JellyfinClient()
    wrong.config.app("Tester", "1.0", "bench", "bench-1")
    wrong.config.data["auth.ssl"] = True
    with serve(home.server.app) as url:
        wrong.auth.connect_to_address(url)
        assert wrong.auth.login(url, "alice", "wrong") == {}


def test_it_lists_users_views_and_libraries(client):
    assert [user["Name"] for user in client.get_users()] == ["alice", "bob"]
    assert client.get_user()["Name"] == "alice"
    assert names(client.get_views()) == names(client.get_media_folders()) == ["Movies", "Shows"]


def test_it_lists_items_page_by_page(any_home, client):
    query = {"recursive": True, "include_item_types": "Movie,Episode", "sort_by": "SortName", "limit": 3}
    pages = [client.get_user_items(start_index=start, fields="ProviderIds", **query) for start in (0, 3)]
    assert [name for page in pages for name in names(page)] == ["Part 1", "Part 2", "Part 3", "Heat"]
    assert [page["TotalRecordCount"] for page in pages] == [4, 4]


def test_it_reads_items_by_id(any_home, client):
    assert client.get_item(any_home.movie)["ProviderIds"] == {"Tmdb": "949", "Imdb": "tt0113277"}
    assert names(client.get_items([any_home.movie, any_home.episodes[0]])) == ["Heat", "Part 1"]


def test_it_walks_a_show(any_home, client):
    series = client.get_item(any_home.episodes[0])["SeriesId"]
    season = client.get_seasons(series)["Items"][0]
    assert names(client.get_season(series, season["Id"])) == ["Part 1", "Part 2", "Part 3"]


def test_it_marks_and_unmarks(any_home, client):
    marked = client.item_played(any_home.movie, True, date="2024-04-01T20:00:00Z")
    assert (marked["Played"], marked["LastPlayedDate"]) == (True, "2024-04-01T20:00:00.0000000Z")
    assert any_home.server.state(any_home.alice, any_home.movie).watched
    assert not client.item_played(any_home.movie, False)["Played"]
    assert any_home.server.state(any_home.alice, any_home.movie).play_count == 0


def test_it_writes_user_data(any_home, client):
    client.update_userdata_for_item(any_home.movie, {"PlaybackPositionTicks": HALF * TICKS})
    assert client.get_userdata_for_item(any_home.movie)["PlaybackPositionTicks"] == HALF * TICKS
    assert any_home.server.state(any_home.alice, any_home.movie).position_ms == HALF


def test_it_plays(any_home, client):
    playing = {"ItemId": any_home.movie, "PositionTicks": 0, "CanSeek": True, "PlayMethod": "DirectPlay"}
    client.session_playing(playing)
    client.session_progress({**playing, "PositionTicks": HALF * TICKS})
    assert [row["NowPlayingItem"]["Name"] for row in client.sessions()] == ["Heat"]
    client.session_stop({"ItemId": any_home.movie, "PositionTicks": HALF * TICKS})
    resumable = client.get_resume_items()
    assert [(row["Name"], row["UserData"]["PlayedPercentage"]) for row in resumable["Items"]] == [("Heat", 50)]


def test_it_finishes(any_home, client):
    client.session_playing({"ItemId": any_home.movie, "PositionTicks": 0})
    client.session_progress({"ItemId": any_home.movie, "PositionTicks": 2 * HALF * TICKS})
    client.session_stop({"ItemId": any_home.movie, "PositionTicks": 2 * HALF * TICKS})
    assert names(client.get_resume_items()) == []
    assert any_home.server.state(any_home.alice, any_home.movie).watched


def test_it_announces_itself_and_is_found(client):
    client.post_capabilities({"PlayableMediaTypes": ["Video"], "SupportsMediaControl": True})
    assert [row["DeviceId"] for row in client.get_sessions()] == ["bench-1"]


def test_it_searches_and_favours(any_home, client):
    assert names(client.search_media_items(term="heat", media="Movie")) == ["Heat"]
    client.favorite(any_home.movie)
    assert names(client.get_user_items(recursive=True, filters="IsFavorite")) == ["Heat"]


def test_what_is_for_admins_is_refused(client):
    with pytest.raises(HTTPException) as refused:
        client.virtual_folders()
    assert refused.value.status == 403
