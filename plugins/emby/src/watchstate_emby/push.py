"""Writing what an account should show as watched, and where it should resume."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from watchstate.api import Account, Change, Http, HttpResponse, Outcome, PushOutcome
from watchstate_emby.calls import acting_as, is_item_id, item_path, read_played_now, user_path
from watchstate_emby.wire import WHOLE_ITEM, WHOLE_USER_DATA, WholeUserData
from watchstate_mediabrowser.calls import decode
from watchstate_mediabrowser.convert import TICKS_PER_MS, to_date, to_ms
from watchstate_mediabrowser.pushing import NotMadeError, Writer, push_each


async def push(account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
    """Write changes; see the hook `push_state`.

    Raises:
        BackendError: what the account is playing can't be read; nothing has been sent then.
    """
    if not changes:
        return ()
    playing, _ = await read_played_now(account, http)
    return await push_each(changes, playing, account.server.options.concurrency, partial(_write, account, http))


async def _write(account: Account, http: Http, change: Change) -> PushOutcome:
    if not is_item_id(change.entry_id):
        return PushOutcome(entry_id=change.entry_id, outcome=Outcome.NOT_FOUND, detail="this is no id of Emby's")
    writer = Writer(http, acting_as(account))
    return await writer.carry_out(change.entry_id, _send(writer, account, http, change))


async def _send(writer: Writer, account: Account, http: Http, change: Change) -> None:
    """Mark, or take a mark away, then set what a mark can't set: the date and the position.

    The mark alone decides about flag and count: it is idempotent, its answer shows what it did, and nothing else of
    the state is touched. The rest goes through the user data, which has to be sent whole.
    """
    mark = f"{user_path(account)}/PlayedItems/{quote(change.entry_id, safe='')}"
    answer: HttpResponse | None = None
    if change.watched is not None:
        answer = await writer.send("POST" if change.watched else "DELETE", mark, played=change.watched)
    is_set = bool(change.position_ms) if answer else change.position_ms is not None
    date = change.watched_at if change.watched else None
    if not is_set and not date:
        return
    state = await _state_after(answer, account, http, change.entry_id)
    if not is_set and _shows(state, date):
        return
    body = _whole(state)
    if is_set:
        body["PlaybackPositionTicks"] = (change.position_ms or 0) * TICKS_PER_MS
    if date:
        body["LastPlayedDate"] = to_date(date)
    await writer.send("POST", f"{item_path(account, change.entry_id)}/UserData", body)


async def _state_after(answer: HttpResponse | None, account: Account, http: Http, entry_id: str) -> WholeUserData:
    """Return the whole state of an item: as a mark answered it, or read now."""
    if answer is not None and answer.content:
        return answer.decode(WHOLE_USER_DATA)
    detail = await http.get(item_path(account, entry_id), headers=acting_as(account))
    if detail.status == 404:
        raise NotMadeError(Outcome.NOT_FOUND)
    return decode(detail, WHOLE_ITEM).user_data


def _shows(state: WholeUserData, date: int | None) -> bool:
    """Say whether a state has a date already: Emby keeps whole seconds."""
    shown = None if state.last_played_date is None else to_ms(state.last_played_date)
    return shown is not None and date is not None and shown // 1_000 == date // 1_000


def _whole(state: WholeUserData) -> dict[str, bool | int | float | str]:
    """Return all that a server may reset if it is left out: the flag on 4.9, nearly everything on 4.10."""
    body = {
        "Played": state.played,
        "PlayCount": state.play_count,
        "PlaybackPositionTicks": state.playback_position_ticks,
        "IsFavorite": state.is_favorite,
        "LastPlayedDate": state.last_played_date,
        "Rating": state.rating,
    }
    return {name: value for name, value in body.items() if value is not None}
