import asyncio

import msgspec
import pytest
from plugins.emby.tests.canned import ACCOUNT, USER, CannedHttp, movie, shown

from watchstate.api import BackendUnavailable, Change, Outcome
from watchstate.clock import DAY, MINUTE, SECOND
from watchstate.testing import Fault, FaultKind
from watchstate_emby.push import push

DATE = 1_714_593_600_250
SHOWN_DATE = "2024-05-01T20:00:00.0000000Z"
MARK = f"/Users/{USER}/PlayedItems/1"
ITEM = f"/Users/{USER}/Items/1"
DATA = f"{ITEM}/UserData"
LIKED = shown(IsFavorite=True, Rating=7.5, PlayCount=3, LastPlayedDate="2020-01-02T03:04:05.0000000Z")


def server(mark=None, detail=None, data=204):
    """Return a server that answers marks, details and user data so."""
    named = {MARK: mark, ITEM: movie(1, UserData=detail), DATA: data}
    return CannedHttp(**{path.strip("/").replace("/", "__"): [answer] for path, answer in named.items()})


def sent(http):
    return [(method, path, body) for method, path, body in http.asked if method != "GET"]


def read(http):
    return [path for method, path, _ in http.asked if method == "GET"]


async def push_one(http, **change):
    (outcome,) = await push(ACCOUNT, http, [Change(entry_id="1", **change)])
    return outcome


async def like(world, entry_id):
    """Let alice make it a favourite, and rate it."""
    user = world.alice.user_id
    headers = {"X-Emby-Token": world.alice.token.reveal()}
    path = f"/Users/{user}/Items/{entry_id}/UserData"
    state = {"Played": False, "IsFavorite": True, "Rating": 7.5, "PlayCount": 0, "PlaybackPositionTicks": 0}
    await world.http.send("POST", path, headers=headers, json=state)
    world.simulator.requests.clear()


async def whole_state(world, entry_id):
    headers = {"X-Emby-Token": world.alice.token.reveal()}
    answer = await world.http.get(f"/Users/{world.alice.user_id}/Items/{entry_id}", headers=headers)
    return msgspec.json.decode(answer.content)["UserData"]


# What is sent


async def test_a_mark_without_a_date_is_one_request():
    http = server(mark={**LIKED, "Played": True})
    assert (await push_one(http, watched=True)).outcome is Outcome.APPLIED
    assert (sent(http), read(http)) == ([("POST", MARK, None)], ["/Sessions"])


async def test_a_date_follows_the_mark_with_all_that_the_marks_answer_showed():
    http = server(mark={**LIKED, "Played": True})
    assert (await push_one(http, watched=True, watched_at=DATE)).outcome is Outcome.APPLIED
    whole = {
        "Played": True,
        "PlayCount": 3,
        "PlaybackPositionTicks": 0,
        "IsFavorite": True,
        "LastPlayedDate": "2024-05-01T20:00:00.250Z",
        "Rating": 7.5,
    }
    assert sent(http) == [("POST", MARK, None), ("POST", DATA, whole)]
    assert read(http) == ["/Sessions"]


async def test_a_date_that_the_mark_shows_already_is_not_sent():
    http = server(mark=shown(Played=True, PlayCount=1, LastPlayedDate=SHOWN_DATE))
    await push_one(http, watched=True, watched_at=DATE)
    assert sent(http) == [("POST", MARK, None)]


async def test_a_position_goes_with_a_mark_and_its_date():
    http = server(mark=shown(Played=True, PlayCount=1, LastPlayedDate=SHOWN_DATE))
    await push_one(http, watched=True, watched_at=DATE, position_ms=5_000)
    (_, (method, path, body)) = sent(http)
    assert (method, path) == ("POST", DATA)
    assert (body["Played"], body["PlaybackPositionTicks"]) == (True, 50_000_000)


@pytest.mark.parametrize("position_ms", [None, 0])
async def test_an_unmark_is_one_request(position_ms):
    http = server(mark=shown())
    assert (await push_one(http, watched=False, position_ms=position_ms)).outcome is Outcome.APPLIED
    assert sent(http) == [("DELETE", MARK, None)]


async def test_a_position_follows_an_unmark():
    http = server(mark=shown(IsFavorite=True))
    await push_one(http, watched=False, position_ms=5_000)
    whole = {"Played": False, "PlayCount": 0, "PlaybackPositionTicks": 50_000_000, "IsFavorite": True}
    assert sent(http) == [("DELETE", MARK, None), ("POST", DATA, whole)]


@pytest.mark.parametrize("position_ms", [0, 5_000])
async def test_a_position_alone_is_sent_with_all_that_the_item_shows(position_ms):
    http = server(detail=LIKED)
    assert (await push_one(http, position_ms=position_ms)).outcome is Outcome.APPLIED
    whole = {**LIKED, "PlaybackPositionTicks": position_ms * 10_000}
    assert sent(http) == [("POST", DATA, whole)]
    assert read(http) == ["/Sessions", ITEM]


async def test_a_change_of_nothing_sends_nothing():
    http = server()
    assert (await push_one(http)).outcome is Outcome.ALREADY
    assert not sent(http)


async def test_an_empty_answer_to_a_mark_is_taken_for_done_and_the_item_read():
    http = server(mark=b"", detail=shown(Played=True, PlayCount=1))
    assert (await push_one(http, watched=True, watched_at=DATE)).outcome is Outcome.APPLIED
    assert [path for _, path, _ in sent(http)] == [MARK, DATA]
    assert read(http) == ["/Sessions", ITEM]


async def test_an_answer_to_user_data_may_be_200_and_empty():
    http = server(detail=LIKED, data=b"")
    assert (await push_one(http, position_ms=5_000)).outcome is Outcome.APPLIED


# What becomes of it


async def test_many_marks_cost_a_request_each_and_one(world):
    changes = [Change(entry_id=world.add_movie(number), watched=True) for number in range(1, 31)]
    world.front.arrivals.clear()
    await world.push_all(changes)
    assert len(world.front.arrivals) == 31


async def test_dated_marks_and_positions_cost_two_requests_each(world):
    dated, placed = world.add_movie(1), world.add_movie(2)
    changes = [Change(entry_id=dated, watched=True, watched_at=DATE), Change(entry_id=placed, position_ms=60_000)]
    world.front.arrivals.clear()
    await world.push_all(changes)
    assert len(world.front.arrivals) == 5


async def test_a_dated_mark_has_its_date_and_one_play_however_often_it_is_sent(any_world):
    entry_id = any_world.add_movie()
    change = Change(entry_id=entry_id, watched=True, watched_at=DATE)
    for _ in range(3):
        assert (await any_world.push(change)).outcome is Outcome.APPLIED
    state = any_world.state(entry_id)
    assert (state.watched, state.watched_at, state.play_count, state.position_ms) == (True, DATE - 250, 1, 0)


async def test_a_mark_keeps_the_plays_that_were_counted(any_world):
    entry_id, who = any_world.add_movie(), any_world.alice.user_id
    for _ in range(3):
        any_world.simulator.start(who, entry_id)
        any_world.simulator.stop(who, entry_id, position_ms=1_000 * SECOND)
    await any_world.push(Change(entry_id=entry_id, watched=True, watched_at=DATE))
    state = any_world.state(entry_id)
    assert (state.watched, state.play_count, state.watched_at, state.position_ms) == (True, 3, DATE - 250, 0)


async def test_an_undated_mark_is_stamped_by_the_server(any_world):
    entry_id = any_world.add_movie()
    before = any_world.clock()
    await any_world.push(Change(entry_id=entry_id, watched=True))
    assert before - SECOND <= any_world.state(entry_id).watched_at <= any_world.clock()


async def test_an_unwatch_takes_count_and_date_away(any_world):
    entry_id = any_world.add_movie()
    any_world.simulator.watch(any_world.alice.user_id, entry_id, at=any_world.clock() - DAY)
    await any_world.push(Change(entry_id=entry_id, watched=False))
    state = any_world.state(entry_id)
    assert (state.watched, state.watched_at, state.play_count, state.position_ms) == (False, 0, 0, 0)


async def test_a_position_leaves_flag_count_and_date(any_world):
    entry_id, who = any_world.add_movie(), any_world.alice.user_id
    any_world.simulator.watch(who, entry_id, at=any_world.clock() - DAY)
    before = any_world.state(entry_id)
    await any_world.push(Change(entry_id=entry_id, position_ms=1_000_000))
    assert any_world.state(entry_id) == msgspec.structs.replace(before, position_ms=1_000_000)


async def test_a_position_beyond_the_servers_own_threshold_is_kept(any_world):
    entry_id = any_world.add_movie()
    await any_world.push(Change(entry_id=entry_id, position_ms=5_800_000))
    state = any_world.state(entry_id)
    assert (state.position_ms, state.watched) == (5_800_000, False)


@pytest.mark.parametrize(
    "change",
    [
        {"watched": True},
        {"watched": True, "watched_at": DATE},
        {"watched": False},
        {"watched": False, "position_ms": 60_000},
        {"position_ms": 60_000},
        {"position_ms": 0},
    ],
)
async def test_no_change_takes_a_favourite_or_a_rating_away(any_world, change):
    entry_id = any_world.add_movie()
    await like(any_world, entry_id)
    assert (await any_world.push(Change(entry_id=entry_id, **change))).outcome is Outcome.APPLIED
    state = await whole_state(any_world, entry_id)
    assert (state["IsFavorite"], state["Rating"]) == (True, 7.5)


async def test_no_report_of_a_player_is_ever_sent(world):
    entry_id = world.add_movie()
    for change in ({"watched": True, "watched_at": DATE}, {"watched": False}, {"position_ms": 60_000}):
        await world.push(Change(entry_id=entry_id, **change))
    written = {each.path.rpartition(f"/{entry_id}")[0].rpartition("/")[2] for each in world.simulator.writes()}
    assert written == {"PlayedItems", "Items"}


async def test_an_api_key_writes_for_the_account_alone(any_world):
    entry_id = any_world.add_movie()
    account = any_world.with_token(any_world.alice, any_world.simulator.admin_token)
    await any_world.push(Change(entry_id=entry_id, watched=True, watched_at=DATE), account)
    assert any_world.state(entry_id).watched
    assert not any_world.simulator.state(any_world.bob.user_id, entry_id).watched


async def test_an_entry_that_plays_elsewhere_is_busy_until_it_stops(any_world):
    entry_id, who = any_world.add_movie(), any_world.alice.user_id
    any_world.simulator.start(who, entry_id)
    account = any_world.with_token(any_world.alice, any_world.simulator.admin_token)
    change = Change(entry_id=entry_id, watched=True)
    assert (await any_world.push(change, account)).outcome is Outcome.BUSY
    any_world.clock.advance(MINUTE)
    any_world.simulator.stop(who, entry_id, position_ms=0)
    assert (await any_world.push(change, account)).outcome is Outcome.APPLIED


# What goes wrong


@pytest.mark.parametrize("change", [{"watched": True, "watched_at": DATE}, {"watched": False}, {"position_ms": 60_000}])
async def test_an_entry_that_went_away_since_it_was_listed_is_not_found(any_world, change):
    entry_id = any_world.add_movie()
    await any_world.everything()
    any_world.simulator.remove(entry_id)
    outcome = await any_world.push(Change(entry_id=entry_id, **change))
    assert outcome.outcome is Outcome.NOT_FOUND


async def test_what_is_no_id_is_not_found_and_never_sent(world):
    outcome = await world.push(Change(entry_id="../Users", watched=False))
    assert outcome.outcome is Outcome.NOT_FOUND
    assert not world.simulator.writes()


async def test_a_server_that_agrees_and_does_nothing_failed():
    outcome = await push_one(server(mark=shown(Played=False)), watched=True)
    assert outcome.outcome is Outcome.FAILED
    assert "did not make it" in outcome.detail


async def test_a_server_that_fails_on_a_missing_session_says_so():
    outcome = await push_one(server(detail=LIKED, data=400), position_ms=60_000)
    assert outcome.outcome is Outcome.FAILED
    assert "400" in outcome.detail


async def test_a_page_instead_of_an_answer_is_unknown():
    outcome = await push_one(server(mark=b"<html>"), watched=True)
    assert outcome.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("status", [429, 500, 503, 400])
async def test_a_mark_whose_date_did_not_arrive_is_unknown(world, status):
    entry_id = world.add_movie()
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, path="/UserData", status=status))
    outcome = await world.push(Change(entry_id=entry_id, watched=True, watched_at=DATE))
    assert outcome.outcome is Outcome.UNKNOWN
    assert outcome.sent_at is not None
    assert world.state(entry_id).watched


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE, FaultKind.PAGE])
async def test_a_position_that_could_not_even_be_merged_certainly_failed(world, kind):
    entry_id = world.add_movie()
    world.simulator.faults.plan(Fault(kind=kind, method="GET", path=f"/Items/{entry_id}", times=9))
    outcome = await world.push(Change(entry_id=entry_id, position_ms=60_000))
    assert outcome.outcome is Outcome.FAILED
    assert (outcome.sent_at, world.simulator.writes()) == (None, [])


async def test_a_token_that_expired_meanwhile_is_refused(world):
    entry_id = world.add_movie()
    text = b"Access token is invalid or expired."
    world.simulator.faults.plan(Fault(kind=FaultKind.STATUS, path="/PlayedItems", status=401, body=text))
    outcome = await world.push(Change(entry_id=entry_id, watched=True))
    assert outcome.outcome is Outcome.REFUSED
    assert "401" in outcome.detail


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
    marks = {f"Users__{USER}__PlayedItems__{number}": [shown(Played=True)] for number in range(20)}
    await push(account, SlowHttp(**marks), [Change(entry_id=str(number), watched=True) for number in range(20)])
    assert most == 3
