"""The simulated plex.tv (rule 13 of the protocol page, §23.3; §12, §13, §14)."""

import xml.etree.ElementTree as ET

import pytest

from watchstate.testing import Fault, FaultKind


async def get(home, path, status=200, **who):
    response = await home.ask_cloud(path, **who)
    assert response.status_code == status, response.text
    return response.json()


async def xml(home, path, **who):
    response = await home.ask_cloud(path, Accept="*/*", **who)
    assert response.status_code in (200, 201), response.text
    return ET.fromstring(response.content)


async def switch(home, whom, pin=None, **who):
    uuid = home.server.people.accounts[whom].uuid
    query = "" if pin is None else f"?pin={pin}"
    return await home.ask_cloud(f"/api/v2/home/users/{uuid}/switch{query}", method="POST", **who)


async def server_of(home, **who):
    resources = await get(home, "/api/v2/resources?includeHttps=1", **who)
    return next((each for each in resources if "server" in each["provides"].split(",")), None)


class TestErrors:
    async def test_a_client_has_to_name_itself(self, home):
        response = await home.ask_cloud("/api/v2/user", X_Plex_Client_Identifier="")
        assert response.status_code == 400
        assert response.json()["errors"][0]["code"] == 1000

    @pytest.mark.parametrize("token", ["", "wrong"])
    async def test_a_wrong_token_is_told_so(self, home, token):
        response = await home.ask_cloud("/api/v2/user", token=token)
        error = {"code": 1001, "message": "User could not be authenticated", "status": 401}
        assert (response.status_code, response.json()) == (401, {"errors": [error]})

    async def test_errors_are_xml_unless_json_is_asked_for(self, home):
        response = await home.ask_cloud("/api/v2/user", token="wrong", Accept="*/*")
        (error,) = ET.fromstring(response.content)
        assert (error.tag, error.get("code"), error.get("status")) == ("error", "1001", "401")

    async def test_the_oldest_way_to_ask_answers_422(self, home):
        response = await home.ask_cloud("/users/account.json", token="wrong")
        assert (response.status_code, response.json()) == (422, {"error": "Invalid token"})

    async def test_what_was_removed_is_gone(self, home):
        assert (await home.ask_cloud("/api/friends")).status_code == 410

    async def test_what_never_was_is_not_found(self, home):
        assert (await home.ask_cloud("/api/v2/nothing")).status_code == 404

    async def test_a_token_of_the_server_is_none_of_plex_tv(self, home):
        token = home.server.token_for(home.alice)
        assert (await home.ask_cloud("/api/v2/user", token=token)).status_code == 401


class TestAccounts:
    async def test_an_account_is_told_about_itself(self, home):
        told = await get(home, "/api/v2/user", user=home.alice)
        assert (told["id"], told["username"], told["homeAdmin"]) == (int(home.alice), "alice", False)
        assert told["authToken"] == home.server.people.accounts[home.alice].cloud_token
        assert (await get(home, "/api/v2/user"))["homeAdmin"] is True

    async def test_the_owner_has_another_id_here_than_on_the_server(self, home):
        told = await get(home, "/api/v2/user")
        assert (home.owner, str(told["id"]) != home.owner) == ("1", True)

    async def test_the_members_of_the_home_are_told_to_its_admin(self, home):
        home.server.add_user("kid", kind="managed", pin="1234")
        home.server.add_user("visitor", kind="guest")
        users = {each["title"]: each for each in (await get(home, "/api/v2/home/users"))["users"]}
        assert list(users) == ["owner", "alice", "kid", "visitor"]
        assert [each["admin"] for each in users.values()] == [True, False, False, False]
        assert (users["kid"]["restricted"], users["kid"]["protected"], users["kid"]["email"]) == (True, True, None)
        assert users["visitor"]["guest"]

    async def test_and_to_nobody_else(self, home):
        assert (await home.ask_cloud("/api/v2/home/users", user=home.alice)).status_code == 403

    async def test_the_first_api_tells_them_in_xml(self, home):
        container = await xml(home, "/api/home/users")
        assert [(user.get("title"), user.get("admin")) for user in container] == [("owner", "1"), ("alice", "0")]

    async def test_a_ping_needs_no_token(self, home):
        assert await get(home, "/api/v2/ping", token="") == {"pong": True}


class TestSwitching:
    async def test_a_member_is_switched_to_and_has_a_token_for_the_server(self, home):
        response = await switch(home, home.alice)
        assert response.status_code == 201
        server = await server_of(home, token=response.json()["authToken"])
        assert server["clientIdentifier"] == home.server.machine_id
        assert server["accessToken"] == home.server.token_for(home.alice)
        assert (server["owned"], server["home"]) == (False, True)

    async def test_the_first_api_does_so_in_xml_and_by_id(self, home):
        user = await xml(home, f"/api/home/users/{home.alice}/switch", method="POST")
        assert user.get("authenticationToken") == home.server.people.accounts[home.alice].cloud_token

    @pytest.mark.parametrize(("pin", "status"), [(None, 403), ("", 403), ("4321", 403), ("1234", 201)])
    async def test_a_pin_has_to_be_right(self, home, pin, status):
        kid = home.server.add_user("kid", kind="managed", pin="1234")
        response = await switch(home, kid, pin)
        assert response.status_code == status
        if status == 403:
            assert response.json()["errors"][0]["code"] == 1041

    async def test_a_wrong_caller_is_not_a_wrong_pin(self, home):
        assert (await switch(home, home.alice, token="wrong")).status_code == 401

    @pytest.mark.parametrize("whom", ["friend", "nobody"])
    async def test_only_members_of_the_home_can_be_switched_to(self, home, whom):
        uuid = home.server.people.accounts[home.friend].uuid if whom == "friend" else "0" * 16
        response = await home.ask_cloud(f"/api/v2/home/users/{uuid}/switch", method="POST")
        assert response.status_code == 404

    async def test_an_external_account_switches_to_nobody(self, home):
        assert (await switch(home, home.alice, user=home.friend)).status_code == 404

    async def test_a_switch_that_comes_too_soon_is_asked_to_wait(self, home):
        home.server.switch_pause_ms = 2_000
        statuses = [(await switch(home, home.alice)).status_code]
        home.clock.now += 500
        response = await switch(home, home.alice)
        assert (response.status_code, response.headers["retry-after"]) == (429, "2")
        home.clock.now += 1_500
        statuses.append((await switch(home, home.alice)).status_code)
        assert statuses == [201, 201]

    async def test_a_burst_of_429_can_be_planned(self, home):
        busy = Fault(kind=FaultKind.STATUS, path="/switch", status=429, headers=(("Retry-After", "9"),), times=2)
        home.server.faults.plan(busy)
        answers = [await switch(home, home.alice) for _ in range(3)]
        assert [each.status_code for each in answers] == [429, 429, 201]
        assert answers[0].headers["retry-after"] == "9"


class TestResources:
    async def test_the_owner_owns_the_server(self, home):
        server = await server_of(home)
        assert (server["owned"], server["home"], server["ownerId"]) == (True, False, None)
        assert server["accessToken"] == home.server.admin_token

    async def test_a_friend_is_told_whose_it_is(self, home):
        server = await server_of(home, user=home.friend)
        assert (server["owned"], server["home"], server["sourceTitle"]) == (False, False, "owner")
        assert server["ownerId"] == home.server.people.owner.plex_id

    async def test_not_every_resource_is_a_server(self, home):
        resources = await get(home, "/api/v2/resources")
        assert [each["provides"] for each in resources] == ["client,player,pubsub-player", "server"]

    async def test_an_account_may_have_no_server(self, home):
        teen = home.server.add_user("teen", kind="managed", has_server=False)
        assert await server_of(home, user=teen) is None

    async def test_a_renewed_token_is_found_here(self, home):
        before = home.server.token_for(home.alice)
        home.server.renew_token(home.alice)
        server = await server_of(home, user=home.alice)
        assert server["accessToken"] == home.server.token_for(home.alice) != before

    async def test_a_server_that_was_set_up_anew_has_another_id(self, home):
        before = (await server_of(home))["clientIdentifier"]
        home.server.change_machine()
        assert (await server_of(home))["clientIdentifier"] == home.server.machine_id != before

    async def test_its_address_can_be_set(self, home):
        home.server.plex_tv.server_uri = "http://127.0.0.1:4711"
        (connection,) = (await server_of(home))["connections"]
        assert (connection["address"], connection["port"]) == ("127.0.0.1", 4711)

    async def test_xml_tells_the_same(self, home):
        resources = await xml(home, "/api/v2/resources")
        assert [each.tag for each in resources] == ["resource", "resource"]
        assert resources[1].get("accessToken") == home.server.admin_token
        assert resources[1].find("connections/connection").get("port") == "32400"


class TestShares:
    async def test_the_owner_sees_everybody_else_once(self, home):
        container = await xml(home, "/api/users")
        users = {user.get("title"): user for user in container}
        assert list(users) == ["alice", "friend"]
        assert (users["alice"].get("home"), users["friend"].get("home")) == ("1", None)
        assert f"/users/{home.server.people.accounts[home.friend].uuid}/avatar" in users["friend"].get("thumb")
        assert users["friend"][0].get("machineIdentifier") == home.server.machine_id

    async def test_a_share_tells_the_token_and_the_sections(self, home):
        guest = home.server.add_user("guest", kind="external", sections=frozenset({home.shows}))
        container = await xml(home, f"/api/servers/{home.server.machine_id}/shared_servers")
        shares = {share.get("userID"): share for share in container}
        assert shares[guest].get("accessToken") == home.server.token_for(guest)
        sections = {each.get("key"): each.get("shared") for each in shares[guest]}
        assert sections == {home.movies: "0", home.shows: "1"}
        assert shares[guest][0].get("id") != shares[guest][0].get("key")

    @pytest.mark.parametrize(("with_members", "names"), [(True, {"alice", "friend"}), (False, {"friend"})])
    async def test_shares_may_be_told_of_external_accounts_alone(self, home, with_members, names):
        home.server.shares_name_members = with_members
        container = await xml(home, f"/api/servers/{home.server.machine_id}/shared_servers")
        assert {share.get("username") for share in container} == names

    @pytest.mark.parametrize("path", ["/api/users/", "/api/servers/{machine}/shared_servers"])
    async def test_it_may_be_closed(self, home, path):
        path = path.format(machine=home.server.machine_id)
        home.server.serves_externals = False
        assert (await home.ask_cloud(path)).status_code == 403
        assert (await home.ask_cloud("/api/v2/home/users")).status_code == 200

    async def test_it_is_for_the_owner_and_their_server(self, home):
        path = f"/api/servers/{home.server.machine_id}/shared_servers"
        assert (await home.ask_cloud(path, user=home.alice)).status_code == 403
        assert (await home.ask_cloud(f"/api/servers/{'0' * 40}/shared_servers")).status_code == 404


class TestPins:
    async def ask(self, home, query=""):
        response = await home.ask_cloud(f"/api/v2/pins{query}", method="POST", token="")
        assert response.status_code == 201
        return response.json()

    async def test_a_code_is_entered_and_leads_to_a_token(self, home):
        pin = await self.ask(home)
        assert (len(pin["code"]), pin["expiresIn"], pin["authToken"]) == (4, 900, None)
        home.server.plex_tv.pins.link(pin["code"], home.server.people.accounts[home.alice])
        linked = await get(home, f"/api/v2/pins/{pin['id']}", token="")
        assert linked["authToken"] == home.server.people.accounts[home.alice].cloud_token
        assert (linked["id"], linked["createdAt"]) == (pin["id"], "2024-05-01T12:00:00Z")

    async def test_a_strong_code_is_longer_and_lives_longer(self, home):
        pin = await self.ask(home, "?strong=true")
        assert (len(pin["code"]), pin["expiresIn"], pin["expiresAt"]) == (25, 1_800, "2024-05-01T12:30:00Z")

    async def test_a_code_expires(self, home):
        pin = await self.ask(home)
        home.clock.pass_seconds(899)
        assert (await get(home, f"/api/v2/pins/{pin['id']}", token=""))["expiresIn"] == 1
        home.clock.pass_seconds(1)
        assert (await home.ask_cloud(f"/api/v2/pins/{pin['id']}", token="")).status_code == 404

    async def test_another_client_does_not_find_it(self, home):
        pin = await self.ask(home)
        response = await home.ask_cloud(f"/api/v2/pins/{pin['id']}", token="", X_Plex_Client_Identifier="other")
        assert response.status_code == 404


class TestWebhooks:
    async def test_the_whole_list_is_replaced(self, home):
        assert await get(home, "/api/v2/user/webhooks") == []
        for urls in (["http://a.test/x", "http://b.test/y"], ["http://c.test/z"], []):
            body = "&".join(f"urls[]={url}" for url in urls) or "urls="
            headers = {"X-Plex-Token": home.server.admin_token, "X-Plex-Client-Identifier": "bench"}
            response = await home.cloud.post("/api/v2/user/webhooks", content=body, headers=headers)
            assert response.status_code == 201
            assert await get(home, "/api/v2/user/webhooks") == [{"url": url} for url in urls]


async def test_faults_and_the_log_are_those_of_the_simulator(home):
    home.server.faults.plan(Fault(kind=FaultKind.STATUS, path="/api/", status=503))
    statuses = [(await home.ask_cloud("/api/v2/user")).status_code for _ in range(2)]
    assert statuses == [503, 200]
    assert [(each.path, each.is_write) for each in home.server.requests] == [("/api/v2/user", False)]


async def test_the_server_knows_nothing_of_plex_tvs_paths(home):
    assert (await home.ask("/api/v2/user")).status_code == 404
