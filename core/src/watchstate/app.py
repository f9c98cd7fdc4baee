"""The composition root: settings, servers, plugins, HTTP, storage and clock become `Services`, once, here."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path

from watchstate.api import Account, Http, Server, UnknownBackend, WatchStateError
from watchstate.clock import Clock, system_clock
from watchstate.config.reading import decode_options, load_servers
from watchstate.config.servers import ServerConfig
from watchstate.config.settings import Settings
from watchstate.net.asgi import AsgiApp
from watchstate.net.client import HttpPool
from watchstate.plugins.manager import PluginManager
from watchstate.storage.engines import Storage, open_storage
from watchstate.sync.brake import BrakeLimits
from watchstate.sync.work import Engine, Household, Member


class Services:
    """Everything that a command or the server works with. `close` it, or use `open_services`."""

    def __init__(
        self,
        settings: Settings,
        servers_file: Path,
        *,
        servers: Mapping[str, ServerConfig] | None = None,
        clock: Clock = system_clock,
        mounts: Mapping[str, AsgiApp] | None = None,
        plugins: PluginManager | None = None,
    ) -> None:
        self.settings = settings
        self.servers_file = servers_file
        self.servers: dict[str, ServerConfig] = dict(load_servers(servers_file) if servers is None else servers)
        self.clock = clock
        self.plugins = plugins or PluginManager.load({server.type for server in self.servers.values()})
        self._pool = HttpPool(clock, mounts)
        self._storage: Storage | None = None

    @property
    def storage(self) -> Storage:
        """The database, opened (and migrated, if need be) at its first use."""
        if self._storage is None:
            self._storage = open_storage(self.settings.storage_url.reveal(), clock=self.clock)
        return self._storage

    @cached_property
    def engine(self) -> Engine:
        """The sync engine's tools."""
        return self.engine_on(self.storage)

    def engine_on(self, storage: Storage) -> Engine:
        """Return the engine's tools with another database, for a rehearsal."""
        limits = BrakeLimits(
            items=self.settings.brake_items, percent=self.settings.brake_percent, titles=self.settings.brake_titles
        )
        return Engine(storage=storage, plugins=self.plugins, clock=self.clock, http=self.http, brake=limits)

    def server(self, name: str) -> Server:
        """Return a configured server as plugins see it.

        Raises:
            ConfigError: its token can't be found, or its options are wrong.
            UnknownBackend: its plugin is not loaded.
        """
        config = self.servers[name]
        options = decode_options(name, config, self.plugins.options_type(config.type), self.servers_file)
        return Server(
            name=name,
            type=config.type,
            url=config.url,
            token=config.find_token(name),
            options=options,
            machine_id=config.uuid,
        )

    def household(self, names: Iterable[str] = ()) -> Household:
        """Return the accounts of the named servers, or of all; a server that is configured wrongly stops no other."""
        members: list[Member] = []
        broken: dict[str, WatchStateError] = {}
        for name in names or self.servers:
            try:
                members += self._members(name)
            except UnknownBackend as error:
                broken[name] = UnknownBackend(f"{name}: {error}")
            except WatchStateError as error:
                broken[name] = error
        return Household(members, broken)

    def _members(self, name: str) -> list[Member]:
        config, server = self.servers[name], self.server(name)
        return [
            Member(
                account=Account(server=server, identity=identity, user_id=user_id, token=token),
                imports=config.import_.enabled,
                exports=config.export.enabled,
            )
            for identity, user_id, token in config.accounts(name)
        ]

    def http(self, server: Server) -> Http:
        """Return the HTTP client for a server."""
        return self._pool.for_server(server)

    async def close(self) -> None:
        """Close the connections and the database."""
        await self._pool.close()
        if self._storage is not None:
            await self._storage.close()


@asynccontextmanager
async def open_services(
    settings: Settings,
    config_path: Path | None = None,
    *,
    servers: Mapping[str, ServerConfig] | None = None,
    clock: Clock = system_clock,
    mounts: Mapping[str, AsgiApp] | None = None,
    plugins: PluginManager | None = None,
) -> AsyncIterator[Services]:
    """Build the services and close them at the end.

    Args:
        settings: from the environment.
        config_path: another `servers.yaml` than the settings'.
        servers: these servers instead of the file's.
        clock: the time, for tests.
        mounts: base URL → ASGI app that answers there instead of the network, for tests.
        plugins: other backends than the installed ones, for tests.
    """
    services = Services(
        settings,
        config_path or settings.servers_file,
        servers=servers,
        clock=clock,
        mounts=mounts,
        plugins=plugins,
    )
    try:
        yield services
    finally:
        await services.close()
