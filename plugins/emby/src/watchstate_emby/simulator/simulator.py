"""The simulated server and the hands of the people in front of it."""

from watchstate_emby.simulator.app import EmbyApp
from watchstate_emby.simulator.asgi import Request
from watchstate_emby.simulator.server import EmbyServer
from watchstate_emby.simulator.switches import EmbySwitches
from watchstate_emby.simulator.versions import RULES
from watchstate_mediabrowser.simulator.hands import MediaBrowserSimulator
from watchstate_mediabrowser.simulator.states import ResumeRules


class EmbySimulator(EmbySwitches, MediaBrowserSimulator[EmbyServer, Request]):
    """Emby 4.8, 4.9 (unless told otherwise) or 4.10.

    `admin_token` is an API key: it may do everything, but stands for no user.
    """

    backend = "emby"
    versions = tuple(RULES)
    web_client = "Emby Web"

    def make_app(self, version: str | None, name: str, seed: int) -> EmbyApp:
        """Make the server and what answers for it."""
        rules = RULES[version or "4.9.5.0"]
        return EmbyApp(EmbyServer(rules=rules, clock=self.clock, name=name, seed=seed, switches=self))

    def resume_of(self, library_id: str) -> ResumeRules:
        """Return the settings of a library that decide what a position means, to be changed."""
        return self._server.states.resume_of_library(library_id)

    def watch(self, user_id: str, entry_id: str, *, at: int | None = None) -> None:
        """Press the played button; without a date, nothing is sent but the press."""
        if at is not None:
            super().watch(user_id, entry_id, at=at)
        else:
            self._server.states.mark_played(self._user(user_id), self._item(entry_id), None)
