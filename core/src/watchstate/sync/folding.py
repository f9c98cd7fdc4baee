"""Many events on one entry, few reads: the first is handled at once, the others share one a little later."""

from watchstate.clock import SECOND

QUIET = 2 * SECOND
"""How long after a read further events on its entry are gathered for the next one."""


class Folding:
    """The entries that an account has to read, and the events that ask for it."""

    def __init__(self) -> None:
        self._asked: dict[str, set[int]] = {}
        self._read_at: dict[str, int] = {}

    def ask(self, entry_id: str, event_id: int) -> None:
        """Ask for an entry to be read."""
        self._asked.setdefault(entry_id, set()).add(event_id)

    def next_at(self, now: int) -> int | None:
        """Return when the next read is due (a moment of the past: now), or None."""
        return min((self._due_at(entry_id, now) for entry_id in self._asked), default=None)

    def take(self, now: int) -> dict[str, set[int]]:
        """Return what is to be read now, with the events that asked for it."""
        due = {entry_id: events for entry_id, events in self._asked.items() if self._due_at(entry_id, now) <= now}
        self._read_at = {entry_id: at for entry_id, at in self._read_at.items() if at <= now < at + QUIET}
        for entry_id in due:
            del self._asked[entry_id]
            self._read_at[entry_id] = now
        return due

    def _due_at(self, entry_id: str, now: int) -> int:
        read_at = self._read_at.get(entry_id)
        if read_at is None or read_at > now:  # this machine's clock was set back
            return 0
        return read_at + QUIET
