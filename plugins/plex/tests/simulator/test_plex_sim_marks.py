"""What marks do (rules 7 and 8 of the protocol page, §23.3; §9, §10.1)."""

import pytest
from plugins.plex.tests.simulator.households import IDENTIFIER, MIDDLE, NEW, NOW, OLD, RUNTIME, episode

KEY = f"identifier={IDENTIFIER}&key="


async def test_the_table_of_the_protocol_page(any_home):
    """§9: in progress, reported again, scrobbled, un-scrobbled; nothing but the state changes."""
    home, movie = any_home, any_home.movie
    before = await home.row(movie)
    await home.report(movie, 1_200_000)
    assert await home.shown(movie) == {"viewOffset": 1_200_000, "lastViewedAt": NOW}
    home.clock.pass_seconds(10)
    await home.report(movie, 1_300_000, state="stopped")
    assert await home.shown(movie) == {"viewOffset": 1_300_000, "lastViewedAt": NOW + 10}
    home.clock.pass_seconds(10)
    await home.mark(movie)
    assert await home.shown(movie) == {"viewCount": 1, "lastViewedAt": NOW + 20}
    home.clock.pass_seconds(10)
    await home.mark(movie, "unscrobble")
    assert await home.row(movie) == before, "neither the date of the metadata nor anything else has changed"


async def test_each_mark_counts(any_home):
    await any_home.mark(any_home.movie)
    any_home.clock.pass_seconds(60)
    await any_home.mark(any_home.movie)
    assert await any_home.shown(any_home.movie) == {"viewCount": 2, "lastViewedAt": NOW + 60}


async def test_taking_a_mark_away_twice_is_as_good_as_once(home):
    await home.mark(home.movie)
    for _ in range(2):
        await home.mark(home.movie, "unscrobble")
        assert await home.shown(home.movie) == {}


async def test_a_mark_is_always_made_now(home):
    await home.mark(home.movie, query="&viewedAt=1577880000&lastViewedAt=1577880000")
    assert (await home.shown(home.movie))["lastViewedAt"] == NOW


@pytest.mark.parametrize("verb", ["scrobble", "unscrobble"])
async def test_a_mark_answers_with_an_empty_page(home, verb):
    response = await home.ask(f"/:/{verb}?{KEY}{home.movie}")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html")
    assert response.headers["content-length"] == "0"


@pytest.mark.parametrize("verb", ["scrobble", "unscrobble"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"identifier={IDENTIFIER}", 400),
        ("key={movie}", 400),
        (f"identifier={IDENTIFIER}&key=999999", 404),
        ("identifier=com.plexapp.plugins.other&key={movie}", 404),
    ],
)
async def test_a_mark_of_nothing_is_refused(home, verb, query, status):
    assert (await home.ask(f"/:/{verb}?{query.format(movie=home.movie)}")).status_code == status
    assert await home.shown(home.movie) == {}


async def test_an_address_may_stand_for_the_key(home):
    uri = f"server://{home.server.machine_id}/{IDENTIFIER}/library/metadata/{home.movie}"
    assert (await home.ask(f"/:/scrobble?identifier={IDENTIFIER}&uri={uri}")).status_code == 200
    assert (await home.shown(home.movie))["viewCount"] == 1


@pytest.mark.parametrize(("version", "status"), [(OLD, 405), (MIDDLE, 200), (NEW, 200)])
@pytest.mark.parametrize("verb", ["scrobble", "unscrobble"])
async def test_put_is_for_newer_servers_and_get_for_all(make, version, status, verb):
    home = make(version)
    assert (await home.ask(f"/:/{verb}?{KEY}{home.movie}")).status_code == 200
    put = await home.ask(f"/:/{verb}?{KEY}{home.movie}", method="PUT")
    assert (put.status_code, put.headers.get("allow")) == (status, "GET" if status == 405 else None)


async def test_only_what_can_change_a_state_is_logged_as_a_write(home):
    await home.mark(home.movie)
    await home.mark(home.movie, "unscrobble")
    await home.report(home.movie, 600_000)
    await home.ask(f"/:/progress?{KEY}{home.movie}&time=600000&state=stopped")
    await home.ask(f"/:/rate?{KEY}{home.movie}&rating=7")
    await home.row(home.movie)
    assert [each.path for each in home.server.writes()] == [
        "/:/scrobble",
        "/:/unscrobble",
        "/:/timeline",
        "/:/progress",
    ]


class TestShows:
    @pytest.mark.parametrize("whole", ["show", "season"])
    async def test_a_whole_show_or_season_is_marked_and_has_no_date_itself(self, home, whole):
        key = getattr(home, whole)
        await home.mark(key)
        assert [(await home.shown(each))["viewCount"] for each in home.episodes] == [1, 1, 1]
        for above in (home.show, home.season):
            assert await home.shown(above) == {}
            assert (await home.row(above))["viewedLeafCount"] == 3

    async def test_a_season_leaves_the_others_alone(self, home):
        other = home.server.add(home.shows, episode(1, season=2))
        await home.mark(home.season)
        assert await home.shown(other) == {}

    async def test_a_whole_show_is_unmarked(self, home):
        for each in home.episodes:
            await home.mark(each)
        await home.mark(home.show, "unscrobble")
        assert [await home.shown(each) for each in (*home.episodes, home.season, home.show)] == [{}] * 5

    async def test_a_single_episode_leaves_a_trace_at_its_season_and_show(self, home):
        await home.mark(home.episodes[0])
        await home.mark(home.episodes[0])
        for above in (home.season, home.show):
            row = await home.row(above)
            assert (row["viewCount"], row["lastViewedAt"], row["viewedLeafCount"]) == (2, NOW, 1)


@pytest.mark.parametrize(("version", "rows"), [(OLD, 1), (MIDDLE, 0), (NEW, 0)])
async def test_a_mark_leaves_history_on_old_servers_only(make, version, rows):
    home = make(version)
    await home.mark(home.movie)
    assert (await home.get("/status/sessions/history/all"))["size"] == rows


class TestRatings:
    async def test_a_rating_has_a_date_and_changes_nothing_else(self, home):
        assert (await home.ask(f"/:/rate?{KEY}{home.movie}&rating=7.5", method="PUT")).status_code == 200
        row = await home.row(home.movie)
        assert (row["userRating"], row["lastRatedAt"], await home.shown(home.movie)) == (7.5, NOW, {})

    async def test_a_rating_may_be_older_and_taken_away(self, home):
        await home.ask(f"/:/rate?{KEY}{home.movie}&rating=7&ratedAt={NOW - 60}")
        assert (await home.row(home.movie))["lastRatedAt"] == NOW - 60
        await home.ask(f"/:/rate?{KEY}{home.movie}&rating=-1")
        assert {"userRating", "lastRatedAt"}.isdisjoint(await home.row(home.movie))

    @pytest.mark.parametrize("wrong", ["rating=11", "rating=-2", "rating=good", "", f"rating=5&ratedAt={NOW + 60}"])
    async def test_a_rating_that_makes_no_sense_is_refused(self, home, wrong):
        assert (await home.ask(f"/:/rate?{KEY}{home.movie}&{wrong}")).status_code == 400


async def test_hiding_from_continue_watching_changes_no_state(home):
    await home.report(home.movie, 600_000, state="stopped")
    before = await home.row(home.movie)
    path = f"/actions/removeFromContinueWatching?ratingKey={home.movie}"
    assert (await home.ask(path, method="PUT")).status_code == 200
    assert await home.row(home.movie) == before


class TestHands:
    def test_a_person_marks_now(self, home):
        home.server.watch(home.alice, home.movie)
        state = home.server.state(home.alice, home.movie)
        assert (state.watched, state.play_count, state.watched_at) == (True, 1, NOW * 1_000)

    def test_a_person_may_have_marked_long_ago(self, home):
        home.server.watch(home.alice, home.movie, at=1_577_880_000_700)
        assert home.server.state(home.alice, home.movie).watched_at == 1_577_880_000_000

    def test_a_person_takes_a_mark_away(self, home):
        home.server.watch(home.alice, home.movie)
        home.server.unwatch(home.alice, home.movie)
        state = home.server.state(home.alice, home.movie)
        assert (state.watched, state.play_count, state.watched_at, state.position_ms) == (False, 0, 0, 0)

    async def test_a_state_may_be_one_that_nobody_made(self, home):
        home.server.set_state(home.owner, home.movie, play_count=2)
        assert await home.shown(home.movie) == {"viewCount": 2}
        home.server.set_state(home.owner, home.movie, position_ms=RUNTIME * 95 // 100, at=NOW * 1_000)
        assert await home.shown(home.movie) == {"viewOffset": RUNTIME * 95 // 100, "lastViewedAt": NOW}

    async def test_the_servers_clock_dates_what_is_done(self, home):
        home.server.skew_ms = 3_600_000
        home.server.watch(home.owner, home.movie)
        assert (await home.shown(home.movie))["lastViewedAt"] == NOW + 3_600
        assert (await home.ask("/identity")).headers["date"] == "Wed, 01 May 2024 13:00:00 GMT"


async def test_a_position_beyond_the_end_may_be_refused(home):
    query = f"ratingKey={home.movie}&state=stopped&time={RUNTIME + 1}&duration={RUNTIME}"
    assert (await home.ask(f"/:/timeline?{query}")).status_code == 200
    home.server.refuses_beyond_end = True
    assert (await home.ask(f"/:/timeline?{query}")).status_code == 400
