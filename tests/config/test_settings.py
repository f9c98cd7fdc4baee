import logging
from datetime import UTC
from pathlib import Path

import pytest

from watchstate.api import ConfigError
from watchstate.config import Settings, load_settings, unknown_settings

HERE = {"WS_DATA_PATH": "/data"}


def test_without_any_setting_the_data_lies_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchstate.config.settings._CONTAINER_DATA", Path("/there/is/no/such/folder"))
    assert load_settings({"HOME": "/home/ann"}).data_path == Path("/home/ann/.local/share/watchstate")
    assert load_settings({"HOME": "/home/ann", "XDG_DATA_HOME": "/xdg"}).data_path == Path("/xdg/watchstate")
    relative = load_settings({"HOME": "/home/ann", "XDG_DATA_HOME": "xdg"})
    assert relative.data_path == Path("/home/ann/.local/share/watchstate")


def test_in_the_container_the_data_lies_in_the_config_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("watchstate.config.settings._CONTAINER_DATA", tmp_path)
    assert load_settings({}).data_path == tmp_path


def test_everything_lies_below_the_data_path_unless_told_otherwise() -> None:
    settings = load_settings(HERE)
    assert settings.servers_file == Path("/data/config/servers.yaml")
    assert settings.storage_url.reveal() == "sqlite:////data/db/watchstate.db"
    assert settings.tmp_path == Path("/data")
    assert load_settings(HERE | {"WS_TMP_DIR": "/scratch"}).tmp_path == Path("/scratch")


def test_the_defaults_are_those_of_the_documentation() -> None:
    settings = load_settings(HERE)
    assert settings.timezone is UTC
    assert settings.webhook_token_length == 16
    assert settings.stderr_level == logging.WARNING
    assert (settings.brake_items, settings.brake_percent, settings.brake_titles) == (20, 5, 3)


def test_an_empty_value_counts_as_not_set() -> None:
    assert load_settings(HERE | {"WS_BRAKE_ITEMS": "", "WS_STORAGE_URL": " "}) == load_settings(HERE)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("debug", logging.DEBUG), ("250", logging.INFO + 5), ("ALERT", logging.CRITICAL), ("600", logging.CRITICAL)],
)
def test_log_levels_are_the_seeds_names_and_numbers(level: str, expected: int) -> None:
    assert load_settings(HERE | {"WS_LOGGER_STDERR_LEVEL": level}).stderr_level == expected


def test_logging_to_stderr_can_be_switched_off() -> None:
    settings = load_settings(HERE | {"WS_LOGGER_STDERR_ENABLED": "false", "WS_LOGGER_STDERR_LEVEL": "DEBUG"})
    assert settings.stderr_level is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("WS_BRAKE_ITEMS", "many", "WS_BRAKE_ITEMS=many: expected a whole number, 0 or more"),
        ("WS_BRAKE_ITEMS", "-1", "WS_BRAKE_ITEMS=-1: expected a whole number, 0 or more"),
        ("WS_BRAKE_PERCENT", "101", "WS_BRAKE_PERCENT=101: expected a whole number, 0 to 100"),
        ("WS_WEBHOOK_TOKEN_LENGTH", "4", "WS_WEBHOOK_TOKEN_LENGTH=4: expected a whole number, 8 or more"),
        ("WS_TZ", "Mars/Base", "WS_TZ=Mars/Base: expected a time zone such as Europe/Berlin"),
        ("WS_TZ", "../../etc/passwd", "WS_TZ=../../etc/passwd: expected a time zone such as Europe/Berlin"),
        ("WS_LOGGER_STDERR_ENABLED", "maybe", "WS_LOGGER_STDERR_ENABLED=maybe: expected true or false"),
    ],
)
def test_a_wrong_value_names_the_variable_the_value_and_what_is_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(HERE | {name: value})
    assert str(caught.value) == expected


def test_a_wrong_level_lists_the_levels() -> None:
    with pytest.raises(ConfigError, match="WS_LOGGER_STDERR_LEVEL=LOUD: expected one of DEBUG, 100, INFO"):
        load_settings(HERE | {"WS_LOGGER_STDERR_LEVEL": "LOUD"})


@pytest.mark.parametrize("name", ["WS_STORAGE_URL", "WS_STORAGE_PDO_DSN"])
def test_a_wrong_database_address_is_not_repeated_in_the_error(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(HERE | {name: "oracle:user=ann;password=hunter2"})
    assert name in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_sqlalchemy_url_beats_the_seeds_data_source_name() -> None:
    both = {"WS_STORAGE_URL": "postgresql+psycopg://h/db", "WS_STORAGE_PDO_DSN": "sqlite:/old.db"}
    assert load_settings(HERE | both).storage_url.reveal() == "postgresql+psycopg://h/db"


def test_the_database_password_does_not_show_in_the_settings() -> None:
    settings: Settings = load_settings(HERE | {"WS_STORAGE_URL": "postgresql+psycopg://ann:hunter2@h/db"})
    assert "hunter2" not in repr(settings)


def test_an_unknown_setting_is_named_with_the_nearest_known_one() -> None:
    assert unknown_settings({"WS_DATA_PTH": "/x", "PATH": "/bin"}) == [
        "WS_DATA_PTH is no setting of watchstate and is ignored; did you mean WS_DATA_PATH?"
    ]


def test_every_setting_of_the_seed_is_known() -> None:
    page = Path(__file__).parents[2].parent / "shared" / "spec-seed-readme.md"
    if not page.exists():
        pytest.skip("the seed's README is not here (../shared)")
    names = {word.strip("`") for word in page.read_text().split() if word.startswith("`WS_")}
    assert len(names) > 25
    assert unknown_settings(dict.fromkeys(names, "1")) == []
