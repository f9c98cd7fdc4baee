"""Who a server is, and what it can do."""

from watchstate.api import BackendAuthError, Capabilities, Http, Server, ServerInfo, WatchDate
from watchstate_plex.calls import UnexpectedStatus, headers, read
from watchstate_plex.listing import PAGE_SIZE
from watchstate_plex.strangers import check_is_at_home, stranger
from watchstate_plex.wire import IDENTITY

CAPABILITIES = Capabilities(
    acts_for_everyone=False,
    watch_date=WatchDate.STAMPED,
    writes_position=True,
    clears_position=True,
    lists_changes=True,
    lists_unwatches=False,
    start_clears_watched=False,
    start_counts=False,
    date_is_start=False,
    batch_reads_complete=True,
    page_size=PAGE_SIZE,
)
"""Of every version: each mark is stamped by the server itself, and an un-watch leaves no trace in a list of changes."""


async def identify(server: Server, http: Http) -> ServerInfo:
    """Return who answers; needs no token, and sends none to a server that is perhaps not ours.

    Its name is known to its owner only, so it is called what it is.

    Raises:
        BackendProtocolError: it is no Plex Media Server.
    """
    check_is_at_home(server)
    try:
        answered, answer = await read(http, "/identity", IDENTITY, headers=headers())
    except UnexpectedStatus as error:
        raise await stranger(http, server, f"answered with status {error.status}") from error
    except BackendAuthError as error:
        raise await stranger(http, server, "asks for a login before it says who it is") from error
    identity = answered.container
    if not identity.machine_identifier or not identity.version:
        raise await stranger(http, server, "gives no id or no version")
    return ServerInfo(
        machine_id=identity.machine_identifier,
        name="Plex Media Server",
        version=identity.version,
        clock_skew_ms=answer.clock_skew_ms,
    )
