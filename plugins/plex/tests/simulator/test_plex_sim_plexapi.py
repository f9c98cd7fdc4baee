"""The simulator driven over sockets by plexapi, the client of Tautulli's, Kometa's and many others' scripts."""

import pytest
from msgspec.structs import replace
from plexapi import myplex
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.server import PlexServer
from plugins.plex.tests.simulator.households import MINUTE, MOVIE, NOW, RUNTIME

from watchstate.testing import serve
from watchstate_plex.simulator.simulator import PLEX_TV

HALF = RUNTIME // 2


class Door:
    """A socket stays open for all tests, for it takes its time to close: each puts its own server behind it."""

    def __init__(self):
        self.app = None
        self.url = ""

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def doors():
    """One for the server and one for plex.tv."""
    server, cloud = Door(), Door()
    with serve(server) as server.url, serve(cloud) as cloud.url:
        yield server, cloud


@pytest.fixture
def url(any_home, doors):
    doors[0].app = any_home.server.app
    return doors[0].url


@pytest.fixture
def plex(any_home, url):
    plex = PlexServer(url, any_home.server.admin_token)
    yield plex
    plex._session.close()


@pytest.fixture
def heat(plex):
    return plex.library.section("Movies").get("Heat")


@pytest.fixture
def show(plex):
    return plex.library.section("Shows").get("The Piece")


def state(home, entry_id, user=None):
    return home.server.state(user or home.owner, entry_id)


class TestConnecting:
    def test_it_connects(self, any_home, plex):
        assert (plex.machineIdentifier, plex.friendlyName) == (any_home.server.machine_id, "simulated")
        assert plex.version == any_home.server._server.rules.version

    def test_a_wrong_token_is_refused(self, url):
        with pytest.raises(Unauthorized):
            PlexServer(url, "wrong")

    def test_a_shared_user_may_not_read_the_root(self, any_home, url):
        with pytest.raises(Unauthorized):
            PlexServer(url, any_home.server.token_for(any_home.friend))

    def test_it_lists_accounts_and_settings(self, plex):
        assert [account.name for account in plex.systemAccounts()] == ["", "owner", "alice", "friend"]
        assert plex.settings.get("MinimumProgressTime").value == 60_000
        assert plex.identity().claimed


class TestReading:
    def test_it_lists_sections(self, plex):
        sections = [(each.key, each.title, each.type, each.agent) for each in plex.library.sections()]
        assert sections == [
            (1, "Movies", "movie", "tv.plex.agents.movie"),
            (2, "Shows", "show", "tv.plex.agents.series"),
        ]

    def test_it_reads_a_movie(self, any_home, heat):
        assert (str(heat.ratingKey), heat.year, heat.duration) == (any_home.movie, 1995, RUNTIME)
        assert sorted(guid.id for guid in heat.guids) == ["imdb://tt0113277", "tmdb://949"]
        assert heat.locations == ["/media/Movies/Heat (1995)/Heat (1995).mkv"]
        assert heat.addedAt.timestamp() == NOW

    def test_it_pages_through_a_library(self, any_home, plex):
        for number in range(250):
            any_home.server.add(
                any_home.movies, replace(MOVIE, title=f"Film {number:03}", ids={"tmdb": str(number + 1)})
            )
        found = plex.library.section("Movies").all(container_size=100)
        assert [each.title for each in found] == [*(f"Film {number:03}" for number in range(250)), "Heat"]

    def test_it_counts_a_library(self, plex):
        assert plex.library.section("Shows").totalSize == 1
        assert plex.library.section("Shows").totalViewSize(libtype="episode") == 3

    def test_it_walks_a_show(self, show):
        assert (show.leafCount, show.viewedLeafCount, show.childCount) == (3, 0, 1)
        (season,) = show.seasons()
        assert (season.title, season.index) == ("Season 1", 1)
        assert [each.title for each in show.episodes()] == [each.title for each in season.episodes()]
        episode = show.episode(season=1, episode=2)
        assert (episode.title, episode.seasonEpisode, episode.grandparentTitle) == ("Part 2", "s01e02", "The Piece")
        assert episode.show().title == "The Piece"
        assert show.get("Part 3").index == 3

    def test_it_walks_a_show_with_hidden_seasons(self, any_home, show):
        any_home.server.hides_seasons = True
        episode = show.episode(season=1, episode=2)
        assert (episode.skipParent, episode.seasonNumber, episode.parentRatingKey) == (True, 1, int(any_home.season))

    def test_it_searches(self, plex):
        assert [each.title for each in plex.search("heat")] == ["Heat"]
        found = plex.library.search(title="Part", libtype="episode")
        assert [each.title for each in found] == ["Part 1", "Part 2", "Part 3"]

    def test_it_filters(self, any_home, plex):
        any_home.server.watch(any_home.owner, any_home.episodes[1])
        section = plex.library.section("Shows")
        assert [each.title for each in section.searchEpisodes(unwatched=False)] == ["Part 2"]
        assert [each.title for each in section.searchEpisodes(unwatched=True)] == ["Part 1", "Part 3"]
        assert [each.title for each in section.searchEpisodes(filters={"episode.title": "Part 1"})] == ["Part 1"]
        since = {"or": [{"episode.viewCount>>": 0}, {"episode.title": "Part 3"}]}
        assert [each.title for each in section.searchEpisodes(filters=since)] == ["Part 2", "Part 3"]
        assert [each.title for each in section.searchEpisodes(sort="titleSort:desc", limit=2)] == ["Part 3", "Part 2"]
        assert plex.library.section("Movies").search(year=1995)[0].title == "Heat"
        assert plex.library.section("Movies").search(**{"lastViewedAt>>": "2024-01-01"}) == []

    def test_it_finds_by_guid(self, plex, heat):
        assert plex.library.section("Movies").getGuid(heat.guid) == heat

    def test_what_is_not_there_is_not_found(self, plex):
        with pytest.raises(NotFound):
            plex.fetchItem(999_999)

    def test_it_lists_what_was_added_last(self, plex):
        assert [each.title for each in plex.library.section("Movies").recentlyAdded()] == ["Heat"]

    def test_it_reads_extras(self, any_home, heat):
        any_home.server.library.add_clip(any_home.server.library.items[any_home.movie], "Teaser")
        assert [extra.title for extra in heat.extras()] == ["Teaser"]

    def test_it_reads_a_legacy_library(self, any_home, plex):
        legacy = any_home.server.add_library("Old", "movies", agent="com.plexapp.agents.imdb")
        any_home.server.add(legacy, MOVIE)
        (movie,) = plex.library.section("Old").all()
        assert (movie.guid, movie.guids) == ("com.plexapp.agents.imdb://tt0113277?lang=en", [])


class TestWriting:
    def test_it_marks_and_unmarks(self, any_home, heat):
        heat.markPlayed()
        assert state(any_home, any_home.movie).watched
        assert (heat.reload().isPlayed, heat.viewCount, heat.lastViewedAt.timestamp()) == (True, 1, NOW)
        heat.markUnplayed()
        assert (heat.reload().isPlayed, heat.lastViewedAt) == (False, None)

    def test_it_marks_a_whole_show(self, any_home, show):
        show.markPlayed()
        assert [state(any_home, each).play_count for each in any_home.episodes] == [1, 1, 1]
        assert (show.reload().viewedLeafCount, show.lastViewedAt) == (3, None)
        show.season(1).markUnplayed()
        assert show.reload().viewedLeafCount == 0

    def test_it_reports_a_position(self, any_home, heat):
        heat.updateTimeline(HALF, state="stopped")
        assert state(any_home, any_home.movie).position_ms == HALF
        assert (heat.reload().viewOffset, heat.isPlayed) == (HALF, False)

    def test_it_plays_to_the_end(self, any_home, heat):
        for position in (MINUTE, HALF, RUNTIME - MINUTE):
            heat.updateTimeline(position, state="playing", duration=RUNTIME)
        heat.updateTimeline(RUNTIME, state="stopped", duration=RUNTIME)
        shown = state(any_home, any_home.movie)
        assert (shown.watched, shown.position_ms, shown.play_count) == (True, 0, 1)

    def test_it_sets_a_plain_position(self, any_home, heat):
        heat.updateProgress(HALF)
        assert state(any_home, any_home.movie).position_ms == HALF

    def test_it_rates(self, heat):
        heat.rate(7.5)
        assert heat.reload().userRating == 7.5

    def test_it_acts_for_another_user(self, any_home, plex, url):
        hers = any_home.server.token_for(any_home.alice)
        plex._token = hers
        plex.library.section("Movies").get("Heat").markPlayed()
        assert state(any_home, any_home.movie, any_home.alice).watched
        assert not state(any_home, any_home.movie).watched

    def test_a_mark_of_what_is_gone_fails(self, any_home, heat):
        any_home.server.remove(any_home.movie)
        with pytest.raises(NotFound):
            heat.markPlayed()


class TestPlaying:
    def test_it_lists_sessions(self, any_home, plex):
        assert plex.sessions() == []
        any_home.server.start(any_home.alice, any_home.movie)
        any_home.server.progress(any_home.alice, any_home.movie, position_ms=HALF)
        (session,) = plex.sessions()
        assert (session.title, session.viewOffset, session.usernames) == ("Heat", HALF, ["alice"])
        assert (session.player.state, session.session.location) == ("playing", "lan")

    def test_it_reads_history(self, any_home, plex, heat, show):
        for user, entry_id in ((any_home.owner, any_home.movie), (any_home.alice, any_home.episodes[0])):
            any_home.server.start(user, entry_id)
            any_home.server.stop(user, entry_id, position_ms=None)
            any_home.clock.pass_seconds(10)
        rows = plex.history()
        assert [(row.title, row.viewedAt.timestamp(), row.accountID) for row in rows] == [
            ("Part 1", NOW + 10, int(any_home.alice)),
            ("Heat", NOW, 1),
        ]
        assert [row.title for row in plex.history(accountID=1)] == ["Heat"]
        assert [row.title for row in heat.history()] == ["Heat"]
        assert [row.title for row in show.history()] == ["Part 1"]
        assert [row.title for row in plex.library.section("Movies").history(maxresults=5)] == ["Heat"]


class TestPlexTv:
    @pytest.fixture
    def account(self, home, doors, monkeypatch):
        """The owner's account, whose client is pointed at the simulated plex.tv."""
        server, cloud = doors
        server.app, cloud.app = home.server.app, home.server.elsewhere[PLEX_TV]
        home.server.plex_tv.server_uri = server.url
        for each in (myplex.MyPlexAccount, myplex.MyPlexUser, myplex.MyPlexResource, myplex.MyPlexPinLogin):
            for name, value in vars(each).items():
                if isinstance(value, str) and value.startswith(PLEX_TV):
                    monkeypatch.setattr(each, name, value.replace(PLEX_TV, cloud.url))
        account = myplex.MyPlexAccount(token=home.server.admin_token)
        yield account
        account._session.close()

    def test_it_signs_in(self, account):
        assert (account.username, account.homeAdmin, account.homeSize) == ("owner", True, 2)
        assert account.subscriptionActive
        assert account.ping()

    def test_a_wrong_token_is_refused(self, account):
        with pytest.raises(Unauthorized):
            myplex.MyPlexAccount(token="wrong")

    def test_it_lists_users_and_their_tokens(self, home, account):
        users = {user.title: user for user in account.users()}
        assert {name: str(user.id) for name, user in users.items()} == {"alice": home.alice, "friend": home.friend}
        assert users["friend"].get_token(home.server.machine_id) == home.server.token_for(home.friend)
        assert users["friend"].server("simulated").machineIdentifier == home.server.machine_id

    def test_it_finds_the_server_and_connects(self, home, account):
        resource = account.resource("simulated")
        assert (resource.clientIdentifier, resource.owned) == (home.server.machine_id, True)
        assert [each.name for each in account.resources()] == ["Living Room", "simulated"]
        plex = resource.connect()
        assert plex.machineIdentifier == home.server.machine_id

    def test_it_switches_to_a_member_of_the_home(self, home, account):
        alice = account.switchHomeUser("alice")
        assert (str(alice.id), alice.homeAdmin) == (home.alice, False)
        resource = alice.resource("simulated")
        assert (resource.accessToken, resource.owned) == (home.server.token_for(home.alice), False)

    def test_a_pin_has_to_be_right(self, home, account):
        kid = home.server.add_user("kid", kind="managed", pin="1234")
        with pytest.raises(BadRequest, match="1041"):
            account.switchHomeUser("kid", pin="4321")
        assert str(account.switchHomeUser("kid", pin="1234").id) == kid

    def test_it_keeps_webhooks(self, account):
        assert account.webhooks() == []
        assert account.addWebhook("http://hook.test/x") == ["http://hook.test/x"]
        assert account.deleteWebhook("http://hook.test/x") == []

    def test_it_signs_in_with_a_pin(self, home, account):
        login = myplex.MyPlexPinLogin()
        assert len(login.pin) == 4
        assert not login.checkLogin()
        home.server.plex_tv.pins.link(login.pin, home.server.people.accounts[home.alice])
        assert login.checkLogin()
        assert login.token == home.server.people.accounts[home.alice].cloud_token
