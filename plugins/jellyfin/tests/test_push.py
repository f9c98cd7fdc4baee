import asyncio

import msgspec
import pytest
from plugins.jellyfin.tests.canned import ACCOUNT, CannedHttp, guid

from watchstate.api import BackendUnavailable, Change, Outcome
from watchstate.testing import Fault, FaultKind
from watchstate_jellyfin.push import push

DATE = 1_714_593_600_250
ANSWER = {"Played": True}


def sent(http):
    return [(method, path, body) for method, path, body in http.asked if method != "GET"]


@pytest.mark.parametrize(
    ("change", "requests"),
    [
        (
            {"watched": True, "watched_at": DATE},
            [
                (
                    "POST",
                    "/UserItems/{}/UserData",
                    {"Played": True, "PlaybackPositionTicks": 0, "LastPlayedDate": "2024-05-01T20:00:00.250Z"},
                )
            ],
        ),
        ({"watched": True}, [("POST", "/UserItems/{}/UserData", {"Played": True, "PlaybackPositionTicks": 0})]),
        (
            {"watched": True, "watched_at": 0, "position_ms": 5_000},
            [("POST", "/UserItems/{}/UserData", {"Played": True, "PlaybackPositionTicks": 50_000_000})],
        ),
        ({"watched": False}, [("DELETE", "/UserPlayedItems/{}", None)]),
        ({"watched": False, "position_ms": 0}, [("DELETE", "/UserPlayedItems/{}", None)]),
        (
            {"watched": False, "position_ms": 5_000},
            [
                ("DELETE", "/UserPlayedItems/{}", None),
                ("POST", "/UserItems/{}/UserData", {"PlaybackPositionTicks": 50_000_000}),
            ],
        ),
        ({"position_ms": 5_000}, [("POST", "/UserItems/{}/UserData", {"PlaybackPositionTicks": 50_000_000})]),
        ({"position_ms": 0}, [("POST", "/UserItems/{}/UserData", {"PlaybackPositionTicks": 0})]),
        ({}, []),
    ],
)
async def test_a_change_is_sent_in_as_few_requests_as_can_be(change, requests):
    answer = {"Played": change.get("watched", False)}
    http = CannedHttp(UserData=[answer], **{f"UserPlayedItems__{guid(1)}": [answer]})
    (outcome,) = await push(ACCOUNT, http, [Change(entry_id=guid(1), **change)])
    assert sent(http) == [(method, path.format(guid(1)), body) for method, path, body in requests]
    assert outcome.outcome is (Outcome.APPLIED if requests else Outcome.ALREADY)


async def test_many_changes_cost_a_request_each_and_one(world):
    changes = [Change(entry_id=world.add_movie(number), watched=True) for number in range(1, 31)]
    world.front.arrivals.clear()
    await world.push_all(changes)
    assert len(world.front.arrivals) == 31


async def test_a_dated_mark_does_not_count(any_world):
    entry_id = any_world.add_movie()
    change = Change(entry_id=entry_id, watched=True, watched_at=DATE)
    await any_world.push(change)
    await any_world.push(change)
    state = any_world.state(entry_id)
    assert (state.watched, state.watched_at, state.play_count) == (True, DATE, 0)


async def test_a_mark_moves_the_date_of_an_earlier_one(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id)
    await any_world.push(Change(entry_id=entry_id, watched=True, watched_at=DATE))
    assert any_world.state(entry_id).watched_at == DATE


async def test_an_unwatch_takes_count_and_date_away(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id)
    await any_world.push(Change(entry_id=entry_id, watched=False))
    state = any_world.state(entry_id)
    assert (state.watched, state.watched_at, state.play_count, state.position_ms) == (False, 0, 0, 0)


async def test_a_mark_clears_an_open_position(any_world):
    entry_id = any_world.add_movie()
    await any_world.push(Change(entry_id=entry_id, position_ms=1_000_000))
    await any_world.push(Change(entry_id=entry_id, watched=True))
    assert any_world.state(entry_id).position_ms == 0


async def test_a_position_beyond_the_servers_own_threshold_is_kept(any_world):
    entry_id = any_world.add_movie()
    await any_world.push(Change(entry_id=entry_id, position_ms=5_800_000))
    state = any_world.state(entry_id)
    assert (state.position_ms, state.watched) == (5_800_000, False)


async def test_an_api_key_writes_for_the_account_alone(any_world):
    entry_id = any_world.add_movie()
    account = any_world.with_token(any_world.alice, any_world.simulator.admin_token)
    await any_world.push(Change(entry_id=entry_id, watched=True), account)
    assert any_world.state(entry_id).watched
    assert not any_world.simulator.state(any_world.bob.user_id, entry_id).watched


async def test_a_user_who_may_not_change_preferences_is_refused(world):
    guest = world.account(world.simulator.add_user("guest", may_change_preferences=False))
    outcome = await world.push(Change(entry_id=world.add_movie(), watched=True), guest)
    assert outcome.outcome is Outcome.REFUSED
    assert "403" in outcome.detail


async def test_what_is_no_id_is_not_found_and_never_sent(world):
    outcome = await world.push(Change(entry_id="../Users", watched=False))
    assert outcome.outcome is Outcome.NOT_FOUND
    assert not world.simulator.writes()


async def test_an_entry_that_plays_on_two_screens_is_busy_until_both_stop(world):
    entry_id = world.add_movie()
    world.simulator.start(world.alice.user_id, entry_id)
    account = world.with_token(world.alice, world.simulator.admin_token)
    assert (await world.push(Change(entry_id=entry_id, watched=True), account)).outcome is Outcome.BUSY
    world.simulator.stop(world.alice.user_id, entry_id, position_ms=0)
    assert (await world.push(Change(entry_id=entry_id, watched=True), account)).outcome is Outcome.APPLIED


async def test_a_server_that_agrees_and_does_nothing_failed():
    http = CannedHttp(UserData=[{"Played": False}])
    (outcome,) = await push(ACCOUNT, http, [Change(entry_id=guid(1), watched=True)])
    assert outcome.outcome is Outcome.FAILED
    assert "did not make it" in outcome.detail


async def test_an_empty_answer_is_taken_for_done():
    http = CannedHttp(UserData=[b""])
    (outcome,) = await push(ACCOUNT, http, [Change(entry_id=guid(1), watched=True)])
    assert outcome.outcome is Outcome.APPLIED


async def test_half_a_change_is_unknown(world):
    entry_id = world.add_movie()
    world.simulator.watch(world.alice.user_id, entry_id)
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, path="/UserData", status=429))
    outcome = await world.push(Change(entry_id=entry_id, watched=False, position_ms=60_000))
    assert outcome.outcome is Outcome.UNKNOWN
    assert outcome.sent_at is not None
    assert not world.state(entry_id).watched


async def test_without_knowing_what_is_played_nothing_is_sent(world):
    entry_id = world.add_movie()
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, path="/Sessions", status=503, times=10))
    with pytest.raises(BackendUnavailable):
        await world.push(Change(entry_id=entry_id, watched=True))
    assert not world.simulator.writes()


async def test_writes_run_side_by_side_up_to_the_configured_number():
    running, most = 0, 0

    class SlowHttp(CannedHttp):
        async def send(self, method, path, **more):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return await super().send(method, path, **more)

    options = msgspec.structs.replace(ACCOUNT.server.options, concurrency=3)
    account = msgspec.structs.replace(ACCOUNT, server=msgspec.structs.replace(ACCOUNT.server, options=options))
    changes = [Change(entry_id=guid(number), watched=True) for number in range(20)]
    await push(account, SlowHttp(UserData=[ANSWER]), changes)
    assert most == 3
