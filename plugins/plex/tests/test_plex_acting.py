"""Several people on a Plex server, of whom `servers.yaml` has the ids and no tokens: the engine finds the tokens."""

import pytest
from tests.engine.home import DAY, HOUR, Home, movie

from watchstate.storage import accounts, people
from watchstate.sync.acting import LASTS
from watchstate_plex.simulator.people import OWNER_ID as OWNER
from watchstate_plex.simulator.simulator import PLEX_TV

AT_PLEX_TV = ("/api/", "/users/")


@pytest.fixture
def home(tmp_path):
    """A Plex server whose owner is main, and one more server; plex.tv tells tokens only at a switch."""
    home = Home(tmp_path, plex="plex", jelly="jellyfin")
    home["plex"].simulator.serves_externals = False
    return home


def add_person(home, name, **how):
    """Add a person to both servers and to the configuration, without a token; return their ids there."""
    ids = home["plex"].simulator.add_user(name, **how), home["jelly"].simulator.add_user(name)
    for place, user_id in zip(("plex", "jelly"), ids, strict=True):
        configure(home, place, {**users_of(home, place), name: {"user": user_id}})
    return ids


def users_of(home, place):
    return {name: {"user": config.user} for name, config in home.configs[place].users.items()}


def configure(home, place, users, **settings):
    home.configs[place] = home[place].config(users=users, **settings)


async def sync(home):
    """Sync; return the reports by server and identity."""
    outcome = await home.run("sync")
    return {(one.server, one.identity): one for one in outcome.report.accounts}


async def asked_of_plex_tv(home, run=sync):
    """Sync, and return what plex.tv was asked meanwhile."""
    before = len(home["plex"].simulator.requests)
    await run(home)
    requests = home["plex"].simulator.requests[before:]
    return [f"{each.method} {each.path}" for each in requests if each.path.startswith(AT_PLEX_TV)]


async def kept(home):
    """Return what the database keeps of the people of the Plex server."""
    async with home.services() as services:
        return await services.storage.read(lambda conn: people.people(conn, "plex"))


async def paused(home):
    async with home.services() as services:
        rows = await services.storage.read(accounts.accounts)
    return {row.identity for row in rows if row.paused_reason is not None}


def add_to_both(home, title):
    return [place.add(title) for place in home.places.values()]


async def test_a_member_of_the_home_takes_part_without_any_token_typed(home):
    on_plex, on_jelly = add_person(home, "alice")
    first, second = add_to_both(home, movie(1))
    third, fourth = add_to_both(home, movie(2))
    home["plex"].watch(first, user=on_plex)
    home["jelly"].watch(fourth, user=on_jelly)
    done = await sync(home)
    assert [one.error for one in done.values()] == [""] * 4
    assert home["jelly"].is_watched(second, on_jelly)
    assert home["plex"].is_watched(third, on_plex)
    assert not home["plex"].is_watched(first, OWNER)
    assert not home["plex"].is_watched(third, OWNER)
    assert await home.is_silent()


async def test_a_friend_takes_part_without_any_token_typed(home):
    home["plex"].simulator.serves_externals = True
    on_plex, on_jelly = add_person(home, "friend", kind="external")
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first, user=on_plex)
    await sync(home)
    assert home["jelly"].is_watched(second, on_jelly)


async def test_plex_tv_is_asked_once_and_the_answer_is_kept(home):
    add_person(home, "alice")
    add_to_both(home, movie(1))
    assert await asked_of_plex_tv(home) != []
    home.clock.pass_time(DAY)
    assert await asked_of_plex_tv(home) == []
    home.down.add(PLEX_TV)
    assert {one.error for one in (await sync(home)).values()} == {""}


async def test_for_the_owner_alone_plex_tv_is_never_asked(home):
    home["plex"].simulator.add_user("alice")
    add_to_both(home, movie(1))
    assert await asked_of_plex_tv(home) == []


async def test_a_token_of_their_own_comes_first_and_plex_tv_is_not_asked(home):
    alice, _ = add_person(home, "alice")
    token = home["plex"].simulator.token_for(alice)
    configure(home, "plex", {"alice": {"user": alice, "token": token}})
    assert await asked_of_plex_tv(home) == []


async def test_the_owner_as_a_further_person_acts_with_the_servers_token(home):
    configure(home, "plex", {"dad": {"user": OWNER}}, user=None)
    configure(home, "jelly", {"dad": {"user": home["jelly"].user}}, user=None)
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first)
    await sync(home)
    assert home["jelly"].is_watched(second)
    assert await asked_of_plex_tv(home) == []


async def test_an_expired_token_is_dropped_and_the_next_run_asks_for_another(home):
    alice, on_jelly = add_person(home, "alice")
    first, second = add_to_both(home, movie(1))
    await sync(home)
    home["plex"].watch(first, user=alice)
    home["plex"].simulator.renew_token(alice)
    done = await sync(home)
    assert "401" in done["plex", "alice"].error
    assert (done["plex", "main"].error, done["jelly", "alice"].error) == ("", "")
    assert ((await kept(home))[alice].user.token, await paused(home)) == (None, {"alice"})
    done = await sync(home)
    assert done["plex", "alice"].error == ""
    assert home["jelly"].is_watched(second, on_jelly)
    assert await paused(home) == set()


async def test_the_tokens_of_others_are_not_asked_for_again_with_an_expired_one(home):
    alice, _ = add_person(home, "alice")
    add_person(home, "bob")
    await sync(home)
    home["plex"].simulator.renew_token(alice)
    await sync(home)
    asked = await asked_of_plex_tv(home)
    assert len([each for each in asked if each.startswith("POST")]) == 1


async def test_a_token_that_a_write_is_refused_with_is_dropped_too(home):
    alice, on_jelly = add_person(home, "alice")
    _, second = add_to_both(home, movie(1))
    home["jelly"].watch(second, user=on_jelly)
    await home.run("import")
    home["plex"].simulator.renew_token(alice)
    outcome = await home.run("export", "plex")
    assert any("401" in one.error for one in outcome.report.accounts if one.identity == "alice")
    assert (await kept(home))[alice].user.token is None


async def test_who_needs_a_pin_is_told_so_and_the_others_go_on(home):
    child, _ = add_person(home, "child", pin="1234")
    alice, on_jelly = add_person(home, "alice")
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first, user=alice)
    home["plex"].watch(first)
    done = await sync(home)
    assert done["plex", "child"].error == (
        f"plex: acting as the user {child} (child): needs a PIN: sign in as this user, and give it its own token; "
        "put a token of their own into servers.yaml (plex.users.child.token_file)"
    )
    assert done["plex", "child"].read == 0
    assert (home["jelly"].is_watched(second), home["jelly"].is_watched(second, on_jelly)) == (True, True)
    assert await paused(home) == {"child"}


async def test_an_answer_without_a_token_stands_for_some_minutes_and_is_then_asked_for_again(home):
    child, _ = add_person(home, "child", pin="1234")
    asked_at = home.clock()
    await sync(home)
    home.clock.now = asked_at + LASTS - 1
    assert await asked_of_plex_tv(home) == []
    home["plex"].simulator.people.accounts[child].pin = None
    assert (await sync(home))["plex", "child"].error == ""


async def test_an_answer_from_a_clock_that_was_set_back_is_asked_for_again(home):
    add_person(home, "child", pin="1234")
    await sync(home)
    home.clock.pass_time(-DAY)
    assert await asked_of_plex_tv(home) != []


async def test_out_of_patience_each_run_goes_on_where_the_one_before_was_stopped(home):
    for number in range(4):
        add_person(home, f"member{number}")
    home["plex"].simulator.switch_pause_ms = HOUR
    for number in range(1, 5):
        done = await sync(home)
        without = [one for one in done.values() if one.error]
        assert len(without) == 4 - number
        assert all("plex.tv asks for patience" in one.error for one in without)
        home.clock.pass_time(HOUR)
    assert await asked_of_plex_tv(home) == []


async def test_without_plex_tv_who_has_no_token_waits_and_is_not_paused(home):
    alice, on_jelly = add_person(home, "alice")
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first, user=alice)
    home.down.add(PLEX_TV)
    done = await sync(home)
    assert "the connection broke" in done["plex", "alice"].error
    assert done["plex", "main"].error == ""
    assert await paused(home) == set()
    home.down.discard(PLEX_TV)
    await sync(home)
    assert home["jelly"].is_watched(second, on_jelly)


async def test_an_id_that_nobody_has_is_told(home):
    configure(home, "plex", {"alice": {"user": "404"}})
    done = await sync(home)
    assert done["plex", "alice"].error.startswith(
        "plex: acting as the user 404: the server doesn't list such a user; "
        "correct the id (watchstate servers users plex shows them), or put a token of their own"
    )
    assert done["plex", "main"].error == ""


async def test_with_a_shared_users_token_the_user_takes_part_and_others_are_told_what_to_do(home):
    plex = home["plex"].simulator
    friend, alice = plex.add_user("friend", kind="external"), plex.add_user("alice")
    configure(home, "plex", {"alice": {"user": alice}}, user=friend, token=plex.token_for(friend))
    first, second = add_to_both(home, movie(1))
    home["plex"].watch(first, user=friend)
    done = await sync(home)
    assert home["jelly"].is_watched(second)
    assert done["plex", "main"].error == ""
    assert "the server's token is not theirs, and can't look for one: plex.tv refuses" in done["plex", "alice"].error
    assert "plex.users.alice.token_file" in done["plex", "alice"].error


async def test_main_may_be_another_member_than_the_owner_and_never_sees_the_owners_states(home):
    alice = home["plex"].simulator.add_user("alice")
    configure(home, "plex", {}, user=alice)
    first, second = add_to_both(home, movie(1))
    third, fourth = add_to_both(home, movie(2))
    home["plex"].watch(first, user=OWNER)
    home["plex"].watch(third, user=alice)
    assert "whose user id is 1" in (await sync(home))["plex", "main"].error
    assert (await sync(home))["plex", "main"].error == ""
    assert (home["jelly"].is_watched(second), home["jelly"].is_watched(fourth)) == (False, True)


async def test_main_with_a_token_of_their_own_in_the_place_of_the_owners_needs_no_list(home):
    child = home["plex"].simulator.add_user("child", pin="1234")
    configure(home, "plex", {}, user=child)
    for _ in range(2):
        error = (await sync(home))["plex", "main"].error
    assert "needs a PIN" in error
    assert "(plex.token_file)" in error
    configure(home, "plex", {}, user=child, token=home["plex"].simulator.token_for(child))
    assert (await sync(home))["plex", "main"].error == ""


async def test_a_new_machine_is_not_shown_the_tokens_of_the_one_before(home):
    add_person(home, "alice")
    await sync(home)
    home["plex"].simulator.change_machine()
    before = len(home["plex"].simulator.requests)
    done = await sync(home)
    assert "--accept-new-machine" in done["plex", "alice"].error
    assert [each.path for each in home["plex"].simulator.requests[before:]] == ["/identity"]


async def test_no_token_shows_in_a_report_or_in_what_is_told(home):
    alice, _ = add_person(home, "alice")
    add_person(home, "child", pin="1234")
    tokens = [home["plex"].simulator.token_for(alice)]
    told = [str(await sync(home))]
    home["plex"].simulator.renew_token(alice)
    told += [str(await sync(home)), str(await sync(home)), str(await kept(home)), *home.lines.told]
    tokens.append(home["plex"].simulator.token_for(alice))
    assert not [token for token in tokens if token in "".join(told)]
