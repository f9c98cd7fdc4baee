"""Writing changes, and telling what became of each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from watchstate.api import (
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
from watchstate.api.http import Params
from watchstate_mediabrowser.wire import USER_DATA


class NotMadeError(Exception):
    """The server answered, and did not make the change. Never leaves this package's `push_each`."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


class Writer:
    """Sends the requests of one change one after the other, and remembers what became of them."""

    def __init__(self, http: Http, headers: Mapping[str, str], params: Params | None = None) -> None:
        self._http = http
        self._headers = headers
        self._params = params
        self._answers: list[HttpResponse] = []
        self._made = 0
        self._is_sent = False

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        played: bool | None = None,
    ) -> HttpResponse:
        """Send one request. `played` is what the answer has to show; None for either.

        Raises:
            NotMadeError: the entry is gone, or the server did not do it.
            BackendError: there is no answer, or it can't be read, though the server may well have done it.
        """
        self._is_sent = True
        answer = await self._http.send(method, path, params=self._params, headers=self._headers, json=body)
        self._answers.append(answer)
        if answer.status == 404:
            raise NotMadeError(Outcome.NOT_FOUND)
        if answer.status >= 400:
            raise NotMadeError(Outcome.FAILED, f"{answer.operation} was answered with status {answer.status}")
        if answer.content and played not in {None, answer.decode(USER_DATA).played}:
            raise NotMadeError(Outcome.FAILED, "the server accepted the change and did not make it")
        self._made += 1
        return answer

    async def carry_out(self, entry_id: str, steps: Awaitable[None]) -> PushOutcome:
        """Do what a change needs; return what became of it."""
        outcome, detail, retry_after_ms = Outcome.APPLIED, "", None
        try:
            await steps
        except NotMadeError as error:
            outcome, detail = error.outcome, error.detail
        except BackendError as error:
            outcome, detail = self._outcome_of(error), str(error)
            retry_after_ms = error.retry_after_ms if isinstance(error, BackendRateLimited) else None
        if outcome is Outcome.APPLIED and not self._made:
            outcome = Outcome.ALREADY
        elif outcome is not Outcome.APPLIED and self._made:
            outcome = Outcome.UNKNOWN  # part of it was made
        return PushOutcome(
            entry_id=entry_id,
            outcome=outcome,
            sent_at=self._answers[0].began_at if self._answers else None,
            answered_at=self._answers[-1].ended_at if self._answers else None,
            retry_after_ms=retry_after_ms,
            detail=detail,
        )

    def _outcome_of(self, error: BackendError) -> Outcome:
        match error:
            case BackendAuthError():
                return Outcome.REFUSED
            case BackendRateLimited() | BackendUnavailable(sent=False):
                return Outcome.FAILED
            case _:
                return Outcome.UNKNOWN if self._is_sent else Outcome.FAILED


async def push_each(
    changes: Sequence[Change],
    playing: frozenset[str],
    concurrency: int,
    write: Callable[[Change], Awaitable[PushOutcome]],
) -> Sequence[PushOutcome]:
    """Write changes side by side, those of entries that the account is playing now excepted."""
    slots = asyncio.Semaphore(concurrency)

    async def write_one(change: Change) -> PushOutcome:
        if change.entry_id in playing:
            return PushOutcome(entry_id=change.entry_id, outcome=Outcome.BUSY)
        async with slots:
            return await write(change)

    return await asyncio.gather(*(write_one(change) for change in changes))
