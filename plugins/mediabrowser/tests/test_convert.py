from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchstate.api import ProviderId
from watchstate_mediabrowser.convert import to_date, to_entry, to_episodes, to_guid, to_ms, to_provider_ids, to_state
from watchstate_mediabrowser.wire import Item, UserData

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATED = st.datetimes(min_value=EPOCH.replace(tzinfo=None))


def printed_by_dotnet(moment: datetime, hundreds_of_ns: int) -> str:
    """Print as Jellyfin's converter does: seven decimals if the milliseconds are zero, otherwise as few as needed."""
    ticks = moment.microsecond * 10 + hundreds_of_ns
    whole = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    decimals = f"{ticks:07}" if ticks // 10_000 == 0 else f"{ticks:07}".rstrip("0")
    return f"{whole}.{decimals}Z"


@given(DATED, st.integers(0, 9))
def test_every_date_that_dotnet_prints_is_read_to_the_millisecond(moment, hundreds_of_ns):
    expected = (moment.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
    assert to_ms(printed_by_dotnet(moment, hundreds_of_ns)) == expected


@pytest.mark.parametrize(
    ("date", "ms"),
    [
        ("2024-10-13T00:00:00.0000000Z", 1_728_777_600_000),
        ("2024-11-21T21:04:49.571Z", 1_732_223_089_571),
        ("2024-11-21T21:04:49.5Z", 1_732_223_089_500),
        ("2024-11-21T21:04:52.4030928Z", 1_732_223_092_403),
        ("2024-11-21T21:04:52Z", 1_732_223_092_000),
        ("2024-11-21T22:04:52.4030928+01:00", 1_732_223_092_403),
        ("2024-11-21T21:04:52.4030928", 1_732_223_092_403),
        ("0001-01-01T00:00:00.0000000Z", 0),
        ("1969-12-31T23:59:59Z", 0),
        ("", None),
        ("yesterday", None),
        ("11/21/2024 9:04:52 PM", None),
    ],
)
def test_a_date_is_read(date, ms):
    assert to_ms(date) == ms


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", fullmatch=True))
def test_no_text_makes_reading_a_date_fail(text):
    assert to_ms(text) is None or to_ms(text) >= 0


@given(st.integers(0, 253_402_300_799_999))
def test_a_date_that_is_written_is_read_again(at):
    assert to_ms(to_date(at)) == at


def test_a_date_is_written_with_milliseconds_in_utc():
    assert to_date(1_714_593_600_250) == "2024-05-01T20:00:00.250Z"


@pytest.mark.parametrize(
    ("text", "guid"),
    [
        ("2c0d61a793f1a78957bccedd56eea531", "2c0d61a793f1a78957bccedd56eea531"),
        ("2c0d61a7-93f1-a789-57bc-cedd56eea531", "2c0d61a793f1a78957bccedd56eea531"),
        ("2C0D61A7-93F1-A789-57BC-CEDD56EEA531", "2c0d61a793f1a78957bccedd56eea531"),
        ("", None),
        ("81797001003", None),
        ("zc0d61a793f1a78957bccedd56eea531", None),
    ],
)
def test_an_id_is_32_hexadecimal_digits(text, guid):
    assert to_guid(text) == guid


def test_ticks_become_milliseconds():
    state = to_state(UserData(played=False, playback_position_ticks=15_000_009_999))
    assert state.position_ms == 1_500_000


def test_a_missing_date_is_none_and_not_unknown():
    assert to_state(UserData(played=True)).watched_at == 0


def test_a_missing_count_and_position_are_unknown():
    state = to_state(UserData(played=True))
    assert (state.play_count, state.position_ms) == (None, None)


def test_an_unreadable_date_is_unknown():
    assert to_state(UserData(played=True, last_played_date="soon")).watched_at is None


def test_a_watched_flag_with_an_open_position_stays_as_it_is():
    state = to_state(UserData(played=True, playback_position_ticks=50_000_000))
    assert (state.watched, state.position_ms) == (True, 5_000)


@pytest.mark.parametrize(
    ("first", "last", "episodes"),
    [
        (3, None, (3,)),
        (1, 2, (1, 2)),
        (1, 10, tuple(range(1, 11))),
        (1, 1080, (1,)),
        (5, 4, (5,)),
        (5, 5, (5,)),
        (0, None, (0,)),
        (None, None, ()),
        (None, 4, ()),
        (-1, None, ()),
    ],
)
def test_a_range_of_episodes_is_taken_where_it_can_be_one(first, last, episodes):
    assert to_episodes(first, last) == episodes


def test_empty_and_missing_provider_ids_are_left_out():
    assert to_provider_ids({"Imdb": "tt1", "Tmdb": "", "Tvdb": None}) == (ProviderId("Imdb", "tt1"),)
    assert to_provider_ids(None) == ()


def test_the_id_of_a_movies_collection_is_not_its_own():
    assert to_provider_ids({"Tmdb": "603", "TmdbCollection": "2344"}) == (ProviderId("Tmdb", "603"),)


def test_an_entry_without_a_run_time_has_none():
    assert to_entry(Item(id="a", type="Movie"), ()).runtime_ms is None
    assert to_entry(Item(id="a", type="Movie", run_time_ticks=0), ()).runtime_ms is None


def test_an_unset_added_date_is_none():
    item = Item(id="a", type="Movie", date_created="0001-01-01T00:00:00.0000000Z")
    assert to_entry(item, ()).added_at == 0


def test_a_movie_has_neither_show_nor_numbers():
    item = Item(id="a", type="Movie", index_number=2, parent_index_number=1)
    entry = to_entry(item, (ProviderId("Tvdb", "1"),))
    assert (entry.season, entry.episodes, entry.show_ids) == (None, (), ())


def test_an_episode_without_a_number_is_kept():
    entry = to_entry(Item(id="a", type="Episode", parent_index_number=0), ())
    assert (entry.kind, entry.season, entry.episodes) == ("episode", 0, ())
