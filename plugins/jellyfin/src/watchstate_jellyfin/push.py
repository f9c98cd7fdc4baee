"""Writing what an account should show as watched, and where it should resume."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from watchstate.api import (
    Account,
    BackendAuthError,
    BackendError,
    BackendRateLimited,
    BackendUnavailable,
    Change,
    Http,
    HttpResponse,
    Outcome,
    PushOutcome,
)
from watchstate_jellyfin.calls import acting_as, read_played_now
from watchstate_jellyfin.convert import TICKS_PER_MS, to_date, to_guid
from watchstate_jellyfin.wire import USER_DATA


class _Request(msgspec.Struct, frozen=True):
    """One of the requests that a change needs."""

    method: str
    path: str
    body: Mapping[str, bool | int | str] | None = None
    played: bool | None = None
    """What the answer has to show; None for either."""


async def push(account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
    """Write changes; see the hook `push_state`.

    Raises:
        BackendError: what the account is playing can't be read; nothing has been sent then.
    """
    if not changes:
        return ()
    playing = await read_played_now(account, http)
    slots = asyncio.Semaphore(account.server.options.concurrency)

    async def write(change: Change) -> PushOutcome:
        if change.entry_id in playing:
            return PushOutcome(entry_id=change.entry_id, outcome=Outcome.BUSY)
        async with slots:
            return await _write(account, http, change)

    return await asyncio.gather(*(write(change) for change in changes))


async def _write(account: Account, http: Http, change: Change) -> PushOutcome:
    if to_guid(change.entry_id) != change.entry_id:
        return PushOutcome(entry_id=change.entry_id, outcome=Outcome.NOT_FOUND, detail="this is no id of Jellyfin's")
    answers: list[HttpResponse] = []
    applied = 0
    outcome, detail, retry_after_ms = Outcome.ALREADY, "", None
    try:
        for request in _requests(change):
            answer = await http.send(
                request.method,
                request.path,
                params={"userId": account.user_id},
                headers=acting_as(account),
                json=request.body,
            )
            answers.append(answer)
            outcome, detail = _judge(request, answer)
            if outcome is not Outcome.APPLIED:
                break
            applied += 1
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


def _requests(change: Change) -> list[_Request]:
    """Return what a change needs, in order.

    A watched mark, its date and its position go in one patch of the user data: `POST /UserPlayedItems` would count a
    dated mark once more each time, and sends no position. Only `DELETE` takes date and count away.
    """
    entry_id = quote(change.entry_id, safe="")
    data = f"/UserItems/{entry_id}/UserData"
    position = {"PlaybackPositionTicks": (change.position_ms or 0) * TICKS_PER_MS}
    if change.watched:
        date = {"LastPlayedDate": to_date(change.watched_at)} if change.watched_at else {}
        return [_Request("POST", data, {"Played": True, **position, **date}, played=True)]
    if change.watched is None:
        return [] if change.position_ms is None else [_Request("POST", data, position)]
    unwatch = _Request("DELETE", f"/UserPlayedItems/{entry_id}", played=False)
    return [unwatch, _Request("POST", data, position)] if change.position_ms else [unwatch]


def _judge(request: _Request, answer: HttpResponse) -> tuple[Outcome, str]:
    """Return what an answer means.

    Raises:
        BackendProtocolError: it can't be read, though the server may well have done what it was asked for.
    """
    if answer.status == 404:
        return Outcome.NOT_FOUND, ""
    if answer.status >= 400:
        return Outcome.FAILED, f"{answer.operation} was answered with status {answer.status}"
    if not answer.content:
        return Outcome.APPLIED, ""
    if request.played not in {None, answer.decode(USER_DATA).played}:
        return Outcome.FAILED, "the server accepted the change and did not make it"
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
