"""A run in which nothing has changed costs a few requests, whatever the server and however large its library."""

import pytest
from tests.bench.incremental import KINDS, run_idle

LIMIT = 6


@pytest.mark.parametrize("kind", KINDS)
async def test_a_run_with_nothing_changed_is_cheap(kind, tmp_path):
    idle = await run_idle(kind, 600, tmp_path)
    assert len(idle.requests) <= LIMIT, idle.requests
    assert idle.read <= 200
