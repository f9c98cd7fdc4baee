"""Shelf itself, in memory: what `ShelfBackend` is tested against."""

from urllib.parse import parse_qs

import msgspec

from watchstate.api import PlayState
from watchstate.clock import Clock
from watchstate.testing import (
    AsgiApp,
    AsgiMessage,
    AsgiReceive,
    AsgiSend,
    FaultInjector,
    LoggedRequest,
    Simulator,
    Title,
)


class Book(msgspec.Struct):
    """A title on the shelf."""

    title: Title
    library: str
    added_ms: int


# -- begin: simulator --
class ShelfSimulator(Simulator):
    """One Shelf server. Its methods are what people do; the wire goes through the same states."""

    backend = "shelf"
    versions = ("1.0",)

    def __init__(self, *, clock: Clock, version: str | None = None, name: str = "simulated", seed: int = 0) -> None:
        self.clock, self.name, self.version = clock, name, version or "1.0"
        self.requests: list[LoggedRequest] = []
        self.admin_token = f"admin-token-{seed}"
        self.machine_id = f"machine-{seed}"
        self._ids = iter(range(seed * 1_000_000 + 1, (seed + 1) * 1_000_000))
        self._people: dict[str, str] = {}
        self._books: dict[str, Book] = {}
        self._states: dict[tuple[str, str], PlayState] = {}
        self._playing: set[tuple[str, str]] = set()
        self.faults = FaultInjector(self._answer)

    # -- end: simulator --

    @property
    def app(self) -> AsgiApp:
        return self.faults

    def _new_id(self, kind: str) -> str:
        return f"{kind}-{next(self._ids):07}"

    def add_user(self, name: str) -> str:
        user_id = self._new_id("person")
        self._people[user_id] = name
        return user_id

    def token_for(self, user_id: str) -> str:
        return f"token-of-{user_id}"

    def add_library(self, name: str, kind: str) -> str:
        return self._new_id(kind)

    def add(self, library_id: str, title: Title) -> str:
        entry_id = self._new_id("title")
        self._books[entry_id] = Book(title, library_id, self.clock())
        return entry_id

    def remove(self, entry_id: str) -> None:
        self._removed = self._books.pop(entry_id)

    def restore(self, entry_id: str) -> str:
        return self.add(self._removed.library, self._removed.title)

    def replace_file(self, entry_id: str) -> None:
        self._books[entry_id].added_ms = self.clock()
        self._states = {key: state for key, state in self._states.items() if key[1] != entry_id}

    def reidentify(self, entry_id: str, ids: dict[str, str]) -> None:
        self._books[entry_id].title = msgspec.structs.replace(self._books[entry_id].title, ids=ids)

    def change_machine(self) -> None:
        self.machine_id += "-again"

    def entry_ids(self) -> list[str]:
        return sorted(self._books)

    def state(self, user_id: str, entry_id: str) -> PlayState:
        nothing = PlayState(watched=False, position_ms=0, play_count=0, watched_at=0)
        return self._states.get((user_id, entry_id), nothing)

    def watch(self, user_id: str, entry_id: str, *, at: int | None = None) -> None:
        plays = (self.state(user_id, entry_id).play_count or 0) + 1
        state = PlayState(watched=True, position_ms=0, play_count=plays, watched_at=at or self.clock())
        self._states[user_id, entry_id] = state

    def unwatch(self, user_id: str, entry_id: str) -> None:
        self._states.pop((user_id, entry_id), None)

    def start(self, user_id: str, entry_id: str) -> None:
        self._playing.add((user_id, entry_id))

    def stop(self, user_id: str, entry_id: str, *, position_ms: int | None) -> None:
        self._playing.discard((user_id, entry_id))
        if position_ms is None:
            self.watch(user_id, entry_id)
        else:
            self._place(user_id, entry_id, position_ms)

    def _place(self, user_id: str, entry_id: str, position_ms: int) -> None:
        state = self.state(user_id, entry_id)
        self._states[user_id, entry_id] = msgspec.structs.replace(state, position_ms=position_ms)

    async def _answer(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        query = scope["query_string"].decode()
        body = (await receive()).get("body", b"")
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        status, value = self._route(scope["method"], scope["path"], query, body, headers.get("x-shelf-token", ""))
        self.requests.append(
            LoggedRequest(
                method=scope["method"],
                path=scope["path"],
                query=query,
                status=status,
                is_write=scope["method"] == "PUT",
            )
        )
        content = msgspec.json.encode(value)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    def _route(self, method: str, path: str, query: str, body: bytes, token: str) -> tuple[int, object]:
        parts = path.strip("/").split("/")
        if token not in {self.admin_token, *map(self.token_for, self._people)}:
            return 401, None
        match (method, *parts):
            case ("GET", "about"):
                return 200, {"id": self.machine_id, "name": self.name, "version": self.version}
            case ("GET", "people"):
                return 200, [{"id": user_id, "name": name} for user_id, name in self._people.items()]
            case ("GET", "people", user_id, "titles"):
                return 200, self._page(user_id, query)
            case ("PUT", "people", user_id, "titles", entry_id) if entry_id in self._books:
                self._write(user_id, entry_id, msgspec.json.decode(body))
                return 200, self._row(user_id, entry_id)
        return 404, None

    def _page(self, user_id: str, query: str) -> dict[str, object]:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        ids = asked["ids"].split(",") if "ids" in asked else None
        hidden = asked.get("without", "").split(",")
        fitting = [
            entry_id
            for entry_id, book in sorted(self._books.items())
            if book.library not in hidden
            and (ids is None or entry_id in ids)
            and asked.get("search", "").casefold() in book.title.title.casefold()
        ][: int(asked.get("limit", len(self._books)))]
        rest = [entry_id for entry_id in fitting if entry_id > asked.get("after", "")]
        shown = rest[: int(asked["count"])]
        return {"total": len(fitting), "titles": [self._row(user_id, entry_id) for entry_id in shown]}

    def _row(self, user_id: str, entry_id: str) -> dict[str, object]:
        book, state = self._books[entry_id], self.state(user_id, entry_id)
        title = book.title
        return {
            "id": entry_id,
            "kind": title.kind,
            "name": title.title,
            "year": title.year,
            "ids": title.ids,
            "show": title.show,
            "show_ids": title.show_ids,
            "season": title.season,
            "episodes": title.episodes,
            "runtime_ms": title.runtime_ms,
            "added_ms": book.added_ms,
            "watched": state.watched,
            "position_ms": state.position_ms,
            "plays": state.play_count,
            "played_ms": state.watched_at,
            "playing": (user_id, entry_id) in self._playing,
        }

    def _write(self, user_id: str, entry_id: str, body: dict[str, int]) -> None:
        if body.get("watched") is True:
            self.watch(user_id, entry_id, at=body.get("played_ms"))
        elif body.get("watched") is False:
            self.unwatch(user_id, entry_id)
        if "position_ms" in body:
            self._place(user_id, entry_id, body["position_ms"])
