import stat
from pathlib import Path

import pytest

from watchstate.api import ConfigError, Secret
from watchstate.config import ServerConfig, UserConfig, load_servers, masked_settings, save_servers

HOME = ServerConfig(
    type="jellyfin",
    url="http://h:8096",
    token=Secret("s3cret"),
    uuid="0123",
    user="0042",
    options={"timeout": "45", "proxy": "http://ann:hunter2@proxy:3128", "own_password": "hunter3"},
    users={"alice": UserConfig(user="no", token_file="/run/secrets/alice")},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "servers.yaml"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_saved_is_what_is_read(path: Path) -> None:
    servers = {"home": HOME, "on": ServerConfig(type="emby", url="http://e", token_env="EMBY", user="1")}
    save_servers(path, servers)
    assert load_servers(path) == servers


def test_the_last_server_can_go(path: Path) -> None:
    save_servers(path, {"home": HOME})
    save_servers(path, {})
    assert load_servers(path) == {}


def test_only_the_owner_can_read_the_file_and_its_backup(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{}")
    path.chmod(0o644)
    save_servers(path, {"home": HOME})
    assert mode(path) == 0o600
    assert mode(path.with_name("servers.yaml.bak")) == 0o600


def test_the_file_as_it_was_is_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("# my notes\n{}\n")
    save_servers(path, {"home": HOME})
    assert path.with_name("servers.yaml.bak").read_text() == "# my notes\n{}\n"


def test_a_link_is_followed_rather_than_replaced(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    real = tmp_path / "elsewhere.yaml"
    path.symlink_to(real)
    save_servers(path, {"home": HOME})
    assert path.is_symlink()
    assert load_servers(real) == {"home": HOME}


def test_a_save_that_fails_leaves_the_old_file_and_no_litter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_servers(path, {"home": HOME})

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("watchstate.config.writing.os.fsync", full_disk)
    with pytest.raises(ConfigError, match="can't be written: No space left on device; nothing was changed"):
        save_servers(path, {})
    assert load_servers(path) == {"home": HOME}
    assert [file.name for file in path.parent.iterdir()] == ["servers.yaml"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="can't be written"):
        save_servers(tmp_path / "file" / "servers.yaml", {})


def test_settings_for_display_hold_no_secret() -> None:
    shown = str(masked_settings(HOME))
    assert not any(secret in shown for secret in ("s3cret", "hunter2", "hunter3"))
    assert masked_settings(HOME)["options"]["proxy"] == "http://***@proxy:3128"
    assert masked_settings(HOME)["users"]["alice"]["token_file"] == "/run/secrets/alice"
