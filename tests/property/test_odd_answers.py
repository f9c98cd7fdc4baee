"""Whatever a server sends, what comes out is sound, or an error of the api: no odd answer is a crash of a plugin.

The answers are those of the simulators, and of real servers where captures are at hand, with several things wrong.
"""

import asyncio
import inspect
import json
import re
from collections import defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchstate.api import (
    BackendProtocolError,
    Change,
    Entry,
    Event,
    Fact,
    HttpResponse,
    PlayState,
    Search,
    User,
    WebhookRejected,
    WebhookRequest,
)
from watchstate.plugins.manager import PluginManager
from watchstate.plugins.validation import Shape
from watchstate.testing.odd import ODD_VALUES, paths_in, with_value
from watchstate.testing.world import open_world
from watchstate_emby import push as emby_push
from watchstate_emby import webhook as emby_webhook
from watchstate_emby import wire as emby_wire
from watchstate_emby.backend import EmbyBackend
from watchstate_emby.library import read_row
from watchstate_emby.simulator import EmbySimulator
from watchstate_jellyfin import webhook as jellyfin_webhook
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_jellyfin.simulator import JellyfinSimulator
from watchstate_mediabrowser import convert as family
from watchstate_mediabrowser import wire as family_wire
from watchstate_plex import convert as plex
from watchstate_plex import guids, markup
from watchstate_plex import webhook as plex_webhook
from watchstate_plex import wire as plex_wire
from watchstate_plex.backend import PlexBackend
from watchstate_plex.listing import is_there
from watchstate_plex.siblings import Siblings
from watchstate_plex.simulator import PlexSimulator

BACKENDS = {
    "plex": (PlexBackend, PlexSimulator),
    "emby": (EmbyBackend, EmbySimulator),
    "jellyfin": (JellyfinBackend, JellyfinSimulator),
}
CAPTURES = Path(__file__).parents[3] / "shared" / "samples"
CHECKED = {kind: Shape(list[kind]) for kind in (Fact, Entry, PlayState, User, Event)}


def sound(kind, values):
    """Let core look at values as it does where they come in."""
    CHECKED[kind].check(list(values), "any", "any")


def plex_rows(answer):
    container, siblings = answer.decode(plex_wire.ROWS).container, Siblings()
    rows = [row for row in container.rows if is_there(row)]
    siblings.note(rows)
    for row in rows:
        show = plex.Show(row.guid, plex.to_tags(row))
        for is_range in (False, siblings.is_range(row)):
            fact = plex.to_fact(row, show, is_range=is_range, library_id="1", is_playing=False)
            sound(Fact, [fact])


def read_by_plex(answer):
    for decoder in (plex_wire.SECTIONS, plex_wire.SESSIONS, plex_wire.IDENTITY, plex_wire.TIMELINE):
        reads(answer, decoder)
    for decoder in (plex_wire.RESOURCES, plex_wire.PERSON, plex_wire.HOME, plex_wire.SWITCHED):
        reads(answer, decoder)
    reads(answer, plex_rows)


def family_items(answer):
    for row in answer.decode(family_wire.ITEMS).items:
        family_item(row)


def family_item(row):
    sound(Entry, [family.to_entry(row, family.to_provider_ids(row.provider_ids))])
    if row.user_data is not None:
        sound(PlayState, [family.to_state(row.user_data), read_row(row.user_data)[0]])


def read_by_the_family(answer):
    for decoder in (family_wire.SESSIONS, family_wire.VIEWS, family_wire.PUBLIC_INFO, family_wire.USER_DATA):
        reads(answer, decoder)
    reads(answer, lambda answer: family_item(answer.decode(family_wire.ITEM)))
    reads(answer, lambda answer: sound(User, family.to_users(answer.decode(family_wire.USERS))))
    reads(answer, lambda answer: sound(User, family.to_users(answer.decode(emby_wire.USER_PAGE).items)))
    reads(answer, lambda answer: written_back(answer.decode(emby_wire.WHOLE_ITEM).user_data))
    reads(answer, lambda answer: written_back(answer.decode(emby_wire.WHOLE_USER_DATA)))
    reads(answer, family_items)


def written_back(state):
    """Make of a state what Emby is sent."""
    msgspec.json.encode(emby_push._whole(state))
    emby_push._shows(state, 1_700_000_000_000)


READ = {"plex": read_by_plex, "emby": read_by_the_family, "jellyfin": read_by_the_family}


def reads(answer, reading):
    """Read an answer by a decoder or a function; an error is a single line that names the server."""
    told = "den: GET /x: "
    try:
        reading(answer) if callable(reading) else answer.decode(reading)
    except BackendProtocolError as error:
        told = str(error)
    assert told.startswith("den: GET /x: ")
    assert len(told.splitlines()) == 1
    assert len(told) < 600


def answer_of(content):
    return HttpResponse(
        server="den", operation="GET /x", status=200, headers={}, content=content, began_at=1, ended_at=2
    )


@cache
def documents(kind):
    """Return what a simulated server answers to all that it is asked, and captures of real ones."""
    recorded = asyncio.run(_recorded(kind))
    captures = [file.read_bytes() for file in sorted((CAPTURES / kind).glob("*.json"))]
    return [json.loads(body) for body in [*recorded, *captures]]


async def _recorded(kind):
    plugin, simulator = BACKENDS[kind]
    async with open_world(plugin(), lambda clock: simulator(clock=clock)) as world:
        bodies = set()
        world.front._app = Recording(world.front._app, bodies)
        movie, other, episode = world.add_movie(1), world.add_movie(2), world.add_episode(1, 2, (3, 4))
        world.simulator.watch(world.alice.user_id, movie)
        world.simulator.start(world.alice.user_id, other)
        await world.everything()
        await world.read(movie, other, episode)
        await world.fetch(Search("Movie"))
        await world.push(Change(entry_id=episode, watched=True))
        await world.plugins.list_users(world.server, world.http)
        await world.plugins.identify_server(world.server, world.http)
    return sorted(bodies)


class Recording:
    """Keeps the bodies that are JSON."""

    def __init__(self, app, bodies):
        self.app, self.bodies = app, bodies

    async def __call__(self, scope, receive, send):
        async def keep(message):
            if re.match(rb"[\[{]", message.get("body", b"")):
                self.bodies.add(message["body"])
            await send(message)

        await self.app(scope, receive, keep)


def names_in(*modules):
    """Return the names of all fields that wire structs read."""
    structs = [each for module in modules for each in vars(module).values() if inspect.isclass(each)]
    return {
        field.encode_name
        for struct in structs
        if issubclass(struct, msgspec.Struct)
        for field in msgspec.structs.fields(struct)
    }


NAMES = {
    "plex": names_in(plex_wire, plex_webhook),
    "emby": names_in(family_wire, emby_wire, emby_webhook),
    "jellyfin": names_in(family_wire, emby_wire, jellyfin_webhook),
}
NUMBERS = st.integers() | st.integers(-2, 2) | st.floats(allow_nan=False, allow_infinity=False)
DATES = st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", fullmatch=True)
GUIDS = st.from_regex(
    r"(com\.plexapp\.agents\.|plex|imdb|tvdb)[a-z.]*://[-\w|%]*(/[0-9]*){0,3}(\?lang=..)?", fullmatch=True
)
VALUES = (
    st.sampled_from(ODD_VALUES)
    | NUMBERS
    | NUMBERS.map(str)
    | DATES
    | GUIDS
    | st.recursive(
        st.none() | st.booleans() | NUMBERS | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    )
)


@cache
def places(kind):
    """Return where the fields that are read stand: name → document and path. The others are read by nobody."""
    found = defaultdict(list)
    for document in documents(kind):
        for path in paths_in(document):
            if path and path[-1] in NAMES[kind]:
                found[path[-1]].append((document, path))
    return found


@st.composite
def odd(draw, kind):
    """Draw a document with one to three things wrong."""
    name = draw(st.sampled_from(sorted(places(kind))))
    document, path = draw(st.sampled_from(places(kind)[name]))
    document = with_value(document, path, draw(VALUES))
    for _ in range(draw(st.integers(0, 2))):
        document = with_value(document, draw(st.sampled_from(list(paths_in(document)))), draw(VALUES))
    return json.dumps(document).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("kind", READ)
@settings(max_examples=500)
@given(data=st.data())
def test_an_answer_with_odd_values_is_read_or_an_error(kind, data):
    READ[kind](answer_of(data.draw(odd(kind))))


@pytest.mark.parametrize("kind", READ)
@settings(max_examples=500)
@given(data=st.data())
def test_an_answer_that_was_cut_or_spoilt_is_an_error_or_read(kind, data):
    body = json.dumps(data.draw(st.sampled_from(documents(kind)))).encode()
    start, end = sorted((data.draw(st.integers(0, len(body))), data.draw(st.integers(0, len(body)))))
    READ[kind](answer_of(body[:start] + data.draw(st.binary(max_size=8)) + body[end:]))


@pytest.mark.parametrize("kind", READ)
@given(content=st.binary() | st.text().map(str.encode) | NUMBERS.map(lambda each: f"[{each}]".encode()))
def test_any_bytes_are_an_error_or_read(kind, content):
    READ[kind](answer_of(content))


@given(
    st.text()
    | GUIDS
    | st.from_regex(r"(com\.plexapp\.agents\.(hama|thetvdb|imdb|xbmcnfo|youtube)|plex|imdb)://[^\n]*", fullmatch=True)
)
def test_no_guid_is_too_odd(text):
    movie, episode = guids.movie_ids(text, [text]), guids.episode_ids(text, [text])
    show = guids.show_ids([text], [text], text, (1, 2))
    assert all(each.provider and each.value for each in (*movie, *episode, *show))
    guids.numbers_in(text)


@given(st.binary() | st.from_regex(r"<a( b='[^'<&]*')*>(<c/>)*</?a?>", fullmatch=True).map(str.encode))
def test_markup_is_read_or_an_error(content):
    reads(answer_of(content), markup.read_markup)


@pytest.mark.parametrize("kind", READ)
@settings(max_examples=500)
@given(data=st.data())
def test_an_odd_webhook_is_rejected_or_sound(kind, data):
    plugins = PluginManager.of({kind: BACKENDS[kind][0]()})
    body = data.draw(odd(kind))
    with suppress(WebhookRejected):
        sound(Event, plugins.parse_webhook(kind, WebhookRequest(headers={}, body=body)))
