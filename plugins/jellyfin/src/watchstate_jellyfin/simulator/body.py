"""JSON bodies, bound as the server binds them."""

from typing import NoReturn

import msgspec

from watchstate_jellyfin.simulator.asgi import Request, refuse_values, refuse_with_problem
from watchstate_jellyfin.simulator.wire import read_guid
from watchstate_mediabrowser.simulator import body


class Fields(body.Fields):
    """The typed properties of a JSON body."""

    def __init__(self, request: Request, name: str) -> None:
        self._name = name
        if "json" not in request.headers.get("content-type", ""):
            refuse_with_problem(415, "15.5.16", "Unsupported Media Type")
        try:
            document = msgspec.json.decode(request.body)
        except msgspec.DecodeError:
            document = None
        if not isinstance(document, dict):
            self._refuse("$")
        super().__init__(document)

    def refuse(self, field: str) -> NoReturn:
        """Refuse a property of the wrong type as model binding does."""
        self._refuse(f"$.{field}")

    def _refuse(self, place: str) -> NoReturn:
        errors = {place: "The JSON value could not be converted.", self._name: f"The {self._name} field is required."}
        refuse_values({name: [message] for name, message in errors.items()})

    def guid(self, field: str) -> str | None:
        """Return an id as 32 digits."""
        value = self.text(field)
        if value is None:
            return None
        guid = read_guid(value)
        if guid is None:
            self.refuse(field)
        return guid
