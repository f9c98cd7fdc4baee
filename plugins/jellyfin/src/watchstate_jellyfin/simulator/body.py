"""JSON bodies, bound as the server binds them."""

from typing import NoReturn

import msgspec

from watchstate_jellyfin.simulator.asgi import Request, refuse_values, refuse_with_problem
from watchstate_jellyfin.simulator.wire import read_date, read_guid


class Fields:
    """The typed properties of a JSON body, whose names have no case; numbers may come as strings."""

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
        self._document = {key.lower(): value for key, value in document.items()}

    def _refuse(self, place: str) -> NoReturn:
        errors = {place: "The JSON value could not be converted.", self._name: f"The {self._name} field is required."}
        refuse_values({name: [message] for name, message in errors.items()})

    def words(self, field: str) -> list[str]:
        """Return a list of strings, empty without one."""
        value = self._document.get(field.lower()) or []
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self._refuse(f"$.{field}")
        return value

    def number(self, field: str) -> int | None:
        """Return an integer."""
        value = self._document.get(field.lower())
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self._refuse(f"$.{field}")
        return value

    def fraction(self, field: str) -> float | None:
        """Return a number."""
        value = self._document.get(field.lower())
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self._refuse(f"$.{field}")
        return value

    def flag(self, field: str) -> bool | None:
        """Return a truth value."""
        value = self._document.get(field.lower())
        if value is not None and not isinstance(value, bool):
            self._refuse(f"$.{field}")
        return value

    def text(self, field: str) -> str | None:
        """Return a string."""
        value = self._document.get(field.lower())
        if value is not None and not isinstance(value, str):
            self._refuse(f"$.{field}")
        return value

    def date(self, field: str) -> int | None:
        """Return a date in ticks."""
        value = self.text(field)
        try:
            return None if value is None else read_date(value)
        except ValueError:
            self._refuse(f"$.{field}")

    def guid(self, field: str) -> str | None:
        """Return an id as 32 digits."""
        value = self.text(field)
        if value is None:
            return None
        guid = read_guid(value)
        if guid is None:
            self._refuse(f"$.{field}")
        return guid
