"""What became of writes: agreed, tried again later, or waiting to be judged by the next fact (W3, W5)."""

import random
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import Outcome, PushOutcome
from watchstate.clock import HOUR, MINUTE
from watchstate.states import Agreed, Intent
from watchstate.storage import deliveries, journal, states
from watchstate.storage.deliveries import Attempt
from watchstate.storage.journal import JournalLine
from watchstate.sync.echo import as_written
from watchstate.sync.planning import Planned
from watchstate.sync.work import AccountReport, AccountWork

LONGEST_WAIT = 6 * HOUR


class Sending(Struct, frozen=True):
    """A write under way: what it is for, and the intent that was committed before it."""

    planned: Planned
    intent: Intent


def give_up(conn: Connection, work: AccountWork, sending: Mapping[str, Sending], now: int) -> None:
    """Stop waiting for all answers: the plugin raised, or the run was interrupted."""
    rows = {one.planned.row.row: replace(one.intent, gave_up_at=now) for one in sending.values()}
    deliveries.save_intents(conn, work.account_id, work.run_id, rows)
    put_off(conn, work, dict.fromkeys(rows, "the write ended without an answer"), now)


def settle_outcomes(
    conn: Connection,
    work: AccountWork,
    sending: Mapping[str, Sending],
    outcomes: Sequence[PushOutcome],
    report: AccountReport,
    now: int,
) -> None:
    """W3, W5: a success is agreed, an unknown outcome keeps its intent, a failure is tried again later."""
    current = states.agreed(conn, work.account_id, [one.planned.row.row for one in sending.values()])
    agreed: dict[int, Agreed] = {}
    unknown: dict[int, Intent] = {}
    later: dict[int, str] = {}
    not_before: dict[int, int] = {}
    failed: list[str] = []
    lines: list[JournalLine] = []
    for outcome in outcomes:
        one = sending[outcome.entry_id]
        row = one.planned.row.row
        match outcome.outcome:
            case Outcome.APPLIED:
                written = as_written(
                    current[row], one.intent, outcome.sent_at or one.intent.sent_at, outcome.answered_at or now
                )
                agreed[row] = written
                lines += _lines(work, one, written, now)
                report.written += 1
            case Outcome.ALREADY:
                report.already += 1
            case Outcome.UNKNOWN:
                failed.append(outcome.detail)
                unknown[row] = replace(one.intent, gave_up_at=outcome.answered_at or now)
                later[row] = outcome.detail or "no answer came"
            case _:
                later[row] = outcome.detail or str(outcome.outcome)
                if outcome.outcome in {Outcome.FAILED, Outcome.REFUSED}:
                    failed.append(outcome.detail)
                if outcome.outcome is Outcome.BUSY:
                    not_before[row] = now + MINUTE
                elif outcome.retry_after_ms is not None:
                    not_before[row] = now + outcome.retry_after_ms
    states.save_agreed(conn, work.account_id, agreed)
    rows = [one.planned.row.row for one in sending.values()]
    deliveries.drop_intents(conn, work.account_id, [row for row in rows if row not in unknown])
    deliveries.save_intents(conn, work.account_id, work.run_id, unknown)
    deliveries.clear_attempts(conn, work.account_id, [row for row in rows if row not in later])
    put_off(conn, work, later, now, not_before)
    journal.append(conn, lines)
    if failed:
        report.failed += len(failed)
        report.failure = report.failure or failed[0]


def put_off(
    conn: Connection,
    work: AccountWork,
    reasons: Mapping[int, str],
    now: int,
    not_before: Mapping[int, int] | None = None,
) -> None:
    """W5: try again later, each time later, and not all at once."""
    earlier = deliveries.attempts(conn, work.account_id, list(reasons))
    attempts = {}
    for row, reason in reasons.items():
        tries = earlier[row].tries + 1 if row in earlier else 1
        wait = min(MINUTE * 2 ** min(tries - 1, 16), LONGEST_WAIT)
        jittered = wait + random.randrange(wait // 4)  # noqa: S311 - spreads load, hides nothing
        next_try = (not_before or {}).get(row, now + jittered)
        attempts[row] = Attempt(tries=tries, next_try_at=next_try, reason=reason)
    deliveries.save_attempts(conn, work.account_id, attempts)


def _lines(work: AccountWork, one: Sending, written: Agreed, now: int) -> list[JournalLine]:
    event = {True: "wrote watched", False: "wrote unwatched", None: "wrote position"}[one.intent.watched]
    return [
        JournalLine(
            at=now,
            identity=work.account.identity,
            item_id=item,
            server=work.server.name,
            entry_id=one.planned.row.entry_id,
            event=event,
            rule="W1",
            before={"watched": one.intent.before_watched, "position_ms": one.intent.before_position_ms},
            after=msgspec.to_builtins(
                {"watched": written.watched, "position_ms": written.position_ms, "raw_date": one.intent.raw_date_sent}
            ),
            run_id=work.run_id,
        )
        for item in one.planned.row.items
    ]
