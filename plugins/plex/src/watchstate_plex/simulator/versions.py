"""What differs between the server versions that the simulator can be."""

from msgspec import Struct


class Rules(Struct, frozen=True, kw_only=True):
    """The rules of one server version."""

    version: str
    api_version: str | None
    """What `/` reports from 1.41.9 on."""
    accepts_put: bool
    """A mark may be sent as PUT, which the vendor's document asks for; GET always works."""
    marks_make_history: bool
    """A mark leaves a row in the play history (< 1.40)."""
    keeps_late_positions: bool
    """A position beyond the watched point is stored where the session did not cross that point."""
    has_played_settings: bool
    """The point that counts as watched can be set (`LibraryVideoPlayedThreshold`, `LibraryVideoPlayedAtBehaviour`)."""
    has_provider_groups: bool
    """Sections carry `metadataAgentProviderGroupId` (≥ 1.43)."""
    decorates_rows: bool
    """Rows of the new agents carry `slug`, `Image` and `UltraBlurColors`."""
    finds_external_guids: bool
    """`guid=tmdb://603` finds what `guid=plex://…` does."""
    requires_size: bool
    """A listing without a page size is refused (400) instead of answered as a whole."""
    size_limit: int | None
    """A page larger than this is refused (400)."""


RULES: dict[str, Rules] = {
    rules.version: rules
    for rules in (
        Rules(
            version="1.32.8.7639-fb6452ebf",
            api_version=None,
            accepts_put=False,
            marks_make_history=True,
            keeps_late_positions=True,
            has_played_settings=False,
            has_provider_groups=False,
            decorates_rows=False,
            finds_external_guids=False,
            requires_size=False,
            size_limit=None,
        ),
        Rules(
            version="1.41.3.9314-a0bfb8370",
            api_version=None,
            accepts_put=True,
            marks_make_history=False,
            keeps_late_positions=False,
            has_played_settings=True,
            has_provider_groups=False,
            decorates_rows=True,
            finds_external_guids=True,
            requires_size=False,
            size_limit=None,
        ),
        Rules(
            version="1.43.1.10611-1e34174b1",
            api_version="1.2.0",
            accepts_put=True,
            marks_make_history=False,
            keeps_late_positions=False,
            has_played_settings=True,
            has_provider_groups=True,
            decorates_rows=True,
            finds_external_guids=True,
            requires_size=True,
            size_limit=1000,
        ),
    )
}
"""The rules of each version, oldest first."""
