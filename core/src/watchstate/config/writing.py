"""Writing `servers.yaml`: whole or not at all, readable by its owner only, the version before kept as ``.bak``."""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from watchstate.api import ConfigError, Secret
from watchstate.config.reading import decode_server
from watchstate.config.servers import ServerConfig
from watchstate.config.yaml_text import write_yaml

_SECRET_OPTION: Final = re.compile(r"token|password|secret|api_?key", re.IGNORECASE)
_LOGIN_IN_URL: Final = re.compile(r"://[^/@\s]+@")


def save_servers(path: Path, servers: Mapping[str, ServerConfig]) -> None:
    """Replace the file by these servers. Comments in it are lost (they stay in the ``.bak``).

    Raises:
        ConfigError: it can't be written, or could not be read again; the old file is as it was.
    """
    for name, config in servers.items():
        decode_server(name, plain_settings(config))
    text = write_yaml({name: plain_settings(config) for name, config in servers.items()}) if servers else ""
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            _replace(target.with_name(f"{target.name}.bak"), target.read_bytes())
        _replace(target, text.encode())
    except OSError as error:
        raise ConfigError(f"{path}: can't be written: {error.strerror or error}; nothing was changed") from error


def plain_settings(config: ServerConfig) -> dict[str, Any]:
    """Return a server's settings as they stand in the file, tokens included."""
    return _settings(config, Secret.reveal)


def masked_settings(config: ServerConfig) -> dict[str, Any]:
    """Return a server's settings for display."""
    settings = _settings(config, repr)
    if "options" in settings:
        settings["options"] = _masked(settings["options"])
    return settings


def _settings(config: ServerConfig, show: Callable[[Secret], str]) -> dict[str, Any]:
    settings: dict[str, Any] = msgspec.to_builtins(config, enc_hook=show)
    return {
        key: value if key == "options" else _without_none(value)
        for key, value in settings.items()
        if value not in (None, {}, {"token": None})
    }


def _without_none(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: _without_none(inner) for key, inner in value.items() if inner is not None}


def _masked(options: dict[str, Any]) -> dict[str, Any]:
    masked: dict[str, Any] = {}
    for key, value in options.items():
        if isinstance(value, dict):
            masked[key] = _masked(value)
        elif _SECRET_OPTION.search(key):
            masked[key] = Secret.MASK
        else:
            masked[key] = _LOGIN_IN_URL.sub(f"://{Secret.MASK}@", value) if isinstance(value, str) else value
    return masked


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    # Some network file systems can't do this; the new file is in place all the same.
    with contextlib.suppress(OSError):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
