import pytest


@pytest.mark.parametrize("path", ["/system/info/PUBLIC", "/System/Info/Public/", "/SYSTEM/INFO/public"])
async def test_paths_have_no_case_and_may_end_in_a_slash(home, path):
    assert (await home.ask("GET", path, token="")).status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/System/Info/Public//", "//System/Info/Public", "/Items/a/b/c"])
async def test_an_unknown_path_is_an_empty_404(home, path):
    response = await home.ask("GET", path, token="")
    assert (response.status_code, response.content, response.headers["content-length"]) == (404, b"", "0")


async def test_a_wrong_verb_is_an_empty_405_that_names_the_right_ones(home):
    response = await home.ask("PUT", f"/UserPlayedItems/{home.movie}", token="")
    assert (response.status_code, response.content, response.headers["allow"]) == (405, b"", "DELETE, POST")


async def test_query_names_have_no_case(home):
    rows = await home.rows(RECURSIVE="true", includeitemtypes="Movie", Fields="ProviderIds")
    assert rows[0]["ProviderIds"] == {"Tmdb": "949", "Imdb": "tt0113277"}


async def test_unknown_parameters_and_unknown_words_are_ignored(home):
    rows = await home.rows(
        recursive="true",
        includeItemTypes="movie,Hologram",
        fields="UserDataLastPlayedDate",
        filters="IsGood",
        sortBy="Beauty",
        anyProviderIdEquals="tmdb.1",
    )
    assert [row["Name"] for row in rows] == ["Heat"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "abc"), ("limit", "99999999999"), ("parentId", "xyz"), ("isPlayed", "yes"), ("recursive", "1")],
)
async def test_a_value_of_the_wrong_type_is_a_problem_that_names_it(home, name, value):
    response = await home.ask("GET", "/Items", **{name: value})
    problem = response.json()
    assert (response.status_code, problem["status"]) == (400, 400)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert problem["title"] == "One or more validation errors occurred."
    assert problem["errors"] == {name: [f"The value '{value}' is not valid."]}


async def test_an_id_that_is_none_is_a_problem_that_names_it(home):
    response = await home.ask("POST", "/UserPlayedItems/none")
    assert (response.status_code, response.json()["errors"]) == (400, {"itemId": ["The value 'none' is not valid."]})


@pytest.mark.parametrize("method", ["GET /Items/{}", "POST /UserPlayedItems/{}", "GET /UserItems/{}/UserData"])
async def test_an_unknown_item_is_a_problem_document(home, method):
    verb, path = method.split()
    response = await home.ask(verb, path.format("1" * 32))
    assert (response.status_code, response.json()["title"]) == (404, "Not Found")
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_an_unknown_user_of_a_mark_is_a_problem_document(home):
    path = f"/UserPlayedItems/{home.movie}"
    response = await home.ask("POST", path, token=home.server.admin_token, userId="1" * 32)
    assert (response.status_code, response.json()["title"]) == (404, "Not Found")


async def test_an_unknown_user_of_a_listing_is_refused_in_text(home):
    response = await home.ask("GET", "/Items", token=home.server.admin_token, userId="1" * 32)
    assert (response.status_code, response.text) == (404, "Error processing request.")


async def test_a_library_that_the_user_may_not_see_is_refused_in_a_sentence(home):
    carol = home.server.add_user("carol", libraries=frozenset({home.shows}))
    response = await home.ask("GET", "/Items", token=home.server.token_for(carol), parentId=home.movies)
    assert (response.status_code, response.json()) == (401, "carol is not permitted to access Library Movies.")


async def test_an_item_that_the_user_may_not_see_is_not_there(home):
    carol = home.server.add_user("carol", libraries=frozenset({home.shows}))
    response = await home.ask("GET", f"/Items/{home.movie}", token=home.server.token_for(carol))
    assert response.status_code == 404


async def test_the_camel_case_profile_renames_properties(home):
    response = await home.client.get("/System/Info/Public", headers={"Accept": 'application/json; profile="CamelCase"'})
    assert response.json()["productName"] == "Jellyfin Server"


async def test_every_answer_carries_the_servers_time(home):
    home.server.skew_ms = -3_600_000
    response = await home.ask("GET", "/System/Ping", token="")
    assert response.headers["date"] == "Wed, 01 May 2024 11:00:00 GMT"
    assert "x-response-time-ms" in response.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_ping_answers_with_the_products_name(home, method):
    assert (await home.ask(method, "/System/Ping", token="")).json() == "Jellyfin Server"


async def test_a_starting_server_answers_with_a_page(home):
    home.server.starting = True
    response = await home.ask("GET", "/Items")
    assert (response.status_code, response.headers["content-type"]) == (503, "text/html")


async def test_a_starting_server_answers_a_ping(home):
    home.server.starting = True
    assert (await home.ask("GET", "/system/ping", token="")).status_code == 200


@pytest.mark.parametrize("prefix", ["/emby", "/MediaBrowser"])
@pytest.mark.parametrize(("version", "status"), [("10.10.7", 200), ("10.11.8", 200), ("12.0.0", 404)])
async def test_legacy_prefixes_are_gone_in_12(make, version, prefix, status):
    response = await make(version).ask("GET", f"{prefix}/System/Info/Public", token="")
    assert response.status_code == status


async def test_a_base_path_is_served_and_everything_else_redirected_to_it(home):
    home.server.base_path = "/jellyfin"
    inside = await home.ask("GET", "/jellyfin/System/Info/Public", token="")
    outside = await home.ask("GET", "/System/Info/Public", token="")
    assert inside.status_code == 200
    assert (outside.status_code, outside.headers["location"]) == (302, "/jellyfin/web/")


@pytest.mark.parametrize("version", ["10.10.7", "10.11.8", "12.0.0"])
async def test_legacy_routes_are_served_by_every_version(make, version):
    home = make(version)
    for path in ("Views", "Items", f"Items/{home.movie}", f"Items/{home.movie}/UserData", "Items/Resume"):
        assert (await home.ask("GET", f"/Users/{home.alice}/{path}")).status_code == 200


async def test_a_request_is_logged_with_its_status(home):
    await home.ask("GET", "/Items", limit="abc")
    logged = home.server.requests[-1]
    assert (logged.method, logged.path, logged.query, logged.status) == ("GET", "/Items", "limit=abc", 400)


async def test_what_could_change_a_play_state_is_logged_as_a_write(home):
    await home.get("/Items")
    await home.ask("POST", f"/UserPlayedItems/{home.movie}")
    await home.ask("POST", f"/UserFavoriteItems/{home.movie}")
    await home.ask("POST", f"/UserItems/{home.movie}/UserData", json={"Played": True})
    await home.ask("POST", "/Sessions/Playing/Progress", json={"ItemId": home.movie, "PositionTicks": 5})
    paths = [write.path.rsplit("/", 1)[0] for write in home.server.writes()]
    assert paths == ["/UserPlayedItems", f"/UserItems/{home.movie}", "/Sessions/Playing"]
