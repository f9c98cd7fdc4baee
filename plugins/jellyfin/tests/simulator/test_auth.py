import pytest

CLIENT = 'Client="Test", Device="bench", DeviceId="bench-1", Version="1.0"'
TEXT = "Error processing request."
LEGACY = ["10.10.7", "10.11.8"]
ALL = [*LEGACY, "12.0.0"]


async def ask_with(home, headers=None, path="/Users/Me", **query):
    return await home.client.get(path, headers=headers or {}, params=query)


@pytest.mark.parametrize("version", ALL)
async def test_the_authorization_header_works_on_every_version(make, version):
    home = make(version)
    token = home.server.token_for(home.alice)
    response = await ask_with(home, {"Authorization": f'MediaBrowser {CLIENT}, Token="{token}"'})
    assert response.json()["Name"] == "alice"


@pytest.mark.parametrize("version", ALL)
async def test_the_query_parameter_api_key_in_pascal_case_works_on_every_version(make, version):
    home = make(version)
    assert (await ask_with(home, ApiKey=home.server.token_for(home.alice))).status_code == 200


def legacy_carriers(token):
    return [
        ({"X-Emby-Token": token}, {}),
        ({"X-MediaBrowser-Token": token}, {}),
        ({"X-Emby-Authorization": f'MediaBrowser {CLIENT}, Token="{token}"'}, {}),
        ({"Authorization": f'Emby {CLIENT}, Token="{token}"'}, {}),
        ({}, {"api_key": token}),
    ]


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.parametrize("carrier", range(5))
async def test_legacy_carriers_work_up_to_10_11(make, version, carrier):
    home = make(version)
    headers, query = legacy_carriers(home.server.token_for(home.alice))[carrier]
    assert (await ask_with(home, headers, **query)).status_code == 200


@pytest.mark.parametrize("carrier", range(5))
async def test_legacy_carriers_are_ignored_by_12(make, carrier):
    home = make("12.0.0")
    headers, query = legacy_carriers(home.server.token_for(home.alice))[carrier]
    assert (await ask_with(home, headers, **query)).status_code == 401


async def test_the_authorization_header_wins_over_the_others(home):
    headers = {
        "Authorization": f'MediaBrowser Token="{home.server.token_for(home.alice)}"',
        "X-Emby-Authorization": 'MediaBrowser Token="stale"',
        "X-Emby-Token": home.server.token_for(home.bob),
    }
    assert (await ask_with(home, headers, ApiKey="stale")).json()["Name"] == "alice"


@pytest.mark.parametrize(
    "spelled",
    ["Token={token}", 'Token="{token}",', 'X="1,2" , Token="{token}"', 'mediabrowser ,Token="{token}"'],
)
async def test_the_header_may_be_spelled_in_many_ways(home, spelled):
    token = home.server.token_for(home.alice)
    header = f"MediaBrowser {spelled.format(token=token)}"
    assert (await ask_with(home, {"Authorization": header})).status_code == 200


@pytest.mark.parametrize("spelled", ['token="{token}"', 'Token = "{token}"'])
async def test_lower_case_names_and_space_around_equals_are_not_understood(home, spelled):
    token = home.server.token_for(home.alice)
    header = f"MediaBrowser {spelled.format(token=token)}"
    assert (await ask_with(home, {"Authorization": header})).status_code == 401


async def test_another_scheme_is_ignored(home):
    token = home.server.token_for(home.alice)
    assert (await ask_with(home, {"Authorization": f"Bearer {token}"})).status_code == 401


@pytest.mark.parametrize("token", ["", "0" * 32])
async def test_no_token_and_a_wrong_one_get_an_empty_401(home, token):
    response = await home.ask("GET", "/Users", token=token)
    assert (response.status_code, response.content, response.headers["content-length"]) == (401, b"", "0")
    assert "www-authenticate" not in response.headers


async def test_an_elevated_route_refuses_a_plain_user_with_an_empty_403(home):
    response = await home.ask("GET", "/Library/VirtualFolders")
    assert (response.status_code, response.content) == (403, b"")


async def test_naming_another_user_is_refused_in_text(home):
    response = await home.ask("GET", "/Items", userId=home.bob)
    assert (response.status_code, response.text, response.headers["content-type"]) == (403, TEXT, "text/plain")


async def test_an_admin_may_name_another_user(home):
    token = home.server.token_for(home.bob)
    assert (await home.ask("GET", "/Items", token=token, userId=home.alice)).status_code == 200


async def test_an_api_key_stands_for_nobody(home):
    assert (await home.ask("GET", "/Users/Me", token=home.server.admin_token)).status_code == 400


async def test_an_api_key_has_to_name_a_user_where_one_is_needed(home):
    path = f"/UserPlayedItems/{home.movie}"
    response = await home.ask("POST", path, token=home.server.admin_token)
    assert (response.status_code, response.text) == (400, TEXT)


async def test_rows_for_an_api_key_without_a_user_carry_no_user_data(home):
    response = await home.ask("GET", "/Items", token=home.server.admin_token, ids=home.movie)
    assert "UserData" not in response.json()["Items"][0]


async def test_a_user_filter_without_a_user_breaks(home):
    response = await home.ask("GET", "/Items", token=home.server.admin_token, recursive="true", isPlayed="true")
    assert (response.status_code, response.text) == (500, TEXT)


async def sign_in(home, name="alice", password="a-pass", client=CLIENT):
    return await home.client.post(
        "/Users/AuthenticateByName",
        json={"Username": name, "Pw": password},
        headers={"Authorization": f"MediaBrowser {client}"},
    )


async def test_signing_in_gives_a_token_that_works(home):
    answer = (await sign_in(home)).json()
    me = await home.ask("GET", "/Users/Me", token=answer["AccessToken"])
    assert me.json()["Id"] == answer["User"]["Id"] == answer["SessionInfo"]["UserId"] == home.alice


async def test_user_names_have_no_case(home):
    assert (await sign_in(home, name="ALICE")).status_code == 200


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", "a-pass")])
async def test_a_wrong_password_and_an_unknown_user_look_the_same(home, name, password):
    response = await sign_in(home, name, password)
    assert (response.status_code, response.text) == (401, TEXT)


@pytest.mark.parametrize("password", ["a-pass", "wrong"])
async def test_a_disabled_account_is_403_whatever_the_password(home, password):
    home.server.disable_user(home.alice)
    response = await sign_in(home, password=password)
    assert (response.status_code, response.text) == (403, TEXT)


async def test_the_tokens_of_a_disabled_account_are_void(home):
    token = home.server.token_for(home.alice)
    home.server.disable_user(home.alice)
    assert (await home.ask("GET", "/Users/Me", token=token)).status_code == 401


async def test_a_token_made_for_a_disabled_account_is_void(home):
    home.server.disable_user(home.alice)
    assert (await home.ask("GET", "/Users/Me")).status_code == 401


async def test_a_login_has_to_name_the_client_fully(home):
    response = await sign_in(home, client='Client="Test", Device="bench", Version="1.0"')
    assert (response.status_code, response.text) == (400, TEXT)


async def test_signing_in_again_on_a_device_voids_the_token_before(home):
    first = (await sign_in(home)).json()["AccessToken"]
    second = (await sign_in(home)).json()["AccessToken"]
    statuses = [(await home.ask("GET", "/Users/Me", token=token)).status_code for token in (first, second)]
    assert statuses == [401, 200]


async def test_another_device_keeps_its_token(home):
    first = (await sign_in(home)).json()["AccessToken"]
    await sign_in(home, client=CLIENT.replace("bench-1", "bench-2"))
    assert (await home.ask("GET", "/Users/Me", token=first)).status_code == 200


async def test_signing_out_voids_the_token(home):
    token = (await sign_in(home)).json()["AccessToken"]
    assert (await home.ask("POST", "/Sessions/Logout", token=token)).status_code == 204
    assert (await home.ask("GET", "/Users/Me", token=token)).status_code == 401


async def test_api_keys_are_made_without_an_answer_and_found_in_the_list(home):
    admin = home.server.admin_token
    made = await home.ask("POST", "/Auth/Keys", token=admin, app="sync")
    listed = (await home.ask("GET", "/Auth/Keys", token=admin)).json()
    keys = {row["AppName"]: row["AccessToken"] for row in listed["Items"]}
    assert (made.status_code, made.content, listed["TotalRecordCount"]) == (204, b"", 2)
    assert (await home.ask("GET", "/Users", token=keys["sync"])).status_code == 200


async def test_a_deleted_api_key_is_void(home):
    key = home.server.add_api_key()
    assert (await home.ask("DELETE", f"/Auth/Keys/{key}", token=home.server.admin_token)).status_code == 204
    assert (await home.ask("GET", "/Users", token=key)).status_code == 401


async def test_any_user_sees_all_users_by_name(home):
    assert [user["Name"] for user in await home.get("/Users")] == ["alice", "bob"]


async def test_users_can_be_filtered(home):
    home.server.disable_user(home.bob)
    assert [user["Name"] for user in await home.get("/Users", isDisabled="true")] == ["bob"]


async def test_hidden_and_disabled_users_are_not_public(home):
    home.server.add_user("ghost", is_hidden=True)
    home.server.disable_user(home.bob)
    response = await home.ask("GET", "/Users/Public", token="")
    assert [user["Name"] for user in response.json()] == ["alice"]


async def test_an_unknown_user_is_a_json_string(home):
    response = await home.ask("GET", f"/Users/{'1' * 32}")
    assert (response.status_code, response.json()) == (404, "User not found")
