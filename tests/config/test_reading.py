from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta

from watchstate.api import CommonOptions, ConfigError, Secret
from watchstate.config import ServerConfig, decode_options, load_servers

HOME = """\
home:
  type: jellyfin
  url: http://192.0.2.10:8096
  token: abc
  user: "1"
"""


def read(tmp_path: Path, text: str) -> dict[str, ServerConfig]:
    path = tmp_path / "servers.yaml"
    path.write_text(text, encoding="utf-8")
    return load_servers(path)


def error(tmp_path: Path, text: str) -> str:
    """Return the error without the folder, which is another one in every test."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{tmp_path}/")


def test_a_file_that_is_missing_or_empty_has_no_servers(tmp_path: Path) -> None:
    assert load_servers(tmp_path / "servers.yaml") == {}
    assert read(tmp_path, "") == {}
    assert read(tmp_path, "# nothing yet\n") == {}


def test_a_server_is_read_with_the_defaults_of_what_it_leaves_out(tmp_path: Path) -> None:
    home = read(tmp_path, HOME)["home"]
    assert (home.type, home.url, home.user, home.uuid) == ("jellyfin", "http://192.0.2.10:8096", "1", None)
    assert home.token == Secret("abc")
    assert home.import_.enabled
    assert home.export.enabled
    assert home.webhook.token is None
    assert home.users == {}


def test_servers_keep_the_order_of_the_file(tmp_path: Path) -> None:
    text = HOME.replace("home", "zoo") + HOME.replace("home", "attic")
    assert list(read(tmp_path, text)) == ["zoo", "attic"]


@pytest.mark.parametrize(("written", "meant"), [("1", "1"), ("'1'", "1"), ("0123", "0123"), ("12:30:45", "12:30:45")])
def test_a_user_id_is_the_text_that_was_written(tmp_path: Path, written: str, meant: str) -> None:
    assert read(tmp_path, HOME.replace('"1"', written))["home"].user == meant


@pytest.mark.parametrize("name", ["on", "12", "home_2", "Living-Room"])
def test_a_server_may_be_called_what_yaml_would_take_for_something_else(tmp_path: Path, name: str) -> None:
    assert list(read(tmp_path, HOME.replace("home", name))) == [name]


def test_a_base_path_is_kept_and_a_slash_at_the_end_is_not(tmp_path: Path) -> None:
    home = read(tmp_path, HOME.replace("8096", "8096/jellyfin/"))["home"]
    assert home.url == "http://192.0.2.10:8096/jellyfin"


def test_a_token_is_taken_without_the_white_space_around_it(tmp_path: Path) -> None:
    assert read(tmp_path, HOME.replace("abc", "' abc '"))["home"].token == Secret("abc")


def test_the_file_of_the_2022_program_loads(tmp_path: Path) -> None:
    old = HOME + (
        "  uuid: ~\n"
        "  export: {enabled: true, lastSync: 2022-05-01T10:00:00+00:00}\n"
        "  import: {enabled: false, lastSync: null}\n"
        "  webhook: {token: hook, import: true, push: false, match: {user: true, uuid: false}}\n"
        "  options: {ignore: '3, 5', importUnwatched: false, exportIgnoreDate: true, client: {timeout: 60}}\n"
    )
    home = read(tmp_path, old)["home"]
    assert not home.import_.enabled
    assert home.webhook.token == Secret("hook")
    assert home.options == {"ignore": ["3", "5"]}


@pytest.mark.parametrize("nothing", ["[]", "{}", "null"])
def test_an_empty_mapping_may_be_written_as_the_2022_program_did(tmp_path: Path, nothing: str) -> None:
    assert read(tmp_path, HOME + f"  options: {nothing}\n  webhook: {nothing}\n")["home"].options == {}


@pytest.mark.parametrize(
    ("wrong", "right", "expected"),
    [
        ("urll:", "url:", "line 3: home.urll: there is no such key; did you mean url?"),
        ("user: [1]", 'user: "1"', "line 5: home.user: expected text or nothing, got a list"),
        ("user: no", 'user: "1"', "line 5: home.user: expected text or nothing, got true or false; put it in quotes"),
        ("token: true", "token: abc", "line 4: home.token: expected text; put it in quotes"),
        ("token: ''", "token: abc", "line 4: home.token: is empty"),
        ("", "token: abc", "line 1: home: there is no token; set token, token_file or token_env"),
        ("", 'user: "1"', "line 1: home: user is missing: whose play states are to be synced?"),
        ("", "type: jellyfin", "line 1: home: type is missing"),
        ("token_file: key", "token: abc", "line 4: home.token_file: expected an absolute path"),
    ],
)
def test_a_mistake_names_file_line_path_and_cure(tmp_path: Path, wrong: str, right: str, expected: str) -> None:
    assert error(tmp_path, HOME.replace(right, wrong)) == f"servers.yaml, {expected}"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("import: {enabeld: true}", "line 6: home.import.enabeld: there is no such key; did you mean enabled?"),
        ("import: {enabled: maybe}", "line 6: home.import.enabled: expected true or false, got text"),
        ("import: on", "line 6: home.import: expected a mapping, got true or false"),
        ("users: {alice: {usr: x}}", "line 6: home.users.alice.usr: there is no such key; did you mean user?"),
        ("users: {alice: {}}", "line 6: home.users.alice: user is missing"),
        ("users: {alice: 3}", "line 6: home.users.alice: expected a mapping, got text"),
        (
            "users: {a b: {user: x}}",
            "line 6: home.users: 'a b' can't be an identity: use letters, digits, - and _",
        ),
        ("token_env: X", "line 1: home: token and token_env are both set; keep one of them"),
        (
            "users: {alice: {user: x, token: y, token_file: /z}}",
            "line 6: home.users.alice: token and token_file are both set; keep one of them",
        ),
    ],
)
def test_a_mistake_further_down_names_its_dotted_path(tmp_path: Path, more: str, expected: str) -> None:
    assert error(tmp_path, f"{HOME}  {more}\n") == f"servers.yaml, {expected}"


@pytest.mark.parametrize(
    "url",
    ["192.0.2.10:8096", "ftp://h", "http://", "http://h:99999", "http://h:port", "http://a b", "http://[::1", "''"],
)
def test_an_address_must_be_http_or_https_with_a_host(tmp_path: Path, url: str) -> None:
    message = error(tmp_path, HOME.replace("http://192.0.2.10:8096", url))
    assert message == "servers.yaml, line 3: home.url: expected an address such as http://192.0.2.10:8096"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://ann:hunter2@h", "user and password don't belong into the address; set a token instead"),
        ("http://h/?X-Plex-Token=hunter2", "expected an address without ? and #; a token goes into token"),
        ("http://h/web/index.html", "leave out /web and what follows it: that is the page for browsers"),
        ("http://h/web/#/home?hunter2", "leave out /web and what follows it: that is the page for browsers"),
        (
            "http://h:8096/base/web/index.html#!/a?serverId=1",
            "leave out /web and what follows it: that is the page for browsers",
        ),
        ("https://app.plex.tv/desktop/#!/hunter2", "expected an address without ? and #; a token goes into token"),
        ("http://h/#hunter2", "expected an address without ? and #; a token goes into token"),
    ],
)
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(tmp_path: Path, url: str, reason: str) -> None:
    message = error(tmp_path, HOME.replace("http://192.0.2.10:8096", f"'{url}'"))
    assert message == f"servers.yaml, line 3: home.url: {reason}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("home: a: b", "servers.yaml, line 1, column 8: not YAML: mapping values are not allowed here"),
        ("home: [1", "servers.yaml, line 1, column 9: not YAML: expected ',' or ']', but got '<stream end>'"),
        (HOME + "  url: http://h\n", "servers.yaml, line 6: home.url stands there twice, first on line 3"),
        (HOME + HOME, "servers.yaml, line 6: home stands there twice, first on line 1"),
        ("- home", "servers.yaml: expected the names of servers at the top, each followed by its settings"),
        ("home", "servers.yaml: expected the names of servers at the top, each followed by its settings"),
        ("home: 3", "servers.yaml, line 1: home: expected the server's settings, indented below its name"),
        ("a b: {}", "servers.yaml: 'a b' can't be the name of a server: use letters, digits, - and _"),
        ("? [x]\n: y", "servers.yaml, line 1: a key must be plain text"),
        ("a: @b", "servers.yaml, line 1, column 4: not YAML: found character '@' that cannot start any token"),
        ("a: *nobody", "servers.yaml, line 1, column 4: not YAML: found undefined alias 'nobody'"),
        ("&a {x: *a}", "servers.yaml: not YAML that can be read: it is nested too deeply"),
        ("[" * 5000, "servers.yaml: not YAML that can be read: it is nested too deeply"),
    ],
)
def test_a_file_that_is_not_such_a_file_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    assert error(tmp_path, text) == expected


def test_a_tag_makes_no_object(tmp_path: Path) -> None:
    message = error(tmp_path, "a: !!python/name:os.system x")
    assert message.startswith("servers.yaml, line 1, column 4: not YAML: could not determine a constructor for the tag")


def test_a_second_document_in_the_file_is_one_line(tmp_path: Path) -> None:
    where = "servers.yaml, line 2, column 1: not YAML: "
    assert error(tmp_path, "a: {}\n---\nb: {}") == (
        where + "expected a single document in the stream, but found another document"
    )


def test_a_control_character_in_the_file_is_one_line(tmp_path: Path) -> None:
    assert error(tmp_path, "a: \x00").startswith("servers.yaml: not YAML: unacceptable character #x0000")


def test_a_file_that_is_not_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "servers.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"servers.yaml: is not UTF-8 text"):
        load_servers(path)


def test_a_folder_in_the_files_place_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read: Is a directory"):
        load_servers(tmp_path)


class OwnOptions(CommonOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    colour: Annotated[str, Meta(pattern="^(red|blue)$")] = "red"


def options(tmp_path: Path, text: str) -> OwnOptions:
    servers = read(tmp_path, f"{HOME}  options: {text}\n")
    return decode_options("home", servers["home"], OwnOptions, Path("servers.yaml"))


def test_options_become_what_the_backend_says_they_are(tmp_path: Path) -> None:
    read_options = options(tmp_path, "{ignore: [3, '5'], timeout: 45, full_scan: 0, verify_tls: no, colour: blue}")
    assert read_options == OwnOptions(ignore=("3", "5"), timeout=45.0, full_scan="0", verify_tls=False, colour="blue")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{timeuot: 3}", "home.options.timeuot: there is no such key; did you mean timeout?"),
        ("{timeout: soon}", "home.options.timeout: expected a number, got text"),
        ("{verify_tls: [1]}", "home.options.verify_tls: expected true or false or text, got a list"),
        ("{ignore: {a: b}}", "home.options.ignore: expected a list, got a mapping"),
        ("{colour: green}", "home.options.colour: expected text matching regex '^(red|blue)$'"),
    ],
)
def test_a_mistake_in_the_options_names_file_and_path(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        options(tmp_path, text)
    assert str(caught.value) == f"servers.yaml: {expected}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    main: {user: '2'}", "main is the identity of the server's own user"),
        ("    bea: {user: '1'}", "is the same user as main"),
        ("    bea: {user: '2'}\n    ada: {user: '2'}", "is the same user as bea"),
    ],
)
def test_one_person_is_one_identity(line: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "servers.yaml"
    head = "home:\n  type: jellyfin\n  url: http://192.0.2.10\n  token: x\n  user: '1'\n  users:\n"
    file.write_text(f"{head}{line}\n")
    with pytest.raises(ConfigError, match=expected):
        load_servers(file)
