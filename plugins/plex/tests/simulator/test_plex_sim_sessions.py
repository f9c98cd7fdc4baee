"""What is played, and what was (§11 of the protocol page)."""

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MOVIE, NOW, RUNTIME

HALF = RUNTIME // 2
HISTORY = "/status/sessions/history/all"


async def sessions(home):
    return (await home.get("/status/sessions")).get("Metadata", [])


async def history(home, query="", **who):
    return (await home.get(f"{HISTORY}?{query}", **who)).get("Metadata", [])


@pytest.fixture
def played(home):
    """The owner has watched an episode and, later, the movie; alice another episode in between."""
    for user, entry_id in ((home.owner, home.episodes[0]), (home.alice, home.episodes[1]), (home.owner, home.movie)):
        home.server.start(user, entry_id)
        home.server.stop(user, entry_id, position_ms=None)
        home.clock.pass_seconds(100)
    return home


class TestSessions:
    async def test_a_session_says_who_plays_what_and_where_it_is(self, home):
        home.server.start(home.alice, home.movie)
        home.server.progress(home.alice, home.movie, position_ms=HALF)
        (row,) = await sessions(home)
        assert (row["ratingKey"], row["viewOffset"], row["librarySectionID"]) == (home.movie, HALF, 1)
        assert (row["User"]["id"], row["User"]["title"]) == (home.alice, "alice")
        assert f"/users/{home.server.people.accounts[home.alice].uuid}/avatar" in row["User"]["thumb"]
        assert (row["Player"]["state"], row["Player"]["userID"]) == ("playing", int(home.alice))
        assert row["sessionKey"] == "1"

    async def test_the_owner_is_user_1(self, home):
        home.server.start(home.owner, home.movie)
        assert (await sessions(home))[0]["User"]["id"] == "1"

    async def test_a_stop_ends_it(self, home):
        home.server.start(home.alice, home.movie)
        home.server.start(home.friend, home.movie)
        home.server.stop(home.alice, home.movie, position_ms=HALF)
        assert [row["User"]["title"] for row in await sessions(home)] == ["friend"]

    async def test_a_report_that_plays_leaves_a_session_and_one_that_stops_does_not(self, home):
        await home.report(home.movie, HALF, state="stopped")
        assert await sessions(home) == []
        await home.report(home.movie, HALF, state="paused")
        assert [row["Player"]["state"] for row in await sessions(home)] == ["paused"]

    async def test_the_next_session_has_the_next_key(self, home):
        for _ in range(2):
            home.server.start(home.alice, home.movie)
            home.server.stop(home.alice, home.movie, position_ms=0)
        home.server.start(home.alice, home.movie)
        assert (await sessions(home))[0]["sessionKey"] == "3"

    async def test_a_session_shows_the_state_of_who_plays(self, home):
        home.server.watch(home.alice, home.movie)
        home.server.start(home.alice, home.movie)
        assert (await sessions(home))[0]["viewCount"] == 1

    async def test_live_television_is_a_session_of_its_own_kind(self, home):
        home.server.play_live(home.alice, "News")
        (row,) = await sessions(home)
        assert (row["live"], row["key"][:17], row["title"]) == ("1", "/livetv/sessions/", "News")
        assert "librarySectionID" not in row
        assert (await home.ask(f"/library/metadata/{row['ratingKey']}")).status_code == 404

    async def test_a_trailer_that_is_played_belongs_to_no_section(self, home):
        clip = home.server.library.add_clip(home.server.library.items[home.movie], "Teaser")
        home.server.start(home.alice, clip.rating_key)
        (row,) = await sessions(home)
        assert (row["type"], "librarySectionID" in row) == ("clip", False)

    async def test_what_is_gone_is_no_longer_played(self, home):
        home.server.start(home.alice, home.movie)
        home.server.remove(home.movie)
        assert await sessions(home) == []


class TestHistory:
    async def test_a_row_says_what_was_watched_and_when(self, played):
        row = (await history(played))[0]
        assert (row["historyKey"], row["viewedAt"], row["accountID"]) == ("/status/sessions/history/1", NOW, 1)
        assert (row["ratingKey"], row["title"], row["grandparentTitle"]) == (played.episodes[0], "Part 1", "The Piece")
        assert (row["index"], row["parentIndex"], row["librarySectionID"]) == (1, 1, "2")
        assert {"guid", "Guid", "grandparentRatingKey", "viewCount"}.isdisjoint(row)
        assert row["grandparentKey"] == f"/library/metadata/{played.show}"

    async def test_the_owner_sees_all_and_others_their_own(self, played):
        assert [row["title"] for row in await history(played)] == ["Part 1", "Part 2", "Heat"]
        assert [row["title"] for row in await history(played, user=played.alice)] == ["Part 2"]
        assert await history(played, user=played.friend) == []

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("sort=viewedAt:desc", ["Heat", "Part 2", "Part 1"]),
            ("accountID=1", ["Part 1", "Heat"]),
            ("accountID={alice}", ["Part 2"]),
            ("librarySectionID=2", ["Part 1", "Part 2"]),
            ("metadataItemID={movie}", ["Heat"]),
            ("metadataItemID={show}", ["Part 1", "Part 2"]),
            (f"viewedAt>={NOW + 100}", ["Part 2", "Heat"]),
            (f"viewedAt>>={NOW + 100}", ["Heat"]),
            ("X-Plex-Container-Start=1&X-Plex-Container-Size=1", ["Part 2"]),
        ],
    )
    async def test_it_can_be_narrowed(self, played, query, found):
        query = query.format(alice=played.alice, movie=played.movie, show=played.show)
        assert [row["title"] for row in await history(played, query)] == found

    async def test_what_is_gone_has_a_row_without_a_key(self, played):
        played.server.remove(played.movie)
        row = (await history(played))[-1]
        assert (row["title"], {"ratingKey", "key", "thumb"} & set(row)) == ("Heat", set())

    async def test_a_row_can_be_deleted(self, played):
        assert (await played.ask("/status/sessions/history/2", method="DELETE")).status_code == 200
        assert [row["title"] for row in await history(played)] == ["Part 1", "Heat"]
        assert (await played.ask("/status/sessions/history/2", method="DELETE")).status_code == 404

    async def test_a_position_is_no_history(self, home):
        home.server.start(home.owner, home.movie)
        home.server.stop(home.owner, home.movie, position_ms=HALF)
        assert await history(home) == []

    async def test_a_page_of_it_has_a_total(self, played):
        answer = await played.get(f"{HISTORY}?X-Plex-Container-Start=0&X-Plex-Container-Size=2")
        assert (answer["size"], answer["totalSize"], answer["offset"]) == (2, 3, 0)

    async def test_a_movie_has_no_number(self, home):
        entry_id = home.server.add(home.movies, replace(MOVIE, title="Ronin"))
        home.server.start(home.owner, entry_id)
        home.server.stop(home.owner, entry_id, position_ms=None)
        assert {"index", "parentIndex", "parentKey"}.isdisjoint((await history(home))[0])
