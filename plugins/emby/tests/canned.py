"""What Emby's tests give and get where no simulated server would say it."""

from plugins.mediabrowser.tests import canned

from watchstate.api import Account, CommonOptions, Secret, Server

USER = "89abcdef89abcdef89abcdef89abcdef"
MACHINE = "ec69ef1cf84140e88489c30326529308"
SERVER = Server(name="living_room", type="emby", url="http://emby.test", token=Secret("key"), options=CommonOptions())
ACCOUNT = Account(server=SERVER, identity="main", user_id=USER, token=Secret("key"))
CannedHttp = canned.CannedHttp
page = canned.page


def movie(number, **more):
    """Return a row of a list."""
    row = {"Id": str(number), "Type": "Movie", "Name": f"Movie {number}", "Path": f"/media/{number}.mkv"}
    return {**row, "UserData": shown(), **more}


def shown(**more):
    """Return a play state as the server shows it."""
    return {"PlaybackPositionTicks": 0, "PlayCount": 0, "IsFavorite": False, "Played": False, **more}
