"""JSON bodies, bound as Emby binds them: what can't be read is as good as empty."""

from typing import NoReturn

import msgspec

from watchstate_emby.simulator.asgi import Request, refuse
from watchstate_mediabrowser.simulator import body


class Fields(body.Fields):
    """The typed properties of a JSON body."""

    def __init__(self, request: Request) -> None:
        try:
            document = msgspec.json.decode(request.body)
        except msgspec.DecodeError:
            document = None
        super().__init__(document if isinstance(document, dict) else {})

    def refuse(self, field: str) -> NoReturn:
        """Refuse a property of the wrong type. Status and words are a guess."""
        refuse(400, f"The JSON value could not be converted. Path: $.{field}")
