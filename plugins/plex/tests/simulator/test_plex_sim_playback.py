"""What a player's reports do (rules 9 and 10 of the protocol page, §23.3; §10.2, §10.3)."""

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import IDENTIFIER, MIDDLE, MOVIE, NEW, NOW, OLD, RUNTIME

LATE = RUNTIME * 95 // 100
POINT = RUNTIME * 90 // 100
HALF = RUNTIME // 2


async def test_an_answer_tells_the_state(any_home):
    answer = await any_home.report(any_home.movie, HALF)
    assert answer == {"size": 0, "playbackState": "progress", "skipCount": 0, "viewCount": 0, "viewOffset": HALF}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/:/timeline", "/:/timeline/"])
async def test_a_report_may_be_sent_in_several_ways(home, method, path):
    query = f"key=/library/metadata/{home.movie}&state=stopped&time={HALF}&duration={RUNTIME}"
    assert (await home.ask(f"{path}?{query}", method=method)).status_code == 200
    assert (await home.shown(home.movie))["viewOffset"] == HALF


@pytest.mark.parametrize("state", ["playing", "paused", "buffering", "stopped"])
async def test_a_position_is_kept_and_dated(any_home, state):
    await any_home.report(any_home.movie, HALF, state=state)
    assert await any_home.shown(any_home.movie) == {"viewOffset": HALF, "lastViewedAt": NOW}


@pytest.mark.parametrize("missing", ["client", "duration", "time", "state"])
async def test_a_report_without_all_that_it_needs_is_taken_and_ignored(home, missing):
    given = {"time": HALF, "duration": RUNTIME, "state": "stopped"}
    query = "&".join(f"{name}={value}" for name, value in given.items() if name != missing)
    headers = {"X_Plex_Client_Identifier": ""} if missing == "client" else {}
    answer = await home.get(f"/:/timeline?ratingKey={home.movie}&{query}", **headers)
    assert (answer, await home.shown(home.movie)) == ({"size": 0}, {})


@pytest.mark.parametrize("wrong", ["state=dancing", "time=late", "duration=long"])
async def test_a_report_that_makes_no_sense_is_refused(home, wrong):
    good = f"ratingKey={home.movie}&state=stopped&time={HALF}&duration={RUNTIME}"
    assert (await home.ask(f"/:/timeline?{wrong}&{good}")).status_code == 400


async def test_a_report_about_nothing_is_refused(home):
    assert (await home.ask("/:/timeline?ratingKey=999999&state=stopped&time=1&duration=2")).status_code == 404


@pytest.mark.parametrize(("position", "is_kept"), [(0, False), (59_999, False), (60_000, False), (60_001, True)])
async def test_the_first_minute_is_not_kept(any_home, position, is_kept):
    await any_home.report(any_home.movie, position, state="stopped")
    assert ("viewOffset" in await any_home.shown(any_home.movie)) is is_kept


async def test_the_first_minute_does_not_take_an_older_position_away(home):
    await home.report(home.movie, HALF, state="stopped")
    before = await home.shown(home.movie)
    home.clock.pass_seconds(60)
    for position in (0, 30_000):
        await home.report(home.movie, position, state="stopped")
        assert await home.shown(home.movie) == before


@pytest.mark.parametrize("state", ["playing", "stopped"])
@pytest.mark.parametrize("position", [POINT, LATE])
@pytest.mark.parametrize(("version", "is_kept"), [(OLD, True), (MIDDLE, False), (NEW, False)])
async def test_a_single_late_report_marks_nothing(make, version, is_kept, state, position):
    home = make(version)
    await home.report(home.movie, position, state=state)
    kept = {"viewOffset": position, "lastViewedAt": NOW} if is_kept else {}
    assert await home.shown(home.movie) == kept


@pytest.mark.parametrize("state", ["playing", "stopped"])
@pytest.mark.parametrize("position", [POINT, LATE, RUNTIME])
async def test_crossing_the_point_within_a_session_is_a_watch(any_home, state, position):
    home = any_home
    await home.report(home.movie, 1_000)
    await home.report(home.movie, HALF)
    home.clock.pass_seconds(60)
    await home.report(home.movie, position, state=state)
    assert await home.shown(home.movie) == {"viewCount": 1, "lastViewedAt": NOW + 60}
    history = await home.get("/status/sessions/history/all")
    assert [row["ratingKey"] for row in history["Metadata"]] == [home.movie]


async def test_just_before_the_point_it_is_a_position(home):
    await home.report(home.movie, 1_000)
    await home.report(home.movie, POINT - 1, state="stopped")
    assert await home.shown(home.movie) == {"viewOffset": POINT - 1, "lastViewedAt": NOW}


async def test_the_point_is_crossed_once_and_what_follows_is_no_position(any_home):
    await any_home.report(any_home.movie, HALF)
    for position in (LATE, LATE + 1, RUNTIME):
        await any_home.report(any_home.movie, position)
    await any_home.report(any_home.movie, RUNTIME, state="stopped")
    assert await any_home.shown(any_home.movie) == {"viewCount": 1, "lastViewedAt": NOW}


async def test_a_watch_and_a_mark_are_two(home):
    await home.report(home.movie, HALF)
    await home.report(home.movie, LATE)
    await home.mark(home.movie)
    assert (await home.shown(home.movie))["viewCount"] == 2


async def test_a_beginning_at_zero_arms_nothing(home):
    await home.report(home.movie, 0)
    await home.report(home.movie, LATE)
    assert await home.shown(home.movie) == {}


@pytest.mark.parametrize(
    "other",
    [
        {"X_Plex_Client_Identifier": "another"},
        {"X_Plex_Session_Identifier": "another"},
    ],
)
async def test_another_session_is_not_armed_by_the_first(home, other):
    await home.report(home.movie, HALF)
    await home.report(home.movie, LATE, **other)
    assert "viewCount" not in await home.shown(home.movie)


async def test_a_position_of_an_earlier_session_arms_nothing(home):
    await home.report(home.movie, HALF, state="stopped")
    await home.report(home.movie, LATE, state="stopped")
    assert "viewCount" not in await home.shown(home.movie)


async def test_another_item_in_between_disarms(home):
    await home.report(home.movie, HALF)
    await home.report(home.episodes[0], HALF)
    await home.report(home.movie, LATE)
    assert "viewCount" not in await home.shown(home.movie)


async def test_a_start_clears_nothing_and_a_watched_item_may_have_a_position(any_home):
    await any_home.mark(any_home.movie)
    any_home.clock.pass_seconds(60)
    await any_home.report(any_home.movie, 0)
    assert await any_home.shown(any_home.movie) == {"viewCount": 1, "lastViewedAt": NOW}
    await any_home.report(any_home.movie, HALF, state="stopped")
    shown = await any_home.shown(any_home.movie)
    assert shown == {"viewCount": 1, "viewOffset": HALF, "lastViewedAt": NOW + 60}


class TestTheWatchedPoint:
    async def cross(self, home, position):
        await home.report(home.movie, 1_000)
        await home.report(home.movie, position, state="stopped")
        return "viewCount" in await home.shown(home.movie)

    async def test_it_can_be_set_on_newer_servers(self, make):
        for version, is_watched in ((OLD, False), (NEW, True)):
            home = make(version)
            home.server.prefs.played_percent = 50
            assert await self.cross(home, RUNTIME * 60 // 100) is is_watched

    @pytest.mark.parametrize(("behaviour", "is_watched"), [(0, False), (1, True), (2, True), (3, True)])
    async def test_credits_may_come_before_it(self, home, behaviour, is_watched):
        home.server.prefs.played_behaviour = behaviour
        home.server.library.items[home.movie].credits_ms = RUNTIME * 80 // 100
        assert await self.cross(home, RUNTIME * 85 // 100) is is_watched

    @pytest.mark.parametrize(("behaviour", "is_watched"), [(0, True), (1, False), (2, False), (3, True)])
    async def test_credits_may_come_after_it(self, home, behaviour, is_watched):
        home.server.prefs.played_behaviour = behaviour
        home.server.library.items[home.movie].credits_ms = RUNTIME * 97 // 100
        assert await self.cross(home, RUNTIME * 95 // 100) is is_watched

    async def test_where_the_run_time_is_unknown_the_player_tells_it(self, home):
        entry_id = home.server.add(home.movies, replace(MOVIE, title="New", runtime_ms=0))
        await home.report(entry_id, 1_000)
        await home.report(entry_id, LATE)
        assert (await home.shown(entry_id))["viewCount"] == 1

    async def test_the_shortest_position_can_be_set(self, home):
        home.server.prefs.minimum_progress_ms = 10_000
        await home.report(home.movie, 10_001)
        assert (await home.shown(home.movie))["viewOffset"] == 10_001


class TestOffline:
    async def test_an_old_replay_is_thrown_away(self, home):
        await home.mark(home.movie)
        await home.report(home.movie, HALF, query=f"&offline=1&updated={NOW - 1}")
        assert await home.shown(home.movie) == {"viewCount": 1, "lastViewedAt": NOW}

    @pytest.mark.parametrize("updated", ["", f"&updated={NOW}", f"&updated={NOW + 5}"])
    async def test_a_newer_one_is_taken_and_dated_now(self, home, updated):
        await home.mark(home.movie)
        home.clock.pass_seconds(60)
        await home.report(home.movie, HALF, query=f"&offline=1{updated}")
        assert await home.shown(home.movie) == {"viewCount": 1, "viewOffset": HALF, "lastViewedAt": NOW + 60}

    async def test_a_replay_is_no_session_and_crosses_nothing(self, home):
        await home.report(home.movie, HALF, query="&offline=1")
        await home.report(home.movie, LATE, query="&offline=1")
        assert await home.get("/status/sessions") == {"size": 0}
        assert (await home.shown(home.movie))["viewOffset"] == HALF

    async def test_an_old_server_kept_92_percent(self, make):
        home = make(OLD)
        await home.report(home.movie, RUNTIME * 925 // 1000, query="&offline=1")
        assert (await home.shown(home.movie))["viewOffset"] == RUNTIME * 925 // 1000


class TestProgress:
    def path(self, home, time):
        return f"/:/progress?key={home.movie}&identifier={IDENTIFIER}&time={time}&state=stopped"

    @pytest.mark.parametrize("method", ["GET", "PUT"])
    async def test_a_position_is_kept(self, home, method):
        assert (await home.ask(self.path(home, HALF), method=method)).status_code == 200
        assert await home.shown(home.movie) == {"viewOffset": HALF, "lastViewedAt": NOW}

    @pytest.mark.parametrize("position", [0, 60_000, LATE])
    async def test_what_is_too_early_or_too_late_changes_nothing(self, home, position):
        await home.ask(self.path(home, HALF))
        before = await home.shown(home.movie)
        await home.ask(self.path(home, position))
        assert await home.shown(home.movie) == before

    async def test_it_is_no_session(self, home):
        await home.ask(self.path(home, HALF))
        await home.ask(self.path(home, LATE))
        assert await home.get("/status/sessions") == {"size": 0}
        assert "viewCount" not in await home.shown(home.movie)

    async def test_it_needs_a_time(self, home):
        path = f"/:/progress?key={home.movie}&identifier={IDENTIFIER}"
        assert (await home.ask(path)).status_code == 400


class TestHands:
    def shown(self, home):
        state = home.server.state(home.alice, home.movie)
        return state.watched, state.position_ms, state.play_count

    def play(self, home, position_ms):
        home.server.start(home.alice, home.movie)
        home.clock.pass_seconds(600)
        home.server.stop(home.alice, home.movie, position_ms=position_ms)

    @pytest.mark.parametrize(
        ("position", "shown"),
        [
            (0, (False, 0, 0)),
            (30_000, (False, 0, 0)),
            (HALF, (False, HALF, 0)),
            (POINT, (True, 0, 1)),
            (None, (True, 0, 1)),
        ],
    )
    def test_a_person_plays_up_to_somewhere(self, any_home, position, shown):
        self.play(any_home, position)
        assert self.shown(any_home) == shown

    def test_a_person_goes_on_and_comes_to_the_end(self, home):
        self.play(home, HALF)
        self.play(home, None)
        assert self.shown(home) == (True, 0, 1)

    def test_a_person_watches_again(self, home):
        home.server.watch(home.alice, home.movie)
        home.server.start(home.alice, home.movie)
        assert self.shown(home) == (True, 0, 1)
        home.server.stop(home.alice, home.movie, position_ms=HALF)
        assert self.shown(home) == (True, HALF, 1)
        self.play(home, None)
        assert self.shown(home) == (True, 0, 2)

    def test_the_player_reports_in_between(self, home):
        home.server.start(home.alice, home.movie)
        home.server.progress(home.alice, home.movie, position_ms=HALF)
        assert self.shown(home) == (False, HALF, 0)
        home.server.progress(home.alice, home.movie, position_ms=LATE)
        assert self.shown(home) == (True, 0, 1)
