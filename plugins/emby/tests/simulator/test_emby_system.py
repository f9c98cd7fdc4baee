"""Paths, headers, the server itself, people and libraries."""

import pytest

FREE = ["/System/Info/Public", "/Users/Public", "/System/Ping"]


class TestPaths:
    @pytest.mark.parametrize("prefix", ["", "/emby", "/EMBY"])
    @pytest.mark.parametrize("path", ["/System/Info/Public", "/system/info/public", "/System/Info/Public/"])
    async def test_they_have_no_case_and_the_prefix_is_optional(self, home, prefix, path):
        assert (await home.ask("GET", prefix + path, token="")).status_code == 200

    @pytest.mark.parametrize("path", ["/nowhere", "/emby/emby/System/Info/Public", "/System"])
    async def test_an_unknown_one_is_a_404_in_text(self, home, path):
        response = await home.ask("GET", path)
        assert (response.status_code, response.headers["content-type"]) == (404, "text/plain")

    async def test_a_wrong_verb_is_not_there_either(self, home):
        assert (await home.ask("PUT", f"/Users/{{}}/PlayedItems/{home.movie}")).status_code == 404

    async def test_every_answer_names_the_server_and_its_time(self, home):
        for status, path in ((200, "/System/Info/Public"), (401, "/System/Info"), (404, "/nowhere")):
            response = await home.ask("GET", path, token="")
            assert (response.status_code, response.headers["date"]) == (status, "Wed, 01 May 2024 12:00:00 GMT")
            assert response.headers["server"] == "UPnP/1.0 DLNADOC/1.50"
            assert response.headers["private-network-access-id"] == home.server.machine_id

    async def test_json_is_utf_8(self, home):
        home.server.add_library("Séries", "shows")
        response = await home.ask("GET", "/Users/{}/Views")
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert "Séries".encode() in response.content

    async def test_the_log_has_every_request_and_which_could_write(self, home):
        await home.ask("GET", "/emby/Users/{}/Items", api_key="x")
        await home.ask("POST", f"/Users/{{}}/PlayedItems/{home.movie}")
        await home.ask("POST", f"/Users/{{}}/Items/{home.movie}/UserData", json={})
        logged = [(each.method, each.status, each.is_write) for each in home.server.requests]
        assert logged == [("GET", 200, False), ("POST", 200, True), ("POST", 204, True)]
        assert (home.server.requests[0].path, home.server.requests[0].query) == (
            f"/emby/Users/{home.alice}/Items",
            "api_key=x",
        )
        assert len(home.server.writes()) == 2


class TestTheServer:
    async def test_the_public_information_names_no_product(self, any_home):
        info = await any_home.get("/System/Info/Public")
        assert info["Version"] in any_home.server.versions
        assert info["Version"].count(".") == 3
        assert {"ProductName", "StartupWizardCompleted"}.isdisjoint(info)

    @pytest.mark.parametrize(("version", "is_told"), [("4.8.11.0", True), ("4.9.5.0", False), ("4.10.0.23", False)])
    async def test_some_builds_tell_one_address(self, make, version, is_told):
        info = await make(version).get("/System/Info/Public")
        assert ({"LocalAddress", "WanAddress"} <= set(info)) is is_told

    async def test_the_default_is_4_9(self, home):
        assert (await home.get("/System/Info"))["Version"] == "4.9.5.0"

    @pytest.mark.parametrize("verb", ["GET", "POST"])
    async def test_a_ping_is_answered_in_text(self, home, verb):
        response = await home.ask(verb, "/System/Ping", token="")
        assert (response.text, response.headers["content-type"]) == ("Emby Server", "text/plain")

    @pytest.mark.parametrize("path", FREE)
    async def test_some_answers_need_no_token(self, home, path):
        assert (await home.ask("GET", path, token="")).status_code == 200

    async def test_a_starting_server_answers_503_with_a_page(self, home):
        home.server.starting = True
        response = await home.ask("GET", "/emby/System/Info/Public", token="")
        assert (response.status_code, response.headers["content-type"]) == (503, "text/html")
        assert (await home.ask("GET", "/emby/System/Ping", token="")).status_code == 200
        home.server.starting = False
        assert (await home.ask("GET", "/emby/System/Info/Public", token="")).status_code == 200


class TestPeople:
    @pytest.mark.parametrize("who", ["bob", "key"])
    async def test_an_administrator_and_a_key_may_list_everybody(self, home, who):
        token = home.server.admin_token if who == "key" else home.server.token_for(home.bob)
        everybody = (await home.ask("GET", "/Users", token=token)).json()
        assert [(user["Name"], user["Id"]) for user in everybody] == [("alice", home.alice), ("bob", home.bob)]
        assert [user["Policy"]["IsAdministrator"] for user in everybody] == [False, True]

    async def test_they_can_be_listed_by_page_and_kind(self, home):
        home.server.add_user("zoe", is_hidden=True)
        token = home.server.admin_token
        page = (await home.ask("GET", "/Users/Query", token=token, StartIndex=1, Limit=1)).json()
        hidden = (await home.ask("GET", "/Users/Query", token=token, IsHidden="true")).json()
        assert ([user["Name"] for user in page["Items"]], page["TotalRecordCount"]) == (["bob"], 3)
        assert [user["Name"] for user in hidden["Items"]] == ["zoe"]

    @pytest.mark.parametrize("path", ["/Users", "/Users/Query"])
    async def test_others_may_not(self, home, path):
        assert (await home.ask("GET", path)).status_code == 403

    async def test_the_sign_in_page_shows_who_is_not_hidden(self, home):
        home.server.add_user("zoe", is_hidden=True)
        home.server.disable_user(home.bob)
        users = (await home.ask("GET", "/Users/Public", token="")).json()
        assert [user["Name"] for user in users] == ["alice"]
        assert "Policy" not in users[0]

    async def test_everybody_may_read_themselves_and_no_one_else(self, home):
        assert (await home.get("/Users/{}"))["Name"] == "alice"
        assert (await home.ask("GET", f"/Users/{home.bob}")).status_code == 403

    async def test_an_unknown_user_is_a_404_in_text(self, home):
        response = await home.ask("GET", f"/Users/{'1' * 32}", token=home.server.admin_token)
        assert (response.status_code, response.headers["content-type"]) == (404, "text/plain")

    async def test_me_is_an_unhandled_error(self, home):
        response = await home.ask("GET", "/Users/Me")
        assert (response.status_code, response.headers["content-type"]) == (500, "text/plain")


class TestLibraries:
    async def test_views_are_those_that_the_user_may_see(self, home):
        carol = home.server.add_user("carol", libraries=frozenset({home.shows}))
        views = (await home.ask("GET", f"/Users/{carol}/Views", token=home.server.token_for(carol))).json()
        assert [(row["Name"], row["Id"]) for row in views["Items"]] == [("Shows", home.shows)]

    async def test_a_mixed_library_has_no_type(self, home):
        home.server.add_library("All", "mixed")
        rows = (await home.get("/Users/{}/Views", IncludeExternalContent="false"))["Items"]
        types = {row["Name"]: row.get("CollectionType") for row in rows}
        assert types == {"All": None, "Movies": "movies", "Shows": "tvshows"}

    async def test_folders_tell_paths_and_thresholds(self, home):
        answer = (await home.ask("GET", "/Library/VirtualFolders/Query", token=home.server.admin_token)).json()
        folder = answer["Items"][0]
        assert (folder["ItemId"], folder["Locations"], answer["TotalRecordCount"]) == (
            home.movies,
            ["/media/Movies"],
            2,
        )
        options = folder["LibraryOptions"]
        thresholds = [options[name] for name in ("MinResumePct", "MaxResumePct", "MinResumeDurationSeconds")]
        assert thresholds == [2, 90, 120]

    async def test_media_folders_are_listed(self, home):
        folders = (await home.get("/Library/MediaFolders"))["Items"]
        assert [row["Id"] for row in folders] == [home.movies, home.shows]
        selectable = (await home.ask("GET", "/Library/SelectableMediaFolders", token=home.server.admin_token)).json()
        assert [row["Id"] for row in selectable] == [home.movies, home.shows]
