"""The simulator's answers beside captured ones of real servers and of plex.tv."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MIDDLE, MOVIE, NEW, OLD, PAGE, RUNTIME, episode

SHARED = Path(__file__).parents[4] / ".." / "shared"
SAMPLES = SHARED / "samples" / "plex"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, which holds the captures, is absent")

# What the metadata agents of a real server find out and ours has no use for.
ABOUT_THE_FILM = {
    "studio", "contentRating", "rating", "audienceRating", "tagline", "audienceRatingImage", "ratingImage",
    "primaryExtraKey", "hasPremiumPrimaryExtra", "originallyAvailableAt", "banner", "theme", "augmentationKey",
    "Genre", "Director", "Writer", "Producer", "Country", "Collection", "Role", "Rating", "Review", "Similar",
    "Preferences", "Extras",
}  # fmt: skip
ABOUT_THE_SHOW = {
    "parentStudio", "parentTheme", "grandparentTheme", "grandparentStudio", "grandparentContentRating",
}  # fmt: skip
ABOUT_THE_STREAMS = {
    "audioProfile", "has64bitOffsets", "optimizedForStreaming", "hasVoiceActivity", "indexes", "Stream",
}  # fmt: skip
LEFT_OUT = ABOUT_THE_FILM | ABOUT_THE_SHOW | ABOUT_THE_STREAMS


def capture(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def captured_xml(name: str) -> ET.Element:
    return ET.fromstring((SAMPLES / name).read_bytes())


def shape(value: Any) -> Any:
    """Reduce a value to what kind of value it is; a list to its first."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the common plain values that are of different kinds."""
    kinds = {name: (shape(ours[name]), shape(theirs[name])) for name in ours.keys() & theirs.keys()}
    return {name: pair for name, pair in kinds.items() if pair[0] != pair[1] and not isinstance(pair[0], dict | list)}


def check_rows(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Compare two rows down to their files."""
    assert theirs.keys() - mine.keys() <= LEFT_OUT
    assert mine.keys() <= theirs.keys()
    assert differing(mine, theirs) == {}
    for name in ("Media", "Part"):
        if name in theirs:
            mine, theirs = mine[name][0], theirs[name][0]
            assert theirs.keys() - mine.keys() <= LEFT_OUT
            assert mine.keys() <= theirs.keys()
            assert differing(mine, theirs) == {}


class TestTheTableOfStates:
    """§9: the same film before and after each of three requests."""

    @pytest.fixture
    def home(self, make):
        home = make(OLD)
        ids = {"plex": "5d7768257228e5001f1dccd2", "imdb": "tt0096895", "tmdb": "268", "tvdb": "1204"}
        batman = replace(MOVIE, title="Batman", year=1989, ids=ids, runtime_ms=81_030)
        home.movie = home.server.add(home.movies, batman)
        return home

    async def test_a_film_in_progress_is_described_as_the_captured_one(self, home):
        await home.report(home.movie, 70_000, query="&offline=1")
        captured = capture("pms_metadata_182_1_inprogress.json")["MediaContainer"]
        ours = await home.get(f"/library/metadata/{home.movie}")
        assert captured.keys() - ours.keys() == {"augmentationKey"}
        assert ours.keys() <= captured.keys()
        assert differing(ours, captured) == {}
        mine, theirs = ours["Metadata"][0], captured["Metadata"][0]
        check_rows(mine, theirs)
        assert (mine["guid"], mine["Guid"]) == (theirs["guid"], theirs["Guid"])

    async def test_each_request_does_what_it_did(self, home):
        names = ("1_inprogress", "2_after_timeline_75000", "3_after_scrobble", "4_after_unscrobble")
        rows = [capture(f"pms_metadata_182_{name}.json")["MediaContainer"]["Metadata"][0] for name in names]
        fields = ("viewCount", "viewOffset", "lastViewedAt", "updatedAt")
        theirs = [{name: row[name] for name in fields if name in row} for row in rows]

        home.clock.now = theirs[0]["lastViewedAt"] * 1_000
        home.server.library.items[home.movie].updated_at = theirs[0]["updatedAt"]
        ours = []
        for moment, step in (
            (theirs[0], lambda: home.report(home.movie, 70_000, query="&offline=1")),
            (theirs[1], lambda: home.report(home.movie, 75_000, query="&offline=1")),
            (theirs[2], lambda: home.mark(home.movie)),
            (theirs[2], lambda: home.mark(home.movie, "unscrobble")),
        ):
            home.clock.now = moment["lastViewedAt"] * 1_000
            await step()
            row = await home.row(home.movie)
            ours.append({name: row[name] for name in fields if name in row})
        assert ours == theirs

    async def test_a_report_is_answered_as_it_was(self, home):
        captured = capture("pms_timeline_response.json")["MediaContainer"]
        assert await home.report(home.movie, 75_000, query="&offline=1") == captured


async def test_a_watched_film(make):
    home = make(OLD)
    home.server.watch(home.owner, home.movie)
    theirs = capture("pms_metadata_1036_movie.json")["MediaContainer"]["Metadata"][0]
    check_rows(await home.row(home.movie), theirs)


async def test_a_listing_of_a_legacy_movie_library(make):
    home = make(OLD, name="other")
    legacy = home.server.add_library("Films", "movies", agent="com.plexapp.agents.imdb")
    home.server.add(legacy, MOVIE)
    captured = capture("pms_movie_library_all.json")["MediaContainer"]
    ours = await home.get(f"/library/sections/{legacy}/all?includeGuids=1")
    assert ours.keys() == captured.keys()
    assert differing(ours, captured) == {}
    check_rows(ours["Metadata"][0], captured["Metadata"][0])
    pattern = r"com\.plexapp\.agents\.imdb://tt\d+\?lang=en"
    assert re.fullmatch(pattern, ours["Metadata"][0]["guid"])
    assert re.fullmatch(pattern, captured["Metadata"][0]["guid"])


class TestALegacyShow:
    @pytest.fixture
    def home(self, make):
        home = make(OLD)
        home.shows = home.server.add_library("TV", "shows", agent="com.plexapp.agents.thetvdb")
        title = episode(1, show="The 100", show_ids={"tvdb": "268592"}, year=2014)
        home.episodes = [home.server.add(home.shows, replace(title, episodes=(number,))) for number in (1, 2)]
        return home

    async def test_the_listing_of_shows(self, home):
        captured = capture("pms_tv_library_all.json")["MediaContainer"]
        ours = await home.get(f"/library/sections/{home.shows}/all")
        assert (ours.keys(), differing(ours, captured)) == (captured.keys(), {})
        mine, theirs = ours["Metadata"][0], captured["Metadata"][0]
        assert theirs.keys() - mine.keys() <= LEFT_OUT | {"duration"}
        assert mine.keys() <= theirs.keys()
        assert (mine["guid"], mine["titleSort"]) == (theirs["guid"], theirs["titleSort"])

    async def test_the_seasons_of_a_show(self, home):
        captured = capture("pms_tv_seasons_children.json")["MediaContainer"]
        ours = await home.get(f"/library/metadata/{home.show}/children")
        assert captured.keys() - ours.keys() <= LEFT_OUT
        assert ours.keys() <= captured.keys()
        assert differing(ours, captured) == {}
        assert ours["Directory"][0].keys() == captured["Directory"][0].keys()
        mine, theirs = ours["Metadata"][0], captured["Metadata"][0]
        check_rows(mine, theirs)
        assert (mine["guid"], mine["parentGuid"]) == (theirs["guid"], theirs["parentGuid"])

    async def test_the_episodes_of_a_season(self, home):
        captured = capture("pms_tv_episodes_children.json")["MediaContainer"]
        ours = await home.get(f"/library/metadata/{home.season}/children")
        assert captured.keys() - ours.keys() <= LEFT_OUT
        assert ours.keys() <= captured.keys()
        assert differing(ours, captured) == {}
        mine, theirs = ours["Metadata"][0], captured["Metadata"][0]
        check_rows(mine, theirs)
        names = ("guid", "parentGuid", "grandparentGuid", "parentTitle", "grandparentTitle")
        assert [mine[name] for name in names] == [theirs[name] for name in names]


async def test_a_page_of_the_newest_server_in_xml(make):
    home = make(NEW)
    theirs = captured_xml("pms143_vcr_library_sections_1_all_file_Test_Movie_H264_282024_29_mkv_type_1.xml")
    ours = await home.xml(f"/library/sections/{home.movies}/all?type=1&file=Heat&{PAGE}")
    assert set(ours.attrib) == set(theirs.attrib)
    # When the captured film was added is cut out of the capture.
    assert set(ours[0].attrib) - set(theirs[0].attrib) == {"addedAt", "updatedAt"}
    assert set(theirs[0].attrib) - set(ours[0].attrib) == {"originallyAvailableAt"}
    people = {"Genre", "Country", "Director", "Writer", "Role"}
    assert {each.tag for each in theirs[0]} - {each.tag for each in ours[0]} == people
    for path in ("Media", "Media/Part", "Image", "UltraBlurColors"):
        mine, captured = ours[0].find(path), theirs[0].find(path)
        assert mine is not None
        assert captured is not None
        assert set(captured.attrib) - set(mine.attrib) <= LEFT_OUT
        assert set(mine.attrib) <= set(captured.attrib)


async def test_the_sections_of_the_newest_server(make):
    ours, theirs = await make(NEW).xml("/library/sections"), captured_xml("pms143_vcr_library_sections.xml")
    assert set(ours.attrib) == set(theirs.attrib)
    cut_out = {"art", "composite", "thumb", "uuid", "updatedAt"}
    assert set(ours[0].attrib) - set(theirs[0].attrib) == cut_out
    assert set(theirs[0].attrib) <= set(ours[0].attrib)
    assert ours[0][0].attrib == theirs[0][0].attrib


async def test_sections_of_legacy_agents(make):
    home = make(OLD)
    home.server.add_library("Old films", "movies", agent="com.plexapp.agents.imdb")
    ours, theirs = await home.xml("/library/sections"), captured_xml("pms_ha_sections_legacy_agents.xml")
    mine, captured = ours[2], theirs[0]
    assert set(mine.attrib) == set(captured.attrib)
    names = ("type", "agent", "scanner", "language", "content", "directory", "filters", "hidden")
    assert [mine.get(name) for name in names] == [captured.get(name) for name in names]


async def test_a_legacy_film_in_xml(make):
    home = make(OLD)
    legacy = home.server.add_library("Old films", "movies", agent="com.plexapp.agents.imdb")
    entry_id = home.server.add(legacy, MOVIE)
    home.server.watch(home.owner, entry_id)
    ours = await home.xml(f"/library/metadata/{entry_id}")
    theirs = captured_xml("pms_metadata_movie_watched_legacy_imdb.xml")
    assert (ours[0].tag, ours[0].get("viewCount")) == (theirs[0].tag, theirs[0].get("viewCount"))
    assert set(theirs[0].attrib) - set(ours[0].attrib) <= LEFT_OUT
    # The capture, of 2013, did not name the section in the row, nor its title at all.
    section = {"librarySectionTitle", "librarySectionID", "librarySectionKey"}
    assert set(ours[0].attrib) - set(theirs[0].attrib) == section | {"summary"}
    assert set(ours.attrib) - set(theirs.attrib) == {"librarySectionTitle"}


async def test_who_the_newest_server_says_it_is(make):
    ours, theirs = await make(NEW).xml("/"), captured_xml("pms143_vcr_root.xml")
    assert set(ours.attrib) <= set(theirs.attrib)
    names = ("version", "apiVersion", "platform", "myPlexSigninState", "myPlexMappingState", "multiuser", "livetv")
    assert [ours.get(name) for name in names] == [theirs.get(name) for name in names]


async def test_a_count(make):
    path = "/library/sections/2/all?X-Plex-Container-Start=0&X-Plex-Container-Size=0"
    ours, theirs = await make(MIDDLE).xml(path), captured_xml("pms_list_size0.xml")
    assert set(theirs.attrib) - set(ours.attrib) == {"sortAsc"}
    assert set(ours.attrib) <= set(theirs.attrib)
    assert (ours.get("size"), ours.get("nocache"), len(ours)) == (theirs.get("size"), theirs.get("nocache"), 0)


async def test_what_a_section_can_be_filtered_by(make):
    path = "/library/sections/1/all?includeMeta=1&X-Plex-Container-Start=0&X-Plex-Container-Size=0"
    ours, theirs = await make(MIDDLE).xml(path), captured_xml("pms_section_meta_filters.xml")
    mine, captured = ours.find("Meta/Type"), theirs.find("Meta/Type")
    assert mine is not None
    assert captured is not None
    assert set(mine.attrib) == set(captured.attrib)
    for kind in ("Filter", "Sort", "Field"):
        named = {each.get("key"): each for each in captured.iter(kind)}
        for each in mine.iter(kind):
            assert set(each.attrib) <= set(named[each.get("key")].attrib)
            assert each.get("type") == named[each.get("key")].get("type")
    operators = [
        {each.get("type"): [one.get("key") for one in each] for each in meta.iter("FieldType")}
        for meta in (ours, theirs)
    ]
    assert operators[0].items() <= operators[1].items()


async def test_an_idle_server(make):
    assert {"MediaContainer": await make().get("/status/sessions")} == capture("pms_transcode_empty_sessions.json")


async def test_the_accounts(make):
    ours, theirs = await make().xml("/accounts"), captured_xml("pms_accounts.xml")
    assert set(ours.attrib) == set(theirs.attrib)
    assert [set(each.attrib) for each in ours] == [set(theirs[0].attrib)] * 4
    assert [each.get("id") for each in ours][:2] == [each.get("id") for each in theirs][:2]


async def test_the_history(make):
    home = make(OLD)
    for entry_id in (home.movie, home.episodes[0]):
        home.server.start(home.owner, entry_id)
        home.server.stop(home.owner, entry_id, position_ms=None)
    home.server.start(home.owner, home.episodes[1])
    home.server.stop(home.owner, home.episodes[1], position_ms=RUNTIME)
    gone = home.server.add(home.movies, replace(MOVIE, title="Gone"))
    home.server.start(home.owner, gone)
    home.server.stop(home.owner, gone, position_ms=None)
    home.server.remove(gone)
    theirs = captured_xml("pms_history_all_2014rows.xml")
    ours = await home.xml("/status/sessions/history/all")
    # The captured server did not tell the device, and had pictures for the parents.
    for mine, captured in ((ours[0], theirs[0]), (ours[1], theirs[1]), (ours[3], theirs[2])):
        assert set(mine.attrib) - set(captured.attrib) == {"deviceID"}
        assert set(captured.attrib) - set(mine.attrib) <= {
            "parentThumb", "grandparentThumb", "grandparentArt", "originallyAvailableAt",
        }  # fmt: skip


async def test_the_settings(make):
    ours = (await make(OLD).get("/:/prefs"))["Setting"]
    theirs = {each["id"]: each for each in capture("pms_prefs.json")["MediaContainer"]["Setting"]}
    for setting in ours:
        captured = theirs[setting["id"]]
        assert setting.keys() - captured.keys() == set()
        assert captured.keys() - setting.keys() <= {"enumValues"}
        assert shape(setting) == shape({name: captured[name] for name in setting})
        assert (setting["type"], setting["hidden"], setting["default"]) == (
            captured["type"],
            captured["hidden"],
            captured["default"],
        )


# plex.tv


async def ask_cloud(home, path, **how):
    return (await home.ask_cloud(path, **how)).json()


async def test_an_account_of_plex_tv(home):
    ours, theirs = await ask_cloud(home, "/api/v2/user"), capture("plextv_v2_user_plexpass.json")
    # What was bought, tried and agreed to.
    untold = {"pin", "subscriptions", "pastSubscriptions", "trials", "adsConsentSetAt", "adsConsentReminderAt"}
    assert theirs.keys() - ours.keys() == untold
    assert ours.keys() <= theirs.keys()
    assert ours["subscription"].keys() == theirs["subscription"].keys()
    nullable = {"adsConsent", "rememberExpiresAt"}
    assert differing(ours, theirs).keys() <= nullable


async def test_a_resource(home):
    ours, theirs = (await ask_cloud(home, "/api/v2/resources"))[1], capture("plextv_v2_resources.json")[0]
    assert (ours.keys(), differing(ours, theirs)) == (theirs.keys(), {})
    assert shape(ours["connections"]) == shape(theirs["connections"])


async def test_friends(home):
    response = await home.ask_cloud("/api/users/", Accept="*/*")
    ours, theirs = ET.fromstring(response.content), captured_xml("plextv_users.xml")
    friend = ours[1]
    assert set(ours.attrib) == set(theirs.attrib)
    assert (set(friend.attrib), set(friend[0].attrib)) == (set(theirs[0].attrib), set(theirs[0][0].attrib))


async def test_a_pin_before_and_after_it_is_linked(home):
    ours = await ask_cloud(home, "/api/v2/pins", method="POST", token="")
    assert shape(ours) == shape(capture("plextv_v2_pins_new.json"))
    home.server.plex_tv.pins.link(ours["code"], home.server.people.owner)
    linked = await ask_cloud(home, f"/api/v2/pins/{ours['id']}", token="")
    assert shape(linked) == shape(capture("plextv_v2_pins_linked.json"))


async def test_webhooks(home):
    home.server.notices.webhook_urls[:] = ["https://example.com/webhook1", "https://example.com/webhook2"]
    assert await ask_cloud(home, "/api/v2/user/webhooks") == capture("plextv_v2_webhooks_two.json")


# What the server tells of its own accord


def sent(home, event):
    found = (each for each in home.server.notices.deliveries if each.event == event)
    body = next(found).body
    return json.loads(body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0])


@pytest.fixture
def loud(make):
    """A household whose server tells its webhooks and one listener everything."""
    home = make(MIDDLE)
    home.server.notices.webhook_urls.append("http://hook.test")
    home.frames = []
    home.server.notices.listen(home.frames.append, home.server.people.owner)
    return home


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("webhook_movary_media_scrobble_movie.json", "owner"),
        ("webhook_moviepilot_media_scrobble_episode.json", "alice"),
    ],
)
async def test_a_scrobble(loud, name, user):
    theirs = capture(name)
    entry_id = loud.movie if theirs["Metadata"]["type"] == "movie" else loud.episodes[0]
    loud.server.start(getattr(loud, user), entry_id)
    loud.server.stop(getattr(loud, user), entry_id, position_ms=None)
    ours = sent(loud, "media.scrobble")
    assert ours.keys() == theirs.keys()
    assert (ours["user"], ours["owner"]) == (theirs["user"], theirs["owner"])
    for part in ("Account", "Server", "Player"):
        assert ours[part].keys() == theirs[part].keys()
        assert differing(ours[part], theirs[part]) == {}
    mine, captured = ours["Metadata"], theirs["Metadata"]
    edited_by_hand = {"Label", "Field", "originalTitle", "titleSort"}
    assert captured.keys() - mine.keys() <= LEFT_OUT | edited_by_hand | {"chapterSource", "grandparentSlug", "year"}
    assert mine.keys() - captured.keys() <= {"slug", "Image", "UltraBlurColors"}
    assert differing(mine, captured) == {}


async def test_a_trailer(loud):
    clip = loud.server.library.add_clip(loud.server.library.items[loud.movie], "Teaser")
    loud.server.start(loud.owner, clip.rating_key)
    mine, captured = sent(loud, "media.play")["Metadata"], capture("webhook_trailer_media_play.json")["Metadata"]
    assert {"type", "subtype", "extraType"} <= mine.keys() & captured.keys()
    assert not [name for name in mine.keys() | captured.keys() if name.startswith("librarySection")]


def test_a_frame_of_a_player(loud):
    loud.server.start(loud.owner, loud.movie)
    assert shape(loud.frames[0]) == shape(capture("ws_playing_web.json"))


async def test_a_frame_of_an_activity(loud):
    loud.server.refresh_activity = True
    await loud.mark(loud.movie)
    mine = loud.frames[0]["NotificationContainer"]
    theirs = capture("ws_pts_activity_played_0.json")["NotificationContainer"]
    assert mine.keys() == theirs.keys()
    activity, captured = mine["ActivityNotification"][0]["Activity"], theirs["ActivityNotification"][0]["Activity"]
    assert captured.keys() <= activity.keys()
    assert differing(activity, captured) == {}
