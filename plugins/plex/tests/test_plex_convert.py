import pytest
from plugins.plex.tests.canned import episode, file, movie

from watchstate.api import PlayState, ProviderId
from watchstate_plex import wire
from watchstate_plex.convert import NO_SHOW, Show, range_of, show_key, to_entry, to_ms, to_state
from watchstate_plex.file_names import episodes_in


def row(fields):
    return wire.ROWS.decode(wire.msgspec.json.encode({"MediaContainer": {"Metadata": [fields]}})).container.rows[0]


def entry(fields, shows=NO_SHOW, *, is_range=False):
    return to_entry(row(fields), shows, is_range=is_range, library_id="")


# The edge cases of the protocol page that are about one row


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, {}),
        ({"viewCount": 2, "lastViewedAt": 1_709_463_000}, {"watched": True, "play_count": 2, "at": 1_709_463_000_000}),
        ({"viewCount": 1}, {"watched": True, "play_count": 1}),
        (
            {"viewCount": 1, "viewOffset": 612_000, "lastViewedAt": 5},
            {"watched": True, "play_count": 1, "position_ms": 612_000, "at": 5_000},
        ),
        ({"viewOffset": 612_000, "lastViewedAt": 5}, {"position_ms": 612_000, "at": 5_000}),
        ({"lastViewedAt": 5}, {"at": 5_000}),
        ({"duration": 1_000, "viewOffset": 999}, {"position_ms": 999}),
        ({"viewCount": 0}, {}),
        ({"viewCount": "2", "viewOffset": "5000"}, {"watched": True, "play_count": 2, "position_ms": 5_000}),
        ({"viewedLeafCount": 3, "leafCount": 3}, {}),
    ],
)
def test_the_play_state_is_what_plex_counts(fields, state):
    expected = PlayState(
        watched=state.get("watched", False),
        position_ms=state.get("position_ms", 0),
        play_count=state.get("play_count", 0),
        watched_at=state.get("at", 0),
    )
    assert to_state(row(movie(1, **fields))) == expected


@pytest.mark.parametrize(
    ("seconds", "ms"),
    [(None, None), (0, 0), (-5, 0), (1, 1_000), (4_102_444_800, 4_102_444_800_000), (10**18, 2**63 // 10**3 * 10**3)],
)
def test_odd_dates_do_no_harm(seconds, ms):
    assert to_ms(seconds) == ms


def test_a_run_time_of_nothing_is_not_known():
    assert entry(movie(1, duration=0)).runtime_ms is None
    assert entry(movie(1)).runtime_ms is None


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"parentIndex": 1, "index": 5}, (1, (5,))),
        ({"parentIndex": 0, "index": 1}, (0, (1,))),
        ({"parentIndex": 1, "index": 0}, (1, (0,))),
        ({"parentIndex": None, "index": 5}, (None, (5,))),
        ({"parentIndex": 1, "index": None}, (1, ())),
        ({"parentIndex": -1, "index": -1}, (None, ())),
    ],
)
def test_season_and_number_are_never_made_up(numbers, expected):
    found = entry(episode(1, **numbers))
    assert (found.season, found.episodes) == expected


def test_a_legacy_guid_tells_numbers_that_the_row_lacks():
    found = entry(episode(1, parentIndex=None, guid="com.plexapp.agents.thetvdb://81797/22/70?lang=en", index=None))
    assert (found.season, found.episodes) == (22, (70,))
    assert found.show_ids == (ProviderId("tvdb", "81797"),)


def test_an_episode_has_its_own_ids_and_those_of_its_show():
    fields = episode(5, guid="plex://episode/60d5", Guid=[{"id": "tvdb://8449513"}], grandparentGuid="plex://show/5d9c")
    found = entry(fields, Show("plex://show/5d9c", ("tvdb://81189",)))
    assert found.provider_ids == (ProviderId("tvdb", "8449513"),)
    assert found.show_ids == (ProviderId("tvdb", "81189"),)


@pytest.mark.parametrize(
    "fields",
    [
        {"grandparentRatingKey": "900"},
        {"grandparentRatingKey": 900},
        {"grandparentRatingKey": None, "grandparentKey": "/library/metadata/900"},
        {"grandparentRatingKey": None, "grandparentThumb": "/library/metadata/900/thumb/1579514246"},
    ],
)
def test_the_show_is_found_however_it_is_named(fields):
    assert show_key(row(episode(1, **fields))) == "900"


def test_a_show_may_not_be_named_at_all():
    assert show_key(row(episode(1, grandparentRatingKey=None, grandparentKey="/livetv/1"))) == ""


def test_the_file_is_the_first_that_the_server_did_not_make_itself():
    media = [{"proxyType": 42, "Part": [{"file": "/optimized.mp4"}]}, {"Part": [{"file": "/a-4k.mkv"}]}]
    assert entry(movie(1, Media=[*media, {"Part": [{"file": "/a.mkv"}]}])).path == "/a-4k.mkv"


def test_a_title_without_a_file_has_no_path():
    assert entry(movie(1, Media=[{"id": 1}])).path is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Show - S01E01-E02.mkv", (1, (1, 2))),
        ("Show.S01E01E02.mkv", (1, (1, 2))),
        ("Show s01e01-02.mkv", (1, (1, 2))),
        ("Show S01E01-S01E03.mkv", (1, (1, 2, 3))),
        ("Show - S01E01 - E02.mkv", (1, (1, 2))),
        ("Show S01E01-E02-E03.mkv", (1, (1, 2, 3))),
        ("Show 1x01-1x02.mkv", (1, (1, 2))),
        ("Show 1x01-02.mkv", (1, (1, 2))),
        ("S00E01-E02.mkv", (0, (1, 2))),
        ("C:\\tv\\Show\\Show S02E03-E04.mkv", (2, (3, 4))),
        ("/tv/Show S01E01-E02/Show S01E01.mkv", None),
        ("Show S01E01.mkv", None),
        ("Show S01E01-1080p.mkv", None),
        ("Show S01E01-720.mkv", None),
        ("Show S01E01 - 100 Years.mkv", None),
        ("Show S01E01-S02E02.mkv", None),
        ("Show S01E05-E04.mkv", None),
        ("Show S01E01-E09.mkv", None),
        ("Movie 1920x1080.mkv", None),
        ("", None),
        (None, None),
    ],
)
def test_the_episodes_in_the_name_of_a_file(name, found):
    assert episodes_in(name) == found


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        ({"index": 1, **file("/tv/S01E01-E02.mkv")}, (1, 2)),
        ({"index": 2, **file("/tv/S01E01-E02.mkv")}, ()),
        ({"index": 1, **file("/tv/S02E01-E02.mkv")}, ()),
        ({"index": 1, "grandparentRatingKey": None, **file("/tv/S01E01-E02.mkv")}, ()),
    ],
)
def test_a_range_begins_with_the_item_itself(fields, numbers):
    assert range_of(row(episode(1, **fields))) == numbers
