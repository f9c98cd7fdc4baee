"""What a person sees when a server of any kind misbehaves or is configured wrongly, and that no token is ever shown."""

import pytest
from tests.e2e.conftest import Shell
from tests.engine.home import DAY, START, Home, movie

from watchstate.app import open_services
from watchstate.testing import Fault, FaultKind

KINDS = {"p": "plex", "e": "emby", "j": "jellyfin"}
USERS = {"p": "1", "e": "alex", "j": "alex"}


class Household(Shell):
    """A person at the command line, with a server of each kind. Whatever they type, no token comes back."""

    def __call__(self, *words):
        super().__call__(*words)
        assert not [token for token in self.tokens() if token in self.out + self.err]
        assert "Traceback" not in self.err
        return self

    def tokens(self):
        simulators = [place.simulator for place in self.home.places.values()]
        return [simulator.admin_token for simulator in simulators]

    def add(self, name, **other):
        place = self.home[name]
        token = self.home.folder / f"{name}.token"
        token.write_text(f"{place.simulator.admin_token}\n")
        flags = {"type": KINDS[name], "url": place.url, "token-file": str(token), "user": USERS[name]} | other
        return self("servers", "add", name, *(word for key, value in flags.items() for word in (f"--{key}", value)))


@pytest.fixture
def house(tmp_path, monkeypatch, capsys):
    """Nothing is configured yet; a film is on each server, and watched on none."""
    home = Home(tmp_path, **KINDS)
    home.entries = {name: place.add(movie(1)) for name, place in home.places.items()}
    for name in ("WS_STORAGE_URL", "WS_TZ"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WS_DATA_PATH", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    mounts = {place.url: place.simulator.app for place in home.places.values()} | home["p"].simulator.elsewhere
    monkeypatch.setitem(open_services.__wrapped__.__kwdefaults__, "clock", home.clock)
    monkeypatch.setitem(open_services.__wrapped__.__kwdefaults__, "mounts", mounts)
    return Household(home, {}, capsys)


@pytest.fixture
def synced(house):
    """All three are configured, and agree."""
    for name in KINDS:
        assert house.add(name).code == 0, house.err
    assert house("state", "sync").code == 0, house.err
    return house


@pytest.mark.parametrize("name", KINDS)
def test_a_server_that_was_swapped_is_refused_with_the_command_that_accepts_it(synced, name):
    home = synced.home
    home[name].simulator.change_machine()
    synced("state", "sync", "-vvv")
    assert synced.code == 3
    assert f"servers manage {name} --accept-new-machine" in synced.err
    assert synced("servers", "manage", name, "--accept-new-machine").code == 0, synced.err
    assert synced("state", "sync").code == 0, synced.err


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind=FaultKind.PAGE, times=99), "web page"),
        (Fault(kind=FaultKind.STATUS, status=503, times=99), "starting"),
        (Fault(kind=FaultKind.STATUS, status=401, times=99), "asks for a login before it says who it is"),
        (Fault(kind=FaultKind.DROP_BEFORE, times=99), "connection broke"),
        (Fault(kind=FaultKind.TRUNCATE, times=99), "JSON"),
    ],
)
def test_a_fault_is_one_line_and_exit_code_3(synced, name, fault, expected):
    synced.home[name].simulator.faults.plan(fault)
    synced("state", "sync", "-vvv")
    assert synced.code == 3
    told = [line for line in synced.err.splitlines() if line.startswith(f"watchstate: {name}: ")]
    assert len(told) == 1
    assert expected in told[0]
    synced("servers", "test")
    assert synced.code == 3
    synced("doctor")
    assert synced.code == 1


def test_no_token_is_in_any_file_but_its_own_and_in_no_line_of_the_log(synced, monkeypatch):
    monkeypatch.setenv("WS_LOGGER_STDERR_LEVEL", "DEBUG")
    for name in KINDS:
        synced.home[name].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=401, times=1))
    synced("state", "sync", "-vvv")
    files = [file for file in synced.home.folder.rglob("*") if file.is_file() and file.suffix != ".token"]
    assert len(files) >= 2
    for token in synced.tokens():
        assert not [file for file in files if token.encode() in file.read_bytes()]


@pytest.mark.parametrize(("name", "other"), [(name, other) for name in KINDS for other in KINDS if name != other])
def test_a_wrong_type_is_not_added(house, name, other):
    house.add(name, type=KINDS[other])
    assert house.code == 1
    assert len(house.err.splitlines()) == 1
    assert f"set type: {KINDS[name]}" in house.err
    assert not (house.home.folder / "config" / "servers.yaml").exists()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("behind", "code", "expected"),
    [
        ("/web/index.html#!/home.html", 2, "leave out /web"),
        ("/web/#/home", 2, "leave out /web"),
        ("/?X-Plex-Token=secret", 2, "a token goes into token"),
        ("/web", 1, "check the type and the url"),
    ],
)
def test_an_address_from_the_browser_is_told(house, name, behind, code, expected):
    house.add(name, url=house.home[name].url + behind)
    assert house.code == code
    assert len(house.err.splitlines()) == 1
    assert expected in house.err
    assert "secret" not in house.err


@pytest.mark.parametrize("name", KINDS)
def test_quotes_around_a_token_are_told(house, name):
    token = house.home.folder / "quoted.token"
    token.write_text(f'"{house.home[name].simulator.admin_token}"\n')
    house.add(name, **{"token-file": str(token)})
    assert house.code == 1
    assert "in quotes; leave them out" in house.err
    assert not house.home[name].simulator.requests


@pytest.mark.parametrize("url", ["https://plex.tv", "https://app.plex.tv"])
def test_plex_tv_is_not_added(house, url):
    assert house.add("p", url=url).code == 1
    assert "not your server" in house.err


@pytest.mark.parametrize("name", KINDS)
def test_a_user_that_no_server_has_is_not_added(house, name):
    assert house.add(name, user="nobody-of-that-name").code == 2
    assert "there is no user nobody-of-that-name" in house.err


@pytest.mark.parametrize("name", ["e", "j"])
def test_a_disabled_user_is_not_added(house, name):
    house.home[name].simulator.disable_user(house.home[name].user)
    assert house.add(name).code == 2
    assert "is disabled there" in house.err


def test_a_date_that_no_calendar_has_is_explained_all_the_same(synced):
    home = synced.home
    home.clock.pass_time(DAY)
    home["p"].watch(home.entries["p"], at=START * 10_000)
    synced("state", "sync")
    assert synced.code == 0, synced.err
    assert home["j"].is_watched(home.entries["j"])
    for output in ("table", "json"):
        assert synced("state", "explain", "Film 1", "--output", output).code == 0, synced.err
        assert "watched" in synced.out
