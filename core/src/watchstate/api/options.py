"""What can be set under ``options:`` for every backend; a backend adds its own by extending it."""

from typing import Annotated

from msgspec import Meta, Struct, field


class CommonOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options that every backend understands. Extend it as the ``Options`` of a backend."""

    ignore: tuple[str, ...] = ()
    """Ids of libraries to leave out."""
    timeout: Annotated[float, Meta(gt=0)] = 30.0
    """Seconds that one request may take."""
    concurrency: Annotated[int, Meta(ge=1)] = 4
    """Requests in flight at once."""
    verify_tls: bool | str = True
    """True, False, or the path of a CA file."""
    proxy: str | None = None
    full_scan: Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]*[smhd])$")] = "6h"
    """How often everything is read from a server that lists changes; ``0`` is never."""
    resume_limit: Annotated[int, Meta(ge=1, le=100)] = 90
    """A position beyond this percentage of the run time doesn't travel."""
    match_paths: Annotated[int, Meta(ge=0)] = 0
    """How many of a path's last segments identify a title; 0 switches path matching off."""
    rewrite_paths: dict[str, str] = field(default_factory=dict)
    """Path prefixes of this server and what to read instead, before paths are compared."""
