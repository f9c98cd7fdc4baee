"""What a test can turn on."""

from watchstate_plex.simulator.versions import Rules


class Switches:
    """Attributes of the simulator that its server obeys, from the next request on."""

    starting: bool = False
    """The server is still starting: everything is answered 503 with a page."""
    skew_ms: int = 0
    """The server's clock minus ours."""
    requires_size: bool
    """A listing without `X-Plex-Container-Size` is refused (400)."""
    size_limit: int | None
    """A larger page is refused (400), or cut to this."""
    cuts_large_pages: bool = False
    """A page that is too large is cut instead of refused."""
    repeat_pages: bool = False
    """Listings ignore `X-Plex-Container-Start`, though they say that they don't."""
    short_pages: bool = False
    """Pages of more than one row lack their last one, which begins the page after."""
    shift_pages: int = 0
    """How many more listings get a new file before their second page, which moves all rows by one."""
    omits_total: bool = False
    """Listings tell no total, in the body and in the headers."""
    numbers_as_text: bool = False
    """JSON has strings where it has numbers otherwise."""
    refuses_partial_batches: bool = False
    """One unknown id among several is a 404 for all of them, instead of being left out."""
    refuses_beyond_end: bool = False
    """A report of a position after the end is refused (400)."""
    external_refusal: int = 401
    """How an external account is told that something is not for it: 401 or 403."""
    trusts_network: bool = False
    """`allowedNetworks`: any token, or none, acts as the owner."""
    shares_state_by_guid: bool = False
    """Items with the same guid share their play state. Set it before anything is watched."""
    hides_seasons: bool = False
    """Episode rows lack all that names their season, and say `skipParent`."""
    omits_show_keys: bool = False
    """Episode rows lack `grandparentRatingKey`; `grandparentKey` still names the show."""
    hoists_rows: bool = False
    """Rows of `/children` and `/allLeaves` lack what their container says for all of them."""
    refresh_activity: bool = False
    """A mark makes the websocket tell of a `library.refresh.items`, as the real one does now and then."""
    serves_externals: bool = True
    """plex.tv tells the owner about external accounts and their tokens; otherwise it refuses (403)."""
    shares_name_members: bool = True
    """plex.tv tells the owner the server's tokens of the members of the home as well, and not of external accounts
    alone."""
    switch_pause_ms: int = 0
    """plex.tv answers 429 to a switch of home users that comes sooner than this after the one before."""

    def obey(self, rules: Rules) -> None:
        """Take over what the version decides."""
        self.requires_size = rules.requires_size
        self.size_limit = rules.size_limit
