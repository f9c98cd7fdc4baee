"""An explanation in words."""

from datetime import tzinfo
from typing import Any

import msgspec

from watchstate.cli.output import say
from watchstate.cli.run_view import told_date, told_position
from watchstate.states import Agreed, HubState
from watchstate.storage.journal import JournalLine
from watchstate.sync.explain import EntryView, Explanation, Now
from watchstate.sync.finding import LooseEntry
from watchstate.sync.titles import account_title, entry_title, item_title


def explanation_value(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as plain values."""
    return {"title": item_title(explanation.item), **msgspec.to_builtins(explanation)}


def loose_value(loose: LooseEntry) -> dict[str, Any]:
    """Return what is known of an entry that stands for no item as plain values."""
    return {"title": entry_title(loose.entry), **msgspec.to_builtins(loose)}


def show_loose(loose: LooseEntry) -> None:
    """Print for a person why an entry stands for no item."""
    say(f"{entry_title(loose.entry)}  ({loose.server}, entry {loose.entry.entry_id})")
    if loose.entry.path:
        say(f"  Its file: {loose.entry.path}")
    say(f"  Its ids: {', '.join(loose.keys) or 'none'}")
    if loose.candidates:
        say("  It is ambiguous: its ids fit several titles, and watchstate never guesses (M3). It could be:")
        for item in loose.candidates:
            say(f"    {item_title(item)}  (item {item.item_id})")
        say(f"  Correct what {loose.server} takes it for (Identify, Fix Match); the next import looks again.")
    else:
        say("  It carries no id by which other servers know it, so it is not synced (M1).")
        say(f"  Identify it on {loose.server}, or match by paths: options.match_paths; the next import looks again.")


def show_explanation(explanation: Explanation, zone: tzinfo) -> None:
    """Print an explanation for a person."""
    say(f"{item_title(explanation.item)}  (item {explanation.item.item_id})")
    for identity, hub in explanation.hubs.items():
        whose = "The hub" if identity == "main" else f"The hub, for {identity},"
        say(f"  {whose} says: {_hub(hub, zone)}")
        decision = next((line for line in explanation.journal if _decides(line, identity)), None)
        if decision is not None:
            say(f"    decided under {decision.rule} ({decision.event}) by {_origin(decision)}, run {decision.run_id}")
    for view in explanation.entries:
        _show_entry(view, zone)
    if not explanation.entries:
        say("  No server has it (any more).")
    if explanation.journal:
        say("  What happened, newest first:")
        for line in explanation.journal:
            whose = "" if line.identity == "main" else f" for {line.identity}"
            say(
                f"    {told_date(line.at, zone)}  {line.event}{whose} ({line.rule}), {_origin(line)}, run {line.run_id}"
            )


def _show_entry(view: EntryView, zone: tzinfo) -> None:
    say(f"  {account_title(view.server, view.identity)}, entry {view.entry.entry_id}:")
    if view.now is not None:
        say(f"    shows now {_now(view.now, zone)}")
    say(f"    agreed on {_agreed(view.agreed, zone)}")
    if view.agreed is not None and view.agreed.missed_scans:
        say(f"    missing from the last {view.agreed.missed_scans} complete scan(s): nothing is concluded from it (R4)")
    if view.held is not None:
        say("    shows it unwatched now; held by the brake (R5): watchstate state review")
    if view.intent is not None:
        say(f"    a write of {told_date(view.intent.sent_at, zone)} got no answer; it is read again first (W3)")
    if view.attempt is not None:
        tried = f"tried {view.attempt.tries} time(s): {view.attempt.reason}"
        say(f"    {tried}; next try after {told_date(view.attempt.next_try_at, zone)} (W5)")
    say(f"    {_target(view)}")
    if view.target.is_write and view.paused:
        say(f"    not before the account works again; it is paused: {view.paused}")
    if view.target.is_write and view.now is not None and view.now.is_playing:
        say("    not before it stops playing there (W6)")


def _hub(hub: HubState, zone: tzinfo) -> str:
    if hub.watched is None and not hub.position_ms:
        return "nothing is known yet"
    words = [{True: "watched", False: "unwatched", None: "not watched as far as known"}[hub.watched]]
    if hub.watched_at:
        words.append(f"on {told_date(hub.watched_at, zone)}")
    if hub.position_ms:
        words.append(told_position(hub.position_ms))
    if hub.changed is not None:
        begins = told_date(hub.changed.begins, zone) or "the beginning"
        words.append(f"changed between {begins} and {told_date(hub.changed.ends, zone)}")
    if hub.origin:
        words.append(f"as {hub.origin} told")
    return ", ".join(words)


def _decides(line: JournalLine, identity: str) -> bool:
    return line.identity == identity and not line.rule.startswith("W") and line.before != line.after


def _now(now: Now, zone: tzinfo) -> str:
    if now.error:
        return f"nothing: {now.error}"
    if now.state is None:
        return "nothing: the server does not have it (any more)"
    words = _state(now.state.watched, now.state.position_ms, now.state.play_count, now.state.watched_at, zone)
    return ", ".join([*words, "being played"] if now.is_playing else words)


def _state(
    watched: bool, position_ms: int | None, play_count: int | None, watched_at: int | None, zone: tzinfo
) -> list[str]:
    words = ["watched" if watched else "unwatched"]
    if position_ms:
        words.append(told_position(position_ms))
    if play_count is not None:
        words.append(f"{play_count} play(s)")
    if watched_at:
        words.append(f"last played {told_date(watched_at, zone)}")
    return words


def _agreed(agreed: Agreed | None, zone: tzinfo) -> str:
    if agreed is None or agreed.watched is None:
        return "nothing yet"
    words = _state(agreed.watched, agreed.position_ms, agreed.play_count, agreed.raw_watched_at, zone)
    if agreed.is_rewatching:
        words.append("being watched again (R6)")
    return ", ".join(words) + f" at {told_date(agreed.read_from, zone)}"


def _target(view: EntryView) -> str:
    target = view.target
    if target.is_write:
        parts = []
        if target.watched is not None:
            parts.append("watched" if target.watched else "unwatched")
        if target.position_ms is not None:
            parts.append(told_position(target.position_ms))
        return f"next export writes: {', '.join(parts)} ({target.rule}: {target.reason})"
    if target.reason:
        return f"nothing is written: {target.reason} ({target.rule})"
    return "nothing to write"


def _origin(line: JournalLine) -> str:
    return f"{line.server} entry {line.entry_id}" if line.entry_id else line.server or "watchstate"
