import asyncio

import msgspec
import pytest
from plugins.plex.tests.canned import ACCOUNT, SERVER, CannedHttp, Refusal, container, episode, movie, page, session

from watchstate.api import (
    BackendAuthError,
    BackendProtocolError,
    BackendRateLimited,
    BackendUnavailable,
    Change,
    Outcome,
)
from watchstate_plex.push import push

LIBRARY = "com.plexapp.plugins.library"
SCROBBLE, UNSCROBBLE, TIMELINE = "/:/scrobble", "/:/unscrobble", "/:/timeline"
WATCHED = {"viewCount": 1, "lastViewedAt": 5}
HALFWAY = {"viewOffset": 600_000, "lastViewedAt": 5}
PAGE = b"<!DOCTYPE html><html><body>Please sign in</body></html>"
NOT_FOUND = (404, b"<html><head><title>Not Found</title></head><body><h1>404 Not Found</h1></body></html>")


def showing(*rows, **answers):
    """Make a server that shows these rows and takes all writes, but for the changes."""
    ids = ",".join(row["ratingKey"] for row in rows)
    taken = {SCROBBLE: [b""], UNSCROBBLE: [b""], TIMELINE: [container(playbackState="progress")]}
    changed = {f"/:/{path}": [answer] for path, answer in answers.items()}
    return CannedHttp({f"/library/metadata/{ids}": [page(*rows)], **taken, **changed})


def written(http):
    """The writes, as method, path and what the query says besides the library."""
    return [
        (each.method, each.path, {name: value for name, value in each.query.items() if value != LIBRARY})
        for each in http.asked
        if each.path.startswith("/:/")
    ]


async def push_one(http, account=ACCOUNT, **change):
    (outcome,) = await push(account, http, [Change(entry_id="1", **change)])
    return outcome


MARK, UNMARK = ("PUT", SCROBBLE, {"key": "1"}), ("PUT", UNSCROBBLE, {"key": "1"})


def report(time, duration=6_000_000):
    said = {"ratingKey": "1", "key": "/library/metadata/1", "state": "stopped"}
    return ("POST", TIMELINE, {**said, "time": str(time), "duration": str(duration)})


@pytest.mark.parametrize(
    ("row", "change", "writes"),
    [
        ({}, {"watched": True}, [MARK]),
        ({}, {"watched": True, "watched_at": 1_500_000_000_000}, [MARK]),
        (HALFWAY, {"watched": True}, [MARK]),
        (HALFWAY, {"watched": True, "position_ms": 0}, [MARK]),
        (WATCHED, {"watched": True}, []),
        (WATCHED | HALFWAY, {"watched": True}, []),
        (WATCHED, {"watched": False}, [UNMARK]),
        ({}, {"watched": False}, []),
        (HALFWAY, {"watched": False}, []),
        (HALFWAY, {"watched": False, "position_ms": 0}, [UNMARK]),
        (WATCHED, {"watched": False, "position_ms": 900_000}, [UNMARK, report(900_000)]),
        (WATCHED | HALFWAY, {"watched": False, "position_ms": 600_000}, [UNMARK, report(600_000)]),
        ({}, {"position_ms": 900_000}, [report(900_000)]),
        (HALFWAY, {"position_ms": 900_000}, [report(900_000)]),
        (HALFWAY, {"position_ms": 600_000}, []),
        (HALFWAY, {"position_ms": 0}, [UNMARK]),
        ({}, {"position_ms": 0}, []),
        ({}, {"position_ms": 60_000}, [report(60_001)]),
        ({}, {}, []),
    ],
)
async def test_only_what_the_server_does_not_show_is_sent(row, change, writes):
    http = showing(movie(1, duration=6_000_000, **row))
    outcome = await push_one(http, **change)
    assert written(http) == writes
    assert outcome.outcome is (Outcome.APPLIED if writes else Outcome.ALREADY)


@pytest.mark.parametrize(
    ("row", "change", "reason"),
    [
        ({}, {"position_ms": 59_999}, "less than a minute"),
        ({}, {"position_ms": 6_000_001}, "behind the end"),
        ({"duration": 0}, {"position_ms": 900_000}, "run time is not known"),
        (WATCHED | HALFWAY, {"position_ms": 0}, "only together with the watched mark"),
    ],
)
async def test_what_plex_can_not_do_is_not_tried(row, change, reason):
    http = showing(movie(1, **{"duration": 6_000_000, **row}))
    outcome = await push_one(http, **change)
    assert (outcome.outcome, written(http)) == (Outcome.FAILED, [])
    assert reason in outcome.detail


async def test_a_run_time_that_plex_does_not_know_is_that_of_the_change():
    http = showing(movie(1))
    await push_one(http, position_ms=900_000, runtime_ms=5_000_000)
    assert written(http) == [report(900_000, 5_000_000)]


async def test_all_states_are_read_in_one_request_before_any_is_written():
    http = showing(movie(1), movie(2, **WATCHED), episode(3))
    changes = [Change(entry_id=entry_id, watched=True) for entry_id in ("1", "2", "3")]
    outcomes = [outcome.outcome for outcome in await push(ACCOUNT, http, changes)]
    assert outcomes == [Outcome.APPLIED, Outcome.ALREADY, Outcome.APPLIED]
    assert http.paths() == ["/status/sessions", "/library/metadata/1,2,3", SCROBBLE, SCROBBLE]


async def test_writes_are_made_for_the_account():
    http = showing(movie(1, duration=6_000_000))
    await push_one(http, position_ms=900_000)
    told = http.asked[-1].headers
    assert told["X-Plex-Token"] == "token-of-alice"
    assert told["X-Plex-Client-Identifier"] == "watchstate-12345"


async def test_two_positions_of_a_title_are_never_reports_of_one_session():
    sessions = set()
    for position in (900_000, 5_900_000):
        http = showing(movie(1, duration=6_000_000))
        await push_one(http, position_ms=position)
        sessions.add(http.asked[-1].headers["X-Plex-Session-Identifier"])
    assert len(sessions) == 2, "or the second would mark the title as watched"


# Playing, gone


async def test_what_the_account_plays_is_left_alone():
    http = showing(movie(2))
    http.answers["/status/sessions"] = [container(Metadata=[session(1), session(2, "1")])]
    outcomes = await push(ACCOUNT, http, [Change(entry_id=entry_id, watched=True) for entry_id in ("1", "2")])
    assert [each.outcome for each in outcomes] == [Outcome.BUSY, Outcome.APPLIED]
    assert [query["key"] for _, _, query in written(http)] == ["2"]


async def test_a_shared_users_token_can_not_tell_what_is_played_and_writes():
    http = showing(movie(1))
    http.answers["/status/sessions"] = [Refusal()]
    assert (await push_one(http, watched=True)).outcome is Outcome.APPLIED


async def test_what_is_no_id_is_not_found_and_never_sent():
    http = CannedHttp({})
    outcomes = await push(ACCOUNT, http, [Change(entry_id="../1", watched=True), Change(entry_id="x", watched=False)])
    assert {each.outcome for each in outcomes} == {Outcome.NOT_FOUND}
    assert http.paths() == ["/status/sessions"]


@pytest.mark.parametrize("row", [{"deletedAt": 5}, {"type": "show"}, {"type": "clip"}])
async def test_what_is_in_the_trash_or_no_file_is_not_written(row):
    http = showing(movie(1, **row))
    assert (await push_one(http, watched=True)).outcome is Outcome.NOT_FOUND
    assert written(http) == []


async def test_an_entry_that_went_between_reading_and_writing_is_not_found():
    http = showing(movie(1), scrobble=NOT_FOUND)
    assert (await push_one(http, watched=True)).outcome is Outcome.NOT_FOUND


async def test_without_knowing_what_is_shown_nothing_is_sent():
    http = showing(movie(1))
    http.answers["/library/metadata/1"] = [PAGE]
    with pytest.raises(BackendProtocolError):
        await push_one(http, watched=True)
    assert written(http) == []


async def test_a_wrong_token_is_told_before_anything_is_sent():
    http = showing(movie(1))
    http.answers |= {"/status/sessions": [Refusal()], "/library/metadata/1": [Refusal()]}
    with pytest.raises(BackendAuthError):
        await push_one(http, watched=True)


async def test_no_changes_ask_nothing():
    http = CannedHttp({})
    assert await push(ACCOUNT, http, []) == ()
    assert http.asked == []


# Methods and answers


@pytest.mark.parametrize("answer", [(405, b""), NOT_FOUND])
@pytest.mark.parametrize(
    ("change", "path"), [({"watched": True}, SCROBBLE), ({"position_ms": 900_000}, TIMELINE)], ids=["mark", "position"]
)
async def test_a_version_that_knows_only_get_is_asked_by_get(answer, change, path):
    http = showing(movie(1, duration=6_000_000))
    http.answers |= {f"{method} {path}": [answer] for method in ("PUT", "POST")}
    assert (await push_one(http, **change)).outcome is Outcome.APPLIED
    (_, _, documented), (method, _, tried) = written(http)
    assert (method, tried) == ("GET", documented)


@pytest.mark.parametrize("answer", [b"", b" \r\n", (201, b""), (204, b"")])
async def test_an_empty_answer_is_a_success(answer):
    assert (await push_one(showing(movie(1), scrobble=answer), watched=True)).outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    "answer", [b"", container(viewOffset=900_000), b'<?xml version="1.0"?>\n<MediaContainer size="0"/>']
)
async def test_a_position_that_is_taken_is_answered_in_any_format(answer):
    http = showing(movie(1, duration=6_000_000), timeline=answer)
    assert (await push_one(http, position_ms=900_000)).outcome is Outcome.APPLIED


@pytest.mark.parametrize("path", ["scrobble", "timeline"])
@pytest.mark.parametrize("answer", [PAGE, b'{"ok": true}', b'{"MediaContainer"'])
async def test_an_answer_of_somebody_else_is_no_success(path, answer):
    http = showing(movie(1, duration=6_000_000), **{path: answer})
    change = {"watched": True} if path == "scrobble" else {"position_ms": 900_000}
    assert (await push_one(http, **change)).outcome is Outcome.UNKNOWN


async def test_a_session_that_the_server_ended_took_nothing():
    answer = container(terminationCode=2006, terminationText="Session was terminated by an admin")
    outcome = await push_one(showing(movie(1, duration=6_000_000), timeline=answer), position_ms=900_000)
    assert outcome.outcome is Outcome.FAILED
    assert "terminated by an admin" in outcome.detail


async def test_a_malformed_request_failed():
    outcome = await push_one(showing(movie(1), scrobble=(400, b"<html>")), watched=True)
    assert outcome.outcome is Outcome.FAILED
    assert "400" in outcome.detail


async def test_half_a_change_is_unknown():
    http = showing(movie(1, duration=6_000_000, **WATCHED), timeline=(400, b""))
    outcome = await push_one(http, watched=False, position_ms=900_000)
    assert (outcome.outcome, outcome.sent_at is not None) == (Outcome.UNKNOWN, True)


@pytest.mark.parametrize(
    ("error", "outcome", "pause"),
    [
        (BackendAuthError("den", "PUT", "answered 403"), Outcome.REFUSED, None),
        (BackendRateLimited("den", "PUT", "answered 429", retry_after_ms=17_000), Outcome.FAILED, 17_000),
        (BackendUnavailable("den", "PUT", "refused", sent=False), Outcome.FAILED, None),
        (BackendUnavailable("den", "PUT", "no answer in time"), Outcome.UNKNOWN, None),
    ],
)
async def test_a_failure_says_whether_it_may_have_been_applied(error, outcome, pause):
    class Failing(CannedHttp):
        async def send(self, *_args, **_more):
            raise error

    http = Failing({"/library/metadata/1": [page(movie(1))]})
    told = await push_one(http, watched=True)
    assert (told.outcome, told.retry_after_ms) == (outcome, pause)


async def test_no_more_than_four_writes_are_under_way():
    running, most = 0, 0

    class Slow(CannedHttp):
        async def send(self, method, path, **more):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return await super().send(method, path, **more)

    rows = [movie(number) for number in range(20)]
    path = "/library/metadata/" + ",".join(row["ratingKey"] for row in rows)
    for concurrency, expected in ((16, 4), (3, 3)):
        running = most = 0
        options = msgspec.structs.replace(SERVER.options, concurrency=concurrency)
        account = msgspec.structs.replace(ACCOUNT, server=msgspec.structs.replace(SERVER, options=options))
        http = Slow({path: [page(*rows)], SCROBBLE: [b""]})
        await push(account, http, [Change(entry_id=row["ratingKey"], watched=True) for row in rows])
        assert most == expected
