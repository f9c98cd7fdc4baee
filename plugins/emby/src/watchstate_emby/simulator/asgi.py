"""Requests as Emby reads them, and its refusals, which are plain text."""

from typing import NoReturn

from watchstate_mediabrowser.simulator import asgi
from watchstate_mediabrowser.simulator.asgi import Answer, Refusal

_NULL_REFERENCE = "Object reference not set to an instance of an object."


class Request(asgi.Request, kw_only=True):
    """A request whose ids are any text."""

    def refuse_value(self, name: str, value: str) -> NoReturn:
        """Refuse a value of the wrong type as an unhandled error, in the words of the runtime.

        Those for a number were seen; the others are taken to be alike.
        """
        if "date" in name.lower():
            refuse(500, f"String '{value}' was not recognized as a valid DateTime.")
        refuse(500, f"The input string '{value}' was not in a correct format.")


def text(words: str, status: int = 200) -> Answer:
    """Answer with plain text."""
    return Answer(status=status, body=words.encode(), content_type="text/plain")


def refuse(status: int, words: str) -> NoReturn:
    """Refuse with plain text."""
    raise Refusal(text(words, status))


def refuse_null(parameter: str) -> NoReturn:
    """Refuse what lacks something, in the words of the runtime."""
    refuse(400, f"Value cannot be null. (Parameter '{parameter}')")


def refuse_unhandled() -> NoReturn:
    """Refuse by falling over."""
    refuse(500, _NULL_REFERENCE)


def refuse_not_found() -> NoReturn:
    """Refuse what is not there. The words are a guess."""
    refuse(404, "Item not found")


def refuse_feature(name: str) -> NoReturn:
    """Refuse a user who lacks the right."""
    refuse(403, f"User {name} does not have access to ManageServer feature.")
