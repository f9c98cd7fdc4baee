"""A server that gives prepared answers, for what no simulated server would say."""

import msgspec

from watchstate.api import Account, CommonOptions, HttpResponse, Secret, Server

USER = "89abcdef89abcdef89abcdef89abcdef"
SERVER = Server(
    name="living_room", type="jellyfin", url="http://jellyfin.test", token=Secret("key"), options=CommonOptions()
)
ACCOUNT = Account(server=SERVER, identity="main", user_id=USER, token=Secret("key"))


class CannedHttp:
    """Answers each path with the next of its prepared answers; the last one stays."""

    def __init__(self, **answers):
        self.answers = {f"/{path.replace('__', '/')}": list(bodies) for path, bodies in answers.items()}
        self.answers.setdefault("/Sessions", [[]])
        self.asked = []

    async def get(self, path, *, params=None, headers=None):
        return self._answer("GET", path, params)

    async def send(self, method, path, *, params=None, headers=None, json=None):
        return self._answer(method, path, json)

    def _answer(self, method, path, said):
        self.asked.append((method, path, said))
        bodies = self.answers.get(path) or self.answers[f"/{path.rpartition('/')[2]}"]
        body = bodies.pop(0) if len(bodies) > 1 else bodies[0]
        began_at = 1_000 * len(self.asked)
        return HttpResponse(
            server="living_room",
            operation=f"{method} {path}",
            status=200,
            headers={},
            content=body if isinstance(body, bytes) else msgspec.json.encode(body),
            began_at=began_at,
            ended_at=began_at + 100,
        )


def page(*rows, total=None, start=0):
    """Return a page of items."""
    return {"Items": list(rows), "TotalRecordCount": len(rows) if total is None else total, "StartIndex": start}


def guid(number):
    """Return an id in Jellyfin's form."""
    return f"{number:032x}"


def movie(number, **more):
    """Return a row."""
    return {"Id": guid(number), "Type": "Movie", "Name": f"Movie {number}", "UserData": {"Played": False}, **more}
