"""What real servers sent goes through the decoders and the webhook parser."""

from pathlib import Path

import pytest

from watchstate.api import Event, EventKind, HttpResponse, PlayState, ProviderId, WebhookRequest
from watchstate_plex import markup, webhook, wire
from watchstate_plex.convert import NO_SHOW, to_entry, to_state
from watchstate_plex.push import _judge, _Request

SHARED = Path(__file__).parents[4] / "shared"
SAMPLES = SHARED / "samples" / "plex"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder with captured answers is not here")


def event(kind, machine_id, user_id, entry_id, **more):
    return Event(kind=kind, machine_id=machine_id, user_id=user_id, entry_id=entry_id, **more)


HEARD = {
    "webhook_admin_database_backup_trimmed.json": (),
    "webhook_official_media_play_track.json": (),
    "webhook_trailer_media_play.json": (),
    "webhook_movary_media_scrobble_movie.json": (
        event(
            EventKind.STATE,
            "27a04b118b1bf1f25f8e99306785453623e18b67",
            "1",
            "26697",
            at=1_654_975_910_000,
            watched=True,
        ),
    ),
    "webhook_moviepilot_media_scrobble_episode.json": (
        event(EventKind.STATE, "xxxx", "31646104", "40294", at=1_694_320_444_000, watched=True),
    ),
    "webhook_shinkro_0_media_scrobble.json": (
        event(EventKind.STATE, "test-server-uuid-12345", "12345", "31444", at=1_767_117_106_000, watched=True),
    ),
}
ROWS = {
    "pms_metadata_1036_movie.json": ["1036"],
    "pms_metadata_182_1_inprogress.json": ["182"],
    "pms_metadata_182_2_after_timeline_75000.json": ["182"],
    "pms_metadata_182_3_after_scrobble.json": ["182"],
    "pms_metadata_182_4_after_unscrobble.json": ["182"],
    "pms_movie_library_all.json": ["55", "56", "108", "57"],
    "pms_tv_episodes_children.json": ["90", "91", "92"],
    "pms_tv_library_all.json": ["22", "68"],
    "pms_tv_seasons_children.json": None,
    "pms_transcode_empty_sessions.json": [],
}
ANSWERS = {
    "plextv_v2_resources.json": wire.RESOURCES,
    "plextv_v2_user_plexpass.json": wire.PERSON,
    "pms_timeline_response.json": wire.TIMELINE,
}
MARKUP = {"plextv_users.xml": 2}
# The XML form of what the backend asks for as JSON: the same fields in attributes. Only JSON is read.
ROWS_AS_XML = {
    "pms143_vcr_library_sections_1_all_file_Test_Movie_H264_282024_29_mkv_type_1.xml": ["1"],
    "pms_metadata_movie_watched_legacy_imdb.xml": ["11282"],
    "pms_list_size0.xml": [],
}
SECTIONS_AS_XML = {
    "pms143_vcr_library_sections.xml": [("1", "movie")],
    "pms_ha_sections_legacy_agents.xml": [("1", "movie"), ("2", "show"), ("3", "artist")],
}
UNREAD = {
    "plextv_v2_pins_linked.json": "signing in",
    "plextv_v2_pins_new.json": "signing in",
    "plextv_v2_server_machine_id.json": "sharing",
    "plextv_v2_webhooks_two.json": "webhooks of an account",
    "pms143_vcr_root.xml": "only the owner may read it",
    "pms_accounts.xml": "only the owner may read it",
    "pms_history_all_2014rows.xml": "plays, not states",
    "pms_prefs.json": "only the owner may read it",
    "pms_section_meta_filters.xml": "filters are known",
    "webhook_field_analysis_shatro.json": "names of types, not a notification",
    "ws_playing_web.json": "live events",
    "ws_pts_activity_played_0.json": "live events",
}


def content(name):
    return (SAMPLES / name).read_bytes()


def rows(name):
    return wire.ROWS.decode(content(name)).container.rows


def as_json(element):
    """Return a row of XML as JSON has it: elements inside become lists."""
    told = dict(element.attributes)
    for child in element.children:
        told.setdefault(child.tag, []).append(as_json(child))
    return told


def rows_from_xml(name):
    told = as_json(markup.parse(content(name)))
    body = {"MediaContainer": {**told, "Metadata": told.get("Video", [])}}
    return wire.ROWS.decode(wire.msgspec.json.encode(body)).container


def test_every_sample_has_its_test():
    tested = {*HEARD, *ROWS, *ANSWERS, *MARKUP, *ROWS_AS_XML, *SECTIONS_AS_XML, *UNREAD}
    assert {path.name for path in SAMPLES.iterdir()} == tested


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_notification_is_heard(name):
    body = content(name)
    assert webhook.parse(WebhookRequest(headers={}, body=body)) == HEARD[name]
    form = b'--b\r\nContent-Disposition: form-data; name="payload"\r\n\r\n' + body + b"\r\n--b--\r\n"
    assert webhook.parse(WebhookRequest(headers={}, body=form)) == HEARD[name]


@pytest.mark.parametrize("name", ROWS)
def test_captured_rows_are_read(name):
    keys = [row.rating_key for row in rows(name)]
    assert keys == ROWS[name] or (ROWS[name] is None and keys)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_captured_answer_is_read(name):
    assert ANSWERS[name].decode(content(name))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("pms_metadata_182_1_inprogress.json", (False, 0, 70_000, 1_683_736_823_000)),
        ("pms_metadata_182_2_after_timeline_75000.json", (False, 0, 75_000, 1_683_746_136_000)),
        ("pms_metadata_182_3_after_scrobble.json", (True, 1, 0, 1_683_761_882_000)),
        ("pms_metadata_182_4_after_unscrobble.json", (False, 0, 0, 0)),
        ("pms_metadata_1036_movie.json", (True, 1, 0, 1_368_998_603_000)),
    ],
)
def test_the_states_of_a_movie_are_as_they_were_captured(name, state):
    (row,) = rows(name)
    watched, count, position, date = state
    assert to_state(row) == PlayState(watched=watched, play_count=count, position_ms=position, watched_at=date)


def test_a_captured_movie_of_a_new_agent_has_its_ids():
    (row,) = rows("pms_metadata_1036_movie.json")
    found = to_entry(row, NO_SHOW, is_range=False, library_id="")
    assert (found.title, found.year, found.runtime_ms) == ("Reign of Fire", 2002, 6_118_122)
    assert {(each.provider, each.value) for each in found.provider_ids} == {
        ("imdb", "tt0253556"),
        ("tmdb", "6278"),
        ("tvdb", "1709"),
    }


def test_a_captured_episode_of_a_legacy_agent_names_its_show():
    row = rows("pms_tv_episodes_children.json")[0]
    found = to_entry(row, NO_SHOW, is_range=False, library_id="")
    assert (found.show_title, found.season, found.episodes) == ("The 100", 1, (1,))
    assert (found.show_ids, found.provider_ids) == ((ProviderId("tvdb", "268592"),), ())


def test_captured_rows_of_a_season_belong_to_a_show():
    assert {row.type for row in rows("pms_tv_seasons_children.json")} == {"season"}


@pytest.mark.parametrize("name", ROWS_AS_XML)
def test_xml_says_the_same_as_json_would(name):
    page = rows_from_xml(name)
    assert [row.rating_key for row in page.rows] == ROWS_AS_XML[name]


def test_a_captured_page_says_where_it_is():
    page = rows_from_xml("pms_list_size0.xml")
    assert (page.total_size, page.offset) == (10, 0)


def test_a_captured_movie_of_a_legacy_agent_is_watched_and_has_its_id():
    (row,) = rows_from_xml("pms_metadata_movie_watched_legacy_imdb.xml").rows
    assert to_state(row).watched
    found = to_entry(row, NO_SHOW, is_range=False, library_id="")
    assert found.provider_ids == (ProviderId("imdb", "tt0184894"),)
    assert found.path == "F:\\Movies\\Shanghai Noon (2000)\\Shanghai Noon (2000).avi"


@pytest.mark.parametrize("name", SECTIONS_AS_XML)
def test_captured_libraries_are_read(name):
    body = {"MediaContainer": as_json(markup.parse(content(name)))}
    found = wire.SECTIONS.decode(wire.msgspec.json.encode(body)).container.sections
    assert [(section.key, section.type) for section in found] == SECTIONS_AS_XML[name]


@pytest.mark.parametrize("name", MARKUP)
def test_captured_people_are_read(name):
    people = markup.parse(content(name)).each("User")
    assert len(people) == MARKUP[name]
    assert {person.attributes["id"] for person in people} == {"1000", "1001"}
    assert all(person.each("Server")[0].attributes["machineIdentifier"] == "unique_id_123" for person in people)


def test_a_captured_report_of_a_position_was_taken():
    answer = HttpResponse(
        server="den",
        operation="POST /:/timeline",
        status=200,
        headers={},
        content=content("pms_timeline_response.json"),
        began_at=1,
        ended_at=2,
    )
    assert _judge(_Request("POST", "/:/timeline", ()), answer)[0] == "applied"


@pytest.mark.parametrize("name", [each for each in UNREAD if each.endswith(".xml")])
def test_other_captured_xml_is_read_as_xml(name):
    assert markup.parse(content(name)).tag == "MediaContainer"
