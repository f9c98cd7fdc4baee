"""A server that gives prepared answers, for what no simulated server would say."""

from urllib.parse import parse_qsl

import msgspec

from watchstate.api import Account, BackendAuthError, BackendRateLimited, HttpResponse, Secret, Server
from watchstate_plex.options import PlexOptions

USER = "12345"
MACHINE = "0123456789abcdef0123456789abcdef01234567"
SERVER = Server(name="den", type="plex", url="http://plex.test", token=Secret("owners"), options=PlexOptions())
ACCOUNT = Account(server=SERVER, identity="main", user_id=USER, token=Secret("token-of-alice"))


class Refusal(msgspec.Struct, frozen=True):
    """A prepared 401, 403 or 429."""

    status: int = 401


class Asked(msgspec.Struct, frozen=True):
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class CannedHttp:
    """Answers each path with the next of its prepared answers; the last one stays.

    An answer is a body, a status with a body, or a `Refusal`.
    """

    def __init__(self, answers, *, where="den"):
        self.answers = {path: list(bodies) for path, bodies in answers.items()}
        self.answers.setdefault("/status/sessions", [container()])
        self.asked = []
        self.where = where
        self.others = {}

    def elsewhere(self, url):
        return self.others[url]

    def paths(self):
        """The paths asked for so far, in order."""
        return [each.path for each in self.asked]

    async def get(self, path, *, params=None, headers=None):
        return self._answer("GET", path, headers)

    async def send(self, method, path, *, params=None, headers=None, json=None):
        return self._answer(method, path, headers)

    def _answer(self, method, address, headers):
        path, _, query = address.partition("?")
        self.asked.append(Asked(method, path, dict(parse_qsl(query)), dict(headers or {})))
        bodies = self.answers.get(f"{method} {path}") or self.answers[path]
        body = bodies.pop(0) if len(bodies) > 1 else bodies[0]
        if isinstance(body, Refusal):
            kind = BackendRateLimited if body.status == 429 else BackendAuthError
            raise kind(self.where, f"{method} {path}", f"answered {body.status}")
        status, body = body if isinstance(body, tuple) else (200, body)
        began_at = 1_700_000_000_000 + 1_000 * len(self.asked)
        return HttpResponse(
            server=self.where,
            operation=f"{method} {path}",
            status=status,
            headers={},
            content=body if isinstance(body, bytes) else msgspec.json.encode(body),
            began_at=began_at,
            ended_at=began_at + 100,
            clock_skew_ms=0,
        )


def container(**fields):
    """Return what Plex wraps everything in."""
    return {"MediaContainer": {"size": 0, **fields}}


def page(*rows, total=None, start=0, **fields):
    """Return a page of rows; an empty list is left out."""
    told = {"totalSize": len(rows) if total is None else total, "offset": start, "size": len(rows), **fields}
    return {"MediaContainer": {**told, "Metadata": list(rows)} if rows else told}


def sections(*kinds):
    """Return libraries of these types, with the keys 1, 2, …"""
    rows = [{"key": str(key), "type": kind, "title": f"Library {key}"} for key, kind in enumerate(kinds, start=1)]
    return container(Directory=rows)


def movie(number, **more):
    """Return a row of a movie."""
    return {"ratingKey": str(number), "type": "movie", "title": f"Movie {number}", "addedAt": 1_600_000_000, **more}


def episode(number, **more):
    """Return a row of an episode of the show 900."""
    row = {"ratingKey": str(number), "type": "episode", "title": "Pilot", "grandparentRatingKey": "900"}
    return {**row, "parentIndex": 1, "index": number % 100, **more}


def show(number=900, *ids):
    """Return a row of a show with these external ids."""
    return {"ratingKey": str(number), "type": "show", "title": "Show", "Guid": [{"id": each} for each in ids]}


def file(path):
    """Return what a row says about its file."""
    return {"Media": [{"Part": [{"file": path}]}]}


def session(key, user=USER):
    """Return a session in which a user plays a title."""
    return {"ratingKey": str(key), "User": {"id": user}, "sessionKey": "1"}
