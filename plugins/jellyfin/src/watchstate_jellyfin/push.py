"""Writing what an account should show as watched, and where it should resume."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from watchstate.api import Account, Change, Http, Outcome, PushOutcome
from watchstate_jellyfin.calls import acting_as, read_played_now
from watchstate_mediabrowser.convert import TICKS_PER_MS, to_date, to_guid
from watchstate_mediabrowser.pushing import Writer, push_each


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
    if to_guid(change.entry_id) != change.entry_id:
        return PushOutcome(entry_id=change.entry_id, outcome=Outcome.NOT_FOUND, detail="this is no id of Jellyfin's")
    writer = Writer(http, acting_as(account), {"userId": account.user_id})
    return await writer.carry_out(change.entry_id, _send(writer, change))


async def _send(writer: Writer, change: Change) -> None:
    """Send what a change needs, in order.

    A watched mark, its date and its position go in one patch of the user data: `POST /UserPlayedItems` would count a
    dated mark once more each time, and sends no position. Only `DELETE` takes date and count away.
    """
    entry_id = quote(change.entry_id, safe="")
    data = f"/UserItems/{entry_id}/UserData"
    position = {"PlaybackPositionTicks": (change.position_ms or 0) * TICKS_PER_MS}
    if change.watched:
        date = {"LastPlayedDate": to_date(change.watched_at)} if change.watched_at else {}
        await writer.send("POST", data, {"Played": True, **position, **date}, played=True)
        return
    if change.watched is False:
        await writer.send("DELETE", f"/UserPlayedItems/{entry_id}", played=False)
    if change.position_ms or (change.watched is None and change.position_ms is not None):
        await writer.send("POST", data, position)
