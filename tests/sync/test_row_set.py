"""Which rows a scan has seen: as a set would say it, in a fraction of its room."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from watchstate.sync.row_set import RowSet


@given(st.lists(st.lists(st.integers(0, 200_000), max_size=20), max_size=5), st.integers(-1, 200_001))
def test_it_says_what_a_set_says(batches, asked):
    rows, expected = RowSet(), set()
    for batch in batches:
        rows.update(batch)
        expected.update(batch)
    assert len(rows) == len(expected)
    assert (asked in rows) == (asked in expected)
    assert all(row in rows for row in expected)


def test_half_a_million_rows_take_less_than_two_megabytes():
    tracemalloc.start()
    rows = RowSet()
    rows.update(range(1, 500_001))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 500_000
    assert peak < 2 * 1024 * 1024
