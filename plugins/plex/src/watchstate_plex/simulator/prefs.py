"""The settings of the server that decide about play states, and how it shows them."""

from typing import Any

from msgspec import Struct

from watchstate_plex.simulator.records import Item
from watchstate_plex.simulator.versions import Rules

_PERCENT, _FINAL_CREDITS, _FIRST_CREDITS = 0, 1, 2


class Prefs(Struct, kw_only=True):
    """Settings, to be changed by a test."""

    played_percent: int = 90
    """`LibraryVideoPlayedThreshold`."""
    played_behaviour: int = 3
    """`LibraryVideoPlayedAtBehaviour`: 0 percentage, 1 final credits, 2 first credits, 3 whichever comes first."""
    minimum_progress_ms: int = 60_000
    """`MinimumProgressTime`: a position has to be beyond it to be stored."""

    def watched_point(self, item: Item, duration_ms: int, rules: Rules) -> int:
        """Return the position that counts as watched once it is crossed."""
        by_percent = duration_ms * self.played_percent // 100
        if not rules.has_played_settings:
            return duration_ms * 90 // 100
        if item.credits_ms is None or self.played_behaviour == _PERCENT:
            return by_percent
        if self.played_behaviour in {_FINAL_CREDITS, _FIRST_CREDITS}:
            return item.credits_ms
        return min(by_percent, item.credits_ms)


def list_settings(prefs: Prefs, rules: Rules, server_name: str) -> list[dict[str, Any]]:
    """Return the settings that the server shows, as far as they matter here."""
    settings = [
        _setting("FriendlyName", "text", "", server_name, group="general"),
        _setting("autoEmptyTrash", "bool", default=True, value=True, group="library"),
        _setting("allowMediaDeletion", "bool", default=True, value=True, group="library"),
        _setting("OnDeckWindow", "int", 16, 16, group="library"),
        _setting("OnDeckLimit", "int", 40, 40, group="library", is_advanced=True),
        _setting("OnDeckIncludePremieres", "bool", default=True, value=True, group="library"),
        _setting("secureConnections", "int", 1, 1, group="network", is_advanced=True),
        _setting("MinimumProgressTime", "int", 60_000, prefs.minimum_progress_ms, is_hidden=True),
        _setting("allowedNetworks", "text", "", "", group="network", is_advanced=True),
        _setting("WebHooksEnabled", "bool", default=True, value=True, group="network", is_advanced=True),
    ]
    if rules.has_played_settings:
        settings += [
            _setting("LibraryVideoPlayedThreshold", "int", 90, prefs.played_percent, group="library"),
            _setting("LibraryVideoPlayedAtBehaviour", "text", "3", str(prefs.played_behaviour), group="library"),
        ]
    return settings


def _setting(
    name: str,
    kind: str,
    default: object,
    value: object,
    *,
    group: str = "",
    is_hidden: bool = False,
    is_advanced: bool = False,
) -> dict[str, Any]:
    return {
        "id": name,
        "label": "",
        "summary": "",
        "type": kind,
        "default": default,
        "value": value,
        "hidden": is_hidden,
        "advanced": is_advanced,
        "group": group,
    }
