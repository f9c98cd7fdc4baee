"""The page of each backend against what the backend says and does."""

import re
import tomllib

import pytest
import yaml
from msgspec import to_builtins
from msgspec.structs import fields
from tests.docs.backends import PLUGINS, SIMULATORS
from tests.docs.pages import DOCS, ROOT, codes, headings, prose, rows, section

from watchstate.api import Capabilities, Change, ChangedSince, CommonOptions, ServerInfo
from watchstate.clock import SECOND
from watchstate.plugins.discovery import BACKENDS
from watchstate.testing.world import World, open_world

pytestmark = pytest.mark.docs

PAGES = {backend: DOCS / "reference" / f"{backend}.md" for backend in PLUGINS}
TELLING = [backend for backend, page in PAGES.items() if "Capabilities" in headings(page)]
"""Backends that can do the same in every version, which a table tells."""
VERSIONS = [(backend, version) for backend, simulator in SIMULATORS.items() for version in simulator.versions]
FALLBACKS = {"emby": {"GET /Users/Query"}}
"""Requests that a server has to be odd for."""

_ID = re.compile(r"\d+(?:,\d+)*|[0-9a-f]{16,}")


def test_every_bundled_backend_has_a_page():
    packages = [tomllib.loads(file.read_text()) for file in ROOT.glob("plugins/*/pyproject.toml")]
    offered = {name for package in packages for name in package["project"].get("entry-points", {}).get(BACKENDS, {})}
    assert offered == PLUGINS.keys()
    assert all(page.exists() for page in PAGES.values())


@pytest.mark.parametrize("backend", PLUGINS)
def test_a_page_has_exactly_the_options_that_a_backend_adds(backend: str):
    common = {field.name for field in fields(CommonOptions)}
    own = {each.encode_name: each.default for each in fields(PLUGINS[backend].Options) if each.name not in common}
    page = PAGES[backend]
    table = rows(section(page, "Options")) if "Options" in headings(page) else []
    assert {codes(name)[0]: yaml.safe_load(codes(default)[0]) for name, default, _ in table} == own


@pytest.mark.parametrize(("backend", "version"), VERSIONS)
def test_a_page_names_every_version_that_is_simulated(backend: str, version: str):
    short = ".".join(version.split(".")[:2])
    assert re.search(rf"(?<![\d.]){re.escape(short)}(?![\d.]*\d)", prose(PAGES[backend]).partition("\n## ")[0])


@pytest.mark.parametrize(("backend", "version"), [(name, version) for name, version in VERSIONS if name in TELLING])
def test_a_page_tells_what_a_server_can_do(backend: str, version: str):
    info = ServerInfo(machine_id="machine", name="", version=version)
    told = {
        codes(name)[0]: yaml.safe_load(codes(value)[0]) for name, value in rows(section(PAGES[backend], "Capabilities"))
    }
    assert told == to_builtins(PLUGINS[backend]().capabilities(info))


def test_the_capabilities_of_plex_and_emby_are_told():
    assert {"plex", "emby"} <= set(TELLING)


def test_the_author_guide_explains_every_capability():
    table = rows(section(DOCS / "authors.md", "Capabilities"))
    assert [codes(row[0])[0] for row in table] == [field.name for field in fields(Capabilities)]


@pytest.mark.parametrize("backend", ["plex", "emby"])
async def test_a_page_names_exactly_the_requests_that_are_made(backend: str):
    async with open_world(PLUGINS[backend](), lambda clock: SIMULATORS[backend](clock=clock)) as world:
        await do_everything(world)
        made = {f"{each.method} {without_ids(each.path)}" for each in world.simulator.requests}
    told = {
        code
        for heading in ("What is read", "What is written")
        for row in rows(section(PAGES[backend], heading))
        for cell in row
        for code in codes(cell)
        if re.match(r"[A-Z]+ /", code)
    }
    assert made | FALLBACKS.get(backend, set()) == told


async def do_everything(world: World) -> None:
    """Let a backend meet all that it knows an answer to."""
    if world.backend == "plex":
        world.simulator.serves_externals = False  # or plex.tv tells all tokens by itself
    await world.plugins.list_users(world.server, world.http)
    movie = world.add_movie()
    episodes = [world.add_episode(1, 1, (1,)), world.add_episode(1, 1, (2, 3))]
    scan = await world.everything(world.account(world.alice.user_id, ignore=("999",)))
    await world.fetch(ChangedSince(next(batch.cursor for batch in scan.batches if batch.cursor)))
    await world.read(movie, *episodes)
    await world.push(Change(entry_id=movie, position_ms=1_500 * SECOND, runtime_ms=6_000 * SECOND))
    await world.push(Change(entry_id=movie, watched=True, watched_at=1_500_000_000_000))
    await world.push(Change(entry_id=movie, watched=False))
    await world.capabilities()


def without_ids(path: str) -> str:
    """Return a path as the pages name it."""
    return "/".join("{id}" if _ID.fullmatch(part) else part for part in path.split("/"))
