"""The simulator beside the vendor's description (PMS 1.43): what may be asked, and what is answered."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from plugins.plex.tests.simulator.households import IDENTIFIER, PAGE, RUNTIME

SHARED = Path(__file__).parents[4] / ".." / "shared"
DOCUMENT = SHARED / "specs" / "plex-openapi.json"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, which holds the document, is absent")

MARK = f"identifier={IDENTIFIER}&key={{movie}}"
REPORT = f"ratingKey={{movie}}&key=/library/metadata/{{movie}}&state=paused&time=600000&duration={RUNTIME}"

# verb, path in the document, query
CALLS = [
    ("get", "/identity", ""),
    ("get", "/", ""),
    ("get", "/:/prefs", ""),
    ("get", "/library/sections/all", ""),
    ("get", "/library/sections/{sectionId}/all", f"type=1&includeGuids=1&{PAGE}"),
    ("get", "/library/sections/{sectionId}/all", f"includeMeta=1&{PAGE}"),
    ("get", "/library/sections/{sectionId}/allLeaves", PAGE),
    ("get", "/library/all", f"type=4&{PAGE}"),
    ("get", "/library/all", f"type=2&{PAGE}"),
    ("get", "/library/metadata/{ids}", "skipRefresh=1"),
    ("get", "/library/metadata/{ids}/allLeaves", PAGE),
    ("get", "/library/metadata/{ids}/extras", PAGE),
    ("get", "/status/sessions", ""),
    ("get", "/status/sessions/history/all", "sort=viewedAt:desc"),
    ("get", "/hubs/search", "query=e&limit=10"),
    ("put", "/:/scrobble", MARK),
    ("put", "/:/unscrobble", MARK),
    ("put", "/:/rate", f"{MARK}&rating=7.5"),
    ("post", "/:/timeline", REPORT),
]
NAMES = [f"{verb} {path} {number}" for number, (verb, path, _) in enumerate(CALLS)]

# What the document has as a number (a flag) and real servers send as a text (a number): the captures have it so.
OTHERWISE = re.compile(r".*\.(Guid\[\d+\]\.id|Directory\[\d+\]\.hidden)")


@cache
def document() -> Any:
    return json.loads(DOCUMENT.read_text())


def resolve(node: Any) -> Any:
    while "$ref" in node:
        name = node["$ref"].removeprefix("#/").split("/")
        node = document()
        for part in name:
            node = node[part]
    return node


def check(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": document()["components"]}
    found = Draft202012Validator(whole).iter_errors(value)
    errors = [error for error in found if not OTHERWISE.fullmatch(error.json_path)]
    assert not errors, [f"{error.json_path}: {error.message[:200]}" for error in errors[:5]]


def described(schema: Any) -> dict[str, Any]:
    """Return all properties that a schema describes."""
    schema = resolve(schema)
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        found |= described(part)
    return found


@pytest.fixture
def names(home):
    home.server.library.add_clip(home.server.library.items[home.movie], "Teaser")
    home.server.start(home.owner, home.episodes[0])
    home.server.stop(home.owner, home.episodes[0], position_ms=None)
    home.server.start(home.alice, home.movie)
    home.server.watch(home.owner, home.episodes[1])
    return {"movie": home.movie, "ids": home.movie, "sectionId": home.movies}


@pytest.mark.parametrize(("verb", "path", "query"), CALLS, ids=NAMES)
async def test_a_call_and_its_answer_are_as_described(home, names, verb, path, query):
    operation = document()["paths"][path][verb]
    asked = {pair.partition("=")[0] for pair in query.split("&") if pair}
    parameters = {resolve(each)["name"] for each in operation.get("parameters", ())}
    if "mediaQuery" not in json.dumps(operation.get("parameters", ())):
        assert asked - {"X-Plex-Container-Start", "X-Plex-Container-Size"} <= parameters
    response = await home.ask(f"{path}?{query}".format(**names), method=verb.upper())
    assert response.status_code == 200, response.text
    answer = resolve(operation["responses"]["200"])
    schemas = answer.get("content", {})
    if "application/json" in schemas:
        check(schemas["application/json"]["schema"], response.json())
    else:
        assert response.content == b""
    for header in ("x-plex-container-start", "x-plex-container-total-size"):
        if "Container" in query:
            assert header in response.headers


@pytest.mark.parametrize("kind", ["movie", "show", "season", "episode"])
async def test_a_row_of_every_kind_is_as_described(home, kind):
    key = {"movie": home.movie, "show": home.show, "season": home.season, "episode": home.episodes[0]}[kind]
    home.server.watch(home.owner, home.episodes[0])
    if kind in {"movie", "episode"}:
        await home.report(key, 600_000)
    row = await home.row(key)
    check({"$ref": "#/components/schemas/metadata"}, row)
    known = described({"$ref": "#/components/schemas/metadata"})
    undescribed = {name for name in row if name not in known}
    assert undescribed <= {
        "guid", "slug", "librarySectionTitle", "librarySectionID", "librarySectionKey", "parentYear", "UltraBlurColors",
        "parentGuid", "grandparentGuid", "Location", "viewedLeafCount", "childCount", "skipChildren", "Guid",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "status"),
    [("/library/metadata/999999", 404), (f"/:/scrobble?identifier={IDENTIFIER}&key=999999", 404), ("/:/scrobble", 400)],
)
async def test_a_refusal_is_the_described_page(home, path, status):
    examples = json.dumps(document()["paths"]["/:/scrobble"]["put"]["responses"][str(status)])
    response = await home.ask(path)
    assert response.status_code == status
    assert response.text in json.loads(examples)["content"]["text/html"]["examples"].popitem()[1]["value"]


def test_the_check_finds_a_value_of_the_wrong_type():
    schema = {"$ref": "#/components/schemas/metadata"}
    for wrong in ({"duration": "long"}, {"Media": {}}, {"index": "1"}):
        with pytest.raises(AssertionError):
            check(schema, wrong)
