"""The command line against simulated servers on real sockets."""

import json

import pytest
import stamina
from tests.engine.home import Home, movie

from watchstate.app import open_services
from watchstate.cli import run
from watchstate.testing.serving import serve


class Shell:
    """A person at the command line: what they type, and what they see."""

    def __init__(self, home, urls, capsys):
        self.home = home
        self.urls = urls
        self._capsys = capsys
        self.code = 0
        self.out = self.err = ""

    def __call__(self, *words):
        self._capsys.readouterr()
        self.code = run(list(words))
        self.out, self.err = self._capsys.readouterr()
        return self

    def json(self, *words):
        return json.loads(self(*words, "--output", "json").out)

    def writes(self):
        return self.home.writes()


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """Two configured servers with a film each, watched on the first."""
    home = Home(tmp_path, "one", "two")
    home.pair = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(home.pair[0])
    for name in ("WS_STORAGE_URL", "WS_TZ"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WS_DATA_PATH", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    # The simulators and the command line live at the same, set time.
    monkeypatch.setitem(open_services.__wrapped__.__kwdefaults__, "clock", home.clock)
    with serve(home["one"].simulator.app) as one, serve(home["two"].simulator.app) as two:
        shell = Shell(home, {"one": one, "two": two}, capsys)
        for name, url in shell.urls.items():
            token = tmp_path / f"{name}.token"
            token.write_text(home[name].simulator.admin_token)
            shell(
                "servers", "add", name, "--type", "jellyfin", "--url", url, "--token-file", str(token), "--user", "alex"
            )
            assert shell.code == 0, shell.err
        yield shell
