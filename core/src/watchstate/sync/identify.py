"""Bring entries into the catalogue: which item each one is, under which keys (M1-M7)."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from watchstate.api import CommonOptions, Entry
from watchstate.storage import catalogue
from watchstate.storage.catalogue import EntryRow, ItemRow
from watchstate.storage.catalogue import Match as Matching
from watchstate.sync.join import join_items
from watchstate.sync.keys import Slot
from watchstate.sync.match import Ambiguous, Candidate, Found, Match, New, match

_encoder = msgspec.msgpack.Encoder()


def fingerprint(entry: Entry, options: CommonOptions) -> int:
    """Return a number that changes when anything changes by which an entry is recognised or shown."""
    told = (entry, options.match_paths, options.rewrite_paths)
    return int.from_bytes(hashlib.blake2b(_encoder.encode(told), digest_size=8).digest(), "big", signed=True)


class _Index(Struct):
    """Keys and items as the database has them, with what this batch adds."""

    conn: Connection
    items: dict[int, ItemRow]
    items_by_key: dict[str, set[int]] = field(default_factory=dict)
    stored: dict[int, frozenset[str]] = field(default_factory=dict)
    added: dict[int, set[str]] = field(default_factory=dict)
    created: list[ItemRow] = field(default_factory=list)
    joined: dict[int, int] = field(default_factory=dict)
    """Items that turned out to be another one, and which."""

    def decide(self, slot: Slot, known: EntryRow | None) -> Match:
        """M2: an entry's old ids don't speak for it, unless nothing else does and one of them is still true."""
        found = sorted({item for key in slot.keys for item in self.items_by_key.get(key, ())})
        keys = self.stored if known is None else catalogue.item_keys(self.conn, found, without_row=known.row)
        candidates = [self._candidate(item, keys.get(item, frozenset())) for item in found]
        decision = match(slot, candidates)
        if isinstance(decision, New) and known is not None:
            own = [self._candidate(item, self.stored.get(item, frozenset())) for item in found if item in known.items]
            return match(slot, own)
        return decision

    def _candidate(self, item: int, keys: frozenset[str]) -> Candidate:
        row = self.items[item]
        return Candidate(
            item=item, season=row.season, episode=row.episode, keys=keys | frozenset(self.added.get(item, ()))
        )

    def add(self, item: int, keys: frozenset[str]) -> None:
        self.added.setdefault(item, set()).update(keys)
        for key in keys:
            self.items_by_key.setdefault(key, set()).add(item)

    def create(self, entry: Entry, slot: Slot) -> int:
        placeholder = -1 - len(self.created)
        made = ItemRow(
            item_id=placeholder,
            kind=entry.kind,
            title=entry.title,
            show_title=entry.show_title,
            year=entry.year,
            season=slot.season,
            episode=slot.episode,
        )
        self.created.append(made)
        self.items[placeholder] = made
        return placeholder

    def join(self, kept: int, other: int) -> None:
        self.joined[other] = kept
        self.add(kept, self.stored.pop(other, frozenset()) | frozenset(self.added.pop(other, ())))
        for items in self.items_by_key.values():
            items.discard(other)


class Identified(Struct, frozen=True):
    """What became of a batch's entries."""

    rows: dict[str, EntryRow]
    joined: Mapping[int, int]
    """Items that were merged away, and into which."""


def identify(
    conn: Connection,
    *,
    server_id: int,
    server: str,
    identity: str,
    entries: Sequence[tuple[Entry, int]],
    wanted: Mapping[str, Sequence[Slot]],
    known: Mapping[str, EntryRow],
    now: int,
    run_id: int,
) -> Identified:
    """Match entries (with their fingerprints) and store what changed; return the rows of all of them.

    `wanted`: what each entry stands for, by entry id.
    """
    index = _load_index(conn, {key for own in wanted.values() for slot in own for key in slot.keys})
    decided = [
        _decide(index, entry, mark, wanted[entry.entry_id], known.get(entry.entry_id)) for entry, mark in entries
    ]
    created = [item for item in index.created if item.item_id not in index.joined]
    made = catalogue.create_items(conn, created, now)
    real = {placeholder.item_id: item for placeholder, item in zip(created, made, strict=True)}
    joined = {other: _final(index.joined, other) for other in index.joined if other > 0}
    if joined:
        join_items(conn, joined, at=now, server=server, identity=identity, run_id=run_id)
    rows = [
        replace(row, items=tuple(dict.fromkeys(real.get(item, item) for item in _follow(index.joined, row.items))))
        for row in decided
    ]
    return Identified(_store(conn, server_id, rows, wanted, known), index.joined)


def _load_index(conn: Connection, keys: set[str]) -> _Index:
    found = catalogue.item_candidates(conn, keys)
    item_ids = {item for _, item, _ in found}
    index = _Index(conn, catalogue.items(conn, item_ids), stored=catalogue.item_keys(conn, item_ids))
    for key, item, _ in found:
        index.items_by_key.setdefault(key, set()).add(item)
    return index


def _decide(index: _Index, entry: Entry, mark: int, wanted: Sequence[Slot], known: EntryRow | None) -> EntryRow:
    items: list[int] = []
    candidates: tuple[int, ...] = ()
    state: Matching = "matched"
    for slot in wanted:
        match index.decide(slot, known):
            case Found(item, merges):
                for other in merges:
                    index.join(item, other)
                items.append(item)
            case New():
                items.append(index.create(entry, slot))
            case Ambiguous(of):
                state, candidates = "ambiguous", of
            case _:
                state = state if state == "ambiguous" else "unmatched"
    if state != "matched":
        items = []
    for item, slot in zip(items, wanted, strict=False):
        index.add(item, slot.keys)
    return EntryRow(
        row=known.row if known else 0,
        entry_id=entry.entry_id,
        fingerprint=mark,
        kind=entry.kind,
        title=entry.title,
        show_title=entry.show_title,
        year=entry.year,
        season=entry.season,
        episodes=entry.episodes,
        runtime_ms=entry.runtime_ms,
        path=entry.path,
        library_id=entry.library_id,
        match=state,
        candidates=candidates,
        items=tuple(items),
    )


def _final(joined: Mapping[int, int], item: int) -> int:
    while item in joined:
        item = joined[item]
    return item


def _follow(joined: Mapping[int, int], items: Sequence[int]) -> list[int]:
    return [_final(joined, item) for item in items]


def _store(
    conn: Connection,
    server_id: int,
    rows: Sequence[EntryRow],
    wanted: Mapping[str, Sequence[Slot]],
    known: Mapping[str, EntryRow],
) -> dict[str, EntryRow]:
    changed = [row for row in rows if row != known.get(row.entry_id)]
    numbers = catalogue.save_entries(conn, server_id, changed)
    stored = {row.entry_id: replace(row, row=numbers.get(row.entry_id, row.row)) for row in rows}
    catalogue.save_keys(
        conn,
        {stored[row.entry_id].row: {key for slot in wanted[row.entry_id] for key in slot.keys} for row in changed},
    )
    catalogue.link(conn, {stored[row.entry_id].row: row.items for row in changed})
    return stored
