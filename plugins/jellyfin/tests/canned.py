"""What Jellyfin's tests give and get where no simulated server would say it."""

from plugins.mediabrowser.tests import canned

from watchstate.api import Account, CommonOptions, Secret, Server

USER = "89abcdef89abcdef89abcdef89abcdef"
SERVER = Server(
    name="living_room", type="jellyfin", url="http://jellyfin.test", token=Secret("key"), options=CommonOptions()
)
ACCOUNT = Account(server=SERVER, identity="main", user_id=USER, token=Secret("key"))
CannedHttp = canned.CannedHttp


def page(*rows, total=None, start=0):
    """Return a page of items; Jellyfin says where it starts."""
    return canned.page(*rows, total=total, StartIndex=start)


def guid(number):
    """Return an id in Jellyfin's form."""
    return f"{number:032x}"


def movie(number, **more):
    """Return a row."""
    return {"Id": guid(number), "Type": "Movie", "Name": f"Movie {number}", "UserData": {"Played": False}, **more}
