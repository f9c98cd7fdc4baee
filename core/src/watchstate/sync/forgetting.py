"""R4, R8: make everything of an account first contact again, without forgetting what we wrote to it."""

from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.states import Intent, OwnWrite
from watchstate.storage import accounts, deliveries, states


def forget_account(conn: Connection, account_id: int) -> None:
    """Forget what an account showed. Writes without an answer count as ours too, since they may have arrived (R2)."""
    intents = deliveries.intents(conn, account_id, None)
    agreed = states.agreed(conn, account_id, intents)
    written = {row: replace(agreed[row], write=_as_write(intents[row])) for row in agreed}
    states.save_agreed(conn, account_id, written)
    accounts.forget_agreements(conn, account_id)


def _as_write(intent: Intent) -> OwnWrite:
    return OwnWrite(
        sent_at=intent.sent_at,
        answered_at=intent.gave_up_at or intent.sent_at,
        watched=intent.watched,
        position_ms=intent.position_ms,
        raw_date_sent=intent.raw_date_sent,
        count_before=intent.before_count,
        raw_date_before=intent.before_raw_date,
    )
