"""Taking back what the journal tells: hub states become what they were before, as a change made now."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import UsageError
from watchstate.states import UNKNOWN_HUB, HubState, Interval
from watchstate.storage import catalogue, journal, runs, states
from watchstate.storage.catalogue import ItemRow
from watchstate.storage.journal import JournalLine
from watchstate.sync.lease import owner_name
from watchstate.sync.work import Engine

ORIGIN = "watchstate"


class Lines(Struct, frozen=True, kw_only=True):
    """Which lines of the journal to take back; exactly one is given."""

    run_id: int | None = None
    number: int | None = None
    since: int | None = None
    """From this moment on, ms UTC."""


class Undoing(Struct, frozen=True, kw_only=True):
    """What becomes of one hub state."""

    identity: str
    item: ItemRow
    now: HubState
    after: HubState
    """Equal to `now` where nothing is to be done."""
    is_changed_since: bool
    """Later lines of the journal changed it again."""


class _Span(Struct):
    """The lines of one hub state: what it was before the first of them, and after the last."""

    before: HubState
    after: HubState
    is_changed_since: bool = False


async def undo(engine: Engine, wanted: Lines, *, is_forced: bool = False, is_rehearsal: bool = False) -> list[Undoing]:
    """Restore the hub states of before the lines, and return what was found; the next export delivers them.

    What was changed since is left alone, unless `is_forced`. A rehearsal changes nothing.

    Raises:
        UsageError: there is no such line or run, or nothing in it is a change of a hub state.
    """
    if is_rehearsal:
        return await engine.storage.read(partial(_find, engine.clock(), wanted))
    return await engine.storage.write(partial(_undo, engine, wanted, is_forced))


def restored(now: HubState, before: HubState, after: HubState, at: int) -> HubState:
    """Return a hub state with what lies between `before` and `after` taken back, as a change made at `at`.

    What was unknown becomes unwatched: a person's word, which reaches the servers; *unknown* would reach none. A
    watched state has no position, and an unwatched one no date, whatever is taken back of them.
    """
    point = Interval.point(at)
    if bool(before.watched) is not bool(after.watched):
        return HubState(
            watched=bool(before.watched),
            changed=point,
            watched_at=before.watched_at if before.watched else None,
            position_ms=0 if before.watched else before.position_ms,
            position_changed=point,
            position_runtime_ms=before.position_runtime_ms,
            origin=ORIGIN,
        )
    if before.position_ms != after.position_ms and not now.watched:
        return replace(
            now,
            position_ms=before.position_ms,
            position_changed=point,
            position_runtime_ms=before.position_runtime_ms,
            origin=ORIGIN,
        )
    if before.watched_at != after.watched_at and now.watched:
        return replace(now, watched_at=before.watched_at)
    return now


def hub_change(line: JournalLine) -> tuple[HubState, HubState] | None:
    """Return the hub state before and after a line; None for a write to a server.

    Items that were joined (M7) stay one, so before is the watched one of both: no undo may un-watch the other.
    """
    if line.rule.startswith("W"):
        return None
    other = _other(line)
    before = _hub(line.before)
    return (before if other is None else _watched_first(before, other.hub)), _hub(line.after)


def hub_states(line: JournalLine) -> list[HubState]:
    """Return all the hub states that a line shows: before, after, and that of an item which was merged away (M7)."""
    if line.rule.startswith("W"):
        return []
    other = _other(line)
    own = [_hub(line.before), _hub(line.after)]
    return own if other is None else [*own, other.hub]


class _Other(Struct, frozen=True):
    """The item that was merged away, and its hub state."""

    item_id: int
    hub: HubState


def _other(line: JournalLine) -> _Other | None:
    gone = line.before.get("other_item")
    return None if gone is None else _Other(gone["item_id"], _hub(line.before["other_hub"]))


def _watched_first(one: HubState, other: HubState) -> HubState:
    return one if one.watched or not other.watched else other


def _hub(told: Any) -> HubState:  # noqa: ANN401 - the journal holds whatever JSON can
    return msgspec.convert(told.get("hub", told), HubState)


def _undo(engine: Engine, wanted: Lines, is_forced: bool, conn: Connection) -> list[Undoing]:
    at = engine.clock()
    found = _find(at, wanted, conn)
    taken = [one for one in found if one.after != one.now and (is_forced or not one.is_changed_since)]
    if not taken:
        return found
    run_id = runs.begin_run(conn, "state undo", owner_name("state undo"), at)
    after = {(one.identity, one.item.item_id): one.after for one in taken}
    for identity, items in _by_identity(after).items():
        states.save_hubs(conn, identity, {item_id: after[identity, item_id] for item_id in items})
    journal.append(conn, [_line(one, at, run_id) for one in taken])
    runs.end_run(conn, run_id, at, "done", {"changed": len(taken)})
    return found


def _line(one: Undoing, at: int, run_id: int) -> JournalLine:
    return journal.hub_line(
        at=at,
        identity=one.identity,
        item_id=one.item.item_id,
        event="undone",
        rule="R3",
        before=one.now,
        after=one.after,
        run_id=run_id,
    )


def _find(at: int, wanted: Lines, conn: Connection) -> list[Undoing]:
    _check(conn, wanted)
    spans = _spans(conn, wanted)
    if not spans:
        raise UsageError("nothing in it changed the hub: what was written to servers follows from earlier lines")
    items = catalogue.items(conn, {item_id for _, item_id in spans})
    hubs = {identity: states.hubs(conn, identity, own) for identity, own in _by_identity(spans).items()}
    found = []
    for (identity, item_id), span in spans.items():
        if item_id not in items:
            continue
        now = hubs[identity].get(item_id, UNKNOWN_HUB)
        after = restored(now, span.before, span.after, at)
        found.append(
            Undoing(
                identity=identity,
                item=items[item_id],
                now=now,
                after=now if _is_same(now, after) else after,
                is_changed_since=span.is_changed_since,
            )
        )
    return found


def _check(conn: Connection, wanted: Lines) -> None:
    if wanted.run_id is not None and not runs.exists(conn, wanted.run_id):
        raise UsageError(f"there is no run {wanted.run_id}; see watchstate state journal")
    if wanted.number is not None and not journal.lines(conn, number=wanted.number):
        raise UsageError(f"there is no line j{wanted.number} in the journal; see watchstate state journal")


def _spans(conn: Connection, wanted: Lines) -> dict[tuple[str, int], _Span]:
    """Return what the lines did to each hub state, and whether later lines did more."""
    spans: dict[tuple[str, int], _Span] = {}
    found = journal.with_later(conn, number=wanted.number, run_id=wanted.run_id, since=wanted.since)
    for is_wanted, line in found:
        change = hub_change(line)
        if change is None or line.item_id is None:
            continue
        before, after = change
        key = (line.identity, line.item_id)
        other = _other(line)
        if other is not None:
            _follow(spans, key, line, other)
        if is_wanted:
            span = spans.setdefault(key, _Span(before, after))
            span.after, span.is_changed_since = after, False
        elif key in spans and other is None and not _is_same(before, after):
            spans[key].is_changed_since = True
    return spans


def _by_identity(keys: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    items: dict[str, list[int]] = {}
    for identity, item_id in keys:
        items.setdefault(identity, []).append(item_id)
    return items


def _follow(spans: dict[tuple[str, int], _Span], key: tuple[str, int], line: JournalLine, other: _Other) -> None:
    """Let a span of an item that was merged away go on in the item that was kept (M7).

    What the item on the other side held counts as a change since then if it is watched: that mark is not undone.
    """
    kept, gone = spans.pop(key, None), spans.pop((line.identity, other.item_id), None)
    before, after = _hub(line.before), _hub(line.after)
    if kept is not None and gone is not None:
        spans[key] = _Span(
            _watched_first(kept.before, gone.before), after, kept.is_changed_since or gone.is_changed_since
        )
    elif span := kept or gone:
        mine, theirs = (before, other.hub) if span is kept else (other.hub, before)
        is_changed = bool(theirs.watched) or not _is_same(mine, after)
        spans[key] = _Span(_watched_first(span.before, theirs), span.after, span.is_changed_since or is_changed)


def _is_same(one: HubState, other: HubState) -> bool:
    """Compare what a person sees, and not when it was changed."""
    return (one.watched, one.position_ms, one.watched_at) == (other.watched, other.position_ms, other.watched_at)
