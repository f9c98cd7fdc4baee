"""A value that never shows itself."""

from typing import Final, final


@final
class Secret:
    """A token or password that prints as ``***`` everywhere; only `reveal` gives the value.

    Use the revealed value in request headers only, never in a URL, a log line or an error.
    """

    __slots__ = ("_value",)

    MASK: Final = "***"

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return self.MASK

    def __reduce__(self) -> str:
        msg = "a Secret is not pickled"
        raise TypeError(msg)
