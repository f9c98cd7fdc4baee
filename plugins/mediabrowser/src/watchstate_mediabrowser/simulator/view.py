"""For whom, and with how many properties, items are shown."""

from collections.abc import Container

from msgspec import Struct

from watchstate_mediabrowser.simulator.asgi import Request
from watchstate_mediabrowser.simulator.query import lowered_words
from watchstate_mediabrowser.simulator.records import User


class _Everything(Container[str]):
    """All fields, as a single item is shown."""

    def __contains__(self, name: object) -> bool:
        return True


EVERYTHING = _Everything()


class View(Struct, frozen=True, kw_only=True):
    """For whom and how rows are made."""

    user: User | None
    fields: Container[str] = EVERYTHING
    """Names in lower case."""
    with_user_data: bool = True
    with_images: bool = True


def read_view(request: Request, user: User | None) -> View:
    """Read what a listing is to show."""
    return View(
        user=user,
        fields=lowered_words(request, "fields"),
        with_user_data=request.flag("enableUserData") is not False,
        with_images=request.flag("enableImages") is not False,
    )
