"""Cursors: moments by the server's clock."""

import json

import pytest

from watchstate.api import BackendProtocolError, HttpResponse
from watchstate.clock import MINUTE, SECOND
from watchstate_mediabrowser.changes import OVERLAP_MS, since, take_cursor


def answer(*, began_at=1_000_000, took=0, skew_ms=0):
    return HttpResponse(
        server="den",
        operation="GET /Sessions",
        status=200,
        headers={},
        content=b"[]",
        began_at=began_at,
        ended_at=began_at + took,
        clock_skew_ms=skew_ms,
    )


def test_a_cursor_is_no_later_than_the_request_began_by_the_servers_clock():
    cursor = json.loads(take_cursor(answer(began_at=10_000, took=4_000, skew_ms=500)))
    # The Date may be of the answer's last moment: then the server's clock is 2 s behind what the skew says.
    assert cursor == {"at": 8_500, "skew_ms": 500}


def test_the_overlap_is_read_twice_and_the_moment_is_one_of_whole_seconds():
    cursor = take_cursor(answer(began_at=1_784_566_799_900))
    asked = since(cursor, answer(began_at=1_784_566_800_000 + MINUTE))
    assert asked == 1_784_566_784_000
    assert OVERLAP_MS > SECOND


@pytest.mark.parametrize("skew_ms", [-9_000, 9_000])
def test_two_clocks_may_seem_to_drift_a_little(skew_ms):
    assert since(take_cursor(answer()), answer(skew_ms=skew_ms)) == 985_000


@pytest.mark.parametrize("skew_ms", [-11_000, 11_000, None])
def test_two_clocks_that_parted_ask_for_a_full_scan(skew_ms):
    with pytest.raises(BackendProtocolError):
        since(take_cursor(answer()), answer(skew_ms=skew_ms))


def test_a_moment_before_the_epoch_is_the_epoch():
    assert since(take_cursor(answer(began_at=5)), answer()) == 0
