"""The faults of `watchstate.testing` arrive at a backend as what they stand for."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from watchstate.api import BackendProtocolError, BackendUnavailable, Server
from watchstate.net.client import HttpPool, ServerHttp
from watchstate.testing import Fault, FaultInjector, FaultKind

DECODER = msgspec.json.Decoder(dict[str, int])


@pytest.fixture
def faults(fake: Any) -> FaultInjector:
    fake.plan(200, {"content-type": "application/json", "content-length": "7"}, b'{"a":1}')
    return FaultInjector(fake)


@pytest.fixture
async def http(faults: FaultInjector, server: Callable[..., Server]) -> AsyncIterator[ServerHttp]:
    pool = HttpPool(lambda: 0, {"http://home.test": faults})
    yield pool.for_server(server())
    await pool.close()


async def test_without_a_fault_nothing_happens(http: ServerHttp) -> None:
    assert (await http.get("/")).decode(DECODER) == {"a": 1}


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.RESET_MID_BODY])
async def test_a_broken_connection_leaves_open_what_happened(
    faults: FaultInjector, http: ServerHttp, kind: FaultKind
) -> None:
    faults.plan(Fault(kind=kind))
    with pytest.raises(BackendUnavailable) as caught:
        await http.send("POST", "/")
    assert caught.value.sent


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(FaultKind.PAGE, "a web page instead of JSON"), (FaultKind.TRUNCATE, "JSON that cannot be read")],
)
async def test_a_spoilt_answer_is_told_when_it_is_decoded(
    faults: FaultInjector, http: ServerHttp, kind: FaultKind, reason: str
) -> None:
    faults.plan(Fault(kind=kind))
    answer = await http.get("/")
    with pytest.raises(BackendProtocolError, match=reason):
        answer.decode(DECODER)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'<?xml version="1.0"?>\n<MediaContainer size="0"/>', "XML instead of JSON"),
        (b'\n<MediaContainer size="0"/>', "XML instead of JSON"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"/>', "a web page instead"),
        (b"", "JSON that cannot be read"),
        (b"\xff\xfe{", "JSON that cannot be read"),
    ],
)
async def test_what_came_instead_of_json_is_named(
    faults: FaultInjector, http: ServerHttp, body: bytes, reason: str
) -> None:
    faults.plan(Fault(kind=FaultKind.STATUS, status=200, body=body))
    answer = await http.get("/")
    with pytest.raises(BackendProtocolError, match=reason):
        answer.decode(DECODER)
