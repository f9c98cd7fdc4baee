"""The server's whole memory, as far as it is Jellyfin's own."""

from watchstate.clock import Clock
from watchstate_jellyfin.simulator.finding import JellyfinFinder
from watchstate_jellyfin.simulator.library import JellyfinLibrary
from watchstate_jellyfin.simulator.states import JellyfinStates
from watchstate_jellyfin.simulator.switches import JellyfinSwitches
from watchstate_jellyfin.simulator.versions import Rules
from watchstate_mediabrowser.simulator.server import Server


class JellyfinServer(Server):
    """One installation of Jellyfin."""

    library: JellyfinLibrary
    states: JellyfinStates
    switches: JellyfinSwitches

    def __init__(self, *, rules: Rules, clock: Clock, name: str, seed: int, switches: JellyfinSwitches) -> None:
        super().__init__(clock=clock, name=name, seed=seed, switches=switches)
        self.rules = rules
        self.version = rules.version
        self.library = JellyfinLibrary(seed, self.now)
        self.states = JellyfinStates(rules, self.library, self.now)
        self.finder = JellyfinFinder(self, rules)
