import pytest

from watchstate_mediabrowser.simulator.wire import present, print_date, read_date, read_played_date

SECOND = 10_000_000
NEW_YEAR = 17_040_672_000_000_000  # 2024-01-01 in ticks


@pytest.mark.parametrize(
    ("ticks", "printed"),
    [
        (NEW_YEAR, "2024-01-01T00:00:00.0000000Z"),
        (NEW_YEAR + 5_710_000, "2024-01-01T00:00:00.5710000Z"),
        (-62_135_596_800 * SECOND, "0001-01-01T00:00:00.0000000Z"),
    ],
)
def test_a_date_is_printed_with_seven_decimals(ticks: int, printed: str):
    assert print_date(ticks) == printed


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("2024-01-01T00:00:00Z", NEW_YEAR),
        ("2024-01-01T00:00:00", NEW_YEAR),
        ("2024-01-01", NEW_YEAR),
        ("2024-01-01T00:00", NEW_YEAR),
        ("2024-01-01T00:00:00.1234567Z", NEW_YEAR + 1_234_567),
        ("2024-01-01T00:00:00.5z", NEW_YEAR + 5_000_000),
        ("2024-01-01T02:00:00+02:00", NEW_YEAR),
        ("2023-12-31T23:30:00-00:30", NEW_YEAR),
    ],
)
def test_a_date_is_read_with_up_to_seven_decimals_and_any_zone(text: str, ticks: int):
    assert read_date(text) == ticks


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01T00:00:00Z", "20240101"])
def test_what_is_no_date_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        read_date(text)


def test_a_played_date_may_be_fourteen_digits():
    assert read_played_date("20240101000001") == NEW_YEAR + SECOND


def test_null_properties_are_left_out():
    assert present({"A": None, "B": 0}) == {"B": 0}
