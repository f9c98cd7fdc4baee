"""What the servers show, as tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from watchstate.api import PlayState
from watchstate.demo.household import DemoServer


class Table(Struct, frozen=True):
    """Rows and their columns, in order."""

    columns: Sequence[str]
    rows: Sequence[dict[str, Any]]


def household_table(servers: Iterable[DemoServer]) -> Table:
    """Return how much each server shows as watched, and how much it would resume."""
    rows = [
        {
            "server": server.name,
            "version": server.version,
            "files": len(server.entries),
            "watched": len(server.watched()),
            "to resume": len(server.begun()),
        }
        for server in servers
    ]
    return Table(("server", "version", "files", "watched", "to resume"), rows)


def ids_table(servers: Iterable[DemoServer], title: str) -> Table:
    """Return what each server calls a title, and by whose ids it knows films and shows."""
    its_id = f"its id of {title}"
    rows = [
        {
            "server": server.name,
            "films by": _providers(server.blueprint.films) + (" (old agent)" if server.blueprint.has_old_films else ""),
            "shows by": _providers(server.blueprint.shows),
            its_id: server.entries[title],
        }
        for server in servers
    ]
    return Table(("server", "films by", "shows by", its_id), rows)


def seen_table(servers: Sequence[DemoServer], titles: Iterable[str]) -> Table:
    """Return what each server shows of some titles."""
    rows = [{"title": title} | {server.name: _told(server.state(title)) for server in servers} for title in titles]
    return Table(("title", *(server.name for server in servers)), rows)


def _told(state: PlayState) -> str:
    return "watched" if state.watched else "not watched"


def _providers(names: Iterable[str]) -> str:
    return ", ".join(sorted(name.upper() for name in names))
