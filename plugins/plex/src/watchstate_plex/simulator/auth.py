"""Who asks, and what is not for them."""

from watchstate_plex.simulator.asgi import Caller, Request, refuse
from watchstate_plex.simulator.records import Account
from watchstate_plex.simulator.routing import Access
from watchstate_plex.simulator.server import Server

_TO_LOGIN = "<script>window.location = window.location.href.match(/(^.+\\/)[^\\/]*$/)[1] + 'web/index.html';</script>"


def identify(server: Server, request: Request) -> Caller:
    """Return who asks; refuse a token that isn't valid. Where the network is trusted, anyone is the owner."""
    account = server.people.by_server_token(request.plex("X-Plex-Token") or "")
    if server.switches.trusts_network:
        account = server.people.owner
    if account is None:
        refuse(401, script=_TO_LOGIN if request.path == "/" else "")
    return Caller(
        account=account,
        client_id=request.plex("X-Plex-Client-Identifier"),
        client_session=request.plex("X-Plex-Session-Identifier") or "",
    )


def check_access(server: Server, account: Account, access: Access) -> None:
    """Refuse what is not for an account."""
    if access == "token" or account.is_owner:
        return
    if account.is_external:
        refuse(server.switches.external_refusal)
    if access == "owner":
        refuse(403)
