"""Reading `servers.yaml`: every mistake in it is one line that names file, line and path."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from watchstate.api import CommonOptions, ConfigError, Secret
from watchstate.config.nearest import did_you_mean
from watchstate.config.servers import MAIN, ServerConfig, UserConfig, is_quoted, token_kinds
from watchstate.config.yaml_text import Document, KeyPath, read_yaml

StructT = TypeVar("StructT", bound=Struct)
OptionsT = TypeVar("OptionsT", bound=CommonOptions)

_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_BROWSERS_PAGE: Final = re.compile(r"/web/index\.html|/web/?#")
_LEFTOVERS: Final[tuple[KeyPath, ...]] = (
    ("import", "lastSync"),
    ("export", "lastSync"),
    ("webhook", "import"),
    ("webhook", "push"),
    ("webhook", "match"),
    ("options", "importUnwatched"),
    ("options", "exportIgnoreDate"),
    ("options", "client"),
)
"""Keys of the 2022 program that mean nothing here: accepted, so that its file loads, and gone at the next save."""

_WORDS: Final[Mapping[str, str]] = {
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "object": "a mapping",
    "array": "a list",
    "null": "nothing",
}


def load_servers(path: Path) -> dict[str, ServerConfig]:
    """Read the servers, in the file's order; a file that is missing or empty has none.

    Raises:
        ConfigError: the file can't be read, or something in it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text") from error
    document = read_yaml(text, str(path))
    where = _Where(str(path), document)
    if document.value is None:
        return {}
    if not isinstance(document.value, dict):
        where.fail((), "expected the names of servers at the top, each followed by its settings")
    return {name: _server(name, raw, where) for name, raw in document.value.items()}


def decode_server(name: str, raw: Mapping[str, object]) -> ServerConfig:
    """Check one server's settings that come from the command line instead of the file.

    Raises:
        ConfigError: something is wrong with them.
    """
    return _server(name, dict(raw), _Where("", Document(None, {})))


def decode_options(name: str, config: ServerConfig, options_type: type[OptionsT], path: Path) -> OptionsT:
    """Check what stands under ``options:`` of the server `name`, in the file `path`, against a backend's own type.

    Raises:
        ConfigError: an option is unknown or of the wrong type.
    """
    return _decode(config.options, options_type, (name, "options"), _Where(str(path), Document(None, {})))


class _Where:
    """What an error calls the place of a mistake."""

    def __init__(self, source: str, document: Document) -> None:
        self._source = source
        self._document = document

    def fail(self, path: KeyPath, text: str) -> NoReturn:
        line = self._document.line(path)
        source = self._source + (f", line {line}" if line is not None else "")
        raise ConfigError(": ".join(part for part in (source, ".".join(path), text) if part))


def _server(name: str, raw: object, where: _Where) -> ServerConfig:
    if not _NAME.fullmatch(name):
        where.fail((), f"{name!r} can't be the name of a server: use letters, digits, - and _")
    if not isinstance(raw, dict):
        where.fail((name,), "expected the server's settings, indented below its name")
    settings = _without_leftovers(raw)
    users = settings.get("users")
    for identity, user in users.items() if isinstance(users, dict) else ():
        _decode(user, UserConfig, (name, "users", identity), where)  # alone, so that an error can name the identity
    config = _decode(settings, ServerConfig, (name,), where)
    config = msgspec.structs.replace(config, url=_url(config.url, (name, "url"), where))
    if config.user is None and not config.users:
        where.fail((name,), "user is missing: whose play states are to be synced?")
    if not token_kinds(config):
        where.fail((name,), "there is no token; set token, token_file or token_env")
    _check_token(config, (name,), where)
    _check_people(config, name, where)
    for identity, user in config.users.items():
        if not _NAME.fullmatch(identity):
            where.fail((name, "users"), f"{identity!r} can't be an identity: use letters, digits, - and _")
        _check_token(user, (name, "users", identity), where)
    return config


def _check_people(config: ServerConfig, name: str, where: _Where) -> None:
    seen = {} if config.user is None else {config.user: MAIN}
    for identity, user in config.users.items():
        if identity == MAIN and config.user is not None:
            where.fail((name, "users", MAIN), f"{MAIN} is the identity of the server's own user; choose another name")
        if user.user in seen:
            where.fail((name, "users", identity), f"is the same user as {seen[user.user]}: one person, one identity")
        seen[user.user] = identity


def _without_leftovers(raw: dict[str, Any]) -> dict[str, Any]:
    # The 2022 program writes an empty mapping as an empty list.
    kept = {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in raw.items()
        if not (key in {"import", "export", "webhook", "options", "users"} and value in (None, []))
    }
    kept.pop("persist", None)
    for section, key in _LEFTOVERS:
        if isinstance(kept.get(section), dict):
            kept[section].pop(key, None)
    options = kept.get("options")
    if isinstance(options, dict) and isinstance(options.get("ignore"), str):
        options["ignore"] = [part.strip() for part in options["ignore"].split(",") if part.strip()]
    return kept


def _decode(raw: Mapping[str, Any], type_: type[StructT], path: KeyPath, where: _Where) -> StructT:
    _check_keys(raw, type_, path, where)
    try:
        # Not strict: the file's numbers are still text.
        return msgspec.convert(raw, type_, strict=False, dec_hook=_secret)
    except msgspec.ValidationError as error:
        text, _, inner = str(error).partition(" - at `$")
        keys = re.findall(r"[^.\[\]`]+", inner.replace("[...]", ""))
        missing = re.search(r"missing required field `(\w+)`", text)
        where.fail((*path, *keys), f"{missing[1]} is missing" if missing else _plain_words(text))


def _check_keys(raw: object, type_: type[Struct], path: KeyPath, where: _Where) -> None:
    if not isinstance(raw, Mapping):
        return
    known = {info.encode_name: info.type for info in msgspec.structs.fields(type_)}
    for key, value in raw.items():
        here = (*path, key)
        if key not in known:
            where.fail(here, f"there is no such key{did_you_mean(key, known)}")
        inner = known[key]
        if isinstance(inner, type) and issubclass(inner, Struct):
            _check_keys(value, inner, here, where)


def _secret(type_: type, value: object) -> object:
    if type_ is not Secret:
        raise NotImplementedError
    if not isinstance(value, str):
        raise TypeError("expected text; put it in quotes")
    if not value.strip():
        raise ValueError("is empty")
    if is_quoted(value.strip()):
        raise ValueError("is in quotes; leave them out")
    return Secret(value.strip())


def _plain_words(text: str) -> str:
    text = text.replace("`", "").replace("Expected", "expected").replace("Object", "a mapping").replace(" | ", " or ")
    for theirs, ours in _WORDS.items():
        text = re.sub(rf"\b{theirs}\b", ours, text)
    return text + ("; put it in quotes" if re.match("expected text.*, got (true|nothing)", text) else "")


def _check_token(config: ServerConfig | UserConfig, path: KeyPath, where: _Where) -> None:
    kinds = token_kinds(config)
    if len(kinds) > 1:
        where.fail(path, f"{' and '.join(kinds)} are both set; keep one of them")
    if config.token_file is not None and not Path(config.token_file).is_absolute():
        where.fail((*path, "token_file"), "expected an absolute path")


def _url(url: str, path: KeyPath, where: _Where) -> str:
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    # From here on no message shows the URL: it may hold a password or a token.
    if not is_sound or re.search(r"\s", url):
        where.fail(path, "expected an address such as http://192.0.2.10:8096")
    if "@" in parts.netloc:
        where.fail(path, "user and password don't belong into the address; set a token instead")
    if _BROWSERS_PAGE.search(url):
        where.fail(path, "leave out /web and what follows it: that is the page for browsers")
    if "?" in url or "#" in url:
        where.fail(path, "expected an address without ? and #; a token goes into token")
    return url.rstrip("/")
