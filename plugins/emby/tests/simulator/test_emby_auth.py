import pytest

LOGIN = {"Username": "Alice", "Pw": "a-pass"}
CLIENT = 'Client="Test, with a comma", Device="bench", DeviceId="bench-1", Version="1.0"'


async def ask(home, path="/System/Info", headers=None, **query):
    return await home.client.get(path, headers=headers, params=query)


async def login(home, document, headers=None):
    described = {"X-Emby-Authorization": f"Emby {CLIENT}"} if headers is None else headers
    return await home.client.post("/Users/AuthenticateByName", json=document, headers=described)


class TestTokens:
    @pytest.mark.parametrize(
        "header",
        [
            ("X-Emby-Token", "{}"),
            ("X-MediaBrowser-Token", "{}"),
            ("Authorization", 'Emby Client="Test", Token="{}"'),
            ("Authorization", 'MediaBrowser Token="{}"'),
            ("X-Emby-Authorization", 'Emby UserId="", Token="{}", Version="1"'),
            ("Authorization", "Emby Token={}"),
        ],
    )
    async def test_every_carrier_is_read(self, home, header):
        for token in (home.server.admin_token, home.server.token_for(home.alice)):
            name, value = header
            assert (await ask(home, headers={name: value.format(token)})).status_code == 200

    @pytest.mark.parametrize("name", ["api_key", "API_KEY"])
    async def test_the_query_may_carry_it(self, home, name):
        assert (await ask(home, **{name: home.server.admin_token})).status_code == 200

    @pytest.mark.parametrize("headers", [{}, {"X-Emby-Token": "0" * 32}, {"Authorization": "Bearer {}"}])
    async def test_without_a_valid_one_the_refusal_is_text(self, home, headers):
        filled = {name: value.format(home.server.admin_token) for name, value in headers.items()}
        response = await ask(home, headers=filled)
        assert (response.status_code, response.text) == (401, "Access token is invalid or expired.")
        assert response.headers["content-type"] == "text/plain"

    async def test_what_is_for_administrators_is_refused_with_the_users_name(self, home):
        response = await home.ask("GET", "/Library/VirtualFolders/Query")
        assert (response.status_code, response.text) == (
            403,
            "User alice does not have access to ManageServer feature.",
        )
        token = home.server.token_for(home.bob)
        assert (await home.ask("GET", "/Library/VirtualFolders/Query", token=token)).status_code == 200

    async def test_another_users_states_are_for_administrators(self, home):
        theirs = f"/Users/{home.bob}/Items"
        assert (await home.ask("GET", theirs)).status_code == 403
        for token in (home.server.admin_token, home.server.token_for(home.bob)):
            assert (await home.ask("GET", "/Users/{}/Items", token=token)).status_code == 200

    async def test_a_disabled_users_token_is_void(self, home):
        token = home.server.token_for(home.alice)
        home.server.disable_user(home.alice)
        assert (await ask(home, headers={"X-Emby-Token": token})).status_code == 401


class TestSigningIn:
    async def test_it_gives_a_token_for_the_device(self, home):
        answer = (await login(home, LOGIN)).json()
        assert (answer["User"]["Id"], answer["ServerId"]) == (home.alice, home.server.machine_id)
        session = answer["SessionInfo"]
        assert (session["Client"], session["DeviceId"]) == ("Test, with a comma", "bench-1")
        assert (await ask(home, headers={"X-Emby-Token": answer["AccessToken"]})).status_code == 200

    async def test_a_client_may_describe_itself_in_four_headers(self, home):
        headers = {
            "X-Emby-Client": "Four",
            "X-Emby-Client-Version": "2",
            "X-Emby-Device-Id": "bench-4",
            "X-Emby-Device-Name": "bench",
        }
        session = (await login(home, LOGIN, headers)).json()["SessionInfo"]
        described = [session[name] for name in ("Client", "ApplicationVersion", "DeviceId", "DeviceName")]
        assert described == ["Four", "2", "bench-4", "bench"]

    @pytest.mark.parametrize(
        "document", [{**LOGIN, "Pw": "wrong"}, {"Username": "eve", "Pw": ""}, {"Username": "alice"}]
    )
    async def test_a_wrong_name_or_password_is_refused_in_the_same_words(self, home, document):
        response = await login(home, document)
        assert (response.status_code, response.text) == (401, "Invalid username or password. Please try again.")

    @pytest.mark.parametrize(
        ("headers", "parameter"),
        [({}, "appName"), ({"X-Emby-Authorization": 'Emby Client="Test"'}, "reportedDeviceId")],
    )
    async def test_a_client_that_does_not_describe_itself_is_refused(self, home, headers, parameter):
        response = await login(home, LOGIN, headers)
        assert (response.status_code, response.text) == (400, f"Value cannot be null. (Parameter '{parameter}')")

    async def test_a_body_that_is_no_json_has_no_name(self, home):
        response = await home.client.post("/Users/AuthenticateByName", content=b"{")
        assert (response.status_code, response.text) == (400, "Value cannot be null. (Parameter 'name')")

    async def test_a_disabled_user_is_refused(self, home):
        home.server.disable_user(home.alice)
        assert (await login(home, LOGIN)).status_code == 403

    async def test_a_token_stays_bound_to_its_device(self, home):
        token = (await login(home, LOGIN)).json()["AccessToken"]
        await ask(home, headers={"Authorization": f'Emby Client="Test", DeviceId="other", Token="{token}"'})
        sessions = (await ask(home, "/Sessions", headers={"X-Emby-Token": token})).json()
        assert [session["DeviceId"] for session in sessions] == ["bench-1"]

    async def test_signing_out_makes_the_token_void(self, home):
        token = (await login(home, LOGIN)).json()["AccessToken"]
        assert (await home.ask("POST", "/Sessions/Logout", token=token)).status_code == 204
        assert (await ask(home, headers={"X-Emby-Token": token})).status_code == 401

    async def test_signing_out_with_an_api_key_deletes_it(self, home):
        key = home.server.add_api_key("careless")
        assert (await home.ask("POST", "/Sessions/Logout", token=key)).status_code == 204
        assert (await ask(home, headers={"X-Emby-Token": key})).status_code == 401


class TestApiKeys:
    async def test_they_are_listed_newest_first_without_a_total(self, home):
        home.server.add_api_key("second")
        answer = (await home.ask("GET", "/Auth/Keys", token=home.server.admin_token)).json()
        assert [row["AppName"] for row in answer["Items"]] == ["second", "admin"]
        assert answer["TotalRecordCount"] == 0

    async def test_a_page_of_them_has_a_total(self, home):
        home.server.add_api_key("second")
        page = (await home.ask("GET", "/Auth/Keys", token=home.server.admin_token, StartIndex=1, Limit=1)).json()
        none = (await home.ask("GET", "/Auth/Keys", token=home.server.admin_token, Limit=0)).json()
        assert [row["AppName"] for row in page["Items"]] == ["admin"]
        assert (none["Items"], none["TotalRecordCount"], page["TotalRecordCount"]) == ([], 2, 2)

    async def test_one_is_made_without_an_answer_and_found_by_its_name(self, home):
        made = await home.ask("POST", "/Auth/Keys", token=home.server.admin_token, App="sync")
        assert (made.status_code, made.content) == (204, b"")
        rows = (await home.ask("GET", "/Auth/Keys", token=home.server.admin_token)).json()["Items"]
        assert (await ask(home, headers={"X-Emby-Token": rows[0]["AccessToken"]})).status_code == 200

    @pytest.mark.parametrize(("verb", "end"), [("DELETE", ""), ("POST", "/Delete")])
    async def test_one_is_deleted_as_often_as_one_likes(self, home, verb, end):
        key = home.server.add_api_key("gone")
        for _ in range(2):
            response = await home.ask(verb, f"/Auth/Keys/{key}{end}", token=home.server.admin_token)
            assert response.status_code == 204
        assert (await ask(home, headers={"X-Emby-Token": key})).status_code == 401

    async def test_a_key_that_names_nobody_sees_nobodys_states(self, home):
        query = {"Ids": home.movie, "token": home.server.admin_token}
        nobody = (await home.ask("GET", "/Items", **query)).json()["Items"][0]
        somebody = (await home.ask("GET", "/Items", **query, UserId=home.alice)).json()["Items"][0]
        assert ("UserData" in nobody, "UserData" in somebody) == (False, True)

    async def test_a_key_marks_for_the_user_in_the_path(self, home):
        response = await home.ask("POST", f"/Users/{{}}/PlayedItems/{home.movie}", token=home.server.admin_token)
        assert response.status_code == 200
        assert home.server.state(home.alice, home.movie).watched
        assert not home.server.state(home.bob, home.movie).watched
