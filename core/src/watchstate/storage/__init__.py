"""Tables, engines, repositories and migrations."""

from watchstate.storage.engines import Storage, open_storage

__all__ = ["Storage", "open_storage"]
