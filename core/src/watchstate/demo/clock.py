"""The time of the demo's story: days pass in it at once."""

from watchstate.clock import DAY, Clock

STORY_DAYS = 5
"""How long the story lasts; it ends now, so that no date in it lies in the future."""


class StoryClock:
    """Stands still until the story moves on."""

    def __init__(self, machine: Clock) -> None:
        self._start = machine() - STORY_DAYS * DAY
        self._now = self._start

    def __call__(self) -> int:
        """Return the story's now, in ms UTC."""
        return self._now

    def pass_time(self, duration_ms: int) -> None:
        """Let time pass."""
        self._now += duration_ms

    def turn_to(self, before_start_ms: int) -> None:
        """Go to what came so long before the story, or with 0 to its beginning."""
        self._now = self._start - before_start_ms
