"""The contract suite: what core expects of a backend, as tests.

Subclass it in the tests of a backend; pytest then runs everything against the backend's simulator::

    class TestMyBackend(BackendContract):
        plugin = MyBackend
        simulator = MySimulator

Needs the extra ``testing`` (pytest, pytest-asyncio). It reaches no network and does not sleep. Where servers of
several versions differ, subclass it once for each and set `version`.
"""

import pytest

from watchstate.testing.contract_changes import ChangesContract
from watchstate.testing.contract_failures import FailureContract
from watchstate.testing.contract_odd import OddAnswerContract
from watchstate.testing.contract_reads import ReadingContract
from watchstate.testing.contract_server import ServerContract
from watchstate.testing.contract_uncertain import UncertainWritingContract
from watchstate.testing.contract_writes import WritingContract


@pytest.mark.asyncio
class BackendContract(
    ReadingContract,
    ChangesContract,
    WritingContract,
    UncertainWritingContract,
    FailureContract,
    OddAnswerContract,
    ServerContract,
):
    """All of it."""
