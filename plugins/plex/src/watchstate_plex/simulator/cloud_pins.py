"""Signing in with a PIN: a device asks for a code, a person enters it, the device finds a token."""

from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from msgspec import Struct

from watchstate_plex.simulator.asgi import Answer, Request
from watchstate_plex.simulator.cloud_wire import document, refuse
from watchstate_plex.simulator.records import Account
from watchstate_plex.simulator.server import Server

_SHORT_LIFE = 900
_LONG_LIFE = 1_800
_PLACE = {
    "code": "GB",
    "european_union_member": False,
    "continent_code": "EU",
    "country": "United Kingdom",
    "city": "London",
    "time_zone": "Europe/London",
    "postal_code": "N19",
    "in_privacy_restricted_country": True,
    "subdivisions": "England, Windsor and Maidenhead",
    "coordinates": "51.000, -1",
}


class Pin(Struct, kw_only=True):
    """A code that waits for a person."""

    pin_id: int
    code: str
    client_id: str
    product: str
    made_at: int
    lives: int
    account: Account | None = None


class Pins:
    """All codes. Their times are seconds."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pins: list[Pin] = []

    def link(self, code: str, account: Account) -> None:
        """Let a person enter a code."""
        next(pin for pin in self._pins if pin.code == code).account = account

    def answer(self, request: Request, path: str) -> Answer:
        """Answer a device that wants a code, or that asks what became of it."""
        client_id = request.plex("X-Plex-Client-Identifier") or ""
        if request.method == "POST":
            pin = self._make(request, client_id)
            return document(request, "pin", self._show(pin), 201)
        wanted = path.rpartition("/")[2]
        pins = (pin for pin in self._pins if (str(pin.pin_id), pin.client_id) == (wanted, client_id))
        found = next(pins, None)
        if found is None or self._age(found) >= found.lives:
            refuse(request, 404, 1020, "Code not found or expired")
        return document(request, "pin", self._show(found))

    def _make(self, request: Request, client_id: str) -> Pin:
        number, is_strong = 111_222_333 + len(self._pins), request.text("strong") in {"1", "true"}
        code = md5(f"pin {number}".encode(), usedforsecurity=False).hexdigest()[: 25 if is_strong else 4].upper()
        pin = Pin(
            pin_id=number,
            code=code,
            client_id=client_id,
            product=request.plex("X-Plex-Product") or "0",
            made_at=self._now(),
            lives=_LONG_LIFE if is_strong else _SHORT_LIFE,
        )
        self._pins.append(pin)
        return pin

    def _now(self) -> int:
        return self._server.clock() // 1_000

    def _age(self, pin: Pin) -> int:
        return self._now() - pin.made_at

    def _show(self, pin: Pin) -> dict[str, Any]:
        return {
            "id": pin.pin_id,
            "code": pin.code,
            "product": pin.product,
            "trusted": False,
            "clientIdentifier": pin.client_id,
            "location": _PLACE,
            "expiresIn": pin.lives - self._age(pin),
            "createdAt": _date(pin.made_at),
            "expiresAt": _date(pin.made_at + pin.lives),
            "authToken": None if pin.account is None else pin.account.cloud_token,
            "newRegistration": None if pin.account is None else False,
        }


def _date(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
