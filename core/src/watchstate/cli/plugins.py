"""`watchstate plugins`: which backends are installed, and what is wrong with those that don't work."""

from collections.abc import Iterator
from typing import Any, Final

from cyclopts import App

from watchstate.cli.options import NONE_GIVEN, Common, Output
from watchstate.cli.output import show_rows

COLUMNS: Final = ("name", "status", "distribution", "version", "reason")

app = App(name="plugins", help="Show which backends are installed.", help_epilogue="Example: watchstate plugins list")


@app.command(name="list", help_epilogue="Example: watchstate plugins list --output json")
def list_(*, output: Output = "table", common: Common = NONE_GIVEN) -> None:
    """List the installed backends. Those that a server uses are loaded, and if that fails you see why."""
    used = {config.type for config in common.start().servers().values()}
    show_rows(list(_rows(used)), COLUMNS, output)


def _rows(used: set[str]) -> Iterator[dict[str, Any]]:
    from watchstate.plugins.discovery import available  # noqa: PLC0415 - --help needs no plugin library
    from watchstate.plugins.manager import PluginManager  # noqa: PLC0415

    for record in PluginManager.load(sorted(used)).records():
        yield {column: getattr(record, column) for column in COLUMNS}
    for offer in available():
        if offer.name not in used:
            yield {
                "name": offer.name,
                "status": "not used",
                "distribution": offer.distribution,
                "version": offer.version,
                "reason": "no server is of this type",
            }
