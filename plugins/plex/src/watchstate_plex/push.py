"""Writing what an account should show as watched, and where it should resume.

A scrobble counts: sent twice, it is another play. So every change is compared with what the server shows before
anything is sent.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from watchstate.api import (
    Account,
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimited,
    BackendUnavailable,
    Change,
    Http,
    HttpResponse,
    Outcome,
    PushOutcome,
)
from watchstate_plex.calls import Query, acting_as, address, read_played_now
from watchstate_plex.convert import is_entry_id, to_key, to_state
from watchstate_plex.listing import read_some
from watchstate_plex.wire import TIMELINE, Row

MOST_AT_ONCE = 4
"""Requests in flight; more of them make a server answer 503."""
SHORTEST_POSITION = 60_000
"""Plex keeps no position up to here (`MinimumProgressTime`)."""

_LIBRARY = ("identifier", "com.plexapp.plugins.library")
_UNKNOWN_METHOD = frozenset({404, 405})


class _Request(msgspec.Struct, frozen=True):
    """One of the requests that a change needs."""

    method: str
    path: str
    query: Query


class _Impossible(Exception):
    """A change that a Plex server can't make; nothing has been sent for it."""


async def push(account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
    """Write changes; see the hook `push_state`.

    Raises:
        BackendError: what the account is playing, or what it has watched, can't be read; nothing has been sent then.
    """
    if not changes:
        return ()
    playing, _ = await read_played_now(account, http)
    ids = [change.entry_id for change in changes if is_entry_id(change.entry_id) and change.entry_id not in playing]
    shown = {to_key(row.rating_key): row async for page in read_some(account, http, ids) for row in page.rows}
    slots = asyncio.Semaphore(min(MOST_AT_ONCE, account.server.options.concurrency))

    async def write(change: Change) -> PushOutcome:
        if change.entry_id in playing:
            return PushOutcome(entry_id=change.entry_id, outcome=Outcome.BUSY)
        row = shown.get(change.entry_id)
        if row is None or row.type not in {"movie", "episode"}:
            return PushOutcome(entry_id=change.entry_id, outcome=Outcome.NOT_FOUND)
        async with slots:
            return await _write(account, http, change, row)

    return await asyncio.gather(*(write(change) for change in changes))


async def _write(account: Account, http: Http, change: Change, row: Row) -> PushOutcome:
    answers: list[HttpResponse] = []
    applied = 0
    outcome, detail, retry_after_ms = Outcome.ALREADY, "", None
    try:
        for request in _requests(change, row):
            answer = await _send(account, http, request)
            answers.append(answer)
            outcome, detail = _judge(request, answer)
            if outcome is not Outcome.APPLIED:
                break
            applied += 1
    except _Impossible as error:
        outcome, detail = Outcome.FAILED, str(error)
    except BackendError as error:
        outcome, detail = _outcome_of(error), str(error)
        retry_after_ms = error.retry_after_ms if isinstance(error, BackendRateLimited) else None
    if applied and outcome is not Outcome.APPLIED:
        outcome = Outcome.UNKNOWN  # half of it was made
    return PushOutcome(
        entry_id=change.entry_id,
        outcome=outcome,
        sent_at=answers[0].began_at if answers else None,
        answered_at=answers[-1].ended_at if answers else None,
        retry_after_ms=retry_after_ms,
        detail=detail,
    )


def _requests(change: Change, row: Row) -> list[_Request]:
    """Return what a change needs, in order: nothing that the server shows already.

    Raises:
        _Impossible: it can't be made.
    """
    state = to_state(row)
    requests, position = [], state.position_ms
    if change.watched is not None and change.watched != state.watched:
        requests.append(_mark("scrobble" if change.watched else "unscrobble", change.entry_id))
        position = 0  # either mark takes it away
    if change.position_ms is None or change.position_ms == position:
        return requests
    if change.position_ms == 0:
        if state.watched:
            raise _Impossible("Plex can take away a position only together with the watched mark")
        return [*requests, _mark("unscrobble", change.entry_id)]
    return [*requests, _report(change.position_ms, change, row)]


def _mark(name: str, entry_id: str) -> _Request:
    return _Request("PUT", f"/:/{name}", (_LIBRARY, ("key", entry_id)))


def _report(position_ms: int, change: Change, row: Row) -> _Request:
    """Return the report of a player that stopped; without the run time, Plex takes no notice of it."""
    duration = row.duration or change.runtime_ms or 0
    if position_ms < SHORTEST_POSITION:
        raise _Impossible("Plex keeps no position of less than a minute")
    if duration <= 0:
        raise _Impossible("the run time is not known, and without it Plex takes no position")
    if position_ms > duration:
        raise _Impossible("the position is behind the end")
    query = (
        ("ratingKey", change.entry_id),
        ("key", f"/library/metadata/{change.entry_id}"),
        _LIBRARY,
        ("state", "stopped"),
        ("time", max(position_ms, SHORTEST_POSITION + 1)),
        ("duration", duration),
    )
    return _Request("POST", "/:/timeline", query)


async def _send(account: Account, http: Http, request: _Request) -> HttpResponse:
    """Send a request by the documented method, or, to a version that doesn't know it, as all clients do: by GET."""
    told = acting_as(account) | _session(account, request)
    answer = await http.send(request.method, address(request.path, request.query), headers=told)
    if answer.status in _UNKNOWN_METHOD:
        answer = await http.send("GET", address(request.path, request.query), headers=told)
    return answer


def _session(account: Account, request: _Request) -> dict[str, str]:
    """Return a session of its own for each position.

    Two reports in one session, before and behind the point that counts as watched, would mark the title.
    """
    told = dict(request.query)
    if "time" not in told:
        return {}
    client = acting_as(account)["X-Plex-Client-Identifier"]
    return {"X-Plex-Session-Identifier": f"{client}-{told['ratingKey']}-{told['time']}"}


def _judge(request: _Request, answer: HttpResponse) -> tuple[Outcome, str]:
    """Return what an answer means.

    Raises:
        BackendProtocolError: somebody else may have answered, or the server did what it was asked for.
    """
    if answer.status == 404:
        return Outcome.NOT_FOUND, ""
    if answer.status >= 400:
        return Outcome.FAILED, f"{answer.operation} was answered with status {answer.status}"
    content = answer.content.strip()
    if not content or b"<MediaContainer" in content[:200]:
        return Outcome.APPLIED, ""
    if request.path != "/:/timeline":
        reason = "was answered with something, where Plex answers with nothing"
        raise BackendProtocolError(answer.server, answer.operation, reason, "check the url: a proxy may be answering")
    told = answer.decode(TIMELINE).container
    if told.termination_code is not None:
        return Outcome.FAILED, f"the server ended the session: {told.termination_text or told.termination_code}"
    return Outcome.APPLIED, ""


def _outcome_of(error: BackendError) -> Outcome:
    match error:
        case BackendAuthError():
            return Outcome.REFUSED
        case BackendRateLimited():
            return Outcome.FAILED
        case BackendUnavailable(sent=False):
            return Outcome.FAILED
        case _:
            return Outcome.UNKNOWN
