"""A server that gives prepared answers, for what no simulated server would say."""

import msgspec

from watchstate.api import HttpResponse


class CannedHttp:
    """Answers each path with the next of its prepared answers; the last one stays.

    An answer is what is in the body, or a number for a status without one. `skew_ms` is what a ``Date`` tells.
    """

    def __init__(self, *, skew_ms=None, **answers):
        self.answers = {f"/{path.replace('__', '/')}": list(bodies) for path, bodies in answers.items()}
        self.answers.setdefault("/Sessions", [[]])
        self.skew_ms = skew_ms
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
        is_status = isinstance(body, int)
        return HttpResponse(
            server="living_room",
            operation=f"{method} {path}",
            status=body if is_status else 200,
            headers={},
            content=b"" if is_status else body if isinstance(body, bytes) else msgspec.json.encode(body),
            began_at=began_at,
            ended_at=began_at + 100,
            clock_skew_ms=self.skew_ms,
        )


def page(*rows, total=None, **more):
    """Return a page of items."""
    return {"Items": list(rows), "TotalRecordCount": len(rows) if total is None else total, **more}
