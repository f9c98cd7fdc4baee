"""The simulated server and the hands of the people in front of it."""

from watchstate_jellyfin.simulator.app import JellyfinApp
from watchstate_jellyfin.simulator.asgi import Request
from watchstate_jellyfin.simulator.server import JellyfinServer
from watchstate_jellyfin.simulator.switches import JellyfinSwitches
from watchstate_jellyfin.simulator.versions import RULES
from watchstate_mediabrowser.simulator.hands import MediaBrowserSimulator
from watchstate_mediabrowser.simulator.states import ResumeRules


class JellyfinSimulator(JellyfinSwitches, MediaBrowserSimulator[JellyfinServer, Request]):
    """Jellyfin 10.10.7, 10.11.8 (unless told otherwise) or 12.0.0.

    `admin_token` is an API key: it may do everything, but stands for no user.
    """

    backend = "jellyfin"
    versions = tuple(RULES)
    web_client = "Jellyfin Web"

    def make_app(self, version: str | None, name: str, seed: int) -> JellyfinApp:
        """Make the server and what answers for it."""
        rules = RULES[version or "10.11.8"]
        return JellyfinApp(JellyfinServer(rules=rules, clock=self.clock, name=name, seed=seed, switches=self))

    @property
    def resume(self) -> ResumeRules:
        """The settings that decide what a position means, to be changed."""
        return self._server.states.resume

    def leave_row(self, user_id: str, entry_id: str) -> None:
        """Let the present state of an entry stay in a row of its own that 10.11 goes on reading."""
        self._server.states.leave_row(self._user(user_id), self._item(entry_id))
