"""What the person watched before the story begins: something else on each server, and some things on two of them."""

from watchstate.clock import DAY, HOUR, MINUTE
from watchstate.demo.household import Household

_EVERY = {"plex": 3, "jellyfin": 4, "emby": 5}
"""On each server the person watched one title of so many."""
_BEGUN = {"plex": ("Blade Runner (1982)", 41), "jellyfin": ("Chinatown (1974)", 17), "emby": ("Twin Peaks 2x05", 24)}
"""What was stopped in the middle, and after how many minutes."""


def live_through(household: Household) -> None:
    """Let the person watch until the evening before the story begins."""
    begun = {title for title, _ in _BEGUN.values()}
    for number_of_server, server in enumerate(household.servers):
        for number, title in enumerate(server.entries):
            if (number + number_of_server) % _EVERY[server.name] == 0 and title not in begun:
                server.watch(title, at=_evening(household.clock(), 2 + number + 5 * number_of_server))
    _pause_the_night_before(household)


def _evening(start: int, days_before: int) -> int:
    """Return a moment between seven and eleven o'clock (UTC) on an evening so long ago, another one each day."""
    midnight = start - start % DAY - days_before * DAY
    return midnight + 19 * HOUR + days_before * 67 * MINUTE % (4 * HOUR)


def _pause_the_night_before(household: Household) -> None:
    for hours_before, (name, (title, minutes)) in zip((14, 13, 12), _BEGUN.items(), strict=True):
        household.clock.turn_to(hours_before * HOUR)
        household[name].pause(title, minutes * MINUTE)
    household.clock.turn_to(0)
