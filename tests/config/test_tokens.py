from pathlib import Path

import pytest

from watchstate.api import ConfigError, Secret
from watchstate.config import ServerConfig, UserConfig, decode_server

SERVER = ServerConfig(type="jellyfin", url="http://h", user="1", token=Secret("own"))


def with_file(path: Path) -> ServerConfig:
    return ServerConfig(type="jellyfin", url="http://h", user="1", token_file=str(path))


def with_variable(name: str) -> ServerConfig:
    return ServerConfig(type="jellyfin", url="http://h", user="1", token_env=name)


def test_a_token_comes_from_the_configuration_a_file_or_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from file\n")
    assert SERVER.find_token("home") == Secret("own")
    assert with_file(file).find_token("home") == Secret("from file")
    assert with_variable("KEY").find_token("home", {"KEY": " from variable "}) == Secret("from variable")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        with_file(tmp_path / "token").find_token("home")
    assert str(caught.value) == (
        f"home: the token can't be read from {tmp_path}/token (token_file): No such file or directory; "
        "make the file readable, or use token or token_env instead"
    )


def test_an_empty_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    with pytest.raises(ConfigError, match=r"token \(token_file\) is empty; put the token there"):
        with_file(tmp_path / "token").find_token("home")


def test_a_missing_variable_says_what_to_do() -> None:
    with pytest.raises(ConfigError) as caught:
        with_variable("KEY").find_token("home", {})
    assert str(caught.value) == (
        "home: the environment variable KEY (token_env) is empty or not set; set it, or use token or token_file instead"
    )


def test_the_main_identity_and_the_others_have_accounts() -> None:
    users = {"alice": UserConfig(user="2", token=Secret("hers")), "bob": UserConfig(user="3")}
    server = ServerConfig(type="jellyfin", url="http://h", user="1", token=Secret("own"), users=users)
    assert server.accounts("home") == [
        ("main", "1", Secret("own")),
        ("alice", "2", Secret("hers")),
        ("bob", "3", Secret("own")),
    ]


def test_a_server_may_have_accounts_of_other_identities_only() -> None:
    users = {"alice": UserConfig(user="2")}
    server = ServerConfig(type="jellyfin", url="http://h", token=Secret("own"), users=users)
    assert server.accounts("home") == [("alice", "2", Secret("own"))]


def test_an_identitys_missing_token_names_the_identity() -> None:
    users = {"alice": UserConfig(user="2", token_env="HERS")}
    server = ServerConfig(type="jellyfin", url="http://h", user="1", token=Secret("own"), users=users)
    with pytest.raises(ConfigError, match=r"^home.users.alice: the environment variable HERS"):
        server.accounts("home", {})


@pytest.mark.parametrize("quoted", ['"hunter2"', "'hunter2'", '"hunter2"\n', '"hunter2', "\u201chunter2\u201d"])
def test_quotes_that_stayed_around_a_token_are_told_and_not_sent(tmp_path: Path, quoted: str) -> None:
    file = tmp_path / "token"
    file.write_text(quoted)
    for find in (
        lambda: with_file(file).find_token("home"),
        lambda: with_variable("KEY").find_token("home", {"KEY": quoted}),
        lambda: decode_server("home", {"type": "plex", "url": "http://h", "user": "1", "token": quoted}),
    ):
        with pytest.raises(ConfigError, match=r"^home.*in quotes; leave them out$") as caught:
            find()
        assert "hunter2" not in str(caught.value)
