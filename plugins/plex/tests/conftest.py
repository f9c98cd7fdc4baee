"""No waiting between the tries of a request."""

import pytest
import stamina


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield
