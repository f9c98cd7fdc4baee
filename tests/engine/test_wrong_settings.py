"""Settings that don't fit the server behind them: one line says what to change, and nothing is lost meanwhile."""

import pytest
from tests.engine.home import Home, movie

KINDS = {"p": "plex", "e": "emby", "j": "jellyfin"}
PAIRS = [(name, other) for name in KINDS for other in KINDS if name != other]


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path, **KINDS)
    home.entries = {name: place.add(movie(1)) for name, place in home.places.items()}
    return home


async def run_with(home, name, **settings):
    """Run with other settings of one server; the others have to go on. Return what is told about that one."""
    home[name].watch(home.entries[name])
    home.configs[name] = home[name].config(**settings)
    outcome = await home.run("sync")
    told = {one.server: one for one in outcome.report.accounts}
    assert outcome.report.exit_code == 3
    assert all(told[other].is_complete and not told[other].error for other in KINDS if other != name)
    line = told[name].error
    assert line.startswith(f"{name}: ")
    assert len(line.splitlines()) == 1
    assert not any(place.simulator.admin_token in line for place in home.places.values())
    return line


async def mends(home, name):
    """Say whether what was watched there meanwhile is everywhere once the settings are right."""
    home.configs[name] = home[name].config()
    await home.sync()
    await home.sync()
    return all(place.is_watched(home.entries[other]) for other, place in home.places.items())


@pytest.mark.parametrize(("name", "other"), PAIRS)
async def test_a_wrong_type_is_told_with_the_right_one_and_no_token_is_sent(home, name, other):
    line = await run_with(home, name, type=KINDS[other])
    assert f"set type: {KINDS[name]}" in line
    assert {request.status for request in home[name].simulator.requests} <= {200, 401, 404}
    assert len(home[name].simulator.requests) <= 2
    assert await mends(home, name)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("behind", ["/web", "/emby/web", "/nowhere"])
async def test_an_address_with_something_behind_it_is_told_and_no_token_is_blamed(home, name, behind):
    line = await run_with(home, name, url=home[name].url + behind)
    assert "url" in line
    assert "token" not in line.partition(";")[2]
    assert await mends(home, name)


@pytest.mark.parametrize("name", KINDS)
async def test_an_address_may_end_with_a_slash(home, name):
    home.configs[name] = home[name].config(url=home[name].url + "/")
    assert (await home.sync())[name].error == ""


@pytest.mark.parametrize("url", ["https://plex.tv", "https://app.plex.tv/desktop", "http://APP.PLEX.TV:443"])
async def test_plex_tv_is_not_a_server_and_is_not_asked(home, url):
    line = await run_with(home, "p", url=url)
    assert "plex.tv" in line
    assert "32400" in line
    assert not home["p"].simulator.requests
    assert await mends(home, "p")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("user", ["999", "0123456789abcdef0123456789abcdef", "nobody", "../é x%2F"])
async def test_a_user_who_does_not_exist_is_told(home, name, user):
    line = await run_with(home, name, user=user)
    assert "user" in line
    assert not home[name].simulator.writes()
    assert await mends(home, name)


@pytest.mark.parametrize("name", KINDS)
async def test_a_token_with_characters_that_no_token_has_is_told(home, name):
    line = await run_with(home, name, token="tök\nen")
    assert "token" in line
    assert "tök" not in line
    assert await mends(home, name)
