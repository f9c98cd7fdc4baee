"""`servers.yaml` and the WS_* settings."""

from watchstate.config.reading import decode_options, decode_server, load_servers
from watchstate.config.servers import MAIN, ServerConfig, UserConfig
from watchstate.config.settings import Settings, load_settings, unknown_settings
from watchstate.config.writing import masked_settings, plain_settings, save_servers

__all__ = [
    "MAIN",
    "ServerConfig",
    "Settings",
    "UserConfig",
    "decode_options",
    "decode_server",
    "load_servers",
    "load_settings",
    "masked_settings",
    "plain_settings",
    "save_servers",
    "unknown_settings",
]
