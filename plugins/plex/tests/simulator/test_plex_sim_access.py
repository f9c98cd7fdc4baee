"""Who may ask for what (rules 2 and 14 of the protocol page, §23.3)."""

import pytest
from plugins.plex.tests.simulator.households import IDENTIFIER, PAGE, RUNTIME

OWNERS_ONLY = ("/", "/library", "/accounts", "/:/prefs", "/status/sessions", "/library/sections/1/refresh")


async def test_who_answers_is_told_to_anyone(any_home):
    told = await any_home.get("/identity", token="")
    assert (told["machineIdentifier"], told["version"]) == (
        any_home.server.machine_id,
        any_home.server._server.rules.version,
    )


@pytest.mark.parametrize("token", ["", "wrong", "0" * 20])
async def test_without_a_valid_token_there_is_nothing_else(any_home, token):
    for path in ("/", "/library/sections", "/status/sessions", "/:/scrobble", "/nowhere"):
        response = await any_home.ask(path, token=token)
        assert (response.status_code, response.headers["content-type"]) == (401, "text/html")
        assert "<h1>401 Unauthorized</h1>" in response.text


async def test_a_token_may_be_in_the_query(home):
    token = home.server.token_for(home.alice)
    assert (await home.ask(f"/library/sections?X-Plex-Token={token}", token="")).status_code == 200


@pytest.mark.parametrize("path", OWNERS_ONLY)
async def test_some_things_are_for_the_owner_alone(home, path):
    answers = [(await home.ask(path, user=user)).status_code for user in (home.owner, home.alice, home.friend)]
    assert answers == [200, 403, 401]


async def test_an_external_account_may_be_refused_as_forbidden(home):
    home.server.external_refusal = 403
    assert (await home.ask("/status/sessions", user=home.friend)).status_code == 403


async def test_a_plain_position_is_not_for_external_accounts(home):
    path = f"/:/progress?key={home.movie}&identifier={IDENTIFIER}&time=600000&state=stopped"
    answers = [(await home.ask(path, user=user)).status_code for user in (home.owner, home.alice, home.friend)]
    assert answers == [200, 200, 401]


@pytest.mark.parametrize("path", ["/:/scrobble", "/:/timeline"])
async def test_marks_and_reports_are_for_everybody(home, path):
    query = f"identifier={IDENTIFIER}&key={home.movie}&ratingKey={home.movie}"
    assert (await home.ask(f"{path}?{query}", user=home.friend)).status_code == 200


async def test_only_the_owners_account_token_works_on_the_server(home):
    people = home.server.people.accounts
    answers = [
        (await home.ask("/library/sections", token=people[user].cloud_token)).status_code
        for user in (home.owner, home.alice, home.friend)
    ]
    assert answers == [200, 401, 401]


async def test_an_expired_token_is_void_and_the_next_one_works(home):
    before = home.server.token_for(home.alice)
    home.server.renew_token(home.alice)
    assert (await home.ask("/library/sections", token=before)).status_code == 401
    assert (await home.ask("/library/sections", user=home.alice)).status_code == 200


async def test_a_trusted_network_makes_everybody_the_owner(home):
    home.server.trusts_network = True
    home.server.watch(home.owner, home.movie)
    for token in ("", "wrong", home.server.token_for(home.alice)):
        assert (await home.shown(home.movie, token=token))["viewCount"] == 1


class TestSections:
    @pytest.fixture
    def guest(self, home):
        return home.server.add_user("guest", kind="external", sections=frozenset({home.shows}))

    async def test_an_account_sees_what_is_shared_with_it_under_the_same_keys(self, home, guest):
        sections = await home.get("/library/sections", user=guest)
        assert [each["key"] for each in sections["Directory"]] == [home.shows]
        assert await home.titles("/library/all", "type=1", user=guest) == []
        assert len(await home.titles("/library/all", "type=4", user=guest)) == 3

    async def test_what_is_not_shared_is_not_there(self, home, guest):
        for path in (
            f"/library/sections/{home.movies}/all?{PAGE}",
            f"/library/metadata/{home.movie}",
            f"/:/scrobble?identifier={IDENTIFIER}&key={home.movie}",
            f"/:/timeline?ratingKey={home.movie}&state=stopped&time=70000&duration={RUNTIME}",
        ):
            assert (await home.ask(path, user=guest)).status_code == 404
        assert not home.server.state(guest, home.movie).watched

    async def test_a_batch_has_what_may_be_seen_of_it(self, home, guest):
        path = f"/library/metadata/{home.movie},{home.episodes[0]}"
        assert [row["ratingKey"] for row in (await home.get(path, user=guest))["Metadata"]] == [home.episodes[0]]


async def test_each_account_has_states_of_its_own(home):
    await home.mark(home.movie, user=home.alice)
    await home.report(home.movie, 600_000, user=home.friend)
    shown = {user: await home.shown(home.movie, user=user) for user in (home.owner, home.alice, home.friend)}
    assert [sorted(each) for each in shown.values()] == [
        [],
        ["lastViewedAt", "viewCount"],
        ["lastViewedAt", "viewOffset"],
    ]


async def test_an_account_filters_by_its_own_states(home):
    await home.mark(home.movie, user=home.alice)
    path = f"/library/sections/{home.movies}/all"
    found = {user: await home.titles(path, "unwatched=0", user=user) for user in (home.owner, home.alice)}
    assert found == {home.owner: [], home.alice: ["Heat"]}
