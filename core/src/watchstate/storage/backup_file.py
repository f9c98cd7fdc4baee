"""The backup file: a hub's states of one identity as gzipped JSON lines, readable without us.

The first line is a `Header`, each further one a `Line`. `docs/reference/backup.md` describes every field.
"""

import gzip
import os
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Annotated, Final

import msgspec
from msgspec import Meta, Struct

from watchstate.api import WatchStateError
from watchstate.api.models import Kind, Natural
from watchstate.states import HubState

VERSION: Final = 1
_FORMAT: Final = "watchstate backup"
_TOO_LARGE: Final = 2**63
"""For a database."""


class BackupError(WatchStateError):
    """A backup can't be written, or a file is no backup that we can read."""

    problem = "backup"


class Header(Struct, frozen=True, kw_only=True):
    """The first line."""

    format: str
    version: int
    identity: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
    made_at: Natural
    """Ms UTC."""
    items: Natural
    """How many lines follow."""


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One title and its state."""

    kind: Kind
    title: str = ""
    show_title: str = ""
    year: Natural | None = None
    season: Natural | None = None
    episode: Natural | None = None
    keys: tuple[str, ...] = ()
    """By which it is recognised, in normal form, ascending: ``movie:imdb:tt0133093``, ``show:tvdb:81189:1:2``."""
    state: HubState


_HEADER: Final = msgspec.json.Decoder(Header)
_LINE: Final = msgspec.json.Decoder(Line)
_encoder: Final = msgspec.json.Encoder()


def write_backup(file: Path, identity: str, made_at: int, count: int, lines: Iterable[Line]) -> None:
    """Write a backup beside its place, read it again, and only then put it there.

    Raises:
        BackupError: it can't be written, or what was written doesn't read the same.
    """
    header = Header(format=_FORMAT, version=VERSION, identity=identity, made_at=made_at, items=count)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
            draft_file = Path(draft.name)
            try:
                digest = _write(draft, header, lines)
                _verify(draft_file, digest)
                draft_file.replace(file)
            except BaseException:
                with suppress(OSError):
                    draft_file.unlink()
                raise
        _settle(file.parent)
    except OSError as error:
        raise BackupError(f"the backup {file} can't be written: {error.strerror or error}") from error


def read_header(file: Path) -> Header:
    """Return what a backup says of itself.

    Raises:
        BackupError: it is no backup, or one of a later version.
    """
    lines = _raw_lines(file)
    try:
        first = next(lines, b"")
    finally:
        lines.close()
    try:
        header = _HEADER.decode(first)
    except msgspec.DecodeError as error:
        raise BackupError(f"{file} is no backup of watchstate; its first line can't be read ({error})") from error
    if header.format != _FORMAT:
        raise BackupError(f"{file} is no backup of watchstate: it calls itself {header.format!r}")
    if header.version > VERSION:
        raise BackupError(
            f"{file} is of version {header.version}, and this watchstate reads up to {VERSION}; update watchstate"
        )
    return header


def read_lines(file: Path) -> Iterator[Line]:
    """Yield the lines of a backup.

    Raises:
        BackupError: it is damaged or cut off; names the line.
    """
    expected = read_header(file).items
    number = 0
    for number, raw in enumerate(_raw_lines(file)):
        if number == 0:
            continue
        try:
            line = _LINE.decode(raw)
        except msgspec.DecodeError as error:
            raise BackupError(f"{file}: line {number + 1} can't be read ({error})") from error
        if not _is_sound(line.state):
            raise BackupError(f"{file}: the state in line {number + 1} makes no sense")
        yield line
    if number != expected:
        raise BackupError(f"{file} has {number} titles instead of {expected}: it was cut off")


def _is_sound(state: HubState) -> bool:
    """A change has an end that isn't before its beginning, and only what is known was changed."""
    intervals = [interval for interval in (state.changed, state.position_changed) if interval is not None]
    is_known = (state.watched is None) is (state.changed is None)
    numbers = (state.position_ms, state.watched_at or 0, state.position_runtime_ms or 0)
    return (
        is_known
        and all(0 <= number < _TOO_LARGE for number in numbers)
        and all(0 <= each.begins <= each.ends < _TOO_LARGE for each in intervals)
    )


def _write(draft: IO[bytes], header: Header, lines: Iterable[Line]) -> bytes:
    """Write, and return the digest of the text."""
    digest = blake2b()
    with gzip.GzipFile(filename="", mode="wb", fileobj=draft, mtime=0) as packed:
        for line in chain([header], lines):
            digest.update(text := _encoder.encode(line) + b"\n")
            packed.write(text)
    draft.flush()
    os.fsync(draft.fileno())
    return digest.digest()


def _verify(file: Path, digest: bytes) -> None:
    read = blake2b()
    for raw in _raw_lines(file):
        read.update(raw)
    if read.digest() != digest:
        raise BackupError(f"what was written to {file.parent} doesn't read the same: is the disk damaged?")
    for _ in read_lines(file):
        pass


def _raw_lines(file: Path) -> Generator[bytes, None, None]:
    try:
        with gzip.open(file) as packed:
            yield from packed
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackupError(f"{file} is damaged or no backup of watchstate ({error})") from error
    except OSError as error:
        raise BackupError(f"{file} can't be read: {error.strerror or error}") from error


def _settle(folder: Path) -> None:
    """Let the new name survive a power cut, where the system can."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
