"""The server's whole memory, as far as it is Emby's own."""

from watchstate.clock import Clock
from watchstate_emby.simulator.finding import EmbyFinder
from watchstate_emby.simulator.library import EmbyLibrary
from watchstate_emby.simulator.states import EmbyStates
from watchstate_emby.simulator.switches import EmbySwitches
from watchstate_emby.simulator.versions import Rules
from watchstate_mediabrowser.simulator.asgi import Caller
from watchstate_mediabrowser.simulator.server import Server


class EmbyServer(Server):
    """One installation of Emby."""

    library: EmbyLibrary
    states: EmbyStates
    switches: EmbySwitches

    def __init__(self, *, rules: Rules, clock: Clock, name: str, seed: int, switches: EmbySwitches) -> None:
        super().__init__(clock=clock, name=name, seed=seed, switches=switches)
        self.rules = rules
        self.version = rules.version
        self.library = EmbyLibrary(seed, self.now)
        self.states = EmbyStates(rules, self.library, self.now)
        self.finder = EmbyFinder(self)
        self._device_numbers: dict[str, int] = {}

    def device_number(self, device_id: str) -> int:
        """Return the number under which a device is kept."""
        return self._device_numbers.setdefault(device_id, len(self._device_numbers) + 1)

    def sign_out(self, caller: Caller) -> None:
        """Make a token void, even if it is an API key."""
        super().sign_out(caller)
        self.api_keys = [key for key in self.api_keys if key.token != caller.token]
