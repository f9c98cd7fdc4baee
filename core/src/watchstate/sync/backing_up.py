"""Backups: an identity's hub states into a file, and from a file into a hub, empty or living, as a merge."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from watchstate.api import Entry
from watchstate.states import UNKNOWN_HUB, HubState
from watchstate.storage import accounts, catalogue, journal, runs, states
from watchstate.storage.backup_file import Header, Line, read_header, read_lines, write_backup
from watchstate.storage.bulk import batches
from watchstate.storage.catalogue import ItemRow
from watchstate.sync.change import merge_hubs
from watchstate.sync.identify import identify
from watchstate.sync.keys import Slot
from watchstate.sync.lease import owner_name
from watchstate.sync.titles import item_title
from watchstate.sync.undoing import hub_states
from watchstate.sync.work import Engine

BACKUP: Final = "(backup)"
"""What stands where a server's name stands otherwise; no configured server can be called so."""


class BackedUp(Struct, frozen=True, kw_only=True):
    """A backup that was made."""

    identity: str
    file: Path
    items: int


class Restored(Struct, frozen=True, kw_only=True):
    """What a restore did, or would do."""

    identity: str
    read: int
    changed: int = 0
    """Hub states that are different now."""
    unidentified: tuple[str, ...] = ()
    """Titles that can't be told from others, or carry no id at all; they are left out."""


async def back_up(engine: Engine, folder: Path, *, identity: str, name: str) -> BackedUp:
    """Write an identity's hub states to a file of this name.

    Raises:
        BackupError: it can't be written or verified.
    """
    file = folder / name
    count = await engine.storage.read(partial(_write, file=file, identity=identity, made_at=engine.clock()))
    return BackedUp(identity=identity, file=file, items=count)


async def restore(engine: Engine, file: Path, *, identity: str | None = None) -> Restored:
    """Merge a backup into an identity's hub states, its own unless another is given; the next export delivers them.

    Each title is merged as two changes would be (R3): the later one counts, and where nobody can know, watched does.
    What the journal shows to have been in the hub before is no news. So an old backup brings back what is lost and
    takes nothing away, and restoring twice changes nothing.

    Raises:
        BackupError: the file can't be read to its end; nothing has been changed then.
    """
    header = await asyncio.to_thread(_check, file)
    whose = identity or header.identity
    at = engine.clock()
    begun = partial(runs.begin_run, command="restore", owner=owner_name("restore"), at=at)
    run_id = await engine.storage.write(begun)
    restored = Restored(identity=whose, read=header.items)
    for batch in batches(read_lines(file)):
        done = await engine.storage.write(partial(_merge, lines=batch, identity=whose, at=at, run_id=run_id))
        restored = Restored(
            identity=whose,
            read=header.items,
            changed=restored.changed + done.changed,
            unidentified=restored.unidentified + done.unidentified,
        )
    counts = {"changed": restored.changed, "unmatched": len(restored.unidentified)}
    await engine.storage.write(partial(runs.end_run, run_id=run_id, at=engine.clock(), outcome="done", counts=counts))
    return restored


async def identities(engine: Engine) -> list[str]:
    """Return everybody of whom the hub knows something."""
    return await engine.storage.read(states.identities)


def _write(conn: Connection, file: Path, identity: str, made_at: int) -> int:
    ids = states.items_with_hubs(conn, identity)
    write_backup(file, identity, made_at, len(ids), _lines(conn, identity, ids))
    return len(ids)


def _lines(conn: Connection, identity: str, ids: Sequence[int]) -> Iterator[Line]:
    for batch in batches(ids):
        hubs = states.hubs(conn, identity, batch)
        keys = catalogue.own_keys(conn, batch)
        for item_id, item in catalogue.items(conn, batch).items():
            yield Line(
                kind=item.kind,
                title=item.title,
                show_title=item.show_title,
                year=item.year,
                season=item.season,
                episode=item.episode,
                keys=tuple(sorted(keys.get(item_id, ()))),
                state=hubs[item_id],
            )


def _check(file: Path) -> Header:
    for _ in read_lines(file):
        pass
    return read_header(file)


def _merge(conn: Connection, lines: Sequence[Line], identity: str, at: int, run_id: int) -> Restored:
    """Find each line's item by its keys, as a server's entry would be, and merge its state into the hub's."""
    server_id = accounts.ensure_server(conn, BACKUP, BACKUP).server_id
    told = {_entry_id(line): line for line in lines}
    rows = identify(
        conn,
        server_id=server_id,
        server=BACKUP,
        identity=identity,
        entries=[(_entry(entry_id, line), 0) for entry_id, line in told.items()],
        wanted={entry_id: [_slot(line)] for entry_id, line in told.items()},
        known=catalogue.entries(conn, server_id, told),
        now=at,
        run_id=run_id,
    ).rows
    found = {entry_id: row.items[0] for entry_id, row in rows.items() if row.items}
    before = states.hubs(conn, identity, found.values())
    news = {entry_id: item for entry_id, item in found.items() if _tells(told[entry_id], before.get(item, UNKNOWN_HUB))}
    past = _past_states(conn, identity, news.values())
    after: dict[int, HubState] = {}
    for entry_id, item in news.items():
        if all(_tells(told[entry_id], state) for state in past.get(item, ())):
            after[item] = merge_hubs(after.get(item, before.get(item, UNKNOWN_HUB)), told[entry_id].state)
    changed = {item: hub for item, hub in after.items() if hub != before.get(item, UNKNOWN_HUB)}
    states.save_hubs(conn, identity, changed)
    told_of = [
        journal.hub_line(
            at=at,
            identity=identity,
            item_id=item,
            event="restored",
            rule="R3",
            before=before.get(item, UNKNOWN_HUB),
            after=hub,
            run_id=run_id,
        )
        for item, hub in changed.items()
    ]
    journal.append(conn, told_of)
    return Restored(
        identity=identity,
        read=len(lines),
        changed=len(changed),
        unidentified=tuple(_title(line) for entry_id, line in told.items() if entry_id not in found),
    )


def _tells(line: Line, hub: HubState) -> bool:
    """Say whether a line holds anything that the hub state doesn't."""
    return merge_hubs(hub, line.state) != hub


def _past_states(conn: Connection, identity: str, items: Iterable[int]) -> dict[int, list[HubState]]:
    """Return what the hub held of items before, as far as the journal goes.

    Intervals alone can't tell a watch from the un-watch that a server showed in its very next answer.
    """
    past: dict[int, list[HubState]] = {}
    for line in journal.lines_of_items(conn, identity, set(items)):
        if line.item_id is not None:
            past.setdefault(line.item_id, []).extend(hub_states(line))
    return past


def _entry_id(line: Line) -> str:
    """Return what stays the same for a title, however often it is restored."""
    told = (line.kind, line.keys or (line.show_title, line.title, line.year), line.season, line.episode)
    return blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()


def _entry(entry_id: str, line: Line) -> Entry:
    return Entry(
        entry_id=entry_id,
        kind=line.kind,
        title=line.title,
        year=line.year,
        show_title=line.show_title,
        season=line.season,
        episodes=() if line.episode is None else (line.episode,),
    )


def _slot(line: Line) -> Slot:
    keys = frozenset(line.keys)
    shows = frozenset(key for key in keys if key.startswith("show:"))
    paths = frozenset(key for key in keys if key.startswith(f"{line.kind}:path:"))
    return Slot(
        season=line.season, episode=line.episode, show_keys=shows, own_keys=keys - shows - paths, path_keys=paths
    )


def _title(line: Line) -> str:
    return item_title(
        ItemRow(
            kind=line.kind,
            title=line.title,
            show_title=line.show_title,
            year=line.year,
            season=line.season,
            episode=line.episode,
        )
    )
