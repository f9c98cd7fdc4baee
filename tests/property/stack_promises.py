"""The promises, checked on the whole stack after a quiet period."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select, text
from tests.property.oracle import allowed
from tests.property.stack_home import Copy, StackHome

from watchstate.api import PlayState
from watchstate.states import UNKNOWN_HUB, HubState
from watchstate.storage import accounts, catalogue, journal, states, tables
from watchstate.sync.explain import EntryView, explain
from watchstate.sync.intervals import same_position
from watchstate.sync.target import wanted_watched
from watchstate.sync.undoing import hub_change

KEPT = (
    "item",
    "entry",
    "entry_key",
    "entry_item",
    "hub_state",
    "agreed",
    "intent",
    "attempt",
    "held_change",
    "journal",
)
"""What a run without news leaves as it is. The others tell of the run itself."""
PERSONS = {"undone", "marked unwatched", "marked watched", "restored", "items joined"}
"""Lines of the journal that are not about what a server showed."""


class Broken(AssertionError):
    """A promise does not hold."""


def catalogue_of(conn, home: StackHome) -> dict[Copy, catalogue.EntryRow]:
    """Return the entry of every file that is there and known."""
    numbers = {server.name: server.server_id for server in accounts.servers(conn)}
    known = {
        name: catalogue.entries(conn, number, [c.entry_id for c in home.there(name)])
        for name, number in numbers.items()
    }
    return {
        copy: known[copy.place][copy.entry_id] for copy in home.there() if copy.entry_id in known.get(copy.place, {})
    }


def hubs_of(conn, home: StackHome) -> dict[tuple[str, int], HubState]:
    """Return every hub state, by identity and item."""
    return {
        (identity, item): hub
        for identity in home.setup.identities
        for item, hub in states.hubs(conn, identity, states.items_with_hubs(conn, identity)).items()
    }


def rows_of(conn, home: StackHome) -> dict[str, Counter[tuple[object, ...]]]:
    """Return what the tables hold; of entries that left it is still counted how often they are missing (R4)."""
    there = {entry.row for entry in catalogue_of(conn, home).values()}
    found = {}
    for name in KEPT:
        table = tables.Schema.metadata.tables[name]
        asked = select(table)
        if name in {"agreed", "attempt"}:
            asked = asked.where(table.c.entry_row.in_(there))
        found[name] = Counter(tuple(row) for row in conn.execute(asked))
    return found


def sound(conn) -> list[str]:
    """Return what the database itself complains about."""
    verdict = conn.execute(text("PRAGMA integrity_check")).scalar_one()
    found = [] if verdict == "ok" else [f"the database is damaged: {verdict}"]
    return found + [
        f"a foreign key leads nowhere: {tuple(row)}" for row in conn.execute(text("PRAGMA foreign_key_check"))
    ]


def replays(conn, home: StackHome) -> list[str]:
    """The journal tells how every hub state came about."""
    told: dict[tuple[str, int], HubState] = {}
    broken = []
    for number, line in reversed(journal.lines(conn)):
        change = hub_change(line)
        if change is None or line.item_id is None:
            continue
        before, after = change
        known = told.get((line.identity, line.item_id), UNKNOWN_HUB)
        if _told(known) != _told(before):
            broken.append(
                f"the journal has a gap before j{number} ({line.event}): {_told(known)} is not {_told(before)}"
            )
        told[line.identity, line.item_id] = after
    for key, hub in hubs_of(conn, home).items():
        if _told(told.get(key, UNKNOWN_HUB)) != _told(hub):
            broken.append(f"the journal does not lead to the hub of {key}: {told.get(key)} is not {hub}")
    return broken


def _told(hub: HubState) -> tuple[bool | None, int, int | None]:
    return hub.watched, hub.position_ms, hub.watched_at


def un_watches(conn, home: StackHome) -> list[str]:
    """Promise 1: every un-watch that a server brought has its own un-watch by a person."""
    titles = defaultdict(set)
    for copy, entry in catalogue_of(conn, home).items():
        for number, item in enumerate(entry.items):
            titles[item].add(copy.titles[number] if len(copy.titles) == len(entry.items) else copy.titles[0])
    counted: Counter[tuple[str, int]] = Counter()
    for _, line in journal.lines(conn):
        change = hub_change(line)
        if change is None or line.item_id is None or line.event in PERSONS:
            continue
        counted[line.identity, line.item_id] += change[1].watched is False and change[0].watched is not False
    broken = []
    for (identity, item), number in counted.items():
        if item not in titles:
            continue
        by_persons = sum(home.ledger.unwatches[identity, title] for title in titles[item])
        if number > by_persons:
            broken.append(f"{identity}: {sorted(titles[item])} was un-watched {number} times, by persons {by_persons}")
    return broken


class Views:
    """What `explain` says, asked once per item."""

    def __init__(self, home: StackHome, found) -> None:
        self._home, self._found = home, found

    @classmethod
    async def of(cls, home: StackHome, items: set[int]) -> "Views":
        """Ask about these items."""
        process = home.process
        members = process.services.household().members
        rows = process.ask(lambda conn: catalogue.items(conn, items))
        explained = [await explain(process.engine, members, row) for row in rows.values()]
        return cls(home, {(v.server, v.identity, v.entry.entry_id): v for one in explained for v in one.entries})

    def get(self, copy: Copy, identity: str) -> EntryView | None:
        """Return what is said of one file."""
        return self._found.get((copy.place, identity, copy.entry_id))


async def agrees(home: StackHome) -> list[str]:
    """Promises 2 and 3: everybody shows what the hub holds, but for what a named rule holds back."""
    process = home.process
    known = process.ask(partial(catalogue_of, home=home))
    hubs = process.ask(partial(hubs_of, home=home))
    views = await Views.of(home, {item for entry in known.values() for item in entry.items})
    broken = []
    for copy in home.there():
        entry = known.get(copy)
        if entry is None:
            if home.setup.import_off != copy.place or home.setup.export_off != copy.place:
                broken.append(f"{copy.place}: {copy.entry_id} ({copy.titles}) was never met")
            continue
        if entry.match != "matched":
            continue  # M3
        for identity in home.setup.identities:
            shown = home[copy.place].simulator.state(home.users[copy.place][identity], copy.entry_id)
            view = views.get(copy, identity)
            if view is None:
                broken.append(f"{copy.place} ({identity}): nothing explains {copy.entry_id}")
                continue
            own = [hubs.get((identity, item), UNKNOWN_HUB) for item in entry.items]
            broken += _differs(home, copy, identity, shown, own, view)
    return broken


def _differs(
    home: StackHome, copy: Copy, identity: str, shown: PlayState, own: list[HubState], view: EntryView
) -> list[str]:
    wanted = wanted_watched(own)
    where = f"{copy.place} ({identity}): {copy.entry_id} {copy.titles}"
    rule = _held_back(home, copy, view)
    if wanted is not None and wanted is not shown.watched and rule is None:
        return [f"{where} shows watched={shown.watched}, the hub has {wanted}, and nothing tells why: {view}"]
    hub = own[0]
    if len(own) > 1 or hub.watched or hub.position_changed is None or rule is not None:
        return []
    if same_position(hub.position_ms, shown.position_ms) or _stays_apart(home, copy, shown, hub, view):
        return []
    return [f"{where} stands at {shown.position_ms}, the hub at {hub.position_ms}, and nothing tells why: {view}"]


def _held_back(home: StackHome, copy: Copy, view: EntryView) -> str | None:
    """Return the rule that `explain` names for the difference, if it can be true; None if there is none."""
    if home.setup.export_off == copy.place:
        return "R8" if view.target.rule == "R8" else None
    if view.held is not None:
        return "R5"
    if view.agreed is not None and view.agreed.is_rewatching:
        return "R6"
    if view.target.rule == "R6":
        return "R6"
    return None


def _stays_apart(home: StackHome, copy: Copy, shown: PlayState, hub: HubState, view: EntryView) -> bool:
    """R7: say whether a position may not travel to the entry, or from it."""
    runtime = view.entry.runtime_ms or 0
    late = max(hub.position_ms, shown.position_ms or 0)
    return shown.watched or view.target.rule == "R7" or late * 100 > 90 * runtime


@dataclass
class Verdict:
    """What the oracle says of all hub states."""

    broken: list[str] = field(default_factory=list)
    states: int = 0
    judged: int = 0
    """So many have one allowed value."""
    changed: int = 0
    changed_judged: int = 0


def judges(home: StackHome, at: int) -> Verdict:
    """Promises 1 and 3: the hub holds what the oracle allows."""
    process = home.process
    known = process.ask(partial(catalogue_of, home=home))
    hubs = process.ask(partial(hubs_of, home=home))
    items = defaultdict(set)
    several = defaultdict(set)
    for copy, entry in known.items():
        if len(entry.items) != len(copy.titles):
            for title in copy.titles:
                items[title] |= {-1, -2}
            continue
        for title, item in zip(copy.titles, entry.items, strict=True):
            items[title].add(item)
            several[item].add(title)
    verdict = Verdict()
    for title, found in items.items():
        if len(found) != 1 or len(several[next(iter(found))]) != 1:
            for identity in home.setup.identities:
                home.ledger.claims.pop((identity, title), None)
                home.ledger.is_split(identity, title)
            continue
        for identity in home.setup.identities:
            hub = hubs.get((identity, next(iter(found))), UNKNOWN_HUB)
            claims = home.ledger.claims.get((identity, title), [])
            may_be = allowed(claims)
            if home.ledger.was_split(identity, title):
                may_be = frozenset({True, False, None})
            is_changed = any(not claim.doubt and claim.begins != claim.ends for claim in claims)
            verdict.states += 1
            verdict.judged += len(may_be) == 1
            verdict.changed += is_changed
            verdict.changed_judged += is_changed and len(may_be) == 1
            if hub.watched not in may_be:
                told = ", ".join(sorted(map(str, may_be)))
                verdict.broken.append(
                    f"{identity}: {title} is watched={hub.watched} in the hub, the oracle allows {told}"
                )
            home.ledger.settle(identity, title, watched=hub.watched, at=at)
    return verdict
