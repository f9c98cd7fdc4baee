"""What must hold at the end of every life: the four promises, judged by the oracle."""

from collections import Counter
from dataclasses import dataclass, field

from tests.property.happenings import Deed
from tests.property.mishaps import return_all
from tests.property.oracle import allowed, allowed_position
from tests.property.recorded import RecordedHousehold
from tests.property.world import Life
from tests.sync.media_server import Shown

from watchstate.clock import MINUTE
from watchstate.states import UNKNOWN_HUB


@dataclass
class Findings:
    """What one life came to."""

    broken: list[str] = field(default_factory=list)
    """Promises that were not kept, in words."""
    states: int = 0
    judged: int = 0
    """Final states for which the oracle allows one value only."""
    deeds: int = 0
    deeds_judged: int = 0
    overtaken: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    positions: int = 0
    positions_judged: int = 0
    faults: int = 0
    writes: int = 0


def conclude(life: Life) -> Findings:
    """Let it become quiet, let two rounds pass, and say which promises were broken."""
    findings = Findings(faults=life.faults)
    return_all(life)
    for number, home in enumerate(life.homes):
        quieten(life, home)
        _is_silent(home, findings)
        _agrees(home, findings)
        _is_what_persons_did(home, findings)
        _un_watches_are_persons(home, findings)
        _counts_once(home, findings)
        _replays(home, findings)
        findings.writes += len(home.writes)
        if findings.broken and len(life.homes) > 1:
            findings.broken.append(f"(person {number + 1})")
            break
    return findings


def quieten(life: Life, home: RecordedHousehold) -> None:
    """Everybody stops, every server is there, late writes arrive, and two rounds pass.

    A server whose listing has no counts and dates shows a second watch only when its entry is read for a write: then
    two rounds pass from there. An un-mark that the brake holds and that loses against a change seen later is settled a
    round later, too. So is a copy that shares its state with one that we wrote: it shows our write as if it were one.
    """
    home.now = max(home.now, life.now) + 1
    life.down.clear()
    for name, entry_id, shown in list(home.shown()):
        if shown.is_playing:
            home.now += 1
            deed = Deed(home.now, None, is_stop=True, clock_ms=home.books[name].server.skew_ms)
            home.stop(name, entry_id)
            deed.position_ms = shown.position_ms
            home.observer.does(home.stories_of(shown), deed)
    home.wait(30)
    for name in home.books:
        life.measure(home, name)
    lists_in_part = any(book.server.rules.lists_in_part for book in home.books.values())
    home.round()
    holds = any(book.held for book in home.books.values())
    for _ in range(1 + lists_in_part + holds + bool(life.shared)):
        home.round()


def _is_silent(home: RecordedHousehold, findings: Findings) -> None:
    """Promise 2: a third round writes nothing and changes no row."""
    rows = {name: dict(book.agreed) for name, book in home.books.items()}
    hubs, written = dict(home.hubs), len(home.writes)
    home.round()
    if len(home.writes) != written:
        findings.broken.append(f"a third round still writes: {home.writes[written:]}")
    if hubs != home.hubs:
        findings.broken.append("a third round changes the hub")
    for name, book in home.books.items():
        # How often an entry that left was missing is still counted (R4).
        there = book.server.entries
        changed = {one for one, agreed in book.agreed.items() if one in there and rows[name].get(one) != agreed}
        if changed:
            findings.broken.append(f"a third round changes rows of {name}: {sorted(changed)}")


def _agrees(home: RecordedHousehold, findings: Findings) -> None:
    """Promise 2 and 3: everybody shows what the hub holds, but for what a named rule holds back."""
    for name, entry_id, shown in home.shown():
        hubs = [home.hub(item) for item in shown.items]
        wanted = None
        if any(hub.watched is False for hub in hubs):
            wanted = False
        elif all(hub.watched for hub in hubs):
            wanted = True
        reason = held_back(home, name, entry_id, shown)
        if wanted is not None and wanted is not shown.watched and not reason:
            findings.broken.append(f"{name}: {entry_id} shows watched={shown.watched}, the hub has {wanted}")
        hub = hubs[0]
        if len(hubs) > 1 or hub.watched or hub.position_changed is None or reason:
            continue
        if not _same_position(hub.position_ms, shown.position_ms) and not _stays_apart(home, name, entry_id, shown):
            findings.broken.append(
                f"{name}: {entry_id} stands at {shown.position_ms / MINUTE:g} min, "
                f"the hub at {hub.position_ms / MINUTE:g}"
            )


def held_back(home: RecordedHousehold, name: str, entry_id: str, shown: Shown) -> str:
    """Return the rule that lets an account differ from the hub in *watched*; empty if none does."""
    book, story = home.books[name], home.observer.stories[name, entry_id]
    if not book.exports:
        return "R8"
    if entry_id in book.held:
        return "R5"
    if story.is_rewatching and not shown.watched:
        return "R6"
    starts_over = shown.position_ms >= MINUTE and not shown.watched
    return "R6" if starts_over and home.wanted(name, entry_id).rule == "R6" else ""


def _stays_apart(home: RecordedHousehold, name: str, entry_id: str, shown: Shown) -> bool:
    """R7: say whether the server can't keep, or can't be given, the hub's position."""
    capabilities = home.books[name].server.rules.capabilities
    hub = home.hub(shown.items[0])
    is_late = (shown.runtime_ms or 0) * 90 < max(hub.position_ms, shown.position_ms) * 100
    cannot_clear = hub.position_ms < MINUTE and not capabilities.clears_position
    is_unkept = home.wanted(name, entry_id).rule == "R7"  # moved by a person within a minute of our write looks like it
    return shown.watched or is_late or cannot_clear or is_unkept or not capabilities.writes_position


def _same_position(one: int, other: int) -> bool:
    if one < MINUTE or other < MINUTE:
        return (one < MINUTE) == (other < MINUTE)
    return abs(one - other) <= MINUTE // 6


def _is_what_persons_did(home: RecordedHousehold, findings: Findings) -> None:
    """Promise 1 and 3: the hub holds what the oracle allows."""
    items = {item for story in home.observer.stories.values() for item in story.items}
    for item in sorted(items):
        may_be = allowed(home.observer.claims.get(item, []))
        findings.states += 1
        findings.judged += len(may_be) == 1
        hub = home.hub(item)
        _stands_where_persons_left(home, item, findings)
        if hub.watched not in may_be:
            allowed_values = ", ".join(sorted(str(one) for one in may_be))
            findings.broken.append(
                f"title {item}: the hub has watched={hub.watched}, the oracle allows {allowed_values}"
            )
    for deed in home.observer.deeds:
        findings.deeds += 1
        if deed.is_judged:
            findings.deeds_judged += 1
        elif deed.is_overtaken:
            findings.overtaken += 1
        else:
            findings.excluded[deed.excluded or "never_shown_again"] += 1


def _stands_where_persons_left(home: RecordedHousehold, item: int, findings: Findings) -> None:
    """Promise 3: a hub that isn't watched holds the position at which the last play stopped."""
    hub = home.hub(item)
    if hub.watched:
        return
    moves = home.observer.moves.get(item, [])
    position = allowed_position(home.observer.claims.get(item, []), moves)
    findings.positions += bool(moves)
    if position is None:
        return
    findings.positions_judged += bool(moves)
    if not _same_position(hub.position_ms, position):
        stands, left = hub.position_ms / MINUTE, position / MINUTE
        findings.broken.append(f"title {item}: the hub stands at {stands:g} min, the person stopped at {left:g}")


def _un_watches_are_persons(home: RecordedHousehold, findings: Findings) -> None:
    """Promise 1: every un-watch of the hub has its own un-watch by a person."""
    for item in home.hubs:
        ours = [note for note in home.journal if note.item == item and note.before.watched is not False]
        unwatched = sum(note.after.watched is False for note in ours)
        done = home.observer.unwatches[item]
        if unwatched > done:
            findings.broken.append(f"title {item} was un-watched {unwatched} times, by persons {done} times")


def _counts_once(home: RecordedHousehold, findings: Findings) -> None:
    """Promise 2: no account is marked watched that shows watched already."""
    findings.broken += home.told_twice


def _replays(home: RecordedHousehold, findings: Findings) -> None:
    """The journal tells how every hub state came about."""
    told = dict.fromkeys(home.hubs, UNKNOWN_HUB)
    for note in home.journal:
        if told[note.item] != note.before:
            findings.broken.append(f"title {note.item}: the journal has a gap before «{note.event}»")
        told[note.item] = note.after
    if told != home.hubs:
        findings.broken.append("the journal doesn't lead to the hub")
