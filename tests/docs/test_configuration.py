from pathlib import Path

import pytest
import yaml
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields
from tests.docs.backends import PLUGINS
from tests.docs.pages import DOCS, Block, blocks, codes, rows, section

from watchstate.api import CommonOptions
from watchstate.config import ServerConfig, UserConfig, decode_options, load_servers, load_settings, settings

pytestmark = pytest.mark.docs

PAGE = DOCS / "reference" / "configuration.md"
TABLES = {
    "A server": ServerConfig,
    "A further person, under `users`": UserConfig,
    "Options": CommonOptions,
}
OWN_WORDS = {"filled in", "the server's", "none", ""}
"""Defaults in words, for what is None or empty."""


class Recording(dict[str, str]):
    """An environment without anything, that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:
        self.asked.add(name)
        return default


def documented(heading: str) -> dict[str, str]:
    """Return key and default of each row of the table under a heading."""
    return {codes(row[0])[0]: row[1] for row in rows(section(PAGE, heading))}


def default_of(field: FieldInfo) -> object:
    """Return a field's default as YAML would have it."""
    value = field.default if field.default is not NODEFAULT else field.default_factory()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("heading", "struct"), TABLES.items())
def test_a_table_has_exactly_the_keys(heading: str, struct: type):
    assert list(documented(heading)) == [field.encode_name for field in fields(struct)]


@pytest.mark.parametrize(("heading", "struct"), TABLES.items())
def test_a_table_tells_the_defaults(heading: str, struct: type):
    for field in fields(struct):
        told = documented(heading)[field.encode_name]
        if field.required:
            assert told == "required"
        elif told in OWN_WORDS:
            assert not default_of(field) or default_of(field).token is None
        else:
            value = default_of(field)
            plain = {"enabled": value.enabled} if hasattr(value, "enabled") else value
            assert yaml.safe_load(codes(told)[0]) == plain


def test_the_settings_are_exactly_those_that_are_read_and_those_that_are_only_accepted():
    environ = Recording()
    load_settings(environ)
    read = {name for name in environ.asked if name.startswith("WS_")}
    found = rows(section(PAGE, "Settings"))
    told = {name for row in found if len(row) == 3 for name in codes(row[0])}
    accepted = {name for row in found if len(row) == 2 for name in codes(row[0])}
    assert told == read
    assert accepted == settings._KNOWN - read


def test_the_defaults_of_settings_that_are_numbers():
    told = documented("Settings")
    loaded = load_settings({"WS_DATA_PATH": "/data"})
    numbers = {
        "WS_BRAKE_ITEMS": loaded.brake_items,
        "WS_BRAKE_PERCENT": loaded.brake_percent,
        "WS_BRAKE_TITLES": loaded.brake_titles,
        "WS_WEBHOOK_TOKEN_LENGTH": loaded.webhook_token_length,
    }
    assert {name: int(codes(told[name])[0]) for name in numbers} == numbers


def test_the_database_is_where_the_page_says():
    loaded = load_settings({"WS_DATA_PATH": "/data"})
    (told,) = codes(documented("Settings")["WS_STORAGE_URL"])
    assert loaded.storage_url.reveal() == f"sqlite:////data/{told}"


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_a_yaml_block_is_a_servers_yaml(block: Block, tmp_path: Path):
    file = tmp_path / "servers.yaml"
    file.write_text(block.text)
    for name, server in load_servers(file).items():
        decode_options(name, server, PLUGINS[server.type].Options, file)
