"""JSON bodies, bound to types."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NoReturn

from watchstate_mediabrowser.simulator.wire import read_date


class Fields(ABC):
    """The typed properties of a JSON body, whose names have no case; numbers may come as strings."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = {key.lower(): value for key, value in document.items()}

    @abstractmethod
    def refuse(self, field: str) -> NoReturn:
        """Refuse a property of the wrong type, in the server's words."""

    def words(self, field: str) -> list[str]:
        """Return a list of strings, empty without one."""
        value = self._document.get(field.lower()) or []
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.refuse(field)
        return value

    def number(self, field: str) -> int | None:
        """Return an integer."""
        value = self._document.get(field.lower())
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self.refuse(field)
        return value

    def fraction(self, field: str) -> float | None:
        """Return a number."""
        value = self._document.get(field.lower())
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.refuse(field)
        return value

    def flag(self, field: str) -> bool | None:
        """Return a truth value."""
        value = self._document.get(field.lower())
        if value is not None and not isinstance(value, bool):
            self.refuse(field)
        return value

    def text(self, field: str) -> str | None:
        """Return a string."""
        value = self._document.get(field.lower())
        if value is not None and not isinstance(value, str):
            self.refuse(field)
        return value

    def date(self, field: str) -> int | None:
        """Return a date in ticks."""
        value = self.text(field)
        try:
            return None if value is None else read_date(value)
        except ValueError:
            self.refuse(field)
