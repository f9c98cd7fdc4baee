"""A simulated household that tells watchstate what happens, in this process and at a set time."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from tests.engine.home import Home, Place, movie

from watchstate.clock import SECOND
from watchstate.server.application import Application
from watchstate.storage import inbox
from watchstate.sync.lease import RENEWAL

TOKENS = {"plex": "hook-of-the-plexes", "jellyfin": "hook-of-the-jellyfins", "emby": "hook-of-the-embies"}
EVERYBODY = {"plex": "plex", "jelly": "jellyfin", "emby": "emby"}


class House(Home):
    """Servers with one film, on which they agree: nobody has seen it."""

    def __init__(self, folder: Path, **kinds: str) -> None:
        super().__init__(folder, **(kinds or EVERYBODY))
        self.configs = {name: self.config(place) for name, place in self.places.items()}
        self.film = {name: place.add(movie(1)) for name, place in self.places.items()}
        for place in self.places.values():
            if place.kind == "plex":
                place.simulator.notices.webhook_urls.append("http://watchstate.test")

    def config(self, place: Place, **settings):
        own = {"webhook": {"token": TOKENS[place.kind]}, "uuid": place.simulator.machine_id}
        return place.config(**(own | settings))

    def watched(self) -> dict[str, bool]:
        return {name: place.is_watched(self.film[name]) for name, place in self.places.items()}

    @asynccontextmanager
    async def listening(self, backend=None, pause=None, *, is_killed=False):
        """Serve; nothing is handled until the test says so. In the end it is stopped, or killed."""
        async with self.services(backend) as services:
            application = Application(services, pause=pause or self.pause)
            await application.hearing.open()
            transport = httpx.ASGITransport(application.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://watchstate.test") as client:
                yield Door(self, application, services, client)
            if not is_killed:
                await application.hearing.close()

    async def pause(self, seconds: float) -> None:
        """Let time pass instead of waiting; no account is held for so long that it must be held anew."""
        if seconds >= RENEWAL:
            await asyncio.Event().wait()
        self.clock.pass_time(round(seconds * SECOND))

    async def events(self):
        async with self.services() as services:
            return await services.storage.read(inbox.events)


class Door:
    """Where servers knock."""

    def __init__(self, house, application, services, client) -> None:
        self.house, self.hearing, self.app = house, application.hearing, application.app
        self.services, self.client = services, client

    async def post(self, body: bytes, *, token: str = "", headers: dict[str, str] | None = None, method="POST"):
        return await self.client.request(method, "/", params={"apikey": token}, content=body, headers=headers or {})

    async def tell(self, name: str, *notices: dict) -> list[dict]:
        """Let a server tell something; Plex tells what it has not told yet."""
        place = self.house[name]
        if place.kind == "plex":
            deliveries = place.simulator.notices.deliveries
            sent = [(one.body, one.headers) for one in deliveries]
            deliveries.clear()
        else:
            sent = [(json.dumps(one).encode(), {"content-type": "text/plain"}) for one in notices]
        answers = [await self.post(body, token=TOKENS[place.kind], headers=headers) for body, headers in sent]
        assert {answer.status_code for answer in answers} <= {200}
        return [answer.json() for answer in answers]

    async def post_at_once(self, name: str, *notices: dict) -> list[int]:
        """Let a server tell several things in one moment; return how each was answered."""
        token = TOKENS[self.house[name].kind]
        sent = (self.post(json.dumps(one).encode(), token=token) for one in notices)
        return [answer.status_code for answer in await asyncio.gather(*sent)]

    async def tell_and_settle(self, name: str, *notices: dict) -> list[dict]:
        told = await self.tell(name, *notices)
        await self.hearing.settle()
        return told

    async def events(self):
        return await self.services.storage.read(inbox.events)

    async def retry(self) -> None:
        """Do what `watchstate events retry` does, and let the server look into its inbox."""
        await self.services.storage.write(lambda conn: inbox.retry(conn, None))
        await self.hearing.sweep()


def jellyfin(house: House, name: str, entry_id: str, kind: str = "UserDataSaved", **fields) -> dict:
    """Return what the webhook plugin sends with all properties."""
    return {
        "ServerId": house[name].simulator.machine_id,
        "ServerName": name,
        "NotificationType": kind,
        "UtcTimestamp": moment(house),
        "ItemId": entry_id,
        "ItemType": "Movie",
        "UserId": house[name].user,
        "NotificationUsername": "alex",
    } | fields


def emby(house: House, name: str, entry_id: str, kind: str, **fields) -> dict:
    """Return what Emby's webhooks send."""
    return {
        "Title": "alex …",
        "Date": moment(house),
        "Event": kind,
        "User": {"Name": "alex", "Id": house[name].user},
        "Item": {"Id": entry_id, "Type": "Movie"},
        "Server": {"Name": name, "Id": house[name].simulator.machine_id, "Version": "4.9"},
    } | fields


def moment(house: House) -> str:
    return datetime.fromtimestamp(house.clock.now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
