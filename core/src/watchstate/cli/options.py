"""The options that every command understands, and those that several share."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Group, Parameter
from msgspec import Struct

from watchstate.api import ConfigError, UsageError
from watchstate.cli.output import OutputFormat, warn
from watchstate.config import ServerConfig, Settings, load_servers, load_settings, unknown_settings
from watchstate.config.nearest import did_you_mean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from watchstate.app import Services

_COMMON: Final = Group("Options of every command", sort_key=100)
_SEED: Final = Parameter(show=False, negative="", group=_COMMON)
_LEVELS: Final = (logging.INFO + 5, logging.INFO, logging.DEBUG)
"""What -v, -vv and -vvv show; the first is the seed's NOTICE."""

ServersFilter = Annotated[
    str | None,
    Parameter(
        ("--servers-filter", "-s"), help="Only these servers: names with commas between them.", show_default=False
    ),
]
Output = Annotated[OutputFormat, Parameter("--output", help="table, or json or yaml for another program.")]
SWITCH: Final = Parameter(negative="", show_default=False)
"""A flag that is either there or not."""
DryRun = Annotated[bool, SWITCH, Parameter("--dry-run", help="Only say what would be done.")]


class Context(Struct, frozen=True, kw_only=True):
    """What a command works with."""

    settings: Settings
    servers_file: Path

    def servers(self) -> dict[str, ServerConfig]:
        """Read the configured servers."""
        return load_servers(self.servers_file)

    def services(self, servers: Mapping[str, ServerConfig] | None = None) -> "AbstractAsyncContextManager[Services]":
        """Open everything that needs network or database, for the configured servers or for these instead."""
        from watchstate.app import open_services  # noqa: PLC0415 - it brings the database and the HTTP client

        return open_services(self.settings, config_path=self.servers_file, servers=servers)


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """What can be given with every command."""

    config: Annotated[
        Path | None, Parameter(("--config", "-c"), group=_COMMON, help="Another servers.yaml.", show_default=False)
    ] = None
    verbose: Annotated[
        int, Parameter(("--verbose", "-v"), count=True, group=_COMMON, help="Say more, up to -vvv.", show_default=False)
    ] = 0
    redirect_logger: Annotated[bool, _SEED, Parameter(("--redirect-logger", "-r"))] = False
    """The seed's; without effect, as are the two below: what they asked for is always so, or not needed."""
    memory_usage: Annotated[bool, _SEED, Parameter(("--memory-usage", "-m"))] = False
    mapper_preload: Annotated[bool, _SEED] = False

    def start(self, *, may_create: bool = False) -> Context:
        """Read the settings and begin to log. `may_create` allows a ``-c`` file that isn't there yet.

        Raises:
            ConfigError: a setting is wrong, or the file that was named isn't there.
        """
        settings = load_settings(os.environ)
        for line in unknown_settings(os.environ):
            warn(line)
        _start_log(settings, self.verbose)
        if self.config is not None and not may_create and not self.config.exists():
            raise ConfigError(f"{self.config}: there is no such file (-c)")
        return Context(settings=settings, servers_file=self.config or settings.servers_file)


NONE_GIVEN: Final = Common()


def select_servers(servers: Mapping[str, ServerConfig], servers_filter: str | None) -> dict[str, ServerConfig]:
    """Return the servers that a comma separated filter names, all if there is None.

    Raises:
        UsageError: it names a server that isn't configured.
    """
    if servers_filter is None:
        return dict(servers)
    names = [name.strip() for name in servers_filter.split(",") if name.strip()]
    if not names:
        raise UsageError("--servers-filter names no server; leave it out for all of them")
    for name in names:
        require_server(servers, name)
    return {name: config for name, config in servers.items() if name in names}


def selected_servers(context: Context, servers_filter: str | None) -> list[str]:
    """Return the names of the configured servers that a filter names, all if there is None.

    Raises:
        UsageError: it names a server that isn't configured, or none is.
    """
    servers = context.servers()
    if not servers:
        raise UsageError("no server is configured yet; add one: watchstate servers add --help")
    return list(select_servers(servers, servers_filter))


def require_server(servers: Mapping[str, ServerConfig], name: str) -> ServerConfig:
    """Return one server's configuration.

    Raises:
        UsageError: there is no such server; names the nearest one.
    """
    if name not in servers:
        known = did_you_mean(name, servers) or f"; configured are: {', '.join(servers) or 'none'}"
        raise UsageError(f"there is no server {name}{known}")
    return servers[name]


def _start_log(settings: Settings, verbose: int) -> None:
    levels = [_LEVELS[min(verbose, 3) - 1]] if verbose else []
    if settings.stderr_level is not None:
        levels.append(settings.stderr_level)
    log = logging.getLogger("watchstate")
    log.handlers = [logging.StreamHandler() if levels else logging.NullHandler()]
    log.setLevel(min(levels, default=logging.CRITICAL))
    # It warns of every retry; what a person should know of a retry, we say ourselves.
    logging.getLogger("stamina").setLevel(logging.ERROR)
