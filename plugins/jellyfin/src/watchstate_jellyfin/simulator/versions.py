"""What differs between the server versions that the simulator can be."""

from msgspec import Struct


class Rules(Struct, frozen=True, kw_only=True):
    """The rules of one server version."""

    version: str
    shares_state_by_key: bool
    """Play states are stored under provider ids, so that two copies of a movie share them (≤ 10.10)."""
    names_item_in_user_data: bool
    """`UserData.ItemId` holds the item's id (≥ 10.11) instead of zeros."""
    accepts_legacy_tokens: bool
    """Carriers of a token besides `Authorization: MediaBrowser` and `ApiKey` are read (≤ 10.11)."""
    strips_legacy_prefixes: bool
    """`/emby/…` and `/mediabrowser/…` are served (≤ 10.11)."""
    start_clears_played: bool
    """A play's start takes the played flag away (≤ 10.11)."""
    near_end_ticks: int
    """A position closer to the end than this is the end."""
    fails_on_saved_date: bool
    """`minDateLastSaved` alone is an internal error (10.9, 10.10)."""
    lists_typed_children_deep: bool
    """A parent with `includeItemTypes` is searched recursively even when nobody asked (≥ 12.0)."""
    filters_folders_by_files: bool
    """`isPlayed` asks whether a folder's files are all played (≥ 12.0)."""
    spreads_played_to_versions: bool
    """A mark reaches the other versions of the same movie (≥ 12.0)."""
    sorts_by_all_versions: bool
    """The last play of any version is a movie's, and a version that is half watched is listed itself (≥ 12.0)."""
    reads_first_row: bool
    """Of several rows of play state, one is looked at (10.11)."""


RULES: dict[str, Rules] = {
    rules.version: rules
    for rules in (
        Rules(
            version="10.10.7",
            shares_state_by_key=True,
            names_item_in_user_data=False,
            accepts_legacy_tokens=True,
            strips_legacy_prefixes=True,
            start_clears_played=True,
            near_end_ticks=0,
            fails_on_saved_date=True,
            lists_typed_children_deep=False,
            filters_folders_by_files=False,
            spreads_played_to_versions=False,
            sorts_by_all_versions=False,
            reads_first_row=False,
        ),
        Rules(
            version="10.11.8",
            shares_state_by_key=False,
            names_item_in_user_data=True,
            accepts_legacy_tokens=True,
            strips_legacy_prefixes=True,
            start_clears_played=True,
            near_end_ticks=10_000_000,
            fails_on_saved_date=False,
            lists_typed_children_deep=False,
            filters_folders_by_files=False,
            spreads_played_to_versions=False,
            sorts_by_all_versions=False,
            reads_first_row=True,
        ),
        Rules(
            version="12.0.0",
            shares_state_by_key=False,
            names_item_in_user_data=True,
            accepts_legacy_tokens=False,
            strips_legacy_prefixes=False,
            start_clears_played=False,
            near_end_ticks=10_000_000,
            fails_on_saved_date=False,
            lists_typed_children_deep=True,
            filters_folders_by_files=True,
            spreads_played_to_versions=True,
            sorts_by_all_versions=True,
            reads_first_row=False,
        ),
    )
}
"""The rules of each version, oldest first."""
