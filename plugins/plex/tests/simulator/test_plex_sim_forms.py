"""How the server answers: XML or JSON, absent or empty, pages for errors (rule 1 of the protocol page, §23.3)."""

import re
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace
from plugins.plex.tests.simulator.households import MOVIE, NOW, PAGE

from watchstate_plex.simulator.wire import Element, container, print_json, print_xml


@pytest.mark.parametrize("accept", ["*/*", "", "text/html", "application/xml"])
async def test_an_answer_is_xml_unless_json_is_asked_for_by_name(any_home, accept):
    response = await any_home.ask("/library/sections", Accept=accept)
    assert response.headers["content-type"] == "text/xml;charset=utf-8"
    assert response.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<MediaContainer size="2"')


@pytest.mark.parametrize("accept", ["application/json", "text/plain, application/json;q=0.9"])
async def test_json_is_there_for_whoever_asks(any_home, accept):
    response = await any_home.ask("/library/sections", Accept=accept)
    assert (response.headers["content-type"], list(response.json())) == ("application/json", ["MediaContainer"])


async def test_an_answer_names_the_protocol(home):
    response = await home.ask("/identity")
    assert (response.headers["x-plex-protocol"], response.headers["cache-control"]) == ("1.0", "no-cache")
    assert response.headers["date"] == "Wed, 01 May 2024 12:00:00 GMT"


@pytest.mark.parametrize(
    ("path", "status", "phrase"),
    [
        ("/library/metadata/999999", 404, "Not Found"),
        ("/library/sections/99/all", 404, "Not Found"),
        ("/nowhere", 404, "Not Found"),
        ("/:/scrobble", 400, "Bad Request"),
    ],
)
async def test_an_error_is_a_page_even_for_who_wants_json(home, path, status, phrase):
    response = await home.ask(path)
    page = f"<html><head><title>{phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
    assert (response.status_code, response.headers["content-type"], response.text) == (status, "text/html", page)


async def test_the_page_for_a_browser_without_a_token_leads_to_the_web_client(home):
    assert "<script>" in (await home.ask("/", token="")).text
    assert "<script>" not in (await home.ask("/library/sections", token="")).text


async def test_an_empty_list_is_no_list(home):
    assert await home.get("/status/sessions") == {"size": 0}
    empty = await home.get(f"/library/sections/{home.movies}/all?year=1&{PAGE}")
    assert (empty["size"], "Metadata" in empty) == (0, False)


async def test_what_is_not_set_is_absent(home):
    row = await home.row(home.movie)
    absent = {"viewCount", "viewOffset", "lastViewedAt", "userRating", "deletedAt", "editionTitle", "index"}
    assert absent.isdisjoint(row)
    assert None not in row.values()


async def test_json_has_strings_for_keys_and_numbers_for_numbers(home):
    home.server.watch(home.owner, home.episodes[0])
    row = (await home.rows(f"/library/sections/{home.shows}/all", "type=4"))[0]
    texts = ("ratingKey", "parentRatingKey", "grandparentRatingKey", "key", "guid", "title")
    numbers = ("index", "parentIndex", "duration", "addedAt", "updatedAt", "lastViewedAt", "viewCount")
    assert {type(row[name]) for name in texts} == {str}
    assert {type(row[name]) for name in numbers} == {int}
    sections = await home.get("/library/sections")
    assert (sections["allowSync"], sections["Directory"][0]["key"]) == (False, "1")
    family = await home.get(f"/library/metadata/{home.season}/children?{PAGE}")
    assert family["grandparentRatingKey"] == int(home.show), "what is hoisted is a number"
    assert family["key"] == home.season


def leaves(element):
    """Return an XML element in the form of JSON: attributes as they are, children by name."""
    value = dict(element.attrib)
    for child in element:
        value.setdefault("Metadata" if child.get("ratingKey") else child.tag, []).append(leaves(child))
    return value


def texts(value):
    """Return what JSON says in the form of XML: every value a text, every child in a list."""
    if isinstance(value, dict):
        return {name: [texts(inner)] if isinstance(inner, dict) else texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner) for inner in value]
    return {True: "1", False: "0"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    "path",
    [
        "/identity",
        "/",
        "/accounts",
        "/:/prefs",
        "/library/sections",
        f"/library/sections/1/all?includeGuids=1&{PAGE}",
        f"/library/sections/2/all?{PAGE}",
        f"/library/sections/2/all?type=4&includeMeta=1&{PAGE}",
        "/library/metadata/{movie}?includeExtras=1",
        f"/library/metadata/{{show}}/children?{PAGE}",
        f"/library/metadata/{{season}}/children?{PAGE}",
        "/status/sessions",
        "/status/sessions/history/all",
        "/hubs/search?query=e",
        "/:/timeline?ratingKey={movie}",
    ],
)
async def test_both_forms_say_the_same(any_home, path):
    home = any_home
    home.server.library.add_clip(home.server.library.items[home.movie], "Trailer")
    home.server.start(home.alice, home.movie)
    home.server.stop(home.owner, home.episodes[0], position_ms=None)
    path = path.format(movie=home.movie, show=home.show, season=home.season)
    assert leaves(await home.xml(path)) == texts(await home.get(path))


async def test_xml_calls_each_thing_by_its_kind(home):
    music = home.server.add_library("Music", "music")
    track = home.server.library.add_track(home.server.library.sections[music], "Band", "Album", "Song")
    found = {
        key: (await home.xml(f"/library/metadata/{key}"))[0].tag
        for key in (home.movie, home.show, home.season, home.episodes[0], track.rating_key)
    }
    assert list(found.values()) == ["Video", "Directory", "Directory", "Video", "Track"]


async def test_a_server_may_write_numbers_as_text(home):
    home.server.numbers_as_text = True
    row = await home.row(home.movie)
    assert (row["addedAt"], row["duration"], row["Media"][0]["id"]) == (str(NOW), "6000000", "1")


async def test_odd_characters_survive(home):
    title = 'A <b> & "c"\r\nd\te \x02é😀'
    entry_id = home.server.add(home.movies, replace(MOVIE, title=title))
    assert (await home.row(entry_id))["title"] == title
    printable = title.replace("\x02", "")
    assert (await home.xml(f"/library/metadata/{entry_id}"))[0].get("title") == printable


def test_an_element_without_children_closes_itself_and_a_container_never_does():
    assert print_xml(container({"a": True, "b": None}, [])).endswith(
        b'<MediaContainer size="0" a="1">\n</MediaContainer>\n'
    )
    inner = Element(name="Part", attributes={"size": 1.5})
    assert b'<Part size="1.5" />\n' in print_xml(container({}, [inner]))


def test_only_what_is_single_is_no_list_in_json():
    rows = [
        Element(name="Video", attributes={"x": 1}, group="Metadata"),
        Element(name="User", attributes={}, is_single=True),
    ]
    assert print_json(container({}, rows)) == b'{"MediaContainer":{"size":2,"Metadata":[{"x":1}],"User":{}}}'


def test_xml_is_well_formed_for_any_text():
    text = "".join(map(chr, range(1, 0x250)))
    printed = print_xml(Element(name="MediaContainer", attributes={"a": text}))
    kept = ET.fromstring(printed).get("a")
    assert kept == re.sub("[\x01-\x08\x0b\x0c\x0e-\x1f]", "", text)
