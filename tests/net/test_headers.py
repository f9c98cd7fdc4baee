from hypothesis import given
from hypothesis import strategies as st

from watchstate.net.headers import clock_skew_ms, retry_after_ms

NOON = 1_767_268_800_000
NOON_TEXT = "Thu, 01 Jan 2026 12:00:00 GMT"


def test_the_skew_is_taken_against_the_middle_of_the_request() -> None:
    assert clock_skew_ms({"date": NOON_TEXT}, NOON - 6_000, NOON - 4_000) == 5_000


def test_a_date_without_a_zone_is_utc() -> None:
    assert clock_skew_ms({"date": "Thu, 01 Jan 2026 12:00:00 -0000"}, NOON, NOON) == 0


def test_no_date_is_no_skew() -> None:
    assert clock_skew_ms({}, NOON, NOON) is None


def test_retry_after_in_seconds() -> None:
    assert retry_after_ms({"retry-after": "7"}, NOON) == 7_000


def test_retry_after_as_a_date() -> None:
    assert retry_after_ms({"retry-after": NOON_TEXT}, NOON - 3_000) == 3_000


def test_retry_after_a_date_that_has_passed_is_now() -> None:
    assert retry_after_ms({"retry-after": NOON_TEXT}, NOON + 3_000) == 0


def test_no_retry_after_is_unknown() -> None:
    assert retry_after_ms({}, NOON) is None


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,9} [+A-Z0-9-]{0,5}"))
def test_no_header_makes_it_fail(value: str) -> None:
    clock_skew_ms({"date": value}, NOON, NOON)
    wait = retry_after_ms({"retry-after": value}, NOON)
    assert wait is None or wait >= 0
