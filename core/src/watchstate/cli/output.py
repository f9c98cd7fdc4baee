"""The only place that prints: results to stdout, everything else to stderr."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from watchstate.api import Secret

OutputFormat = Literal["table", "json", "yaml"]
Row = Mapping[str, Any]

_GAP: Final = "  "
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def show_rows(rows: Sequence[Row], columns: Sequence[str], output: OutputFormat) -> None:
    """Print a list: a table of these columns for people and pipes, or all fields of every row as JSON or YAML."""
    if output != "table":
        show_value(rows, output)
    elif sys.stdout.isatty():
        _terminal_table(rows, columns)
    else:
        _plain_table(rows, columns)


def show_value(value: object, output: Literal["json", "yaml"]) -> None:
    """Print a value exactly, as JSON or YAML; secrets stay masked."""
    if output == "json":
        encoded = msgspec.json.format(msgspec.json.encode(value, enc_hook=_encode))
        sys.stdout.write(encoded.decode() + "\n")
    else:
        sys.stdout.write(msgspec.yaml.encode(value, enc_hook=_encode).decode())


def say(text: str) -> None:
    """Print one line for a person, who asked for it; what it begins with is its indentation."""
    indentation = text[: len(text) - len(text.lstrip(" "))]
    sys.stdout.write(indentation + one_line(text) + "\n")


def say_heading(text: str) -> None:
    """Print an empty line and the heading of what follows, bold on a terminal."""
    say("")
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for rich
        from rich.text import Text  # noqa: PLC0415

        Console(file=sys.stdout, highlight=False).print(Text(one_line(text), style="bold"))
    else:
        say(text)


def inform(text: str) -> None:
    """Print one line about what is going on, beside the result."""
    sys.stderr.write(f"watchstate: {one_line(text)}\n")


def warn(text: str) -> None:
    """Print one line about something that a person should know, beside the result."""
    sys.stderr.write(f"watchstate: warning: {one_line(text)}\n")


def complain(text: str, *, hint: str = "") -> None:
    """Print an error: one line, and perhaps a second one that says where to read more."""
    sys.stderr.write(f"watchstate: {one_line(text)}\n" + (f"  {hint}\n" if hint else ""))


def one_line(text: str) -> str:
    """Return a text on one line and without control characters: titles and server names are a stranger's words."""
    return _CONTROL.sub("", " ".join(text.split()))


def finish_output(*, is_broken: bool = False) -> None:
    """Send out what is buffered, or, once nobody reads any more, drop it without a word at exit."""
    if is_broken:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        sys.stdout.flush()


def _encode(value: object) -> str:
    if isinstance(value, Secret | Path):
        return str(value)
    raise NotImplementedError


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(part) for part in value)
    return one_line(str(value))


def _plain_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    lines = [[column.upper() for column in columns], *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(_GAP.join(padded).rstrip() + "\n")


def _terminal_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only a terminal pays for rich
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=sys.stdout, highlight=False)
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = column_widths(list(zip(columns, *cells, strict=True)), console.width - len(_GAP) * len(columns))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, overflow="fold", width=width)
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    console.print(table)


def column_widths(columns: Sequence[Sequence[str]], available: int) -> list[int]:
    """Share a terminal's width among columns of cells, so that no word is cut as long as that can be avoided.

    An id that is broken in two can't be copied. What can't be avoided happens to the widest words first, and what room
    is left goes to the column that takes the most lines.
    """
    from rich.cells import cell_len  # noqa: PLC0415

    whole = [max(map(cell_len, cells)) for cells in columns]
    widths = [max(cell_len(word) for cell in cells for word in (cell.split() or [""])) for cells in columns]
    while sum(widths) > max(available, len(widths)):
        widths[widths.index(max(widths))] -= 1
    while sum(widths) < min(available, sum(whole)):
        tallest = max(range(len(widths)), key=lambda index: whole[index] / max(widths[index], 1))
        widths[tallest] += 1
    return widths
