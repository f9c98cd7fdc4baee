"""What an explanation asks of the servers."""

from tests.engine.home import Home, movie

from watchstate.sync.explain import ask, explain
from watchstate.sync.finding import find


async def asked(home):
    async with home.services() as services:
        members = services.household().members
        (item,) = (await find(services.engine, "Film 1")).items
        explanation = await ask(services.engine, members, await explain(services.engine, members, item))
    return {(view.server, view.identity): view.now for view in explanation.entries}


async def test_a_server_says_once_who_it_is_for_all_its_people(tmp_path):
    home = Home(tmp_path, "jelly", "other")
    bob = home["jelly"].simulator.add_user("bob")
    home.configs["jelly"] = home["jelly"].config(users={"bob": {"user": bob}})
    film = home["jelly"].add(movie(1))
    home["other"].add(movie(1))
    await home.sync()
    home["jelly"].watch(film, user=bob)
    home["jelly"].simulator.requests.clear()
    shown = await asked(home)
    assert {who: now.state.watched for who, now in shown.items()} == {
        ("jelly", "main"): False,
        ("jelly", "bob"): True,
        ("other", "main"): False,
    }
    assert [request.path for request in home["jelly"].simulator.requests].count("/System/Info/Public") == 1


async def test_one_person_without_access_leaves_the_others_their_answer(tmp_path):
    home = Home(tmp_path, "jelly")
    bob = home["jelly"].simulator.add_user("bob")
    home.configs["jelly"] = home["jelly"].config(users={"bob": {"user": bob}})
    home["jelly"].add(movie(1))
    await home.sync()
    home.configs["jelly"] = home["jelly"].config(users={"bob": {"user": bob, "token": "refused"}})
    shown = await asked(home)
    assert shown["jelly", "main"].error == ""
    assert "jelly" in shown["jelly", "bob"].error
